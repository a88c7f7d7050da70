"""Exports: files that people ask for. A job makes each, of what was in the person's reach then, and for that person alone."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from asyncpg import Connection

from formats.indonesian import ZONE_NAMES
from queries.employees import FEW_STORES, Employee
from queries.jobs import enqueue_job
from queries.rows import read_row, read_rows
from queries.submissions import Submission, record, set_location

JOB = "export"  # the kind of the job
PAUSE = timedelta(seconds=1)  # until another export of the same person is looked at again
LASTS = timedelta(days=7)  # from when it was asked for
# What one person may have: exports that are not made yet, exports in all, and bytes of all.
WAITING = 3
KEPT = 200
BYTES = 500_000_000


class TooManyWaiting(Exception):
    """As many as one person may have are still to be made."""


class TooManyKept(Exception):
    """As many, or as much, is kept as one person may have; `until` is when the oldest goes."""

    def __init__(self, until: datetime) -> None:
        super().__init__(until)
        self.until = until


class Wanted(NamedTuple):
    """What is asked for: a kind and a format; the address of the page, what it is narrowed to in words, and to the queries."""

    kind: str
    format: str
    page: str
    narrowed: list[str]
    filter: dict[str, Any]


class Export(NamedTuple):
    """An export as its person sees it. `state` is waiting, ready or failed; one that is ready has `rows` and a `size` (bytes)."""

    id: int
    kind: str
    format: str
    page: str
    narrowed: list[str]
    time_zone: str
    asked_at: datetime
    expires_at: datetime
    state: str
    rows: int | None
    size: int | None

    @property
    def zone(self) -> str:
        """What the zone of its times is called."""
        return ZONE_NAMES[self.time_zone]


class Order(NamedTuple):
    """An export as it is to be made: whose, of what, within which reach, and told in which zone."""

    id: int
    nik: str
    name: str
    kind: str
    format: str
    narrowed: list[str]
    filter: dict[str, Any]
    sees_all: bool
    store_code: str
    area_code: str | None
    is_wide: bool
    time_zone: str
    asked_at: datetime


class Progress(NamedTuple):
    """How many rows of how many are written."""

    done: int
    total: int


async def ask_export(connection: Connection, submission: Submission, viewer: Employee, wanted: Wanted) -> int:
    """Have what is wanted made, as far as the viewer sees it now; its id. The form that asks leads to it.

    Raises TooManyWaiting, TooManyKept, AlreadyRecorded and KeyReused.
    """
    async with connection.transaction():
        await record(connection, submission, "/exports")
        # One at a time for each person, so that the limits hold.
        await connection.execute("SELECT FROM employee WHERE nik = $1 FOR NO KEY UPDATE", viewer.nik)
        _check_room(await list_exports(connection, viewer.nik))
        export_id = await _insert(connection, viewer, wanted)
        await set_location(connection, submission, f"/exports/{export_id}")
        return export_id


def _check_room(exports: list[Export]) -> None:
    if sum(export.state == "waiting" for export in exports) >= WAITING:
        raise TooManyWaiting
    exports = [export for export in exports if export.state != "failed"]
    if len(exports) >= KEPT or sum(export.size or 0 for export in exports) >= BYTES:
        raise TooManyKept(min(export.expires_at for export in exports))


async def _insert(connection: Connection, viewer: Employee, wanted: Wanted) -> int:
    export_id = await connection.fetchval(
        """
        INSERT INTO export (nik, kind, format, page, narrowed, filter, sees_all, store_code, time_zone, area_code)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING id
        """,
        viewer.nik,
        *wanted,
        viewer.sees_all,
        viewer.store_code,
        viewer.time_zone,
        viewer.area_code,
    )
    job_id = await enqueue_job(connection, JOB, {"export": export_id})
    await connection.execute("UPDATE export SET job_id = $2 WHERE id = $1", export_id, job_id)
    return export_id


async def list_exports(connection: Connection, nik: str) -> list[Export]:
    """A person's exports, the newest first."""
    records = await connection.fetch(
        """
        SELECT x.id, x.kind, x.format, x.page, x.narrowed, x.time_zone, x.asked_at, x.asked_at + $2::interval AS expires_at,
               CASE WHEN x.finished_at IS NOT NULL THEN 'ready' WHEN j.id IS NOT NULL THEN 'waiting' ELSE 'failed' END AS state,
               x.rows, x.size
          FROM export x LEFT JOIN job j ON j.id = x.job_id AND j.parked_at IS NULL
         WHERE x.nik = $1 AND x.asked_at > now() - $2::interval
         ORDER BY x.asked_at DESC, x.id DESC
        """,
        nik,
        LASTS,
    )
    return read_rows(Export, records)


