"""Notifications: what people were told, and whether they have read it."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from asyncpg import Connection

from queries.mails import Mail
from queries.rows import read_rows

KEPT = timedelta(days=180)
PORTION = 5000  # that are forgotten at once
SHOWN, MAILED = 200, 2000  # characters of what was written


class Notification(NamedTuple):
    """What somebody was told of a problem, with the names that its sentence needs, as in queries.events.Event. Nobody is the
    actor of an alarm, which says that so many `percent` of the target of a `clock` were used. `text` is how what was written
    begins."""

    id: int
    problem_id: int
    title: str
    kind: str
    at: datetime
    time_zone: str
    is_unread: bool
    event_seq: int | None
    note_seq: int | None
    cause: str | None
    text: str | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    actor_nik: str | None
    actor: str | None
    actor_unit: str | None
    reporter_nik: str
    reporter: str
    division_code: str | None
    division: str | None
    department_code: str | None
    department: str | None
    pic: str | None
    pic_before: str | None
    assignee: str | None
    assignee_before: str | None
    waiting_until: datetime | None
    category_code: str | None
    category: str | None
    clock: str | None
    percent: int | None


async def list_notifications(
    connection: Connection, nik: str, limit: int, before: int | None = None
) -> list[Notification]:
    """What `nik` was told, of what they still see, the newest first; or what came `before` the one of that number."""
    return await _list(connection, nik, limit, before)


async def _list(
    connection: Connection, nik: str, limit: int, before: int | None = None, mail: Mail | None = None
) -> list[Notification]:
    records = await connection.fetch(
        """
        SELECT n.id, n.problem_id, p.title, n.kind, n.at, s.time_zone, n.read_at IS NULL AS is_unread, n.event_seq, n.note_seq,
               v.cause, left(coalesce(v.note, v.after ->> 'solution', m.text), $4) AS text, v.before, v.after,
               a.nik AS actor_nik, a.name AS actor, nullif(array_to_string(a.divisions || a.departments, ', '), '') AS actor_unit,
               p.reporter_nik, r.name AS reporter,
               d.code AS division_code, d.name AS division, t.code AS department_code, t.name AS department, i.name AS pic,
               o.name AS pic_before, w.name AS assignee, x.name AS assignee_before,
               (v.after ->> 'waiting_until')::timestamptz AS waiting_until, c.code AS category_code, c.name AS category,
               l.clock, l.percent
          FROM notification n
          JOIN problem p ON p.id = n.problem_id
          JOIN employee e ON e.nik = n.nik AND may_know(p, e, n.note_seq IS NOT NULL)
          JOIN employee r ON r.nik = p.reporter_nik
          JOIN store s ON s.code = p.store_code
          LEFT JOIN event v ON v.problem_id = n.problem_id AND v.seq = n.event_seq
          LEFT JOIN note m ON m.problem_id = n.problem_id AND m.seq = n.note_seq
          LEFT JOIN target_alarm l ON l.problem_id = n.problem_id AND alarm_name(l) = n.alarm
          LEFT JOIN employee a ON a.nik = coalesce(v.actor_nik, m.author_nik)
          LEFT JOIN division d ON d.code = v.after ->> 'division'
          LEFT JOIN department t ON t.code = v.after ->> 'department'
          LEFT JOIN employee i ON i.nik = v.after ->> 'pic'
          LEFT JOIN employee o ON o.nik = v.before ->> 'pic'
          LEFT JOIN employee w ON w.nik = v.after ->> 'assignee'
          LEFT JOIN employee x ON x.nik = v.before ->> 'assignee'
          LEFT JOIN category c ON c.code = v.after ->> 'category'
         WHERE n.nik = $1 AND n.id < coalesce($2, 9223372036854775807)
           AND ($5::bigint IS NULL
                OR n.id >= $5 AND n.read_at IS NULL AND n.in_summary = ($6::bigint IS NULL)
                   AND ($6::bigint IS NULL OR n.problem_id = $6)
                   AND NOT EXISTS (SELECT FROM profile w WHERE w.nik = n.nik AND n.kind = ANY (w.silent)))
         ORDER BY n.id DESC LIMIT $3
        """,
        nik,
        before,
        limit,
        MAILED if mail else SHOWN,
        mail and mail.first_id,
        mail and mail.problem_id,
    )
    return read_rows(Notification, records)


async def list_mailed(connection: Connection, mail: Mail, limit: int) -> list[Notification]:
    """What stands in a mail at this moment, in its order: of what was told for it, what was not read since, what its receiver
    still sees, and still wants to be told."""
    return await _list(connection, mail.nik, limit, mail.last_id + 1, mail)


async def read_notifications_of(connection: Connection, nik: str, problem_id: int) -> int:
    """`nik` has opened the problem, and so read what they were told of it; how many that were.

    Who is being told, or reads elsewhere, at this moment is not waited for: it is read when it is opened again.
    """
    rows = await connection.fetch(
        """
        WITH own AS MATERIALIZED (SELECT u.nik FROM unread u WHERE u.nik = $1 FOR UPDATE SKIP LOCKED)
        UPDATE notification n SET read_at = now() FROM own
         WHERE n.nik = own.nik AND n.problem_id = $2 AND n.read_at IS NULL RETURNING 1
        """,
        nik,
        problem_id,
    )
    return len(rows)


async def read_notifications(connection: Connection, nik: str, last: int | None) -> None:
    """`nik` has read everything, up to the `last` one that was shown, if that is known."""
    await connection.execute("SELECT FROM unread WHERE nik = $1 FOR UPDATE", nik)
    await connection.execute(
        """
        UPDATE notification SET read_at = now()
         WHERE nik = $1 AND read_at IS NULL AND id <= coalesce($2, 9223372036854775807)
        """,
        nik,
        last,
    )


async def forget_notifications(connection: Connection) -> None:
    """Drop what was told KEPT ago, of people who are not being told at this moment."""
    await connection.execute(
        """
        WITH old AS (SELECT n.nik, n.id FROM notification n WHERE n.at < now() - $1::interval ORDER BY n.at LIMIT $2),
             own AS MATERIALIZED (SELECT u.nik FROM unread u WHERE u.nik IN (SELECT o.nik FROM old o)
                                   ORDER BY u.nik FOR UPDATE SKIP LOCKED)
        DELETE FROM notification n USING old o, own WHERE own.nik = o.nik AND n.nik = o.nik AND n.id = o.id
        """,
        KEPT,
        PORTION,
    )
