"""Changes of a problem by direct SQL, whole or broken, as no verb makes them: what the tests of schema.sql share."""

import asyncpg
import pytest
from asyncpg import Connection

IDENTIFIED = "category_code = 'NET-WIFI', impact = 1, urgency = 2, identification = 'Kabel'"

# How a row of `problem` looks in each state, whatever it was before.
STATES = {
    "reported": "status = 'reported', solution = NULL, confirmed_at = NULL",
    "open": f"status = 'open', solution = NULL, confirmed_at = NULL, {IDENTIFIED}",
    "escalated": f"status = 'escalated', solution = NULL, confirmed_at = NULL, {IDENTIFIED}",
    "closed": f"status = 'closed', solution = 'Diganti', confirmed_at = NULL, {IDENTIFIED}",
    "confirmed": f"status = 'closed', solution = 'Diganti', confirmed_at = now(), {IDENTIFIED}",
    "void": "status = 'void', solution = NULL, confirmed_at = NULL",
}
TO_NET = "holder_division_code = 'IT-NET'"
TO_DESK = "holder_division_code = 'HD'"
TO_PIC = "holder_division_code = NULL, holder_department_code = 'MNT', holder_pic_nik = '30001'"

REPORT = """
    INSERT INTO problem (reporter_nik, recorded_by_nik, store_code, title, description, holder_division_code)
    VALUES ('10001', '10001', 'T01', 'Printer mati', 'Sejak pagi', 'HD') RETURNING id"""
EVENT = """
    INSERT INTO event (problem_id, at, actor_nik, cause, version, note)
    SELECT id, changed_at, '20001', $2, version, 'Sebab' FROM problem WHERE id = $1"""
END = """
    UPDATE custody c SET during = tstzrange(lower(during), p.changed_at)
      FROM problem p WHERE p.id = $1 AND c.problem_id = p.id AND upper_inf(during)"""
BEGIN = """
    INSERT INTO custody (problem_id, during, division_code, department_code, pic_nik)
    SELECT id, tstzrange(changed_at, NULL), holder_division_code, holder_department_code, holder_pic_nik
      FROM problem WHERE id = $1"""
SEND = """
    INSERT INTO escalation (problem_id, kind, from_division_code, to_division_code, reason, sent_at, sent_by_nik)
    VALUES ($1, 'it', 'HD', 'IT-NET', 'Perlu ahli', clock_timestamp(), '20001')"""
ANSWER = """
    UPDATE escalation SET answer = 'accepted', answered_at = clock_timestamp(), answered_by_nik = '20003'
     WHERE problem_id = $1 AND answer IS NULL"""

# Statements for whatever a test wants to be refused, or not.
LATE = "INSERT INTO event (problem_id, seq, actor_nik, cause, version, note) VALUES"
SESSION = "INSERT INTO session (nik, id_hash) VALUES"
PASS = """INSERT INTO escalation (problem_id, sent_at, sent_by_nik, reason, kind, from_division_code, from_department_code,
          from_pic_nik, to_division_code, to_department_code, to_pic_nik) VALUES"""
WRITE = """INSERT INTO problem (reporter_nik, recorded_by_nik, store_code, holder_division_code, title, description,
           asset_tag, asset_text) VALUES ('10001', '10001', 'T01', 'HD', """
MOVE = "UPDATE problem SET status = 'escalated', "


async def report(connection: Connection) -> int:
    """A problem as it is reported."""
    async with connection.transaction():
        problem_id = await connection.fetchval(REPORT)
        await connection.execute(EVENT, problem_id, "reported")
        await connection.execute(BEGIN, problem_id)
    return problem_id


async def change(connection: Connection, problem_id: int, columns: str, cause: str, *also: str) -> None:
    """One transaction: the columns, the event (none if `cause` is empty), and what else goes with them."""
    async with connection.transaction():
        await connection.execute(f"UPDATE problem SET {columns} WHERE id = $1", problem_id)
        if cause:
            await connection.execute(EVENT, problem_id, cause)
        for statement in also:
            await connection.execute(statement, problem_id)


def refused(words: str | None = None):
    """A guard of the schema refuses what is done in this block, and says so in these words."""
    return pytest.raises(asyncpg.IntegrityConstraintViolationError, match=words)
