"""The worker: takes jobs from the queue and does them, beside the requests of its process.

A job is held by two means. Before the work, its attempt is counted and the time of the next one set, and that is committed. Then
its row stays locked in the transaction of the work, which ends by deleting it. A worker that is killed loses its connection, the
server undoes the transaction and the lock, and the job is due again at the time that was set: nothing has to expire, no
heartbeat is needed, and what the job did in the database is there once or not at all.
"""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress

from asyncpg import Connection

import db
from jobs.kind import UNKNOWN, Kind, UnknownKind
from jobs.registry import KINDS
from queries import jobs as queue
from queries.jobs import Job
from settings import Settings

log = logging.getLogger("sih.jobs")

AT_ONCE = 4  # jobs that one process works on; each has a connection, and the worker one more, on which it listens
# All in seconds.
POLL = 5  # between two looks at the queue when nothing wakes the worker: a job of another one that was killed, a lost NOTIFY
WANTED_PAUSE = 1  # between two looks whether a job is wanted that nobody enqueues
RETRY_PAUSE = 2  # between attempts to reach a database that is away
LOOK_LIMIT = 10  # for a look at the queue
OVERTIME = 5  # after the time of a job is up, for the database to undo it; then the connection is cut, from either side
FINISH_LIMIT = 5  # at the stop, for jobs to be finished; then they are given back
GIVE_BACK_LIMIT = 1  # for that
# What a job reads may be few rows or all of them: each time it is planned for its values.
WORKING = db.SERVING | {"application_name": "sih jobs", "plan_cache_mode": "auto"}
ERROR_LENGTH = 2000  # characters
LOST = "WorkerLost"  # the error of a job whose last attempt ended together with its worker


@asynccontextmanager
async def working(settings: Settings, kinds: Mapping[str, Kind] = KINDS) -> AsyncIterator[None]:
    """Do jobs of these kinds until the context ends; with several workers, also of other processes, each job is done once.

    It needs no database to begin: while there is none, or none with the right schema, it looks again.
    """
    worker = _Worker(settings, kinds)
    await worker.start()
    try:
        yield
    finally:
        await worker.stop()


