"""The wrong pepper makes every right PIN wrong: the start and the log say so, and the person who asks is told no more."""

import dataclasses
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from asyncpg import Connection
from starlette.applications import Starlette

from app import create_app
from auth.peppers import find_missing_peppers
from auth.pins import PinHasher
from settings import Settings
from tests.client import Client
from tests.conftest import KEYS, PIN, apart, execute
from tests.processes import Process

ANI, BUDI, GONE, UNKNOWN = "10001", "10002", "10009", "77777"
OTHERS, RIGHT = PinHasher(["another"]), PinHasher(["right"])


@asynccontextmanager
async def serving(settings: Settings, *peppers: str) -> AsyncIterator[Starlette]:
    """The application with these peppers; its start has done what it does beside serving."""
    app = create_app(dataclasses.replace(settings, pin_peppers=peppers))
    async with app.router.lifespan_context(app):
        yield app


def said(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    return [(r.levelname, r.getMessage()) for r in caplog.records if r.name == "sih.auth"]


async def answer(app: Starlette, nik: str, pin: str) -> tuple[int, str]:
    response = await Client(app).post("/login", {"nik": nik, "pin": pin}, htmx=True)
    return response.status_code, response.text.replace(nik, "NIK")


def start_with(start, database_url: str, pin_pepper: str) -> Process:
    """What has been a process, on a company whose PINs were made with the pepper "right"."""
    sql = f"UPDATE employee SET pin_hash = '{RIGHT.hash(PIN)}'"
    apart(execute(database_url, sql))
    process = start(DATABASE_URL=database_url, secret_key="a-key", pin_pepper=pin_pepper).serving()
    assert process.stop() == 0
    return process


def lines_of(process: Process, message: str) -> list[dict]:
    lines = [json.loads(line) for line in process.err.splitlines() if line.startswith("{")]
    return [line for line in lines if line["message"] == message]


def test_a_start_with_the_wrong_pepper_says_so(start, database_url: str) -> None:
    process = start_with(start, database_url, "another")
    [line] = lines_of(process, "wrong pepper")
    assert line["level"] == "critical"
    assert (line["missing"], line["configured"]) == (RIGHT.pepper_ids, OTHERS.pepper_ids)
    assert line["unchecked"] == line["total"] > 0
    [told] = [line for line in process.err.splitlines() if line.startswith("SIH: ")]
    assert "pin_pepper" in told and "wrong pepper" in told
    assert not any(key in process.err for key in ("another", "a-key"))


def test_a_start_with_the_right_one_says_nothing(start, database_url: str) -> None:
    process = start_with(start, database_url, "right a-newer-one")
    assert not [line for line in process.err.splitlines() if "sih.auth" in line or line.startswith("SIH: ")]


async def test_who_is_left_behind_by_a_change_of_pepper_is_counted(
    connection: Connection,
) -> None:
    pins, hash_elsewhere = PinHasher(KEYS), OTHERS.hash(PIN)
    assert await find_missing_peppers(connection, pins) is None
    # Neither who is not active nor who has no PIN is kept out by it.
    await connection.execute("UPDATE employee SET pin_hash = $2 WHERE nik = $1", GONE, hash_elsewhere)
    await connection.execute("UPDATE employee SET pin_hash = '!' WHERE nik = $1", BUDI)
    assert await find_missing_peppers(connection, pins) is None
    await connection.execute("UPDATE employee SET pin_hash = $2 WHERE nik = $1", ANI, hash_elsewhere)
    found = await find_missing_peppers(connection, pins)
    assert found and (found.unchecked, found.missing, found.is_wrong_key) == (1, OTHERS.pepper_ids, False)
    # One who has been given another PIN since does not hide that nobody else gets in.
    await connection.execute("UPDATE employee SET pin_hash = $2 WHERE nik <> $1", ANI, pins.hash(PIN))
    await connection.execute("UPDATE employee SET pin_hash = $2 WHERE nik <> $1", ANI, hash_elsewhere)
    await connection.execute("UPDATE employee SET pin_hash = $2 WHERE nik = $1", ANI, pins.hash(PIN))
    found = await find_missing_peppers(connection, pins)
    assert found and found.is_wrong_key


async def test_a_login_is_told_no_more_than_a_wrong_pin(
    settings: Settings, connection: Connection, caplog: pytest.LogCaptureFixture
) -> None:
    """And the log is not filled by whoever tries again and again."""
    await connection.execute("UPDATE employee SET pin_hash = $2 WHERE nik = $1", ANI, OTHERS.hash(PIN))
    caplog.set_level(logging.INFO, "sih.auth")
    async with serving(settings, *KEYS) as app:
        wrong = await answer(app, BUDI, "000001")
        assert ("ERROR", "unknown pepper") not in said(caplog)
        name = (await Client(app).post("/login/nik", {"nik": ANI}, htmx=True)).text
        assert "Ani" in name
        right = await answer(app, ANI, PIN)
        assert (right[0], "NIK atau PIN salah!" in right[1]) == (wrong[0], True) == (422, True)
        await answer(app, ANI, PIN)
        await answer(app, ANI, PIN)
    assert said(caplog).count(("ERROR", "unknown pepper")) == 1
    assert ANI not in caplog.text and PIN not in caplog.text
