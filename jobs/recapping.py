"""Counting in the background: what changed is added up, for recap and list; the recap's history, and its frozen months."""

from datetime import timedelta

from asyncpg import Connection, LockNotAvailableError

from queries.counting import (
    count_history,
    fold_tally,
    freeze_month,
    list_left,
    promise_history,
    restate_service,
)
from queries.jobs import Job, enqueue_job
from queries.problem_counts import fold_problem_counts
from settings import Settings

HISTORY, FREEZE = "history", "freeze"  # kinds of jobs that follow one another
PROMISES, SERVICE = "promise_history", "service"  # so do these
PAUSE = timedelta(minutes=1)  # before freezing is tried again
PORTION = 1000  # problems of the history at once, which nobody changes meanwhile
PROMISED = 200  # of which this many have their promises made


async def fold(connection: Connection, job: Job, settings: Settings) -> None:
    """Add up what is not added up yet; and have the history gone on with, if a version that did not know how has parked that."""
    await fold_tally(connection)
    await fold_problem_counts(connection)
    for kind in await list_left(connection):
        await enqueue_job(connection, kind)


async def count(connection: Connection, job: Job, settings: Settings) -> None:
    """One portion of the history; the next is a job of its own. At the end all months that are over can be frozen."""
    is_left = await count_history(connection, PORTION)
    await enqueue_job(connection, HISTORY if is_left else FREEZE)


async def freeze(connection: Connection, job: Job, settings: Settings) -> None:
    """One month that is over; the next is a job of its own, and so is another try while somebody is counting all the time.

    Whoever counts something waits for it meanwhile. It adds up itself only what `fold`, every few minutes, has left.
    """
    try:
        async with connection.transaction():
            frozen = await freeze_month(connection)
    except LockNotAvailableError:
        await enqueue_job(connection, FREEZE, delay=PAUSE)
    else:
        if frozen:
            await enqueue_job(connection, FREEZE)


async def promise(connection: Connection, job: Job, settings: Settings) -> None:
    """One portion of the history has its promises; the next is a job of its own. At the end months can be frozen again, and those
    that are get what is known of them now."""
    is_left = await promise_history(connection, PROMISED)
    for kind in (PROMISES,) if is_left else (SERVICE, FREEZE):
        await enqueue_job(connection, kind)


async def restate(connection: Connection, job: Job, settings: Settings) -> None:
    """One month that was frozen before it was known how soon problems were answered and solved; the next is a job of its own."""
    if await restate_service(connection):
        await enqueue_job(connection, SERVICE)
