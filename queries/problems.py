"""One problem, and a new one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from asyncpg import Connection

from formats.picture import Picture
from queries.changes import whole
from queries.draft_files import attach_files
from queries.employees import Employee
from queries.rows import read_row
from queries.submissions import Submission, refuse_recorded


class Problem(NamedTuple):
    """A problem as its page shows it. `age` is how long somebody has had it, `held_for` how long its present holder has, and
    `waited_for` how long of that it waited. `answer_due` is until when somebody may say whether what was closed is solved,
    `auto_confirmed` that nobody did. The owner is the division that owns the category, if that is active.

    `old_number` is that of the register that it comes from, if it does.

    `said` is the reason with which it was passed on or made to wait, and by whom and when; of what was closed, who closed it.

    How reporter and store are reached is told to handlers only.

    `rights` is what the viewer may do with it, whether its state admits that or not, `actions` what is possible now,
    `rights_then` what the rights were at the version that the viewer has seen.

    `has_photos` and the like say what there is to be read beside it: notes by whoever reads notes, drafts of the viewer's.
    `is_followed` is whether the viewer follows it.
    """

    id: int
    version: int
    status: str
    year: int
    reported_at: datetime
    changed_at: datetime
    confirmed_at: datetime | None
    auto_confirmed: bool
    answer_due: datetime | None
    title: str
    description: str
    category_code: str | None
    owner_code: str | None
    owner_kind: str | None
    impact: int | None
    urgency: int | None
    priority: int | None
    identification: str | None
    solution: str | None
    reporter_nik: str
    reporter: str
    reporter_phone: str | None
    reporter_email: str | None
    recorded_by_nik: str
    recorded_by: str
    store_code: str
    store: str
    store_phone: str | None
    time_zone: str
    asset: str | None
    category: str | None
    parent_category: str | None
    holder_division_code: str | None
    holder_division: str | None
    holder_department_code: str | None
    holder_department: str | None
    holder_pic_nik: str | None
    holder_pic: str | None
    assignee_nik: str | None
    assignee: str | None
    waiting_for: str | None
    waiting_until: datetime | None
    said: str | None
    said_at: datetime | None
    said_by: str | None
    said_by_unit: str | None
    age: timedelta
    held_for: timedelta | None
    waited_for: timedelta | None
    rights: list[str]
    actions: list[str]
    rights_then: list[str]
    has_photos: bool
    has_files: bool
    has_notes: bool
    has_drafts: bool
    is_followed: bool
    old_number: str | None

    @property
    def ended_before(self) -> bool:
        """Whether it had ended in the old register that it comes from: at `changed_at`, and nobody was asked."""
        return self.old_number is not None and self.status == "closed" and self.version == 1

    @property
    def shows_notes(self) -> bool:
        """Whether the viewer reads its notes."""
        return "note reading" in self.rights


async def get_problem(
    connection: Connection, viewer: Employee, problem_id: int, version_seen: int | None
) -> Problem | None:
    """A problem with all that its page shows; None outside the viewer's reach."""
    record = await connection.fetchrow(
        """
        SELECT p.id, p.version, p.status, p.year, p.reported_at, p.changed_at, p.confirmed_at,
               p.confirmed_at IS NOT NULL AND EXISTS (SELECT FROM event v WHERE v.problem_id = p.id AND v.version = p.version
                                                                            AND v.cause = 'auto-confirmed') AS auto_confirmed,
               CASE WHEN p.status = 'closed' AND p.confirmed_at IS NULL THEN answer_until(p.changed_at, p.store_code) END
                   AS answer_due, p.title, p.description, p.category_code, o.code AS owner_code, o.kind AS owner_kind,
               p.impact, p.urgency, p.priority, p.identification, p.solution, p.reporter_nik, r.name AS reporter,
               CASE WHEN 'handler' = ANY (e.scopes) THEN r.phone END AS reporter_phone,
               CASE WHEN 'handler' = ANY (e.scopes) THEN r.email END AS reporter_email, p.recorded_by_nik, b.name AS recorded_by,
               s.code AS store_code, s.name AS store,
               CASE WHEN 'handler' = ANY (e.scopes) THEN s.phone END AS store_phone, s.time_zone,
               coalesce(a.tag || ' — ' || a.name, p.asset_text) AS asset, c.name AS category, u.name AS parent_category,
               p.holder_division_code, d.name AS holder_division, p.holder_department_code, t.name AS holder_department,
               p.holder_pic_nik, i.name AS holder_pic, p.assignee_nik, w.name AS assignee, p.waiting_for, p.waiting_until,
               l.said, l.said_at, l.said_by, l.said_by_unit, h.age, h.held_for, h.waited_for, g.rights,
               ARRAY(SELECT a FROM unnest(g.rights) AS a WHERE a = ANY (admits(p))) AS actions,
               CASE WHEN $3 < p.version THEN rights(problem_at(p, $3), e) ELSE g.rights END AS rights_then,
               EXISTS (SELECT FROM photo f WHERE f.problem_id = p.id) AS has_photos,
               EXISTS (SELECT FROM file f WHERE f.problem_id = p.id) AS has_files,
               reads_notes(e) AND EXISTS (SELECT FROM note n WHERE n.problem_id = p.id) AS has_notes,
               EXISTS (SELECT FROM draft f WHERE f.nik = e.nik AND f.problem_id = p.id) AS has_drafts,
               EXISTS (SELECT FROM following f WHERE f.problem_id = p.id AND f.nik = e.nik) AS is_followed,
               (SELECT n.number FROM imported_problem n WHERE n.problem_id = p.id) AS old_number
          FROM problem p
          JOIN employee e ON e.nik = $2
          JOIN employee r ON r.nik = p.reporter_nik JOIN employee b ON b.nik = p.recorded_by_nik
          JOIN store s ON s.code = p.store_code
          LEFT JOIN asset a ON a.tag = p.asset_tag
          LEFT JOIN category c ON c.code = p.category_code LEFT JOIN category u ON u.code = c.parent_code
          LEFT JOIN division o ON o.code = c.division_code AND o.active LEFT JOIN division d ON d.code = p.holder_division_code
          LEFT JOIN department t ON t.code = p.holder_department_code
          LEFT JOIN employee i ON i.nik = p.holder_pic_nik LEFT JOIN employee w ON w.nik = p.assignee_nik
          LEFT JOIN LATERAL (
               SELECT v.note, v.at, y.name, nullif(array_to_string(y.divisions || y.departments, ', '), '')
                 FROM event v LEFT JOIN employee y ON y.nik = v.actor_nik
                WHERE v.problem_id = p.id AND p.status IN ('waiting', 'escalated', 'closed')
                  AND v.cause = CASE p.status WHEN 'waiting' THEN 'paused' ELSE p.status END
                ORDER BY v.seq DESC LIMIT 1) AS l (said, said_at, said_by, said_by_unit) ON true
         CROSS JOIN held(p.id) AS h CROSS JOIN rights(p, e) AS g (rights)
         WHERE p.id = $1 AND in_reach(p, e.sees_all, e.store_code, e.nik, e.area_code)
        """,
        *(problem_id, viewer.nik, version_seen),
    )
    return read_row(Problem, record)


