"""Log lines: one JSON object a request, and nothing in it that somebody typed or that opens a session."""

import io
import json
import logging
import sys
from collections.abc import Iterator
from datetime import datetime

import httpx2
import pytest
from asyncpg import Connection
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount
from starlette.types import Receive, Scope, Send

from auth import sessions
from tests.client import HTMX, Client
from tests.conftest import PIN, People
from tests.journeys import ANI, DESK, opened
from web.answers import Answers
from web.logs import JsonFormatter, configure_logging

CANARY = "kenari"


class Lines(logging.StreamHandler):
    """What is logged, as it is written."""

    def __init__(self) -> None:
        super().__init__(io.StringIO())
        self.setFormatter(JsonFormatter())

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    @property
    def records(self) -> list[dict]:
        return [json.loads(line) for line in self.text.splitlines()]


@pytest.fixture
def lines() -> Iterator[Lines]:
    """All that is logged during the test, down to the least."""
    handler, root = Lines(), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    logging.getLogger("httpx2").setLevel(logging.WARNING)  # the test's own browser
    yield handler
    root.removeHandler(handler)
    root.setLevel(level)


async def test_one_line_a_request_with_its_door(people: People, nobody: Client, lines: Lines) -> None:
    desk = await people(DESK)
    problem = await opened(people)
    before = len(lines.records)
    await desk.get(problem)
    await desk.post(f"{problem}/closure", {"solution": ""}, htmx=True)
    await nobody.get(f"/nothing-{CANARY}?q={CANARY}")
    await nobody.get("/static/app.css")
    await nobody.put(problem)
    records = [record for record in lines.records[before:] if record["logger"] == "sih.request"]
    assert [(r["method"], r["door"], r["status"]) for r in records] == [
        ("GET", "/problems/{id}", 200),
        ("POST", "/problems/{id}/closure", 422),
        ("GET", "-", 404),
        ("GET", "/static", 200),
        ("PUT", "/problems/{id}", 405),
    ]
    for record in records:
        assert set(record) == {"at", "level", "logger", "message", "method", "door", "status", "ms"}
        assert record["level"] == "info"
        assert 0 <= record["ms"] < 60_000
        assert datetime.fromisoformat(record["at"]).utcoffset() is not None


async def test_no_line_holds_what_was_typed(
    app: Starlette, people: People, connection: Connection, lines: Lines
) -> None:
    """Whatever goes wrong: a refusal, a wrong PIN, a crash, an error of the database that quotes the row."""
    ani, desk = await people(ANI), await people(DESK)
    form = await ani.form("/problems/new", "/problems")
    report = {"title": f"{CANARY} judul", "description": f"{CANARY} uraian", "asset": f"{CANARY} barang"}
    await ani.post("/problems", form | report)
    await ani.post("/problems", form | report | {"title": ""})
    await ani.get(f"/problems?q={CANARY}&year={CANARY}")
    headers = {"User-Agent": CANARY, "Referer": CANARY, "HX-Current-URL": CANARY}
    await ani.request("GET", f"/{CANARY}/{CANARY}?{CANARY}={CANARY}", headers=headers)
    await ani.post("/problems/1/comments", {"comment": f"{CANARY} komentar", "key": CANARY, "version": CANARY})
    for nik in (ANI, "987654321", CANARY):
        await ani.post("/login/nik", {"nik": nik})
        await ani.post("/login", {"nik": nik, "pin": f"{CANARY}99", "next": f"/{CANARY}"}, htmx=True)
    await desk.post("/problems/new/reporter", {"reporter": CANARY})

    await connection.execute(
        "ALTER TABLE problem ADD CONSTRAINT no_canary CHECK (title NOT LIKE '%' || $$Xkenari$$ || '%')"
    )
    crashing = httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app, raise_app_exceptions=False),
        base_url="http://testserver",
        cookies=ani.cookies,
        headers={"Sec-Fetch-Site": "same-origin"},
    )
    fresh = await ani.form("/problems/new", "/problems")
    crash = await crashing.post("/problems", data=fresh | report | {"title": f"X{CANARY}"}, headers=HTMX)
    assert crash.status_code == 500

    secrets = [CANARY, "987654321", ANI, DESK, PIN, "Ani Lestari", ani.cookies["sih"], ani.cookies["sih"].split(".")[0]]
    assert len([record for record in lines.records if record["logger"] == "sih.request"]) >= 15
    for secret in secrets:
        assert secret not in lines.text, f"{secret} in {next(r for r in lines.text.splitlines() if secret in r)}"


async def test_a_crash_is_logged_with_where_but_not_with_what(
    app: Starlette, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def crash(*_: object) -> None:
        raise ValueError(CANARY)

    monkeypatch.setattr(sessions, "admit", crash)
    transport = httpx2.ASGITransport(app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://testserver") as client:
        assert (await client.get("/problems")).status_code == 500
    record = next(record for record in lines.records if record["logger"] == "sih.request")
    assert (record["door"], record["status"]) == ("/problems", 500)


async def test_an_answer_that_breaks_off_before_its_first_part_is_a_crash(lines: Lines) -> None:
    async def breaks_off(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise ValueError

    app = Starlette(middleware=[Middleware(Answers)], routes=[Mount("/", breaks_off)])
    transport = httpx2.ASGITransport(app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://testserver") as client:
        assert (await client.get("/")).status_code == 500
    assert next(record for record in lines.records if record["logger"] == "sih.request")["status"] == 500


def test_an_exception_is_told_by_its_class_and_place() -> None:
    handler = Lines()
    try:
        raise ValueError(CANARY)
    except ValueError:
        handler.handle(logging.LogRecord("sih", logging.ERROR, __file__, 1, "oops", None, sys.exc_info()))
    (record,) = handler.records
    assert (record["message"], record["error"], record["level"]) == ("oops", "ValueError", "error")
    assert "test_an_exception_is_told_by_its_class_and_place" in record["traceback"][-1]
    assert f"ValueError: {CANARY}" not in handler.text


@pytest.mark.parametrize("text", ["dua\nbaris", "\x1b[31m merah", "ünï 😀", '"kutip"', "\u2028"])
def test_a_record_is_always_one_line_of_json(text: str) -> None:
    handler = Lines()
    record = logging.LogRecord("sih", logging.INFO, __file__, 1, "%s", (text,), None)
    record.extra = {"object": object(), "text": text}
    handler.handle(record)
    assert handler.text.count("\n") == 1
    assert json.loads(handler.text)["message"] == text


def test_logging_goes_to_standard_error_and_says_nothing_of_the_connection(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    levels = {name: logging.getLogger(name).level for name in ("databases", "uvicorn")}
    try:
        configure_logging()
        logging.getLogger("sih").info("hello", extra={"n": 1})
        logging.getLogger("databases").info("Connected to database postgresql://user:secret@host")
        written = capsys.readouterr()
    finally:
        logging.captureWarnings(False)
        root.handlers[:] = handlers
        root.setLevel(level)
        for name, value in levels.items():
            logging.getLogger(name).setLevel(value)
    assert written.out == ""
    (line,) = written.err.splitlines()
    assert json.loads(line)["n"] == 1
