#!/bin/sh
# Makes version_35.sql.gz and version_35.json anew: a database as the second installation had it (schema version 35, commit 286f2b5), with
# what people did there, each act that there was, by that commit's own code; and how it showed the histories:
#   tests/migrations/make_version_35.sh
# It needs the packages of requirements-test.lock in .venv (or PYTHON), and the repository with its history.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
python=${PYTHON:-$here/../../.venv/bin/python}
there=$(mktemp -d)
trap 'rm -rf "$there"' EXIT
git -C "$here/../.." archive 286f2b5 | tar -x -C "$there"
cd "$there"
cat >tests/test_made.py <<'PYTHON'
import json
import re
import subprocess
from html import unescape
from pathlib import Path

from actions.registry import *
from server.postgres.programs import find_bin_folder
from tests.jobs.conftest import until
from tests.journeys import *
from tests.memberships import belong

LATER = "2036-01-01T09:00"
BEFORE = """
    SET session_replication_role = replica;
    UPDATE problem SET reported_at = reported_at - interval '8 days', changed_at = changed_at - interval '8 days' WHERE id = $1;
    UPDATE event SET at = at - interval '8 days' WHERE problem_id = $1;
    UPDATE custody SET during = tstzrange(lower(during) - interval '8 days', upper(during) - interval '8 days') WHERE problem_id = $1;
    SET session_replication_role = origin;
"""


def history_in(page):
    lines = re.findall(r'<li class="event"(.*?)</li>', page, flags=re.S)
    texts = (re.sub(r"<time.*?</time>", "|", line.partition(">")[2], flags=re.S) for line in lines)
    return [" ".join(unescape(re.sub("<[^>]*>", " ", text)).split()) for text in texts]


async def press(people, path, nik, action):
    stored(await (await people(nik)).submit(path, f"{path}/{action}"))


async def leave(people, nik, heir=""):
    door = f"/admin/employees/{nik}/deactivation"
    stored(await (await people(ADMIN)).submit(door, door, **({"heir": heir} if heir else {})))


async def test_made(people, connection, database_url):
    wait = {"waiting_for": "vendor", "reason": "Teknisi datang besok.", "until": LATER}
    path = await report(people, title="Printer kasir mati")
    await open_it(people, path)
    await do(people, path, DESK_TOO, CORRECTION, IDENTIFICATION | {"category": "FAS-AC", "urgency": "1"})
    await press(people, path, DESK, "assignment")
    await do(people, path, DESK, ASSIGNMENT, {"assignee": DESK_TOO, "reason": "Saya cuti"})
    await do(people, path, DESK_TOO, WAITING, wait | {"waiting_for": "reporter", "reason": "Nomor serinya?"})
    await do(people, path, ANI, COMMENT, {"comment": "SN 77-1"})
    await do(people, path, DESK_TOO, WAITING, wait)
    await press(people, path, DESK_TOO, "resumption")
    await do(people, path, DESK_TOO, WAITING, wait | {"until": "2036-02-01T09:00"})
    await connection.execute("UPDATE job SET due_at = now() WHERE kind = 'resumption'")
    await connection.execute("NOTIFY job")
    await until(lambda: connection.fetchval("SELECT NOT EXISTS (SELECT FROM job WHERE kind = 'resumption')"))
    await escalate(people, path)
    await do(people, path, DESK, RECALL, {"reason": "Salah kirim"})
    await escalate(people, path)
    await accept(people, path)
    await press(people, path, NET, "assignment")
    await do(people, path, DESK, TAKEOVER, {"reason": "Terlalu lama"})
    await escalate_to_pic(people, path)
    await do(people, path, PIC, RETURN, {"reason": "Bukan kami"})
    await escalate_to_pic(people, path)
    await accept(people, path, PIC)
    await do(people, path, PIC, WAITING, wait | {"waiting_for": "part"})
    await do(people, path, NET, NOTE, {"note": "Toko ini lagi"})
    await photograph(people, path)
    await leave(people, PIC, "GA")
    await close(people, path, GA)
    await reopen(people, path)
    await do(people, path, GA, VOIDING, TWICE)
    await do(people, path, DESK, RESTORATION, {"reason": "Bukan ganda"})
    await close(people, path, GA, solution="Diganti")
    await confirm(people, path)

    unanswered = await report(people, title="AC mati")
    await open_it(people, unanswered)
    await close(people, unanswered)
    await connection.execute(BEFORE.replace("$1", unanswered.rpartition("/")[2]))
    await connection.execute("INSERT INTO job (kind) VALUES ('confirmation')")
    await until(lambda: connection.fetchval("SELECT NOT EXISTS (SELECT FROM job WHERE kind = 'confirmation')"))

    released = await report(people, title="Wi-Fi lambat")
    await open_it(people, released)
    await press(people, released, DESK_TOO, "assignment")
    await leave(people, DESK_TOO)
    await do(people, released, DESK, WAITING, wait)
    await press(people, released, DESK, "resumption")  # whose job stays, in that version
    await do(people, released, DESK, WAITING, wait | {"until": "2036-03-01T09:00"})

    waits = await report(people, title="Dibatalkan sambil menunggu")
    await open_it(people, waits)
    await do(people, waits, DESK, WAITING, wait)
    await void(people, waits)
    await belong(connection, NET, "IT-NET", "IT-POS")
    await problem_in(people, "escalated to IT-NET")
    fields = await (await people(ANI)).form("/problems/new", "/problems") | {"title": "Belum selesai"}
    await (await people(ANI)).post("/drafts/report", fields, htmx=True)
    await (await people(DESK)).submit("/views?status=waiting", "/views", name="Menunggu")

    desk = await people(DESK)
    paths = [f"/problems/{row[0]}" for row in await connection.fetch("SELECT id FROM problem ORDER BY id")]
    shown = {path: history_in((await desk.get(path)).text) for path in paths}
    assert {row[0] for row in await connection.fetch("SELECT DISTINCT cause FROM event")} == {
        *(action.cause for action in ACTIONS if action.cause != "noted"),
        *("reported", "released", "replied", "elapsed", "handed over", "auto-confirmed"),
    }
    Path("version_35.json").write_text(json.dumps(shown, indent=1, ensure_ascii=False) + "\n")
    for what in ("EVENT TRIGGER alteration", "SCHEMA pristine CASCADE"):
        await connection.execute(f"DROP {what}")  # of the tests, not of the application
    command = [find_bin_folder() / "pg_dump", "--no-owner", "--no-privileges", "--rows-per-insert=100", "-d", database_url]
    Path("version_35.sql").write_text(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
PYTHON
"$python" -m pytest -q tests/test_made.py
# What a PostgreSQL 15 does not know, and what only psql does.
sed -e '/^SET transaction_timeout/d' -e '/^\\/d' version_35.sql | gzip -9n >"$here/version_35.sql.gz"
mv version_35.json "$here"