@dataclass(frozen=True)
class Report:
    """What is reported: of the two ways to name the asset at most one."""

    reporter_nik: str
    title: str
    description: str
    asset_tag: str | None
    asset_text: str | None


class Reported(NamedTuple):
    """A problem that somebody has reported, for themselves or for a caller."""

    id: int
    title: str
    at: datetime
    time_zone: str


async def get_last_reported(connection: Connection, nik: str) -> Reported | None:
    """What the person has sent last within a day, of which the browser may hold the form still; of callers' problems, if it is
    among the last thousand."""
    record = await connection.fetchrow(
        """
        SELECT p.id, p.title, p.reported_at AS at, s.time_zone FROM problem p JOIN store s ON s.code = p.store_code
          JOIN employee e ON e.nik = p.recorded_by_nik AND in_reach(p, e.sees_all, e.store_code, e.nik, e.area_code)
         WHERE p.recorded_by_nik = $1 AND p.reported_at > now() - interval '1 day'
           AND p.id = ANY (ARRAY(SELECT q.id FROM problem q WHERE q.reporter_nik = $1 AND q.recorded_by_nik = $1
                                 UNION ALL
                                 SELECT q.id FROM (SELECT q.id, q.recorded_by_nik FROM problem q ORDER BY q.id DESC LIMIT 1000) q
                                  WHERE q.recorded_by_nik = $1))
         ORDER BY p.id DESC LIMIT 1
        """,
        nik,
    )
    return read_row(Reported, record)


async def insert_problem(
    connection: Connection,
    submission: Submission,
    report: Report,
    pictures: Sequence[Picture] = (),
    kept: Sequence[bytes] = (),
) -> int:
    """Record a report for its reporter, in the store of that person, in the custody of the desk, with its photos: those `kept`
    since it was sent before (digests), and `pictures`; its id.

    Raises AlreadyRecorded, KeyReused, FilesGone.
    """
    async with whole(connection, several=bool(kept or pictures)) as has_files:
        problem_id = await connection.fetchval(
            "SELECT report_problem($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            *submission.recorded,
            report.reporter_nik,
            report.title,
            report.description,
            report.asset_tag,
            report.asset_text,
            has_files,
        )
        if problem_id is None:
            await refuse_recorded(connection, submission)
        if has_files:
            await attach_files(connection, submission, problem_id, 1, kept, pictures)
        return problem_id
