"""Master data is as it was noted: its changes are a chain, its records what they and the tables say; `bin/sih verify` tells."""

import asyncio

import pytest
from asyncpg import Connection

from queries.chains import list_sealed_changes
from server.chains import verify
from server.master_check import find_misnoted
from settings import Settings
from tests.server.test_command import sih

TAMPERINGS = {
    "another person": ("UPDATE master_change SET actor_nik = '10002' WHERE seq = 5", "row 5 was changed"),
    "another value": ('UPDATE master_change SET after = \'{"name": "Lain"}\' WHERE seq = 5', "row 5 was changed"),
    "removed": ("DELETE FROM master_change WHERE seq = 5", "row 5 is missing"),
    "cut off": ("DELETE FROM master_change WHERE seq > 7", "the chain was cut off after row 7"),
}


@pytest.mark.parametrize("tampering", TAMPERINGS)
async def test_tampering_with_changes_is_found(connection: Connection, tampering: str):
    last = await verify(connection, list_sealed_changes)
    assert last.count > 30 and not last.wrong
    statement, found = TAMPERINGS[tampering]
    await connection.execute("ALTER TABLE master_change DISABLE TRIGGER USER")
    await connection.execute(statement)
    assert found in (await verify(connection, list_sealed_changes, (last.seq, last.hash.hex()))).wrong


UNNOTED = {
    "store HO": "UPDATE master_change SET after = '{\"phone\": \"2\"}' WHERE code = 'HO' AND version = 2",
    "store T01": "ALTER TABLE store DISABLE TRIGGER store_noted; UPDATE store SET phone = '022-1234' WHERE code = 'T01'",
    "store T02": "UPDATE master_record SET state = state || '{\"name\": \"Lain\"}' WHERE code = 'T02'",
    "store T03": "UPDATE master_record SET version = 2 WHERE code = 'T03'",
    "category NET": "DELETE FROM master_record WHERE kind = 'category' AND code = 'NET'",
    "asset T01-AC-01": "ALTER TABLE asset DISABLE TRIGGER USER; DELETE FROM asset WHERE tag = 'T01-AC-01'",
    "template SALAM": "ALTER TABLE template DISABLE TRIGGER template_noted; "
    "INSERT INTO template (code, name, division_code, purpose, text) VALUES ('SALAM', 'Salam', 'HD', 'comment', 'Halo')",
}


async def test_what_was_not_noted_is_found(connection: Connection):
    """Whether it was changed unseen, or the record, or what is left of one."""
    await connection.execute("UPDATE store SET phone = '0361-1', name = name || ' 2' WHERE code IN ('HO', 'T02')")
    await connection.execute("UPDATE store SET phone = NULL WHERE code = 'T02'")
    assert await find_misnoted(connection) == []
    # As it is after a migration that began to note them: nothing says what the first version was.
    await connection.execute(
        "ALTER TABLE master_change DISABLE TRIGGER USER; DELETE FROM master_change WHERE version = 1"
    )
    assert await find_misnoted(connection) == []
    for statement in UNNOTED.values():
        await connection.execute(statement)
    assert sorted(await find_misnoted(connection)) == sorted(UNNOTED)


async def test_the_command_says_so(connection: Connection, settings: Settings):
    async def run(*rows: str) -> tuple[int, str]:
        done = await asyncio.to_thread(sih, "verify", *rows, DATABASE_URL=settings.dsn, secret_key="k")
        return done.returncode, done.stdout or done.stderr

    status, said = await run()
    noted = said.split()[-2:]
    assert status == 0 and said.startswith("whole: 0 rows, and ") and noted[0].startswith("master:")
    assert (await run(*noted))[0] == 0
    assert "of master data row" in (await run("master:1:" + "0" * 64))[1]
    await connection.execute(UNNOTED["store T01"])
    assert await run(*noted) == (
        1,
        "sih verify: MISNOTED: 1 of the master data are otherwise than they and their changes were noted, the first of them "
        "store T01\n",
    )