async def get_export(connection: Connection, nik: str, export_id: int) -> Export | None:
    """An export of that person; None if there is no such, or it has gone."""
    return next((export for export in await list_exports(connection, nik) if export.id == export_id), None)


async def get_part(connection: Connection, export_id: int, seq: int) -> bytes | None:
    """A part of the content, counted from 0; None behind the last. Whose it is, is the door's to know."""
    return await connection.fetchval(
        "SELECT content FROM export_part WHERE export_id = $1 AND seq = $2", export_id, seq
    )


async def get_progress(connection: Connection, export_id: int) -> Progress | None:
    """How far it is; None if nothing is noted of it yet."""
    record = await connection.fetchrow("SELECT done, total FROM export_progress WHERE export_id = $1", export_id)
    return read_row(Progress, record)


async def forget_exports(connection: Connection) -> None:
    """Drop what has been kept long enough."""
    await connection.execute("DELETE FROM export WHERE asked_at < now() - $1::interval", LASTS)


# Making ------------------------------------------------------------------------------------------------------------------


async def get_order(connection: Connection, export_id: int) -> Order | None:
    """An export that is still to be made; None if it has gone, or nobody can fetch it any more."""
    record = await connection.fetchrow(
        """
        SELECT x.id, x.nik, e.name, x.kind, x.format, x.narrowed, x.filter, x.sees_all, x.store_code, x.area_code,
               x.area_code IS NOT NULL AND EXISTS (SELECT FROM area_store w WHERE w.area_code = x.area_code OFFSET $2) AS is_wide,
               x.time_zone, x.asked_at
          FROM export x JOIN employee e ON e.nik = x.nik
         WHERE x.id = $1 AND x.finished_at IS NULL AND e.active
        """,
        export_id,
        FEW_STORES,
    )
    return read_row(Order, record)


async def is_first_of(connection: Connection, nik: str) -> bool:
    """Whether nothing else is being made for that person; it is so until the transaction ends."""
    return await connection.fetchval("SELECT pg_try_advisory_xact_lock(1397310470, hashtext($1))", nik)


async def put_off(connection: Connection, export_id: int) -> None:
    """Have it made a little later, by a job of its own."""
    job_id = await enqueue_job(connection, JOB, {"export": export_id}, delay=PAUSE)
    await connection.execute("UPDATE export SET job_id = $2 WHERE id = $1", export_id, job_id)


async def note_progress(connection: Connection, export_id: int, progress: Progress) -> None:
    """So much of it is written."""
    await connection.execute(
        """
        INSERT INTO export_progress (export_id, done, total) VALUES ($1, $2, $3)
        ON CONFLICT (export_id) DO UPDATE SET done = excluded.done, total = excluded.total
        """,
        export_id,
        *progress,
    )


async def insert_part(connection: Connection, export_id: int, seq: int, content: bytes) -> None:
    """Add a part to the content."""
    await connection.execute(
        "INSERT INTO export_part (export_id, seq, content) VALUES ($1, $2, $3)", export_id, seq, content
    )


async def finish_export(connection: Connection, export_id: int, rows: int, size: int) -> None:
    """All parts are there: from the commit on it can be fetched."""
    await connection.execute(
        "UPDATE export SET rows = $2, size = $3, finished_at = clock_timestamp() WHERE id = $1", export_id, rows, size
    )
