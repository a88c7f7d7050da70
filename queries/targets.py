"""Targets (SLA): how soon problems are to be answered and solved, and how long a holder may have one."""

from collections.abc import Sequence

from asyncpg import Connection

from queries.masters import State
from queries.promise_renewal import enqueue_renewal


async def put_targets(connection: Connection, rows: Sequence[State]) -> None:
    """Targets as they are to be, new ones or not, each with all its fields and its code.

    Raises IntegrityConstraintViolationError of target_once, target_of_one, target_says_something, target_of_holder,
    target_in_order.
    """
    await connection.execute(
        """
        INSERT INTO target (code, name, priority, category_code, division_code, department_code, response, resolution, active)
        SELECT r.code, r.name, r.priority, r.category, r.division, r.department, r.response, r.resolution, r.active
          FROM jsonb_to_recordset($1) AS r (code text, name text, priority smallint, category text, division text,
                                            department text, response integer, resolution integer, active boolean)
            ON CONFLICT (code) DO UPDATE
           SET name = excluded.name, priority = excluded.priority, category_code = excluded.category_code,
               division_code = excluded.division_code, department_code = excluded.department_code, response = excluded.response,
               resolution = excluded.resolution, active = excluded.active
        """,
        rows,
    )
    await enqueue_renewal(connection)


async def put_steps(connection: Connection, rows: Sequence[State]) -> None:
    """The steps of alarms as they are to be, each with its name, whether it is active, and from which percentage on."""
    await connection.execute(
        """
        UPDATE target_step t SET name = r.name, percent = r.percent, active = r.active
          FROM jsonb_to_recordset($1) AS r (code text, name text, percent smallint, active boolean) WHERE t.step = r.code
        """,
        rows,
    )
