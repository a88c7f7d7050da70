"""What `bin/sih verify` asks of master data."""

from asyncpg import Connection

from actions.masters import MASTERS
from queries.master_checks import list_unrecorded


async def test_what_has_no_record_is_named_of_every_kind(connection: Connection) -> None:
    assert await list_unrecorded(connection) == []
    one = "DELETE FROM master_record r USING (SELECT kind, min(code) AS code FROM master_record GROUP BY kind) m"
    gone = await connection.fetch(f"{one} WHERE (r.kind, r.code) = (m.kind, m.code) RETURNING r.kind, r.code")
    assert {kind for kind, _ in gone} == {master.kind for master in MASTERS}
    assert await list_unrecorded(connection) == sorted(map(tuple, gone))
