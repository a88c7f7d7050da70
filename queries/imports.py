"""Imports: tables that admins send, each its sender's alone. A job looks at what one would change, another one takes it over."""

from datetime import datetime, timedelta
from typing import NamedTuple

from asyncpg import Connection

from queries.jobs import enqueue_job
from queries.rows import read_row, read_rows
from queries.submissions import Submission, set_location

CHECK, TAKE = "import_check", "import"  # the kinds of the jobs
LASTS = timedelta(days=7)  # of the rows, from when they were sent


class Sent(NamedTuple):
    """A table as it was sent: who sent it (None: the operators' command), of what, its file, its headings, what of it was not
    read, and whether its days count from 1904."""

    nik: str | None
    kind: str
    file: str
    headings: list[str]
    notices: list[str]
    from_1904: bool


class Import(NamedTuple):
    """An import. `state` is checking, checked, taking or taken, failed if its check was given up, or gone if its rows are no
    longer kept. Of one that `was_refused` by an error nobody said why; else `refusal` says it. The numbers are those of rows."""

    id: int
    nik: str | None
    name: str | None
    kind: str
    file: str
    headings: list[str]
    notices: list[str]
    from_1904: bool
    asked_at: datetime
    expires_at: datetime
    total: int
    new: int | None
    changed: int | None
    same: int | None
    wrong: int | None
    taken_at: datetime | None
    refusal: str | None
    state: str
    was_refused: bool


class Progress(NamedTuple):
    """How many rows of how many are done."""

    done: int
    total: int


async def insert_import(connection: Connection, sent: Sent) -> int:
    """Note that a table was sent; its id."""
    return await connection.fetchval(
        """
        INSERT INTO import (nik, kind, file, headings, notices, from_1904) VALUES ($1, $2, $3, $4, $5, $6) RETURNING id
        """,
        *sent,
    )


async def count_rows(connection: Connection, import_id: int) -> int:
    """All of its rows are there: note how many, and say so."""
    return await connection.fetchval(
        "UPDATE import SET total = (SELECT count(*) FROM import_row WHERE import_id = $1) WHERE id = $1 RETURNING total",
        import_id,
    )


async def ask_check(connection: Connection, import_id: int) -> None:
    """Have its rows looked at."""
    job_id = await enqueue_job(connection, CHECK, {"import": import_id})
    await connection.execute("UPDATE import SET job_id = $2 WHERE id = $1", import_id, job_id)


async def lead_to_import(connection: Connection, submission: Submission, import_id: int) -> None:
    """The answer to the form that sent it leads to it."""
    await set_location(connection, submission, f"/admin/imports/{import_id}")


async def ask_take(connection: Connection, import_id: int) -> bool:
    """Have it taken over; False if it is not there to be taken over any more."""
    job_id = await enqueue_job(connection, TAKE, {"import": import_id})
    return await connection.fetchval(
        """
        UPDATE import i SET job_id = $2, refusal = NULL
         WHERE i.id = $1 AND i.checked_at IS NOT NULL AND i.taken_at IS NULL
           AND NOT EXISTS (SELECT FROM job j WHERE j.id = i.job_id AND j.parked_at IS NULL)
           AND EXISTS (SELECT FROM import_row r WHERE r.import_id = i.id)
        RETURNING true
        """,
        import_id,
        job_id,
    )


async def list_imports(connection: Connection, before: int | None, limit: int) -> list[Import]:
    """The imports of all, the latest first, before number `before`."""
    return read_rows(Import, await connection.fetch(_IMPORTS, None, None, before, limit, LASTS))


async def get_import(connection: Connection, nik: str, import_id: int) -> Import | None:
    """An import that this person sent; None if there is no such."""
    return read_row(Import, await connection.fetchrow(_IMPORTS, nik, import_id, None, 1, LASTS))


_IMPORTS = """
    SELECT i.id, i.nik, e.name, i.kind, i.file, i.headings, i.notices, i.from_1904, i.asked_at,
           i.asked_at + $5::interval AS expires_at, i.total, i.new, i.changed, i.same, i.wrong, i.taken_at, i.refusal,
           CASE WHEN i.taken_at IS NOT NULL THEN 'taken'
                WHEN j.id IS NOT NULL AND i.checked_at IS NULL THEN 'checking'
                WHEN j.id IS NOT NULL THEN 'taking'
                WHEN NOT EXISTS (SELECT FROM import_row r WHERE r.import_id = i.id) THEN 'gone'
                WHEN i.checked_at IS NULL THEN 'failed'
                ELSE 'checked' END AS state,
           i.taken_at IS NULL AND i.job_id IS NOT NULL AND j.id IS NULL AS was_refused
      FROM import i LEFT JOIN employee e ON e.nik = i.nik LEFT JOIN job j ON j.id = i.job_id AND j.parked_at IS NULL
     WHERE ($1::text IS NULL OR i.nik = $1) AND ($2::bigint IS NULL OR i.id = $2) AND ($3::bigint IS NULL OR i.id < $3)
     ORDER BY i.id DESC LIMIT $4
    """


