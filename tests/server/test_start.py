"""The application as a process: `python app.py`, until it is told to stop."""

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import asyncpg
import httpx2
import pytest

import db
import server.start
from demo.accounts import ACCOUNTS
from settings import DATABASE_PARTS, ROOT, Settings
from tests.client import forms
from tests.conftest import execute
from tests.databases import Databases, of_database
from tests.processes import PATIENCE, Process, assert_nobody_works_on, free_port, log_in, members_of, working_on


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Where the embedded database lives; whatever still works on it when the test ends is an orphan."""
    return tmp_path / "data"


@pytest.fixture
def empty_url(databases: Databases) -> str:
    """The URL of an empty database."""
    return databases.empty()


# On its own database ----------------------------------------------------------------------------------------------------


def test_stopped_while_it_starts_it_leaves_nothing_and_the_next_start_serves_the_demo_company(
    start, data: Path
) -> None:
    stopped = start(SIH_DATA=str(data))
    end = time.monotonic() + PATIENCE
    while not working_on(data):
        assert time.monotonic() < end
        time.sleep(0.01)
    assert stopped.stop(signal.SIGINT) == 0
    assert "Traceback" not in stopped.err
    assert_nobody_works_on(data)

    first = start(SIH_DATA=str(data)).serving()
    assert f"SIH: http://localhost:{first.port}" in first.out
    for account in ACCOUNTS:
        assert re.search(rf"{account.nik}\s+{account.pin}\s+\S", first.out)
    with first.browser() as browser:  # whoever tries it is inside with one press
        page = browser.get("/login").text
        assert re.findall(r'name="account" value="(\d+)"', page) == [account.nik for account in ACCOUNTS]
        assert not [account for account in ACCOUNTS if account.pin in page]
        inside = browser.post("/login", data={"account": "20000001", "next": "/desk"})
        assert (inside.status_code, inside.headers["Location"]) == (303, "/desk")
        assert browser.get("/desk").status_code == 200
    assert first.stop() == 0
    assert "Traceback" not in first.err
    assert all(json.loads(line)["level"] in ("info", "warning") for line in first.err.splitlines())


def test_the_next_start_keeps_what_was_done(start, kept_data: Path) -> None:
    data = kept_data
    first = start(SIH_DATA=str(data)).serving()
    with first.browser() as browser:
        log_in(browser, "10000001", "482913")
        form = forms(browser.get("/problems/new").text)["/problems"]
        report = browser.post("/problems", data=form | {"title": "Kenari di kasir", "description": "Tetap ada."})
        assert report.status_code == 303
        session = dict(browser.cookies)
        path = report.headers["Location"]
    assert first.stop(signal.SIGINT) == 0
    assert_nobody_works_on(data)
    key = (data / "secret_key").read_text()
    assert (data / "secret_key").stat().st_mode & 0o077 == 0

    began = time.monotonic()
    assert "a key is short" not in first.err
    second = start(SIH_DATA=str(data)).serving()
    assert time.monotonic() - began < 20
    with second.browser() as browser:
        browser.cookies.update(session)
        page = browser.get(path)
        assert page.status_code == 200, "and whoever was logged in still is"
        assert "Kenari di kasir" in page.text
    assert (data / "secret_key").read_text() == key
    assert second.stop(signal.SIGTERM) == 0
    assert_nobody_works_on(data)

    for process in (first, second):
        assert "Traceback" not in process.err
        for line in process.err.splitlines():
            assert "Kenari" not in line
            assert json.loads(line)["level"] in ("info", "warning")


async def test_the_demo_company_is_loaded_however_long_it_takes(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a busy machine longer than a request may; without it nobody could log in."""
    loaded = []

    async def load_slowly(connection: asyncpg.Connection, hash_pin: Callable[[str], str]) -> None:
        async with connection.transaction():
            await connection.execute("SELECT FROM pg_sleep(0.3)")
            await asyncio.sleep(0.3)  # PINs are hashed meanwhile
            loaded.append(await connection.fetchval("SELECT 1"))

    for limit in ("statement_timeout", "idle_in_transaction_session_timeout"):
        monkeypatch.setitem(db.SERVING, limit, "50ms")
    monkeypatch.setattr(db, "ANSWER_LIMIT", 0.05)
    monkeypatch.setattr(server.start, "load_demo", load_slowly)
    await server.start._prepare(settings, with_demo=True)
    assert loaded == [1]


