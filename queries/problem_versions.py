"""What stands on the page of a problem, in one text: whoever has seen that much need not be shown it again."""

from asyncpg import Connection

from queries.employees import Employee
from queries.presence import LASTS


async def get_problem_version(connection: Connection, viewer: Employee, problem_id: int) -> str | None:
    """What the page shows to the viewer: first the numbers of the problem's version, of its last event and, for whoever reads
    notes, of the last note, with dots between; then whether the viewer follows it; then a line for each other handler who is
    there, with the form that they fill in.

    None outside of the viewer's reach, where the page shows a draft, of which anything may have changed, and where the viewer was
    told of something that they read by looking.
    """
    return await connection.fetchval(
        """
        SELECT concat_ws(E'\n',
                   concat_ws('.', p.version, (SELECT max(v.seq) FROM event v WHERE v.problem_id = p.id),
                       CASE WHEN reads_notes(e) THEN coalesce((SELECT max(n.seq) FROM note n WHERE n.problem_id = p.id), 0) END),
                   coalesce((SELECT 'followed' FROM following f WHERE f.problem_id = p.id AND f.nik = e.nik), ''),
                   CASE WHEN reads_notes(e) THEN
                       (SELECT string_agg(concat_ws(':', w.name, o.editing), E'\n' ORDER BY o.editing IS NULL, o.since, o.nik)
                          FROM presence o JOIN employee w ON w.nik = o.nik AND w.active AND 'handler' = ANY (w.scopes)
                         WHERE o.problem_id = p.id AND o.nik <> e.nik
                           AND o.seen_at > now() - make_interval(secs => $3)) END)
          FROM problem p JOIN employee e ON e.nik = $2
         WHERE p.id = $1 AND in_reach(p, e.sees_all, e.store_code, e.nik, e.area_code)
           AND NOT EXISTS (SELECT FROM draft f WHERE f.nik = e.nik AND f.problem_id = p.id)
           AND NOT EXISTS (SELECT FROM notification t WHERE t.nik = e.nik AND t.problem_id = p.id AND t.read_at IS NULL)
        """,
        problem_id,
        viewer.nik,
        float(LASTS),
    )
