"""Security events: what is noted, that nothing can be changed unnoticed, and that neither they nor the log tell too much."""

import asyncio
import json
import logging
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from contextlib import suppress
from pathlib import Path

import asyncpg
import pytest
from asyncpg import Connection
from starlette.applications import Starlette

from queries.chains import list_sealed_events
from queries.security_events import note
from server.chains import verify
from tests.client import Client
from tests.conftest import PIN
from tests.memberships import belong
from web.logs import JsonFormatter

ROOT = Path(__file__).resolve().parent.parent.parent
ANI, BUDI, ADMIN = "10001", "10002", "90001"
STRANGER = "203.0.113.9"


async def kinds(connection: Connection) -> list[str]:
    return [row["kind"] for row in await connection.fetch("SELECT kind FROM security_event ORDER BY seq")]


async def log_in(client: Client, nik: str = ANI, pin: str = PIN):
    return await client.post("/login", {"nik": nik, "pin": pin})


async def test_logging_in_and_out(nobody: Client, connection: Connection):
    nobody.headers["User-Agent"] = "Mozilla/5.0 (Windows NT 10.0) Firefox/127.0"
    await log_in(nobody)
    await nobody.post("/logout")
    [login, logout] = await connection.fetch("SELECT kind, nik, address, detail FROM security_event ORDER BY seq")
    detail = {"browser": "Firefox di Windows", "personal": False, "known_device": False}
    assert tuple(login) == ("login", ANI, "127.0.0.1", detail)
    assert tuple(logout)[:3] == ("logout", ANI, "127.0.0.1")


async def test_an_attack_is_a_few_rows(app: Starlette, connection: Connection):
    client = Client(app, STRANGER)
    for _ in range(50):
        await log_in(client, ANI, "000001")
    assert await kinds(connection) == ["login failed", "login must wait"]
    await asyncio.gather(*(log_in(Client(app, STRANGER), ANI, "000001") for _ in range(20)))
    assert await kinds(connection) == ["login failed", "login must wait"]
    noted = await connection.fetchrow("SELECT nik, address, detail FROM security_event WHERE kind = 'login must wait'")
    assert tuple(noted) == (ANI, STRANGER, {"seconds": 30, "known_device": False})


async def test_a_number_that_nobody_has_is_not_kept(app: Starlette, connection: Connection):
    """It may be anything, even a PIN in the wrong field."""
    await log_in(Client(app, STRANGER), "482913", "000001")
    assert await connection.fetchval("SELECT nik FROM security_event WHERE kind = 'login failed'") is None


async def test_pins_sessions_and_rights(app: Starlette, people, connection: Connection):
    admin, ani, budi = [await people.log_in(nik) for nik in (ADMIN, ANI, BUDI)]
    await connection.execute("UPDATE budget_rule SET capacity = 100")
    seen = len(await kinds(connection))
    other = Client(app)
    await log_in(other)
    number = await connection.fetchval("SELECT max(id) FROM session")
    await ani.press(f"/sessions/{number}/ending")
    await ani.press("/pin", {"old_pin": PIN, "new_pin": "715829", "repeat_pin": "715829"})
    await budi.press("/pin", {"old_pin": "000001", "new_pin": "715829", "repeat_pin": "715829"})
    await admin.press(f"/admin/employees/{ANI}/sessions/ending")
    await admin.press(f"/admin/employees/{ANI}/sessions/ending")  # nothing left to end
    await admin.press(f"/admin/employees/{ANI}/pin")
    await admin.press(f"/admin/employees/{ANI}/deactivation", {"version": "1"})
    await admin.press(f"/admin/employees/{ANI}/deactivation", {"version": "2"})
    await admin.press(f"/admin/employees/{ANI}/activation", {"version": "2"})
    await connection.execute("UPDATE employee SET is_manager = true WHERE nik = $1", ANI)
    await belong(connection, ANI, "GA", "IT-NET", "MNT")
    rows = (await connection.fetch("SELECT kind, nik, detail FROM security_event ORDER BY seq"))[seen:]
    assert [row["kind"] for row in rows] == [
        "login", "session ended", "pin changed", "login failed", "sessions ended", "pin reset", "deactivated", "activated",
        "scope changed", "scope changed",
    ]  # fmt: skip
    assert [row["nik"] for row in rows] == [ANI] * 3 + [BUDI] + [ANI] * 6
    assert [row["detail"].get("by") for row in rows[4:]] == [ADMIN] * 4 + [None] * 2
    assert rows[-2]["detail"] == {"before": {"manager": False}, "after": {"manager": True}}
    assert rows[-1]["detail"] == {
        "before": {"divisions": [], "departments": []},
        "after": {"divisions": ["GA", "IT-NET"], "departments": ["MNT"]},
    }


