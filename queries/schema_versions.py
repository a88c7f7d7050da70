"""The table schema_version, and what else a migration asks of the database."""

from asyncpg import Connection

# Instances that start at once agree, through this advisory lock, on which of them migrates. Its number never changes: versions
# of SIH exclude each other through it.
SCHEMA_LOCK = 0x534948


async def try_schema_lock(connection: Connection) -> bool:
    """Take the lock until the session ends, if nobody has it.

    Asked again and again rather than waited for: a statement that waits keeps CREATE INDEX CONCURRENTLY from its end.
    """
    return await connection.fetchval("SELECT pg_try_advisory_lock($1)", SCHEMA_LOCK)


async def release_schema_lock(connection: Connection) -> None:
    await connection.execute("SELECT pg_advisory_unlock($1)", SCHEMA_LOCK)


async def insert_schema_version(connection: Connection, version: int) -> None:
    """Note that the database has this version now. Other versions of SIH read this table: its columns stay."""
    await connection.execute("INSERT INTO schema_version (version) VALUES ($1)", version)


async def count_tables(connection: Connection) -> int:
    """The tables that the database holds, whosesoever they are."""
    return await connection.fetchval(
        "SELECT count(*) FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p')"
    )


async def list_long_transactions(connection: Connection) -> list[str]:
    """Which other transactions have been open for a second or more, the oldest first: who may hold what a migration waits for.

    No statement is among it: it may quote what somebody typed.
    """
    rows = await connection.fetch(
        """
        SELECT format('pid %s (%s), %s, %s s', pid, coalesce(nullif(application_name, ''), backend_type), state,
                      round(extract(epoch FROM clock_timestamp() - xact_start))) AS transaction
          FROM pg_stat_activity
         WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start < clock_timestamp() - interval '1 second'
         ORDER BY xact_start LIMIT 5
        """
    )
    return [row["transaction"] for row in rows]
