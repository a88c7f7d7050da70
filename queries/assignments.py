"""Assignment: who of the division that holds a problem works on it."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from asyncpg import Connection, IntegrityConstraintViolationError

from queries.changes import Change, ProblemChanged, changing
from queries.rows import read_rows


class Member(NamedTuple):
    """Who can be chosen, with the division. `load` is the number of unfinished problems that are assigned to them."""

    division_code: str
    division: str
    nik: str
    name: str
    load: int


async def list_members(connection: Connection, problem_ids: Sequence[int]) -> list[Member]:
    """Whom any of these problems could be assigned to, by division and name."""
    records = await connection.fetch(
        """
        SELECT d.code AS division_code, d.name AS division, e.nik, e.name,
               (SELECT count(*) FROM problem a WHERE a.assignee_nik = e.nik AND a.status IN ('open', 'waiting')) AS load
          FROM (SELECT DISTINCT ON (p.holder_division_code) p AS held FROM problem p
                 WHERE p.id = ANY ($1) AND p.holder_division_code IS NOT NULL) h
          JOIN division d ON d.code = (h.held).holder_division_code
          JOIN division_member m ON m.division_code = d.code
          JOIN employee e ON e.nik = m.nik AND is_assignable(h.held, e)
         ORDER BY d.code, lower(e.name) COLLATE "C", e.nik
        """,
        problem_ids,
    )
    return read_rows(Member, records)


async def assign_problem(connection: Connection, change: Change, data: Mapping[str, Any]) -> None:
    """Hand it to a colleague of the division that holds it; the reason may be left out. Raises as `changing` does."""
    await _assign(connection, change, data["assignee"], data["reason"])


async def take_problem(connection: Connection, change: Change, data: Mapping[str, Any]) -> None:
    """Say "I have it". Raises as `changing` does."""
    await _assign(connection, change, change.submission.nik, None)


async def _assign(connection: Connection, change: Change, nik: str, reason: str | None) -> None:
    async with connection.transaction():
        # Before the problem, as by who changes a person: that they leave comes before this, or after it and takes it from them.
        await connection.execute("SELECT FROM employee WHERE nik = $1 FOR SHARE", nik)
        async with changing(connection, change, reason):
            try:
                await connection.execute("UPDATE problem SET assignee_nik = $2 WHERE id = $1", change.problem_id, nik)
            except IntegrityConstraintViolationError as error:
                # A colleague when the form was read, and none any more; or whose it is already.
                raise ProblemChanged from error
