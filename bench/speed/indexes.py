"""The indexes of the tables that are loaded: what no key needs is taken away before, and made again after, as it was."""

from collections.abc import Sequence

import asyncpg
from asyncpg import Connection

from bench.speed.lives import Table
from bench.speed.progress import Progress

MAKING = {"maintenance_work_mem": "1GB", "max_parallel_maintenance_workers": "1"}


async def take_indexes(connection: Connection, tables: Sequence[Table]) -> list[str]:
    """Drop the indexes and exclusion constraints of the tables, as far as no other constraint depends on them; the statements
    that make them again."""
    names = [table.name for table in tables]
    rows = await connection.fetch(
        """
        SELECT format('DROP INDEX %I', i.relname) AS drop, pg_get_indexdef(i.oid) AS make, c.relname
          FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class c ON c.oid = x.indrelid
         WHERE c.relname = ANY ($1) AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.oid)
         UNION ALL
        SELECT format('ALTER TABLE %I DROP CONSTRAINT %I', c.relname, k.conname),
               format('ALTER TABLE %I ADD CONSTRAINT %I %s', c.relname, k.conname, pg_get_constraintdef(k.oid)), c.relname
          FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
         WHERE c.relname = ANY ($1) AND k.contype = 'x'
        """,
        names,
    )
    for row in rows:
        await connection.execute(row["drop"])
    return [row["make"] for row in rows]


async def make_indexes(url: str, statements: Sequence[str], progress: Progress) -> None:
    """Make them again, one after the other, each by two processes where the server can."""
    connection = await asyncpg.connect(url, server_settings=MAKING)
    for statement in statements:
        await connection.execute(statement)
        progress.step()
    await connection.close()
