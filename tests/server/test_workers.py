"""The parent of several processes that serve: what it does when it looks at them."""

import signal
from collections.abc import Iterator

import pytest
import uvicorn

import server.workers
from server.protocol import OPTIONS
from server.workers import Workers


class Worker:
    """Stands in for a process that serves: it has ended or not, and answers what it is asked, or says nothing."""

    def __init__(self, *, alive: bool = True, answers: bool = True) -> None:
        self.alive, self.answers, self.started = alive, answers, False
        self.exitcode = None if alive else -signal.SIGKILL
        self.process, self.parent_conn = self, self
        self.asked = 0

    def send(self, _: bytes) -> None:
        self.asked += self.answers

    def poll(self, timeout: float = 0) -> bool:
        assert not timeout, "nothing is waited for"
        return self.asked > 0

    def recv(self) -> bool:
        self.asked -= 1
        return True

    def is_alive(self) -> bool:
        return self.alive

    def start(self) -> None:
        self.started = True

    def kill(self) -> None:
        self.alive, self.exitcode = False, -signal.SIGKILL

    def join(self) -> None:
        assert not self.alive


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time that it is, in seconds, to be changed."""
    time = [0.0]
    monkeypatch.setattr(server.workers.time, "monotonic", lambda: time[0])
    return time


@pytest.fixture
def workers(monkeypatch: pytest.MonkeyPatch) -> Iterator[Workers]:
    """The parent, with no process yet; each that it makes is a stand-in."""
    monkeypatch.setattr(server.workers, "Process", lambda config, sockets: Worker())
    before = {number: signal.getsignal(number) for number in (*signal.Signals,)}
    yield Workers(uvicorn.Config("app:create_worker", factory=True, workers=2, **OPTIONS), [])
    for number, handler in before.items():
        if signal.getsignal(number) is not handler:
            signal.signal(number, handler)


def look(workers: Workers, *processes: Worker) -> list[Worker]:
    """Those that serve after one look at `processes`."""
    workers.processes[:] = processes  # pyright: ignore[reportArgumentType]
    workers.keep_subprocess_alive()
    return list(workers.processes)  # pyright: ignore[reportReturnType]


def test_one_that_has_ended_is_replaced_in_the_same_look_while_another_says_nothing(workers: Workers, now) -> None:
    silent, ended, well = Worker(answers=False), Worker(alive=False), Worker()
    first, second, third = look(workers, silent, ended, well)
    assert (first, third) == (silent, well)
    assert second is not ended and second.started


def test_one_that_says_nothing_is_waited_for_but_not_for_ever(workers: Workers, now: list[float]) -> None:
    """A busy machine is no reason to kill what starts slowly, and to begin anew for ever."""
    silent, well = Worker(answers=False), Worker()
    for now[0] in (0.0, 6.5, 29.5):
        assert look(workers, silent, well) == [silent, well]
    now[0] = 30.0
    first, second = look(workers, silent, well)
    assert first is not silent and first.started and not silent.alive
    assert second is well


def test_one_that_answers_late_is_waited_for_anew(workers: Workers, now: list[float]) -> None:
    late = Worker(answers=False)
    for now[0], late.answers in ((0.0, False), (20.0, True), (49.5, False)):
        assert look(workers, late) == [late]
    now[0] = 50.0
    assert look(workers, late) != [late]


def test_none_is_replaced_once_told_to_stop(workers: Workers, now) -> None:
    """A signal to all processes of the group ends the workers too, before their parent has done so."""
    ended = Worker(alive=False)
    workers.should_exit.set()
    assert look(workers, ended) == [ended]


def test_one_that_cannot_begin_ends_all(workers: Workers, now) -> None:
    failed, well = Worker(alive=False), Worker()
    failed.exitcode = server.workers.STARTUP_FAILURE
    failed.kill = lambda: None
    assert look(workers, failed, well) == [failed, well]
    assert workers.cannot_begin and workers.should_exit.is_set()
