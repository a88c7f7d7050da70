"""The list of problems as it is exported: all that one may know of each, but for what only handlers read."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from asyncpg import Connection

from queries.employees import Reach
from queries.rows import read_rows


class Exported(NamedTuple):
    """A problem in an export; its moments are local times of the zone that was asked for. `age` is what the list says."""

    id: int
    reported_at: datetime
    store_code: str
    store: str
    reporter: str
    title: str
    category: str | None
    status: str
    holder_code: str
    holder: str
    assignee: str | None
    due_at: datetime | None
    age: timedelta
    priority: int | None
    description: str
    asset: str | None
    impact: int | None
    urgency: int | None
    identification: str | None
    solution: str | None
    waiting_for: str | None
    waiting_until: datetime | None
    opened_at: datetime | None
    closed_at: datetime | None
    confirmed_at: datetime | None
    changed_at: datetime


async def list_exported(connection: Connection, viewer: Reach, ids: Sequence[int], time_zone: str) -> list[Exported]:
    """What an export says of `ids`, in their order; of what is out of reach nothing."""
    records = await connection.fetch(
        """
        SELECT p.id, p.reported_at AT TIME ZONE $5 AS reported_at, s.code AS store_code, s.name AS store, r.name AS reporter,
               p.title, c.name AS category, p.status,
               coalesce(p.holder_division_code, p.holder_department_code) AS holder_code, coalesce(i.name, d.name) AS holder,
               w.name AS assignee, p.due_at AT TIME ZONE $5 AS due_at,
               (SELECT sum(coalesce(upper(k.during), now()) - lower(k.during)) FROM custody k WHERE k.problem_id = p.id) AS age,
               p.priority, p.description, coalesce(a.tag || ' — ' || a.name, p.asset_text) AS asset,
               p.impact, p.urgency, p.identification, p.solution, p.waiting_for,
               p.waiting_until AT TIME ZONE $5 AS waiting_until, v.opened_at AT TIME ZONE $5 AS opened_at,
               CASE WHEN p.status = 'closed' THEN v.closed_at AT TIME ZONE $5 END AS closed_at,
               p.confirmed_at AT TIME ZONE $5 AS confirmed_at, p.changed_at AT TIME ZONE $5 AS changed_at
          FROM problem p
          JOIN store s ON s.code = p.store_code
          JOIN employee r ON r.nik = p.reporter_nik
          LEFT JOIN asset a ON a.tag = p.asset_tag
          LEFT JOIN category c ON c.code = p.category_code
          LEFT JOIN division d ON d.code = p.holder_division_code
          LEFT JOIN employee i ON i.nik = p.holder_pic_nik
          LEFT JOIN employee w ON w.nik = p.assignee_nik
         CROSS JOIN LATERAL (
               SELECT min(CASE e.cause WHEN 'imported' THEN p.reported_at ELSE e.at END)
                          FILTER (WHERE e.cause = 'opened' OR (e.cause = 'imported' AND e.after ? 'category')) AS opened_at,
                      max(CASE e.cause WHEN 'imported' THEN (e.after ->> 'confirmed_at')::timestamptz ELSE e.at END)
                          FILTER (WHERE e.cause = 'closed' OR (e.cause = 'imported' AND e.after ? 'solution')) AS closed_at
                 FROM event e WHERE e.problem_id = p.id) v
         WHERE p.id = ANY ($4) AND in_reach(p, $1, $2, $3, $6)
         ORDER BY array_position($4::bigint[], p.id)
        """,
        viewer.sees_all,
        viewer.store_code,
        viewer.nik,
        ids,
        time_zone,
        viewer.area_code,
    )
    return read_rows(Exported, records)
