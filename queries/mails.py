"""Mails: what is to be sent to whom, when, and what became of it (mail queue with backoff)."""

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from asyncpg import Connection

from queries.rows import read_row, read_rows

MAILING = "mailing"  # the kind of the job
KEPT = timedelta(days=30)
PORTION = 5000  # that are changed or forgotten at once


class Mail(NamedTuple):
    """A mail that is being sent. Of a problem or a summary it has the notifications from `first_id` to `last_id`."""

    id: int
    nik: str
    kind: str
    problem_id: int | None
    first_id: int
    last_id: int
    made_at: datetime
    attempts: int


class Receiver(NamedTuple):
    """Who gets it. A `pending_email` is yet to be confirmed; an address that `is_refused` gets nothing."""

    nik: str
    name: str
    email: str | None
    is_refused: bool
    pending_email: str | None
    pending_key: UUID | None
    time_zone: str


async def is_mail_due(connection: Connection) -> bool:
    """Whether a mail is to be sent for which no job is there yet."""
    return await connection.fetchval(
        """
        SELECT EXISTS (SELECT FROM mail WHERE due_at <= now())
           AND NOT EXISTS (SELECT FROM job WHERE kind = $1 AND parked_at IS NULL)
        """,
        MAILING,
    )


async def begin_mail(connection: Connection) -> Mail | None:
    """The mail that has been due for longest, to be sent now; None if there is none. The attempt is counted, and the time of the
    next one set, before it is made; nothing that is told from now on comes into it. Whoever is in their quiet hours waits."""
    while True:
        async with connection.transaction():
            due = await connection.fetchrow(
                """
                SELECT m.id, quiet_until(m, now()) AS quiet_until FROM mail m WHERE m.due_at <= now()
                 ORDER BY m.due_at, m.id LIMIT 1 FOR UPDATE SKIP LOCKED
                """
            )
            if due is None:
                return None
            if due["quiet_until"] is None:
                return await _begin(connection, due["id"])
            await connection.execute("UPDATE mail SET due_at = $2 WHERE id = $1", due["id"], due["quiet_until"])


async def _begin(connection: Connection, mail_id: int) -> Mail | None:
    """By a statement of its own, which sees all that was told before the mail was locked."""
    record = await connection.fetchrow(
        """
        UPDATE mail m
           SET attempts = attempts + 1, tried_at = coalesce(tried_at, now()),
               due_at = now() + mail_pause(attempts),
               last_id = coalesce(last_id, (SELECT max(n.id) FROM notification n WHERE n.nik = m.nik), 0)
         WHERE id = $1 RETURNING id, nik, kind, problem_id, first_id, last_id, made_at, attempts
        """,
        mail_id,
    )
    return read_row(Mail, record)


async def hold_mail(connection: Connection, mail: Mail) -> bool:
    """Send it and say so in one transaction; False if somebody else does by now."""
    held = await connection.fetchval(
        "SELECT true FROM mail WHERE id = $1 AND attempts = $2 AND due_at IS NOT NULL FOR UPDATE SKIP LOCKED",
        mail.id,
        mail.attempts,
    )
    return held is not None


async def get_receiver(connection: Connection, nik: str) -> Receiver | None:
    """Who `nik` is, if they get in."""
    record = await connection.fetchrow(
        """
        SELECT e.nik, e.name, e.email, coalesce(e.email = p.refused_email, false) AS is_refused, p.pending_email, p.pending_key,
               s.time_zone
          FROM employee e JOIN store s ON s.code = e.store_code LEFT JOIN profile p ON p.nik = e.nik
         WHERE e.nik = $1 AND e.active AND e.leaving_since IS NULL
        """,
        nik,
    )
    return read_row(Receiver, record)


async def list_earlier(connection: Connection, mail: Mail) -> list[tuple[int, datetime]]:
    """The mails of the same problem that the same person got before, the latest ten, in their order."""
    records = await connection.fetch(
        """
        SELECT id, made_at FROM mail WHERE nik = $1 AND problem_id = $2 AND id < $3 AND sent_at IS NOT NULL
         ORDER BY id DESC LIMIT 10
        """,
        mail.nik,
        mail.problem_id,
        mail.id,
    )
    return [(record["id"], record["made_at"]) for record in reversed(records)]


