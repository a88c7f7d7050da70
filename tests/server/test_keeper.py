"""The embedded server ends by itself while SIH runs: pages say so, and it comes back without anybody."""

import json
import os
import re
import signal
import time
from collections.abc import Callable, Iterable
from itertools import cycle, repeat
from pathlib import Path
from threading import Event

import httpx2
import pytest

from server.postgres import keeper
from server.postgres.embedded import EmbeddedPostgresError
from tests.client import forms
from tests.processes import PATIENCE, Process, assert_nobody_works_on, log_in

SAID = "Basis data tidak menjawab. Coba lagi sebentar lagi; sistem akan pulih sendiri."

PROMPT = 15  # seconds, on a busy machine: less than it takes to wait for a server that does not end


@pytest.fixture
def data(kept_data: Path) -> Path:
    """Where the embedded database lives."""
    return kept_data


def kill_server(data: Path) -> None:
    os.kill(int((data / "cluster" / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)


def break_cluster(data: Path) -> Callable[[], object]:
    """Keep the server from starting, until what is returned is called."""
    configuration = data / "cluster" / "postgresql.conf"
    good = configuration.read_text()
    configuration.write_text(f"{good}\nno_such_setting = 1\n")
    return lambda: configuration.write_text(good)


def says_away(answer: httpx2.Response) -> bool:
    """Whether it says that the database is away. A backend that outlives its server for a moment may still answer."""
    assert answer.status_code in (200, 503)
    assert (SAID in answer.text) is (answer.status_code == 503)
    return answer.status_code == 503


def wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.1)


def said(process: Process, message: str) -> list[dict]:
    """The lines of the log with that message about the embedded database."""
    lines = [json.loads(line) for line in process.err.splitlines()]
    return [line for line in lines if line["logger"] == "sih.postgres" and line["message"] == message]


def report(browser: httpx2.Client) -> str:
    """Report a problem; its path."""
    log_in(browser, "10000001", "482913")
    form = forms(browser.get("/problems/new").text)["/problems"]
    answer = browser.post("/problems", data=form | {"title": "Kenari di kasir", "description": "Tetap ada."})
    assert answer.status_code == 303
    return answer.headers["Location"]


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_killed_server_comes_back_with_its_data_however_often(workers: str, start, data: Path) -> None:
    process = start(SIH_DATA=str(data), WORKERS=workers).serving()
    with process.browser() as browser:
        path = report(browser)
        for times in (1, 2):
            kill_server(data)
            wait_for(lambda: says_away(browser.get(path)))
            assert process.status("/health/live") == 200
            wait_for(lambda: browser.get(path).status_code == 200)
            assert "Kenari di kasir" in browser.get(path).text
            assert [line["exit_status"] for line in said(process, "embedded database ended")] == [-9] * times
            wait_for(lambda times=times: len(said(process, "embedded database started again")) == times)
    assert process.stop() == 0
    assert_nobody_works_on(data)
    assert len(said(process, "embedded database ended")) == 2, "an ordered end is none to heal"
    assert "Traceback" not in process.err


def test_a_cluster_that_cannot_start_is_said_and_tried_again(start, data: Path) -> None:
    process = start(SIH_DATA=str(data)).serving()
    repair = break_cluster(data)
    kill_server(data)
    wait_for(lambda: len(said(process, "embedded database does not start")) == 2)
    assert process.status("/health/ready") == 503
    assert all(re.search("FATAL: .*errors", x["error"]) for x in said(process, "embedded database does not start"))
    pauses = [line["starting_in_seconds"] for line in said(process, "embedded database ended")]
    assert pauses[:2] == [0.5, 1]
    repair()
    wait_for(lambda: process.status("/health/ready") == 200)
    process.kill()
    assert_nobody_works_on(data)


@pytest.mark.parametrize(("how", "workers"), [(signal.SIGTERM, "1"), (signal.SIGINT, "1"), (signal.SIGTERM, "2")])
def test_told_to_stop_while_the_server_is_down_it_stops(how: int, workers: str, start, data: Path) -> None:
    process = start(SIH_DATA=str(data), WORKERS=workers).serving()
    break_cluster(data)
    kill_server(data)
    wait_for(lambda: len(said(process, "embedded database does not start")) == 1)
    began = time.monotonic()
    assert process.stop(how) == 0
    assert time.monotonic() - began < PROMPT
    assert_nobody_works_on(data)
    assert "Traceback" not in process.err


@pytest.mark.parametrize("seconds", [0, 0.6, 1.1])
def test_told_to_stop_at_any_moment_of_a_restart_it_leaves_nothing(seconds: float, start, data: Path) -> None:
    process = start(SIH_DATA=str(data)).serving()
    kill_server(data)
    time.sleep(seconds)
    began = time.monotonic()
    assert process.stop() == 0
    assert time.monotonic() - began < PROMPT
    assert_nobody_works_on(data)
    assert "Traceback" not in process.err


class Falls:
    """A server that has ended, and that each of `starts` says whether it can be started; it ends at once."""

    def __init__(self, starts: Iterable[bool]) -> None:
        self._starts = iter(starts)

    def exit_status(self) -> int:
        return 1

    def restart(self, stopping: Event) -> None:
        if not next(self._starts):
            raise EmbeddedPostgresError("no")


class Hasty(Event):
    """Is waited for in no time, and set after 20 waits."""

    def __init__(self) -> None:
        super().__init__()
        self.waited: list[float] = []

    def wait(self, timeout: float) -> bool:
        self.waited.append(timeout)
        return len(self.waited) > 20


@pytest.mark.parametrize(
    ("starts", "pauses"),
    [
        (repeat(False), [0.5, 1, 2, 4, 8, 16, 30, 30, 30, 30]),
        (repeat(True), [0.5] * 10),
        (cycle([False, False, True]), [0.5, 1, 2, 0.5, 1, 2, 0.5, 1, 2, 0.5]),
    ],
    ids=["never starts", "starts and falls", "starts sometimes"],
)
def test_pauses_grow_to_a_bound_while_the_server_does_not_start(starts: Iterable[bool], pauses: list[float]) -> None:
    stopping = Hasty()
    keeper._keep(Falls(starts), stopping)
    assert stopping.waited[1::2] == pauses