class _Worker:
    def __init__(self, settings: Settings, kinds: Mapping[str, Kind]) -> None:
        self._settings, self._kinds = settings, kinds
        # What is done on these connections has its own limits, of minutes where a job takes them.
        self._database = db.create_database(settings.dsn, WORKING, size=AT_ONCE + 1, bounded=False)
        self._woken = asyncio.Event()
        self._stopping = False
        self._running: dict[asyncio.Task[None], str] = {}  # the kind of each

    async def start(self) -> None:
        await self._database.connect()
        self._looking = asyncio.create_task(self._keep_looking())

    async def stop(self) -> None:
        """Take no more jobs; those that are running are finished within FINISH_LIMIT, or given back."""
        self._stopping = True
        self._woken.set()
        await asyncio.wait([self._looking], timeout=GIVE_BACK_LIMIT)
        if self._running:
            await asyncio.wait(self._running, timeout=FINISH_LIMIT)
        left = [self._looking, *self._running]
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        await db.disconnect(self._database)

    # Looking ------------------------------------------------------------------------------------------------------------

    async def _keep_looking(self) -> None:
        away = False
        while not self._stopping:
            try:
                async with db.acquire(self._database) as connection:
                    away = False
                    await self._look(connection)
            except (db.DatabaseUnavailable, db.SchemaMismatch) as error:
                if not away:  # said once, not every two seconds
                    log.warning("database unavailable", extra={"error": str(error)})
                away = True
            except Exception:  # whatever it is, the next look may do better
                log.exception("looking for jobs failed")
            if not self._stopping:
                self._woken.clear()  # the end of the connection has set it
                await self._sleep(RETRY_PAUSE)

    async def _look(self, connection: Connection) -> None:
        """Begin what is due, whenever something may be, until the stop. The connection has listened, and ends with that."""
        try:
            connection.add_termination_listener(self._wake)
            with db.CutAfter(connection, LOOK_LIMIT):
                await connection.add_listener(queue.CHANNEL, self._wake)
                await self._put_schedules(connection)
            while not self._stopping:
                self._woken.clear()
                with db.CutAfter(connection, LOOK_LIMIT):
                    seconds = await self._begin_due(connection)
                await self._wait(connection, seconds)
        finally:
            db.cut(connection)

    def _wake(self, *_: object) -> None:
        self._woken.set()

    async def _wait(self, connection: Connection, seconds: float) -> None:
        """Wait as long, unless something has woken the worker or a job is wanted meanwhile."""
        while seconds > WANTED_PAUSE and not self._woken.is_set():
            await self._sleep(WANTED_PAUSE)
            seconds -= WANTED_PAUSE
            with db.CutAfter(connection, LOOK_LIMIT):
                if await self._list_wanted(connection):
                    return
        await self._sleep(seconds)

    async def _list_wanted(self, connection: Connection) -> list[str]:
        return [name for name, kind in self._kinds.items() if kind.wanted and await kind.wanted(connection)]

    async def _sleep(self, seconds: float) -> None:
        """Wait until the time has passed or something has woken the worker."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._woken.wait()

    async def _put_schedules(self, connection: Connection) -> None:
        async with connection.transaction():
            now = await queue.get_time(connection)
            for name, kind in self._kinds.items():
                if kind.schedule:
                    await queue.put_schedule(connection, name, str(kind.schedule), kind.schedule.after(now))

    async def _begin_due(self, connection: Connection) -> float:
        """Begin as many jobs as may be worked on at once; the seconds until it is worth looking again."""
        await queue.revive_jobs(connection, list(self._kinds), UnknownKind.__name__)
        for name in await self._list_wanted(connection):
            await queue.enqueue_job(connection, name)
        while len(self._running) < AT_ONCE and not self._stopping:
            async with connection.transaction():
                await self._enqueue_scheduled(connection)
                job = await queue.get_due_job(connection, self._full())
                if job is None:
                    seconds = await queue.get_seconds_to_next(connection)
                    return POLL if seconds is None else min(seconds, POLL)
                kind = self._kinds.get(job.kind, UNKNOWN)
                is_over = job.attempt > kind.attempts
                if is_over:
                    await queue.park_job(connection, job, LOST)
                else:
                    await queue.count_attempt(connection, job, kind.pause_after(job.attempt))
            if is_over:
                log.error("job parked", extra=_named(job) | {"error": LOST})
            else:
                self._begin(job, kind)
        return POLL

    async def _enqueue_scheduled(self, connection: Connection) -> None:
        schedules = {name: kind.schedule for name, kind in self._kinds.items() if kind.schedule}
        for name in await queue.list_due_schedules(connection, list(schedules)):
            await queue.enqueue_scheduled(connection, name, schedules[name].after(await queue.get_time(connection)))

    def _full(self) -> list[str]:
        """The kinds of which this process works on as many as it may."""
        counts = Counter(self._running.values())
        return [name for name, number in counts.items() if number >= self._kinds.get(name, UNKNOWN).at_once]

    def _begin(self, job: Job, kind: Kind) -> None:
        task = asyncio.create_task(self._work(job, kind))
        self._running[task] = job.kind
        task.add_done_callback(self._running.pop)
        task.add_done_callback(self._wake)

    # Working ------------------------------------------------------------------------------------------------------------

    async def _work(self, job: Job, kind: Kind) -> None:
        began = time.perf_counter()
        try:
            done = await self._do(job, kind)
        except asyncio.CancelledError as error:
            if not self._stopping:  # by something within the job: no reason to begin anew at once
                await self._fail(job, kind, error)
                return
            await self._give_back(job)
            raise
        except Exception as error:
            await self._fail(job, kind, error)
        else:
            if done:
                log.info("job done", extra=_named(job) | {"ms": round((time.perf_counter() - began) * 1000, 1)})

    async def _do(self, job: Job, kind: Kind) -> bool:
        """Do the job and remove it, in one transaction. False if somebody else has it by now."""
        async with asyncio.timeout(kind.seconds), db.acquire(self._database) as connection:
            with db.CutAfter(connection, kind.seconds + OVERTIME):
                async with connection.transaction(isolation=kind.isolation):
                    if not await queue.lock_job(connection, job, kind.seconds + OVERTIME):
                        return False
                    await kind.run(connection, job, self._settings)
                    await queue.delete_job(connection, job)
                    return True

    async def _fail(self, job: Job, kind: Kind, error: BaseException) -> None:
        """Keep the error, and park the job after its last attempt. If the database is away, a later look parks it."""
        is_last = job.attempt >= kind.attempts
        try:
            async with db.acquire(self._database) as connection:
                with db.CutAfter(connection, LOOK_LIMIT):
                    await (queue.park_job if is_last else queue.note_failure)(connection, job, _described(error))
        except Exception as second:
            is_last = False
            log.warning("error of a job not kept", extra=_named(job) | {"error": type(second).__name__})
        if is_last:
            log.error("job parked", extra=_named(job), exc_info=error)
        else:
            log.warning("job failed", extra=_named(job), exc_info=error)

    async def _give_back(self, job: Job) -> None:
        with suppress(Exception):  # it is due again after its pause in any case
            async with asyncio.timeout(GIVE_BACK_LIMIT), db.acquire(self._database) as connection:
                await queue.give_back_job(connection, job)
        log.warning("job given back", extra=_named(job))


def _named(job: Job) -> dict[str, object]:
    """What the log says of a job: nothing that somebody typed."""
    return {"kind": job.kind, "job": job.id, "attempt": job.attempt}


def _described(error: BaseException) -> str:
    """What is kept of an error: its class and what it says, as far as a text of the database can hold it."""
    text = f"{type(error).__name__}: {error}".replace("\x00", "")
    return text.encode("utf-8", "replace").decode()[:ERROR_LENGTH]