async def drop_mail(connection: Connection, mail: Mail) -> None:
    """There is nothing to be sent any more."""
    await connection.execute("DELETE FROM mail WHERE id = $1", mail.id)


async def note_sent(connection: Connection, mail: Mail, address: str) -> None:
    """The server has taken it."""
    await connection.execute(
        "UPDATE mail SET sent_at = now(), due_at = NULL, address = $2, error = NULL WHERE id = $1", mail.id, address
    )


async def note_unsent(
    connection: Connection, mail: Mail, address: str | None, error: str, *, is_last: bool = False
) -> None:
    """It was not sent, and will be tried again for a day; or, if that was the last attempt, not."""
    await connection.execute(
        """
        UPDATE mail SET address = $2, error = $3,
                        due_at = CASE WHEN NOT $4 AND tried_at > now() - interval '1 day' THEN due_at END
         WHERE id = $1
        """,
        mail.id,
        address,
        error,
        is_last,
    )


async def note_refusal(connection: Connection, nik: str, address: str, refusal: str) -> None:
    """A server says that there is no such address: nothing is sent to it any more."""
    await connection.execute(
        """
        INSERT INTO profile (nik, refused_email, refused_at, refusal) VALUES ($1, $2, now(), $3)
            ON CONFLICT (nik) DO UPDATE SET refused_email = excluded.refused_email, refused_at = excluded.refused_at,
                refusal = excluded.refusal
        """,
        nik,
        address,
        refusal,
    )


async def put_off_mails(connection: Connection, error: str) -> None:
    """There is no server now: all that is due waits, each as long as it is its turn, for a day at most."""
    await connection.execute(
        """
        UPDATE mail
           SET attempts = attempts + 1, tried_at = coalesce(tried_at, now()), error = $1,
               due_at = CASE WHEN tried_at < now() - interval '1 day' THEN NULL
                             ELSE now() + mail_pause(attempts) END,
               last_id = CASE WHEN tried_at < now() - interval '1 day' THEN coalesce(last_id, first_id) ELSE last_id END
         WHERE id IN (SELECT id FROM mail WHERE due_at <= now() ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED)
        """,
        error,
        PORTION,
    )


async def keep_mails(connection: Connection, error: str) -> None:
    """Nobody sends mails here: all that is due is kept, and not sent."""
    await connection.execute(
        """
        UPDATE mail m SET due_at = NULL, last_id = coalesce(last_id, first_id), error = $1,
               address = (SELECT CASE WHEN m.kind = 'confirmation' THEN p.pending_email ELSE e.email END
                            FROM employee e LEFT JOIN profile p ON p.nik = e.nik WHERE e.nik = m.nik)
         WHERE id IN (SELECT id FROM mail WHERE due_at <= now() ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED)
        """,
        error,
        PORTION,
    )


class Unsent(NamedTuple):
    """A mail that did not go: its problem, with the title where whoever asks sees it, to whom, and why; `due_at` is when it is
    tried again, if it is."""

    id: int
    kind: str
    problem_id: int | None
    title: str | None
    nik: str
    address: str | None
    made_at: datetime
    due_at: datetime | None
    attempts: int
    error: str


async def list_unsent(connection: Connection, nik: str, limit: int) -> list[Unsent]:
    """The latest, as `nik` may see them."""
    records = await connection.fetch(
        """
        SELECT m.id, m.kind, m.problem_id, p.title, m.nik, coalesce(m.address, r.email) AS address, m.made_at, m.due_at,
               m.attempts, m.error
          FROM mail m JOIN employee e ON e.nik = $1 JOIN employee r ON r.nik = m.nik
          LEFT JOIN problem p ON p.id = m.problem_id AND may_know(p, e, false)
         WHERE m.error IS NOT NULL
         ORDER BY m.id DESC LIMIT $2
        """,
        nik,
        limit,
    )
    return read_rows(Unsent, records)


async def forget_mails(connection: Connection) -> None:
    """Drop those that are over and were made KEPT ago."""
    await connection.execute(
        """
        DELETE FROM mail WHERE id IN (SELECT id FROM mail WHERE made_at < now() - $1::interval AND due_at IS NULL
                                       ORDER BY made_at LIMIT $2 FOR UPDATE SKIP LOCKED)
        """,
        KEPT,
        PORTION,
    )
