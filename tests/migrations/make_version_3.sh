#!/bin/sh
# Makes version_3.sql.gz anew: a database as the first installation had it (schema version 3, commit a3dfabc), with some of the demo
# company and with what people did there, by that commit's own code:
#   tests/migrations/make_version_3.sh >tests/migrations/version_3.sql.gz
# It needs the packages of requirements-test.lock in .venv (or PYTHON), and the repository with its history.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
python=${PYTHON:-$root/.venv/bin/python}
there=$(mktemp -d)
trap 'rm -rf "$there"' EXIT
git -C "$root" archive a3dfabc | tar -x -C "$there"
cd "$there"
"$python" - <<'PYTHON' >version_3.sql
import asyncio
import subprocess
from pathlib import Path

import asyncpg

import db
import demo
from app import create_app
from demo import histories, texts
from pins import PinHasher
from postgres import EmbeddedPostgres
from postgres_programs import find_bin_folder
from settings import Settings
from tests.client import Client
from tests import images

KEY = "key-of-version-3"
PINS = {account.nik: account.pin for account in demo.ACCOUNTS}
REPORTER, DESK, NET, GA, PIC, ADMIN = "10000001", "20000001", "20000002", "20000003", "30000001", "90000001"
histories.ORDINARY = 10
texts.QUEUE = [(ending, path, 1) for ending, path, _ in texts.QUEUE]


async def make(url: str) -> None:
    connection = await asyncpg.connect(url, server_settings={"timezone": "UTC"})
    await db.initialise(connection)
    await db.apply_schema(connection)
    await demo.load_demo(connection, PinHasher((KEY,)).hash)
    await connection.execute(
        "DELETE FROM asset a WHERE NOT EXISTS (SELECT FROM problem WHERE asset_tag = a.tag) AND a.tag !~ '01$'"
    )
    others = await connection.fetch("SELECT nik FROM employee WHERE active AND nik > '10000100' ORDER BY nik LIMIT 2")
    await connection.close()
    app = create_app(Settings(url, (KEY,), "127.0.0.1", 8080, 1, ("testserver",), Path("data"), None))
    async with app.router.lifespan_context(app):
        await live(app, *(f"/admin/employees/{nik}" for (nik,) in others))


async def live(app, gone: str, forgetful: str) -> None:
    people = {}
    for nik in (REPORTER, "10000002", "10000003", DESK, NET, GA, PIC, "40000001", ADMIN):
        people[nik] = Client(app)
        await ok(people[nik].post("/login", {"nik": nik, "pin": PINS[nik]}))
    ani, desk, net, ga, pic, admin = (people[nik] for nik in (REPORTER, DESK, NET, GA, PIC, ADMIN))
    # Reported with photos, and lived through to its end, with every other thing that can happen to a problem.
    path = await report(ani, "Printer kasir mati", images.jpeg(), images.png())
    await ok(desk.submit(f"{path}/opening", f"{path}/opening", category="NET-WIFI", impact="2", urgency="2", identification="Kabel"))
    await ok(desk.submit(f"{path}/escalation", f"{path}/escalation", kind="it", division="IT-NET", reason="Perlu ahli"))
    await ok(net.submit(path, f"{path}/escalation/return", reason="Bukan kami"))
    await comment(ani, path, "Mohon segera", images.jpeg(300, 200))
    await ok(desk.submit(f"{path}/escalation", f"{path}/escalation", kind="other", reason="Perlu umum"))
    await ok(ga.submit(path, f"{path}/escalation/acceptance"))
    await ok(ga.submit(f"{path}/closure", f"{path}/closure", solution="Diganti"))
    await ok(ani.submit(path, f"{path}/reopening", reason="Masih mati"))
    await ok(ga.submit(f"{path}/closure", f"{path}/closure", solution="Diganti lagi"))
    await ok(ani.submit(path, f"{path}/confirmation"))
    path = await report(ani, "Salah lapor")
    await ok(desk.submit(path, f"{path}/voiding", reason="Ganda"))
    path = await report(ani, "AC mati")
    await ok(desk.submit(f"{path}/opening", f"{path}/opening", category="NET-WIFI", impact="1", urgency="1", identification="Panas"))
    # What is begun and not sent, what is kept for oneself, and who is there.
    await ok(ani.post("/drafts/report", await ani.form("/problems/new", "/problems") | {"title": "Belum selesai"}, htmx=True))
    await ok(ani.post(f"{path}/drafts/comment", await ani.form(path, f"{path}/comments") | {"comment": "Belum"}, htmx=True))
    form = await desk.form(f"{path}/closure", f"{path}/closure")
    await ok(desk.post(f"{path}/drafts/closure", form | {"solution": "Sementara"}, htmx=True))
    await ok(desk.submit("/views?status=open", "/views", name="Dibuka"))
    await ok(pic.submit("/views?status=escalated", "/views", name="Untuk saya"))
    await ok(desk.post(f"{path}/presence", {"doing": "closure"}, htmx=True))
    # Who got in and who did not; a PIN, a session and a person that end.
    stranger = Client(app, "192.0.2.7")
    for pin in ("111222", "333444"):
        await stranger.post("/login", {"nik": "10000003", "pin": pin})
    await stranger.post("/login/nik", {"nik": "99999999"})
    await ok(ani.submit("/pin", "/pin", old_pin=PINS[REPORTER], new_pin="739152", repeat_pin="739152"))
    await ok(admin.submit(gone, f"{gone}/deactivation"))
    await ok(admin.submit(forgetful, f"{forgetful}/pin"))
    await ok(people["40000001"].post("/logout"))


async def report(client: Client, title: str, *photos: bytes) -> str:
    form = await client.form("/problems/new", "/problems") | {"title": title, "description": "Sejak pagi."}
    return (await ok(send(client, "/problems", form, photos))).headers["Location"]


async def comment(client: Client, path: str, text: str, *photos: bytes) -> None:
    await ok(send(client, f"{path}/comments", await client.form(path, f"{path}/comments") | {"comment": text}, photos))


def send(client: Client, path: str, form: dict, photos: tuple):
    form.pop("photo", None)
    files = [("photo", (f"foto{n}.jpg", content, "image/jpeg")) for n, content in enumerate(photos)]
    return client.post(path, form, files=files) if files else client.post(path, form)


async def ok(answer):
    response = await answer
    assert response.status_code in (200, 204, 303), (response.request.url, response.status_code, response.text)
    return response


with EmbeddedPostgres(Path("data"), durable=False) as url:
    asyncio.run(make(url))
    command = [find_bin_folder() / "pg_dump", "--no-owner", "--no-privileges", "--rows-per-insert=100", "-d", url]
    print(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
PYTHON
# What a PostgreSQL 15 does not know, and what only psql does.
sed -e '/^SET transaction_timeout/d' -e '/^\\/d' version_3.sql | gzip -9n