def test_a_database_that_is_in_use_is_said_in_one_line(start, kept_data: Path) -> None:
    first = start(SIH_DATA=str(kept_data)).serving()
    second = start(SIH_DATA=str(kept_data))
    assert second.wait() == 1
    assert_one_line(second, "SIH: ")
    assert first.status("/health/ready") == 200, "the first goes on"
    first.stop()


# On another one ---------------------------------------------------------------------------------------------------------


def test_two_that_start_at_once_on_one_empty_database_both_work(start, empty_url: str) -> None:
    both = [start(DATABASE_URL=empty_url, secret_key="kunci") for _ in range(2)]
    for process in both:
        process.serving()
        assert "SIH: http://localhost" in process.out
        assert "PIN" not in process.out, "no demo company is loaded into a configured database"
        with process.browser() as browser:
            response = browser.post("/login/nik", data={"nik": "10000001"})
            assert response.status_code == 422
            assert "NIK Belum Terdaftar!" in response.text
    assert [process.stop() for process in both] == [0, 0]
    for process in both:
        assert "Traceback" not in process.err
        assert "a key is short" in process.err


def test_several_workers_serve_and_go_together(start, empty_url: str) -> None:
    process = start(DATABASE_URL=empty_url, secret_key="kunci", WORKERS="2").serving()
    assert {process.status("/login") for _ in range(10)} == {200}
    assert process.stop() == 0
    with pytest.raises(httpx2.TransportError):
        process.status("/health/live")
    for line in process.err.splitlines():
        json.loads(line)


def test_a_worker_that_ends_is_replaced_and_none_once_told_to_stop(start, empty_url: str) -> None:
    """Also where all processes of the group are told so, as a service manager does: the workers end before their parent."""
    process = start(DATABASE_URL=empty_url, secret_key="kunci", WORKERS="2").serving()
    first, second = process.workers()
    os.kill(first, signal.SIGKILL)
    end = time.monotonic() + PATIENCE
    while len(process.workers()) < 2 or first in process.workers():
        assert time.monotonic() < end
        time.sleep(0.05)
    assert second in process.workers()
    process.serving()
    assert process.err.count("worker replaced") == 1, process.err
    os.killpg(process.process.pid, signal.SIGTERM)
    assert process.wait() == 0
    assert process.err.count("worker replaced") == 1, process.err


def test_a_worker_that_cannot_begin_ends_the_start_with_a_failure() -> None:
    """What a service manager goes by."""
    program = f"from server.protocol import serve; serve('app:no_such_factory', '127.0.0.1', {free_port()}, 2)"
    ended = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE)
    assert ended.returncode == 1
    assert ended.stderr.splitlines()[-1].startswith("SIH: proses pekerja tidak dapat mulai")


@pytest.mark.parametrize("database", ["of its own", "configured"])
def test_workers_end_with_their_parent_however_it_ends(database: str, start, kept_data: Path, empty_url: str) -> None:
    """And the next start finds the port free."""
    settings = {"SIH_DATA": str(kept_data), "WORKERS": "2"}
    if database == "configured":
        settings |= {"DATABASE_URL": empty_url, "secret_key": "kunci"}
    process = start(**settings).serving()
    group = process.process.pid
    process.stop(signal.SIGKILL)
    end = time.monotonic() + PATIENCE
    while members_of(group):
        assert time.monotonic() < end, members_of(group)
        time.sleep(0.05)
    again = start(PORT=str(process.port), **settings | {"WORKERS": "1"}).serving()
    assert again.stop() == 0
    assert "Traceback" not in again.err


@pytest.mark.parametrize("workers", ["1", "2"])
def test_told_to_stop_it_says_not_ready_first_and_serves_on_for_a_while(workers: str, start, empty_url: str) -> None:
    """However often it is told so by SIGTERM; SIGINT is obeyed at once."""
    settings = {"DATABASE_URL": empty_url, "secret_key": "kunci", "WORKERS": workers}
    process = start(**settings, DRAIN_SECONDS="4").serving()
    began = time.monotonic()
    process.process.send_signal(signal.SIGTERM)
    while process.status("/health/ready") == 200:
        assert time.monotonic() - began < 3
    os.killpg(process.process.pid, signal.SIGTERM)  # as a service manager may
    for _ in range(5):
        assert [process.status(path) for path in ("/health/ready", "/health/live", "/login")] == [503, 200, 200]
        time.sleep(0.1)
    assert process.wait() == 0
    assert 3.9 < time.monotonic() - began < 15
    assert "Traceback" not in process.err
    if workers == "1":
        process = start(**settings, DRAIN_SECONDS="600").serving()
        assert process.stop(signal.SIGINT) == 0