async def test_it_can_only_grow(connection: Connection, nobody: Client):
    await log_in(nobody)
    for statement in ("UPDATE security_event SET nik = NULL", "DELETE FROM security_event", "TRUNCATE security_event"):
        with pytest.raises(asyncpg.IntegrityConstraintViolationError):
            await connection.execute(statement)


async def test_the_chain_is_whole_however_many_write(database_url: str, connection: Connection):
    async def write(number: int) -> None:
        own = await asyncpg.connect(database_url)
        try:
            await own.set_type_codec("jsonb", schema="pg_catalog", encoder=json.dumps, decoder=json.loads)
            for _ in range(20):
                await note(own, "login", ANI, f"198.51.100.{number}", text='é " \\ 漢', number=number)
        finally:
            await own.close()

    await asyncio.gather(*(write(number) for number in range(8)))
    verdict = await verify(connection, list_sealed_events)
    assert (verdict.count, verdict.seq, verdict.wrong) == (160, 160, "")


TAMPERINGS = {
    "changed": ("UPDATE security_event SET nik = '10002' WHERE seq = 5", "row 5 was changed"),
    "another time": ("UPDATE security_event SET at = at - interval '1 second' WHERE seq = 5", "row 5 was changed"),
    "removed": ("DELETE FROM security_event WHERE seq = 5", "row 5 is missing"),
    "first removed": ("DELETE FROM security_event WHERE seq = 1", "row 1 is missing"),
    "sealed anew": (
        "UPDATE security_event e SET detail = '{}', hash = sha256(convert_to(sealed_text((SELECT x FROM (SELECT seq, at, kind,"
        " nik, address, '{}'::jsonb AS detail, previous_hash, hash) x)::text::security_event), 'UTF8')) WHERE seq = 5",
        "row 6 was not written after row 5",
    ),
    "put in": (
        "UPDATE security_event SET seq = seq + 1000 WHERE seq > 5; UPDATE security_event SET seq = seq - 999 WHERE seq > 1000;"
        "INSERT INTO security_event SELECT 6, at, kind, nik, address, detail, previous_hash, hash"
        "  FROM security_event WHERE seq = 5",
        "row 6 was not written after row 5",
    ),
    "cut off": ("DELETE FROM security_event WHERE seq > 7", "the chain was cut off after row 7"),
}


@pytest.mark.parametrize("tampering", TAMPERINGS)
async def test_tampering_is_found(connection: Connection, tampering: str):
    for number in range(10):
        await note(connection, "login", ANI, None, number=number)
    last = await verify(connection, list_sealed_events)
    statement, found = TAMPERINGS[tampering]
    await connection.execute("ALTER TABLE security_event DISABLE TRIGGER USER")
    await connection.execute(statement)
    verdict = await verify(connection, list_sealed_events, (last.seq, last.hash.hex()))
    assert found in verdict.wrong


