"""What hangs on one of the master data, and where it goes when that is deactivated (reassignment). Nothing is deleted."""

from collections.abc import Awaitable, Callable
from typing import NamedTuple

from asyncpg import Connection

from queries.departments import put_departments
from queries.divisions import put_divisions
from queries.employees import lock_employees
from queries.jobs import enqueue_job
from queries.masters import get_present_state, hold_kinds

DISSOLUTION = "dissolution"  # the kind of the job that goes on with what is too much for one transaction
PORTION = 500  # problems that are handed over in one


class Hanging(NamedTuple):
    """How many of a kind name one of the master data: `employee`, `asset`, `area`, `store`, `manager`, `member`, `pic`,
    `problem` (unfinished ones that it holds), `category`, `template`, `use` (divisions, areas and stores of a calendar)."""

    kind: str
    number: int


async def list_hanging(connection: Connection, kind: str, code: str) -> list[Hanging]:
    """What hangs on one, active or not; of its problems only how many there are."""
    records = await connection.fetch(
        """
        SELECT h.kind, h.count FROM (
            SELECT 1 AS place, 'employee' AS kind, count(*) AS count FROM employee e WHERE $1 = 'store' AND e.store_code = $2
            UNION ALL SELECT 2, 'asset', count(*) FROM asset a WHERE $1 = 'store' AND a.store_code = $2
            UNION ALL SELECT 3, 'area', count(*) FROM area a WHERE $1 = 'area' AND a.parent_code = $2
            UNION ALL SELECT 4, 'store', count(*) FROM store s WHERE $1 = 'area' AND s.area_code = $2
            UNION ALL SELECT 5, 'manager', count(*) FROM employee e WHERE $1 = 'area' AND e.area_code = $2
            UNION ALL SELECT 6, 'member', count(*) FROM division_member m WHERE $1 = 'division' AND m.division_code = $2
            UNION ALL SELECT 7, 'pic', count(*) FROM department_pic m WHERE $1 = 'department' AND m.department_code = $2
            UNION ALL SELECT 8, 'problem', count(*) FROM problem p
                       WHERE $1 = 'division' AND p.holder_division_code = $2
                         AND p.status IN ('reported', 'open', 'waiting', 'escalated')
            UNION ALL SELECT 8, 'problem', count(*) FROM problem p
                       WHERE $1 = 'department' AND p.holder_department_code = $2
                         AND p.status IN ('open', 'waiting', 'escalated')
            UNION ALL SELECT 9, 'category', count(*) FROM category c WHERE $1 = 'division' AND c.division_code = $2
            UNION ALL SELECT 9, 'category', count(*) FROM category c WHERE $1 = 'category' AND c.parent_code = $2
            UNION ALL SELECT 10, 'template', count(*) FROM template t WHERE $1 = 'division' AND t.division_code = $2
            UNION ALL SELECT 10, 'template', count(*) FROM template t WHERE $1 = 'department' AND t.department_code = $2
            UNION ALL SELECT 11, 'use', count(*) FROM calendar_use u WHERE $1 = 'calendar' AND u.calendar_code = $2
        ) h WHERE h.count > 0 ORDER BY h.place
        """,
        kind,
        code,
    )
    return [Hanging(*record) for record in records]


async def list_hanging_people(connection: Connection, kind: str, code: str) -> list[str]:
    """The NIKs of the people who hang on one: they are locked before all else."""
    records = await connection.fetch(
        """
        SELECT e.nik FROM employee e WHERE ($1 = 'store' AND e.store_code = $2) OR ($1 = 'area' AND e.area_code = $2)
        UNION SELECT m.nik FROM division_member m WHERE $1 = 'division' AND m.division_code = $2
        UNION SELECT m.nik FROM department_pic m WHERE $1 = 'department' AND m.department_code = $2
        """,
        kind,
        code,
    )
    return [nik for (nik,) in records]


async def list_at_or_below(connection: Connection, kind: str, code: str) -> list[str]:
    """One of a tree (area, category) and those below it: none of them can take what hangs on it."""
    records = await connection.fetch(
        """
        WITH RECURSIVE below (code) AS (
            VALUES ($2) UNION
            SELECT r.code FROM below b JOIN master_record r ON r.kind = $1 AND r.state ->> 'parent' = b.code)
        SELECT code FROM below
        """,
        kind,
        code,
    )
    return [below for (below,) in records]


async def pass_on(connection: Connection, kind: str, code: str, heir: str, actor: str) -> bool:
    """What hangs on one goes to `heir`: another of its kind; of a department a division. False where that is too much for one
    transaction: then a portion has gone, and a job goes on.

    Raises IntegrityConstraintViolationError of tree_has_no_loop.
    """
    await connection.execute(
        "SELECT set_config('sih.heir', $1, true), set_config('sih.actor', $2, true), set_config('sih.cause', $3, true)",
        heir,
        actor,
        f"deactivation {code} {heir}" if heir else "form",
    )
    if kind not in HOLDERS:
        await _MOVES[kind](connection, code, heir)
        return True
    await connection.execute(
        "SELECT FROM division WHERE code = ANY ($1) ORDER BY code FOR NO KEY UPDATE", sorted({code, heir})
    )
    if await HOLDERS[kind](connection, code, heir, actor) < PORTION:
        await _MOVES[kind](connection, code, heir)
        return True
    await enqueue_job(connection, DISSOLUTION, {"kind": kind, "code": code, "heir": heir, "actor": actor})
    return False