def test_a_request_that_is_answered_when_it_ends_is_finished(start, empty_url: str) -> None:
    """The head is there, the body comes while it stops."""
    process = start(DATABASE_URL=empty_url, secret_key="kunci").serving()
    head = b"POST /login/nik HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: same-origin\r\nContent-Length: 9\r\n"
    head += b"Content-Type: application/x-www-form-urlencoded\r\n\r\n"
    with socket.create_connection(("127.0.0.1", process.port)) as connection:
        connection.sendall(head)
        time.sleep(0.3)
        process.process.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        connection.sendall(b"nik=10001")
        assert connection.recv(1000).startswith(b"HTTP/1.1 422 ")
    assert process.wait() == 0


def test_a_database_that_is_away_can_wait(start) -> None:
    """It serves what needs none, says so where one is needed, and has its schema as soon as there is one."""
    process = start(DATABASE_URL=f"postgresql://sih@127.0.0.1:{free_port()}/sih", secret_key="kunci")
    end = time.monotonic() + PATIENCE
    while True:
        with suppress(httpx2.TransportError):
            if process.status("/health/live") == 200:
                break
        assert process.process.poll() is None, process.err
        assert time.monotonic() < end
        time.sleep(0.05)
    assert [process.status(path) for path in ("/health/ready", "/login", "/problems")] == [503, 200, 503]
    assert process.stop() == 0


@pytest.mark.parametrize("wrong", ["database", "person"])
def test_a_database_that_lets_nobody_in_is_said_without_a_traceback(wrong: str, start, empty_url: str) -> None:
    """One that does not exist, or not for us: it waits for it as for one that is away, or ends with one line."""
    url = of_database(empty_url, "there_is_none") if wrong == "database" else empty_url.replace("//", "//nobody:x@", 1)
    if wrong == "person":
        url = re.sub(r"(//nobody:x@)[^@/]*@", r"\1", url)
    process = start(DATABASE_URL=url, secret_key="kunci")
    end = time.monotonic() + PATIENCE
    while process.process.poll() is None and time.monotonic() < end:
        with suppress(httpx2.TransportError):
            if process.status("/login") == 200:
                assert process.status("/problems") == 503
                assert process.stop() == 0
        time.sleep(0.05)
    assert "Traceback" not in process.err
    assert process.wait() in (0, 1)


# It does not start ------------------------------------------------------------------------------------------------------


def assert_one_line(process: Process, *says: str) -> None:
    """Hold the process to have said, in one line and without a traceback, why it does not start."""
    lines = [line for line in process.err.splitlines() if not line.startswith("{")]
    assert len(lines) == 1, process.err
    assert all(text in lines[0] for text in says), lines[0]
    assert "Traceback" not in process.err
    assert process.out == ""


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"db_host_postgres": "x", "secret_key": "x"}, [name for name in DATABASE_PARTS if "host" not in name]),
        ({"WORKERS": "viele"}, ["WORKERS"]),
    ],
)
def test_a_setting_that_is_missing_or_wrong_is_said_in_one_line(settings, says: list[str], start, data: Path) -> None:
    """What is missing or wrong is asked in tests/test_settings.py."""
    process = start(SIH_DATA=str(data), **settings)
    assert process.wait() == 1
    assert_one_line(process, "SIH: ", *says)
    assert not data.exists(), "nothing was begun"


def test_a_port_that_is_taken_is_said_in_one_line(start, data: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        process = start(SIH_DATA=str(data), PORT=str(taken.getsockname()[1]))
        assert process.wait() == 1
    assert_one_line(process, "SIH: ", "PORT")
    assert not data.exists()


def test_a_database_of_somebody_else_is_left_alone(start, empty_url: str) -> None:
    asyncio.run(execute(empty_url, "CREATE TABLE theirs (id int)"))
    process = start(DATABASE_URL=empty_url, secret_key="kunci")
    assert process.wait() == 1
    assert_one_line(process, "SIH: ")
    asyncio.run(execute(empty_url, "DROP TABLE theirs"))


@pytest.mark.parametrize("url", ["nonsense", "mysql://x/y", "postgresql://x@127.0.0.1:port/x"])
def test_an_address_of_a_database_that_is_none(url: str, start, data: Path) -> None:
    process = start(DATABASE_URL=url, secret_key="kunci", SIH_DATA=str(data))
    assert process.wait() == 1
    assert_one_line(process, "SIH: ", "DATABASE_URL")