async def test_a_chain_written_anew_is_found_by_a_row_that_was_noted(connection: Connection):
    for number in range(3):
        await note(connection, "login", ANI, None, number=number)
    noted = await verify(connection, list_sealed_events)
    await connection.execute(
        "ALTER TABLE security_event DISABLE TRIGGER security_event_append_only; DELETE FROM security_event"
    )
    for number in range(3, 8):
        await note(connection, "login", BUDI, None, number=number)
    assert not (await verify(connection, list_sealed_events)).wrong
    assert (
        "is not the one that was noted"
        in (await verify(connection, list_sealed_events, (noted.seq, noted.hash.hex()))).wrong
    )


async def test_the_command(connection: Connection, database_url: str, nobody: Client):
    def run(*arguments: str) -> subprocess.CompletedProcess:
        environment = {
            "PATH": os.environ["PATH"],
            "DATABASE_URL": database_url,
            "secret_key": "k",
            "PYTHON": sys.executable,
        }
        command = [ROOT / "bin" / "sih", "verify", *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True)

    await log_in(nobody)
    done = await asyncio.to_thread(run)
    assert done.returncode == 0 and done.stdout.startswith("whole: 1 rows"), done.stderr
    noted = done.stdout.split()[-1]
    assert (await asyncio.to_thread(run, noted)).returncode == 0
    assert (await asyncio.to_thread(run, "x")).returncode == 2
    await connection.execute("ALTER TABLE security_event DISABLE TRIGGER USER; UPDATE security_event SET nik = NULL")
    done = await asyncio.to_thread(run, noted)
    assert (done.returncode, done.stderr.strip()) == (1, "sih verify: BROKEN: row 1 was changed after it was written")


async def test_events_hold_no_secret(app: Starlette, people, connection: Connection):
    ani, admin = await people.log_in(ANI), await people.log_in(ADMIN)
    await log_in(Client(app), ANI, "739152")
    await ani.press("/pin", {"old_pin": "739152", "new_pin": "715829", "repeat_pin": "715829"})
    await ani.press("/pin", {"old_pin": PIN, "new_pin": "715829", "repeat_pin": "715829"})
    secrets = [PIN, "739152", "715829", *ani.cookies.values(), *admin.cookies.values()]
    secrets += [cookie.rpartition(".")[0] for cookie in secrets[3:] if "." in cookie]
    text = "\n".join(row[0] for row in await connection.fetch("SELECT e::text FROM security_event e"))
    hashes = "\n".join(row[0].hex() for row in await connection.fetch("SELECT id_hash FROM session"))
    assert len(text) > 500
    assert not [secret for secret in (*secrets, *hashes.split()) if secret in text]


CANARIES = {
    "nik": "7170001", "unknown nik": "6660001", "pin": "739152", "other pin": "715829", "search": "kenari-cari",
    "title": "kenari-judul", "comment": "kenari-komentar", "path": "kenari-alamat", "name": "Kenari Nama",
}  # fmt: skip


async def test_the_log_tells_nothing(app: Starlette, connection: Connection, caplog: pytest.LogCaptureFixture):
    """Canaries typed at every kind of door, a crash included, as the lines would be printed."""
    lines: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(self.format(record))

    handler = Keep()
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    root.addHandler(handler)
    logging.getLogger("httpx2").setLevel(logging.WARNING)  # the browser's side
    caplog.set_level(logging.INFO)
    try:
        client = await _type_canaries(app, connection)
        form = await client.form("/problems/new", "/problems")
        with pytest.raises(asyncpg.RaiseError, match=CANARIES["title"]) as crash:
            await client.post("/problems", form | {"title": CANARIES["title"], "description": CANARIES["comment"]})
        # What uvicorn says of it.
        logging.getLogger("uvicorn.error").error("Exception in ASGI application\n", exc_info=crash.value)
    finally:
        root.removeHandler(handler)
    text = "\n".join(lines)
    assert text.count('"door"') >= 10 and "RaiseError" in text and "security event" in text
    ids = [part for value in client.cookies.values() for part in value.split(".") if len(part) > 40]
    assert len(ids) >= 4
    assert not [name for name, canary in CANARIES.items() if canary in text]
    assert not [id for id in ids if id in text]


