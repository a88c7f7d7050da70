"""What the worker knows of a kind of job: what it does, and how often and how long it is tried (exponential backoff)."""

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

from asyncpg import Connection

from jobs.schedule import Daily, Every, Hourly
from queries.jobs import Job
from settings import Settings

LONGEST_PAUSE = 3600  # seconds


@dataclass(frozen=True)
class Kind:
    """`run` does one job, on a connection in the transaction that also removes the job: what it does there is done once.

    What it does elsewhere may happen again, if the worker ends before the commit: at least once, with the job's id as the
    idempotency key. It shares the event loop with requests: what computes for long belongs into a thread.

    A job is tried `attempts` times, each of at most `seconds`; `pause` is the seconds before the second attempt, and doubles.
    A process works on `at_once` of the kind, so that what takes long leaves room for the others. Of one that is `steady` all
    statements see the same state of the database, that at its beginning (repeatable read).

    `wanted` says, about every second, whether there is something to do for which nobody has enqueued a job: one is then.
    """

    run: Callable[[Connection, Job, Settings], Awaitable[None]]
    attempts: int = 8
    seconds: float = 60
    pause: float = 2
    at_once: int = 1
    schedule: Every | Hourly | Daily | None = None
    steady: bool = False
    wanted: Callable[[Connection], Awaitable[bool]] | None = None

    @property
    def isolation(self) -> Literal["repeatable_read"] | None:
        """Of the transaction."""
        return "repeatable_read" if self.steady else None

    def pause_after(self, attempt: int) -> float:
        """Seconds from an attempt to the next: up to a quarter more or less than the rule, so that not all come at once."""
        return min(self.pause * 2.0 ** min(attempt - 1, 32), LONGEST_PAUSE) * random.uniform(0.75, 1.25)  # noqa: S311


class UnknownKind(Exception):
    """No module of this version does such a job."""


async def _refuse(connection: Connection, job: Job, settings: Settings) -> None:
    raise UnknownKind


# Tried as often as others: while versions change, an instance that knows the kind may come first.
UNKNOWN = Kind(_refuse)
