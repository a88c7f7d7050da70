"""Readers: how pages look to a person, and when they were here."""

from asyncpg import Connection


async def set_appearance(connection: Connection, nik: str, theme: str, density: str) -> None:
    """Keep what `nik` has chosen: the theme "auto", "light" or "dark", the density "roomy" or "compact"."""
    await connection.execute(
        """
        INSERT INTO reader (nik, theme, density) VALUES ($1, $2, $3)
            ON CONFLICT (nik) DO UPDATE SET theme = excluded.theme, density = excluded.density
        """,
        nik,
        theme,
        density,
    )


async def note_visit(connection: Connection, nik: str) -> None:
    """`nik` is here; after half an hour away it is another visit."""
    await connection.execute("SELECT note_visit($1)", nik)
