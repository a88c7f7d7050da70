"""Escalation: passing a problem on to a division or to a department's PIC, and the answer to it."""

from asyncpg import Connection, IntegrityConstraintViolationError, Record

from queries.changes import Change, ProblemChanged, changing


async def list_it_divisions(connection: Connection, problem_id: int) -> list[tuple[str, str]]:
    """(code, name) of the IT divisions that a problem can be passed on to: all but the one that holds it."""
    rows = await connection.fetch(
        """
        SELECT d.code, d.name FROM division d, problem p
         WHERE p.id = $1 AND d.kind = 'it' AND d.active AND d.code IS DISTINCT FROM p.holder_division_code
         ORDER BY d.code
        """,
        problem_id,
    )
    return [tuple(row) for row in rows]


async def get_other_division(connection: Connection, problem_id: int) -> Record:
    """Where an escalation outside IT goes: (code, name, held), `held` if that division has the problem already."""
    return await connection.fetchrow(
        """
        SELECT d.code, d.name, d.code IS NOT DISTINCT FROM p.holder_division_code AS held
          FROM problem p JOIN division d ON d.code = other_division_for(p.category_code)
         WHERE p.id = $1
        """,
        problem_id,
    )


async def escalate_to_division(
    connection: Connection, change: Change, kind: str, division_code: str, reason: str
) -> None:
    """open → escalated, to a division of `kind` ("it" or "other"). Raises as `changing` does."""
    async with changing(connection, change, "escalation", "escalated", reason):
        await _insert_escalation(connection, change, kind, division_code, None, None, reason)
        await connection.execute(
            """
            UPDATE problem SET status = 'escalated', holder_division_code = $2, holder_department_code = NULL,
                               holder_pic_nik = NULL
             WHERE id = $1
            """,
            change.problem_id,
            division_code,
        )


async def escalate_to_pic(connection: Connection, change: Change, pic_nik: str, reason: str) -> None:
    """open → escalated, to a PIC and the department of which the person is one. Raises as `changing` does."""
    async with changing(connection, change, "escalation", "escalated", reason):
        department_code = await connection.fetchval("SELECT department_code FROM employee WHERE nik = $1", pic_nik)
        await _insert_escalation(connection, change, "department", None, department_code, pic_nik, reason)
        await connection.execute(
            """
            UPDATE problem SET status = 'escalated', holder_division_code = NULL, holder_department_code = $2,
                               holder_pic_nik = $3
             WHERE id = $1
            """,
            change.problem_id,
            department_code,
            pic_nik,
        )


async def _insert_escalation(
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
            INSERT INTO escalation (problem_id, kind, from_division_code, from_department_code, from_pic_nik,
                                    to_division_code, to_department_code, to_pic_nik, reason, sent_at, sent_by_nik)
            SELECT p.id, $2, p.holder_division_code, p.holder_department_code, p.holder_pic_nik, $3, $4, $5, $6,
                   clock_timestamp(), $7
              FROM problem p WHERE p.id = $1
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


async def accept_escalation(connection: Connection, change: Change) -> None:
    """escalated → open: the receiver takes the problem. Raises as `changing` does."""
    async with changing(connection, change, "answer", "accepted"):
        await _answer(connection, change, "accepted", None)
        await connection.execute("UPDATE problem SET status = 'open' WHERE id = $1", change.problem_id)


async def return_escalation(connection: Connection, change: Change, reason: str) -> None:
    """escalated → open, back in the hands of who sent it. Raises as `changing` does."""
    async with changing(connection, change, "answer", "returned", reason):
        sender = await _answer(connection, change, "returned", reason)
        await connection.execute(
            """
            UPDATE problem SET status = 'open', holder_division_code = $2, holder_department_code = $3, holder_pic_nik = $4
             WHERE id = $1
            """,
            change.problem_id,
            *sender,
        )


async def _answer(connection: Connection, change: Change, answer: str, reason: str | None) -> Record:
    """Answer the waiting escalation; its sender as (division, department, PIC)."""
    sender = await connection.fetchrow(
        """
        UPDATE escalation SET answer = $2, answer_reason = $3, answered_by_nik = $4,
                              answered_at = greatest(clock_timestamp(), sent_at + interval '1 microsecond')
         WHERE problem_id = $1 AND answer IS NULL
        RETURNING from_division_code, from_department_code, from_pic_nik
        """,
        change.problem_id,
        answer,
        reason,
        change.submission.nik,
    )
    if sender is None:
        raise ProblemChanged
    return sender