async def dissolve(connection: Connection, kind: str, code: str, heir: str, actor: str) -> None:
    """Go on with that, by another portion; a division or department that holds nothing any more is no longer active."""
    await hold_kinds(connection, [kind, *MOVED[kind]])
    await lock_employees(connection, await list_hanging_people(connection, kind, code))
    if await pass_on(connection, kind, code, heir, actor):
        put = put_divisions if kind == "division" else put_departments
        await put(connection, [await get_present_state(connection, kind, code) | {"active": False}])


async def is_dissolving(connection: Connection, kind: str, code: str) -> bool:
    """Whether a job is handing over what it holds."""
    return await connection.fetchval(
        """
        SELECT EXISTS (SELECT FROM job WHERE kind = $1 AND arguments ->> 'kind' = $2 AND arguments ->> 'code' = $3
                          AND parked_at IS NULL)
        """,
        DISSOLUTION,
        kind,
        code,
    )


async def is_inheriting(connection: Connection, division_code: str) -> bool:
    """Whether a job is handing over to a division what another one, or a department, holds."""
    return await connection.fetchval(
        "SELECT EXISTS (SELECT FROM job WHERE kind = $1 AND arguments ->> 'heir' = $2 AND parked_at IS NULL)",
        DISSOLUTION,
        division_code,
    )


async def _hand_over_of_division(connection: Connection, code: str, heir: str, actor: str) -> int:
    return await connection.fetchval(
        """
        SELECT count(hand_over(p.id, $2, $3)) FROM (
            SELECT id FROM problem
             WHERE holder_division_code = $1 AND status IN ('reported', 'open', 'waiting', 'escalated')
             ORDER BY id LIMIT $4 FOR NO KEY UPDATE) p
        """,
        code,
        heir,
        actor,
        PORTION,
    )


async def _hand_over_of_department(connection: Connection, code: str, heir: str, actor: str) -> int:
    return await connection.fetchval(
        """
        SELECT count(hand_over(p.id, $2, $3)) FROM (
            SELECT id FROM problem WHERE holder_department_code = $1 AND status IN ('open', 'waiting', 'escalated')
             ORDER BY id LIMIT $4 FOR NO KEY UPDATE) p
        """,
        code,
        heir,
        actor,
        PORTION,
    )


async def _move_from_store(connection: Connection, code: str, heir: str) -> None:
    await connection.execute("UPDATE employee SET store_code = $2 WHERE store_code = $1", code, heir)
    await connection.execute("UPDATE asset SET store_code = $2 WHERE store_code = $1", code, heir)


async def _move_from_area(connection: Connection, code: str, heir: str) -> None:
    await connection.execute("UPDATE area SET parent_code = $2 WHERE parent_code = $1", code, heir)
    await connection.execute("UPDATE store SET area_code = $2 WHERE area_code = $1", code, heir)
    await connection.execute("UPDATE employee SET area_code = $2 WHERE area_code = $1", code, heir)


async def _move_from_category(connection: Connection, code: str, heir: str) -> None:
    await connection.execute("UPDATE category SET parent_code = $2 WHERE parent_code = $1", code, heir)


async def _move_from_division(connection: Connection, code: str, heir: str) -> None:
    """Its members are members of the heir before they leave, so that what is still held is not nobody's."""
    await connection.execute(
        """
        INSERT INTO division_member (nik, division_code) SELECT m.nik, $2 FROM division_member m WHERE m.division_code = $1
            ON CONFLICT DO NOTHING
        """,
        code,
        heir,
    )
    await connection.execute("DELETE FROM division_member WHERE division_code = $1", code)
    await connection.execute("UPDATE category SET division_code = $2 WHERE division_code = $1", code, heir)
    await connection.execute("UPDATE template SET division_code = $2 WHERE division_code = $1", code, heir)


async def _move_from_department(connection: Connection, code: str, heir: str) -> None:
    """Its PICs are PICs of it no longer, and of nothing instead; its texts are the division's."""
    await connection.execute("DELETE FROM department_pic WHERE department_code = $1", code)
    await connection.execute(
        "UPDATE template SET division_code = $2, department_code = NULL WHERE department_code = $1", code, heir
    )


async def _move_from_calendar(connection: Connection, code: str, heir: str) -> None:
    await connection.execute("UPDATE calendar_use SET calendar_code = $2 WHERE calendar_code = $1", code, heir)


async def _move_nothing(connection: Connection, code: str, heir: str) -> None:
    pass


# The kinds that hold problems, which are handed over first.
HOLDERS: dict[str, Callable[[Connection, str, str, str], Awaitable[int]]] = {
    "division": _hand_over_of_division,
    "department": _hand_over_of_department,
}
# The kinds of which some may hang on one of a kind, and change with it; `division` is that of the heir.
MOVED: dict[str, tuple[str, ...]] = {
    "store": ("employee", "asset"),
    "area": ("store", "employee"),
    "division": ("employee", "category", "template"),
    "department": ("employee", "template", "division"),
}
_MOVES: dict[str, Callable[[Connection, str, str], Awaitable[None]]] = {
    "store": _move_from_store,
    "area": _move_from_area,
    "category": _move_from_category,
    "division": _move_from_division,
    "department": _move_from_department,
    "calendar": _move_from_calendar,
    **dict.fromkeys(("asset", "template", "holiday", "target", "target_step"), _move_nothing),
}
