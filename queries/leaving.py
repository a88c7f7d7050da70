"""What somebody who leaves holds alone, and who can get it (reassignment on offboarding)."""

from typing import NamedTuple

from asyncpg import Connection, IntegrityConstraintViolationError

from queries.divisions import Division
from queries.jobs import enqueue_job
from queries.rows import read_rows

DEPARTURE = "departure"  # the kind of the job that goes on with what is too much for one transaction
PORTION = 500  # problems that are handed over in one


class Left(NamedTuple):
    """What would be without anybody: how many unfinished problems somebody holds as a PIC of a department, or a division of which
    they are the last active member. That may be the desk, whose last member stays."""

    code: str
    name: str
    is_division: bool
    is_desk: bool
    problems: int


class Unattended(NamedTuple):
    """How many problems nobody can act on, and the numbers of the first of them."""

    problems: int
    first: list[int]


class LastOfDesk(Exception):
    """Nobody would be left at the desk."""


async def list_left(connection: Connection, nik: str) -> list[Left]:
    """What `nik` would leave without anybody: divisions and departments, by code."""
    records = await connection.fetch(
        """
        SELECT d.code, d.name, true AS is_division, d.kind = 'desk' AS is_desk,
               (SELECT count(*) FROM problem p
                 WHERE p.holder_division_code = d.code AND p.status IN ('reported', 'open', 'waiting', 'escalated')) AS problems
          FROM employee e JOIN division d ON d.code = ANY (e.divisions)
         WHERE e.nik = $1 AND e.active
           AND NOT EXISTS (SELECT FROM division_member m JOIN employee o ON o.nik = m.nik
                            WHERE m.division_code = d.code AND o.active AND o.nik <> e.nik)
        UNION ALL
        SELECT d.code, d.name, false, false, count(*)
          FROM problem p JOIN department d ON d.code = p.holder_department_code
         WHERE p.holder_pic_nik = $1 AND p.status IN ('open', 'waiting', 'escalated')
         GROUP BY d.code, d.name
         ORDER BY is_division DESC, code
        """,
        nik,
    )
    return read_rows(Left, records)


async def list_heirs(connection: Connection, nik: str) -> list[Division]:
    """The divisions that somebody other than `nik` is active in, and that are not being dissolved, the desk first."""
    records = await connection.fetch(
        """
        SELECT d.code, d.name FROM division d
         WHERE d.active AND EXISTS (SELECT FROM division_member m JOIN employee e ON e.nik = m.nik
                                     WHERE m.division_code = d.code AND e.active AND e.nik <> $1)
           AND NOT EXISTS (SELECT FROM job j WHERE j.kind = 'dissolution' AND j.arguments ->> 'kind' = 'division'
                                               AND j.arguments ->> 'code' = d.code AND j.parked_at IS NULL)
         ORDER BY d.kind <> 'desk', d.code
        """,
        nik,
    )
    return read_rows(Division, records)


async def let_go(connection: Connection, nik: str, heir: str, actor: str) -> bool:
    """Let an employee in no longer; what nobody else can act on goes to the division `heir`, or to the desk, in the same
    transaction. The database does that, ends the sessions and notes it. Raises LastOfDesk.

    False where that is too much for one: then a portion has gone, and a job goes on; they get in no more all the same.
    """
    await connection.execute("SELECT set_config('sih.heir', $1, true), set_config('sih.actor', $2, true)", heir, actor)
    try:
        done = await connection.fetchval("SELECT let_go($1, $2)", nik, PORTION)
    except IntegrityConstraintViolationError as error:
        if error.constraint_name != "desk_attended":
            raise
        raise LastOfDesk from error
    if not done:
        await enqueue_job(connection, DEPARTURE, {"nik": nik, "heir": heir, "actor": actor})
    return done


async def is_leaving(connection: Connection, nik: str) -> bool:
    """Whether a job is handing over what they leave."""
    return await connection.fetchval(
        "SELECT EXISTS (SELECT FROM job WHERE kind = $1 AND arguments ->> 'nik' = $2 AND parked_at IS NULL)",
        DEPARTURE,
        nik,
    )


async def forget_departure(connection: Connection, nik: str) -> None:
    """Nothing goes on by itself any more with what they leave, if no job is at it at this moment."""
    await connection.execute(
        """
        DELETE FROM job WHERE id IN (SELECT j.id FROM job j WHERE j.kind = $1 AND j.arguments ->> 'nik' = $2
                                        FOR UPDATE SKIP LOCKED)
        """,
        DEPARTURE,
        nik,
    )


async def list_unattended(connection: Connection, limit: int) -> Unattended:
    """The unfinished problems that nobody can act on, by number."""
    ids = [row["id"] for row in await connection.fetch("SELECT id FROM unattended_problems()")]
    return Unattended(len(ids), ids[:limit])


async def bring_home(connection: Connection, portion: int) -> int:
    """Give the desk at most `portion` of the problems that nobody can act on; how many it were."""
    return await connection.fetchval("SELECT bring_home($1)", portion)
