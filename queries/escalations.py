"""Escalation: passing a problem on to a division or to a department's PIC, and the answer to it."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from asyncpg import Connection, IntegrityConstraintViolationError

from queries.changes import Change, ProblemChanged, Receiver, changing
from queries.divisions import Division
from queries.rows import read_only_row, read_row, read_rows


class OtherDivision(NamedTuple):
    """Where an escalation outside IT goes; `held` if that division has the problem already."""

    code: str
    name: str
    held: bool


class Sender(NamedTuple):
    """Who passed a problem on: a division; or a department and its PIC."""

    division_code: str | None
    department_code: str | None
    pic_nik: str | None


async def list_it_divisions(connection: Connection, problem_id: int) -> list[Division]:
    """The IT divisions that a problem can be passed on to: all but the one that holds it."""
    records = await connection.fetch(
        """
        SELECT d.code, d.name FROM division d, problem p
         WHERE p.id = $1 AND d.kind = 'it' AND d.active AND d.code IS DISTINCT FROM p.holder_division_code
           AND is_attended(d.code, NULL, NULL)
         ORDER BY d.code
        """,
        problem_id,
    )
    return read_rows(Division, records)


async def get_other_division(connection: Connection, problem_id: int) -> OtherDivision:
    """The division that owns the problem's category, or the one for all others."""
    record = await connection.fetchrow(
        """
        SELECT d.code, d.name, d.code IS NOT DISTINCT FROM p.holder_division_code AS held
          FROM problem p JOIN division d ON d.code = other_division_for(p.category_code)
         WHERE p.id = $1
        """,
        problem_id,
    )
    return read_only_row(OtherDivision, record)


async def escalate_problem(connection: Connection, change: Change, data: Mapping[str, Any]) -> None:
    """open or waiting → escalated, to a division: of `kind` "it" the one that was chosen, of "other" that of the owner of the
    category. Raises as `changing` does.
    """
    division_code = data["division"] if data["kind"] == "it" else await _other_division(connection, change)
    async with changing(connection, change, data["reason"], receiver=Receiver(division_code)):
        await _pass_on(connection, change, data["kind"], division_code, None, None, data["reason"])


async def _other_division(connection: Connection, change: Change) -> str:
    return (await get_other_division(connection, change.problem_id)).code


async def escalate_to_pic(connection: Connection, change: Change, data: Mapping[str, Any]) -> None:
    """open or waiting → escalated, to a PIC of the department chosen, or else of the only one. Raises as `changing` does."""
    pic_nik, reason = data["pic"], data["reason"]
    async with changing(connection, change, reason, receiver=Receiver(pic_nik=pic_nik)):
        department_code = data["department"] or await _department_of(connection, pic_nik)
        await _pass_on(connection, change, "department", None, department_code, pic_nik, reason)


async def _department_of(connection: Connection, nik: str) -> str | None:
    """The department that a PIC of a single one is of."""
    return await connection.fetchval("SELECT min(department_code) FROM department_pic WHERE nik = $1", nik)


async def _pass_on(
    connection: Connection,
    change: Change,
    kind: str,
    division_code: str | None,
    department_code: str | None,
    pic_nik: str | None,
    reason: str,
) -> None:
    try:
        await connection.execute(
            """
            WITH sent AS (
                INSERT INTO escalation (problem_id, kind, from_division_code, from_department_code, from_pic_nik,
                                        to_division_code, to_department_code, to_pic_nik, reason, sent_at, sent_by_nik)
                SELECT p.id, $2, p.holder_division_code, p.holder_department_code, p.holder_pic_nik, $3, $4, $5, $6,
                       clock_timestamp(), $7
                  FROM problem p WHERE p.id = $1
                RETURNING *)
            UPDATE problem p SET status = 'escalated', holder_division_code = s.to_division_code,
                                 holder_department_code = s.to_department_code, holder_pic_nik = s.to_pic_nik
              FROM sent s WHERE p.id = $1
            """,
            change.problem_id,
            kind,
            division_code,
            department_code,
            pic_nik,
            reason,
            change.submission.nik,
        )
    except IntegrityConstraintViolationError as error:
        # The receiver was one when the form was read, and is none any more.
        raise ProblemChanged from error


async def accept_escalation(connection: Connection, change: Change, data: Mapping[str, Any]) -> None:
    """escalated → open: the receiver takes the problem. Raises as `changing` does."""
    async with changing(connection, change):
        if await _answer(connection, change, "accepted", None) is None:
            raise ProblemChanged
        await connection.execute("UPDATE problem SET status = 'open' WHERE id = $1", change.problem_id)


async def return_escalation(connection: Connection, change: Change, data: Mapping[str, Any]) -> None:
    """escalated → open: the receiver gives it back to who sent it. Raises as `changing` does."""
    await _end_at_sender(connection, change, "returned", data["reason"])


async def recall_escalation(connection: Connection, change: Change, data: Mapping[str, Any]) -> None:
    """escalated → open: who sent it takes it back. Raises as `changing` does."""
    await _end_at_sender(connection, change, "recalled", data["reason"])


async def take_over(connection: Connection, change: Change, data: Mapping[str, Any]) -> None:
    """Whoever holds it, the desk does now; what waits goes on, an escalation is answered by that. Raises as `changing` does."""
    async with changing(connection, change, data["reason"]):
        await _answer(connection, change, "taken over", data["reason"])
        await connection.execute(
            """
            UPDATE problem SET status = CASE WHEN status = 'reported' THEN status ELSE 'open' END,
                               holder_division_code = (SELECT code FROM division WHERE kind = 'desk'),
                               holder_department_code = NULL, holder_pic_nik = NULL
             WHERE id = $1
            """,
            change.problem_id,
        )


async def _end_at_sender(connection: Connection, change: Change, answer: str, reason: str) -> None:
    receiver = await _get_sender(connection, change.problem_id)
    async with changing(connection, change, reason, receiver=receiver):
        sender = await _answer(connection, change, answer, reason)
        if sender is None:
            raise ProblemChanged
        await connection.execute(
            """
            UPDATE problem SET status = 'open', holder_division_code = $2, holder_department_code = $3, holder_pic_nik = $4
             WHERE id = $1
            """,
            change.problem_id,
            *sender,
        )


async def _get_sender(connection: Connection, problem_id: int) -> Receiver | None:
    """Who would get a problem back that waits for an answer."""
    record = await connection.fetchrow(
        """
        SELECT from_division_code AS division_code, from_pic_nik AS pic_nik FROM escalation
         WHERE problem_id = $1 AND answer IS NULL
        """,
        problem_id,
    )
    return read_row(Receiver, record)


async def _answer(connection: Connection, change: Change, answer: str, reason: str | None) -> Sender | None:
    """Answer the waiting escalation; its sender. None if none waits."""
    record = await connection.fetchrow(
        """
        UPDATE escalation SET answer = $2, answer_reason = $3, answered_by_nik = $4,
                              answered_at = greatest(clock_timestamp(), sent_at + interval '1 microsecond')
         WHERE problem_id = $1 AND answer IS NULL
        RETURNING from_division_code AS division_code, from_department_code AS department_code, from_pic_nik AS pic_nik
        """,
        change.problem_id,
        answer,
        reason,
        change.submission.nik,
    )
    return read_row(Sender, record)