async def get_import_progress(connection: Connection, import_id: int) -> Progress | None:
    """How far its job is; None if nothing is noted of it yet."""
    record = await connection.fetchrow("SELECT done, total FROM import_progress WHERE import_id = $1", import_id)
    return read_row(Progress, record)


async def discard_import(connection: Connection, import_id: int) -> None:
    """Drop its rows, unless they are being worked on."""
    await connection.execute(
        """
        WITH gone AS (
            DELETE FROM import_row r USING import i
             WHERE i.id = $1 AND r.import_id = i.id
               AND NOT EXISTS (SELECT FROM job j WHERE j.id = i.job_id AND j.parked_at IS NULL)
            RETURNING r.import_id
        )
        DELETE FROM import_match m WHERE m.import_id IN (SELECT g.import_id FROM gone g)
        """,
        import_id,
    )


async def forget_imports(connection: Connection) -> None:
    """Drop rows that have been kept long enough."""
    await connection.execute(
        """
        WITH old AS (SELECT id FROM import WHERE asked_at < now() - $1::interval),
             gone AS (DELETE FROM import_match WHERE import_id IN (SELECT id FROM old))
        DELETE FROM import_row WHERE import_id IN (SELECT id FROM old)
        """,
        LASTS,
    )


# Working -----------------------------------------------------------------------------------------------------------------


async def get_sent(connection: Connection, import_id: int) -> Import | None:
    """An import that is still to be worked on, whoever sent it; None if nobody wants it any more. Nobody changes it meanwhile."""
    await connection.execute("SELECT FROM import WHERE id = $1 FOR NO KEY UPDATE", import_id)
    return read_row(Import, await connection.fetchrow(_IMPORTS, None, import_id, None, 1, LASTS))


async def note_checked(connection: Connection, import_id: int) -> None:
    """All of its rows were looked at."""
    await connection.execute(
        """
        UPDATE import i
           SET job_id = NULL, checked_at = clock_timestamp(), new = c.new, changed = c.changed, same = c.same, wrong = c.wrong
          FROM (SELECT count(*) FILTER (WHERE outcome = 'new') AS new, count(*) FILTER (WHERE outcome = 'changed') AS changed,
                       count(*) FILTER (WHERE outcome = 'same') AS same, count(*) FILTER (WHERE outcome = 'wrong') AS wrong
                  FROM import_row WHERE import_id = $1) c
         WHERE i.id = $1
        """,
        import_id,
    )


async def note_taken(connection: Connection, import_id: int) -> None:
    """What is right of it was taken over."""
    await connection.execute("UPDATE import SET taken_at = clock_timestamp() WHERE id = $1", import_id)


async def note_refusal(connection: Connection, import_id: int, refusal: str) -> None:
    """Nothing of it was taken over, for this reason."""
    await connection.execute("UPDATE import SET job_id = NULL, refusal = $2 WHERE id = $1", import_id, refusal)


async def note_import_progress(connection: Connection, import_id: int, progress: Progress) -> None:
    """So much of it is done."""
    await connection.execute(
        """
        INSERT INTO import_progress (import_id, done, total) VALUES ($1, $2, $3)
        ON CONFLICT (import_id) DO UPDATE SET done = excluded.done, total = excluded.total
        """,
        import_id,
        *progress,
    )


async def settle(connection: Connection) -> None:
    """Have what waits for the end of the transaction done now: what it refuses is known then."""
    await connection.execute("SET CONSTRAINTS ALL IMMEDIATE")


async def is_admin_still(connection: Connection, nik: str) -> bool:
    """Whether that person is an admin at this moment."""
    return bool(
        await connection.fetchval(
            "SELECT true FROM employee WHERE nik = $1 AND active AND is_admin AND leaving_since IS NULL", nik
        )
    )


async def list_missing(connection: Connection, import_id: int) -> list[str]:
    """The NIKs of the active employees who stand in no row of it, right or wrong; without the last admin: of several whose
    leaving would leave none the first one stays."""
    records = await connection.fetch(
        """
        WITH missing AS (
            SELECT e.nik, e.is_admin FROM employee e
             WHERE e.active AND NOT EXISTS (SELECT FROM import_row r WHERE r.import_id = $1 AND r.code = e.nik))
        SELECT m.nik FROM missing m
         WHERE NOT m.is_admin
            OR EXISTS (SELECT FROM employee e WHERE e.is_admin AND e.active AND e.leaving_since IS NULL
                          AND NOT EXISTS (SELECT FROM missing o WHERE o.nik = e.nik))
            OR m.nik > (SELECT min(o.nik) FROM missing o WHERE o.is_admin)
         ORDER BY m.nik
        """,
        import_id,
    )
    return [record["nik"] for record in records]


async def count_unread(connection: Connection, import_id: int) -> int:
    """How many rows have no code that can be read."""
    return await connection.fetchval("SELECT count(*) FROM import_row WHERE import_id = $1 AND code IS NULL", import_id)


async def count_active(connection: Connection) -> int:
    """How many people there are."""
    return await connection.fetchval("SELECT count(*) FROM employee WHERE active")
