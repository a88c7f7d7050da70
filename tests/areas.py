"""Areas of the small company, and managers of them."""

from asyncpg import Connection

from tests.journeys import OF_ANOTHER, OF_AREA, OF_REGION

MANAGED = {OF_AREA: "JABAR", OF_REGION: "BARAT", OF_ANOTHER: "TIMUR"}


async def put_in_areas(connection: Connection) -> None:
    """The store of Ani's into an area below another one, the others into one of their own; the head office stays in none."""
    await connection.execute(
        """
        INSERT INTO area (code, name, parent_code) VALUES ('BARAT', 'Wilayah Barat', NULL), ('JABAR', 'Jawa Barat', 'BARAT');
        UPDATE store SET area_code = CASE code WHEN 'T01' THEN 'JABAR' ELSE 'TIMUR' END WHERE code <> 'HO'
        """
    )
    for nik, area in MANAGED.items():
        await connection.execute(
            """
            INSERT INTO employee (nik, name, store_code, is_manager, area_code, pin_hash)
            VALUES ($1, 'Atasan ' || $2, 'HO', true, $2, '')
            """,
            nik,
            area,
        )
