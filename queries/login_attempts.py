"""Wrong PINs, counted per NIK."""

from asyncpg import Connection


async def count_attempt(connection: Connection, nik: str, free: int, longest: int) -> int:
    """Count an attempt for `nik` before its PIN is checked; the seconds to wait if none is allowed now, else 0.

    After `free` attempts the wait begins at 30 seconds and doubles with each further one, up to `longest` seconds. An attempt
    during a wait is not counted, so that nobody is kept out for ever.
    """
    blocked = await connection.fetchval(
        """
        INSERT INTO login_attempt AS a (nik, failures) VALUES ($1, 1)
        ON CONFLICT (nik) DO UPDATE
           SET failures = a.failures + 1,
               blocked_until = CASE WHEN a.failures + 1 < $2 THEN a.blocked_until
                   ELSE now() + make_interval(secs => least($3, 30 * 2 ^ least(a.failures + 1 - $2, 20))) END
         WHERE a.blocked_until <= now()
        RETURNING false
        """,
        nik,
        free,
        float(longest),
    )
    if blocked is not None:
        return 0
    return await connection.fetchval(
        "SELECT greatest(ceil(extract(epoch FROM blocked_until - now())), 1)::int FROM login_attempt WHERE nik = $1",
        nik,
    )


async def forget_attempts(connection: Connection, nik: str) -> None:
    """The PIN was right: the count begins anew."""
    await connection.execute("DELETE FROM login_attempt WHERE nik = $1", nik)