async def _type_canaries(app: Starlette, connection: Connection) -> Client:
    """A life with canaries, up to where the next report crashes with a message that quotes it, as a database's do."""
    nik, client = CANARIES["nik"], Client(app)
    await connection.execute(
        "INSERT INTO employee (nik, name, store_code, is_admin, pin_hash) VALUES ($1, $2, 'T01', true, $3)",
        nik,
        CANARIES["name"],
        app.state.pins.hash(CANARIES["pin"]),
    )
    await client.post("/login/nik", {"nik": CANARIES["unknown nik"]}, htmx=True)
    await client.post("/login/nik", {"nik": nik}, htmx=True)
    for pin in ("000001", CANARIES["other pin"], CANARIES["pin"]):
        await log_in(client, nik, pin)
    assert (await client.get("/problems", params={"q": CANARIES["search"]})).status_code == 200
    report = {"title": CANARIES["title"], "description": CANARIES["comment"]}
    made = await client.submit("/problems/new", "/problems", **report)
    assert made.status_code == 303
    path = made.headers["Location"]
    await client.submit(path, f"{path}/comments", comment=CANARIES["comment"])
    await client.get(f"/{CANARIES['path']}")
    await client.get("/admin/employees", params={"q": CANARIES["name"]})
    await client.get(f"/admin/employees/{nik}")
    await client.press(
        "/pin", {"old_pin": CANARIES["pin"], "new_pin": CANARIES["other pin"], "repeat_pin": CANARIES["other pin"]}
    )
    await client.get("/sessions")
    await connection.execute(
        """
        CREATE FUNCTION crash() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN RAISE EXCEPTION 'cannot write %', NEW.title; END $$;
        CREATE TRIGGER crash BEFORE INSERT ON problem FOR EACH ROW EXECUTE FUNCTION crash();
        """
    )
    return client


async def test_the_log_of_a_real_server_tells_nothing(database_url: str, tmp_path: Path):
    """The same by way of uvicorn, which has a log of its own."""
    text = await asyncio.to_thread(_serve_and_visit, database_url, tmp_path / "log")
    assert '"door": "/login"' in text
    assert not [canary for canary in CANARIES.values() if canary in text]


def _serve_and_visit(database_url: str, log: Path) -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    environment = {
        "PATH": os.environ["PATH"],
        "DATABASE_URL": database_url,
        "secret_key": "a key for tests",
        "PORT": port,
    }
    with log.open("wb") as output:
        server = subprocess.Popen([sys.executable, "app.py"], cwd=ROOT, env=environment, stderr=output, stdout=output)
    try:
        _visit(f"http://127.0.0.1:{port}")
    finally:
        server.terminate()
        server.wait(30)
    return log.read_text()


def _visit(address: str) -> None:
    def ask(path: str, data: dict[str, str] | None = None) -> None:
        body = urllib.parse.urlencode(data).encode() if data else None
        request = urllib.request.Request(address + path, body, {"Origin": address})
        with suppress(urllib.error.HTTPError):
            urllib.request.urlopen(request, timeout=20).close()

    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            ask("/health/ready")
            break
        except OSError:
            time.sleep(0.3)
    ask(f"/login?next=/problems?q={CANARIES['search']}")
    ask(f"/{CANARIES['path']}?q={CANARIES['search']}")
    ask("/login/nik", {"nik": CANARIES["nik"]})
    ask("/login", {"nik": CANARIES["nik"], "pin": CANARIES["pin"]})


def test_the_documents_name_tests_that_exist():
    """An item of the standard is shown by a test, not by the memory of one."""
    tests = "\n".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    named = set(re.findall(r"test_\w+(?=[`\[])", (ROOT / "docs" / "security.md").read_text()))
    assert len(named) > 30
    assert not [name for name in named if f"def {name}(" not in tests]
