"""Whether what is noted of master data is what there is, and what its changes say."""

from typing import NamedTuple

from asyncpg import Connection

from queries.rows import read_rows


class Checked(NamedTuple):
    """A record of the master data: whether it `is_present`, as the tables have it, and `is_noted`, as its changes say."""

    kind: str
    code: str
    is_present: bool
    is_noted: bool


async def list_checked(connection: Connection, after: tuple[str, str], limit: int) -> list[Checked]:
    """Each record in order, `limit` of them after the one of this kind and code.

    The first version of a record that is older than the history has no change; each later one has its own, and what they say
    last of a field is what it is.
    """
    records = await connection.fetch(
        """
        SELECT r.kind, r.code, coalesce(r.state = master_state(r.kind, r.code), false) AS is_present,
               CASE WHEN n.last IS NULL THEN r.version = 1
                    ELSE n.last = r.version AND n.first <= 2 AND n.changes = n.last - n.first + 1 AND r.state || n.said = r.state
               END AS is_noted
          FROM (SELECT * FROM master_record WHERE (kind, code) > ($1, $2) ORDER BY kind, code LIMIT $3) r,
               LATERAL (SELECT min(c.version) AS first, max(c.version) AS last, count(DISTINCT c.version) AS changes,
                               coalesce(jsonb_object_agg(f.key, f.value ORDER BY c.version) FILTER (WHERE f.key IS NOT NULL),
                                        '{}') AS said
                          FROM master_change c LEFT JOIN LATERAL jsonb_each(c.after) f ON true
                         WHERE c.kind = r.kind AND c.code = r.code) n
         ORDER BY r.kind, r.code
        """,
        *after,
        limit,
    )
    return read_rows(Checked, records)


async def list_unrecorded(connection: Connection) -> list[tuple[str, str]]:
    """What there is no record of, by kind and code."""
    records = await connection.fetch(
        """
        SELECT kind, code FROM (
            SELECT 'employee' AS kind, nik AS code FROM employee UNION ALL
            SELECT 'store', code FROM store UNION ALL
            SELECT 'area', code FROM area UNION ALL
            SELECT 'division', code FROM division UNION ALL
            SELECT 'department', code FROM department UNION ALL
            SELECT 'category', code FROM category UNION ALL
            SELECT 'asset', tag FROM asset UNION ALL
            SELECT 'template', code FROM template UNION ALL
            SELECT 'calendar', code FROM calendar UNION ALL
            SELECT 'holiday', date::text FROM holiday UNION ALL
            SELECT 'target', code FROM target UNION ALL
            SELECT 'target_step', step FROM target_step) t
         WHERE NOT EXISTS (SELECT FROM master_record r WHERE r.kind = t.kind AND r.code = t.code)
         ORDER BY kind, code
        """
    )
    return [(record["kind"], record["code"]) for record in records]
