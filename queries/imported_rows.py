"""Rows of imports, by the number that Excel shows: as they stand in the file, and what comes of them."""

from typing import Any, NamedTuple

from asyncpg import Connection

from queries.masters import State
from queries.rows import read_rows

OUTCOMES = ("new", "changed", "same", "wrong")
Cells = list[Any]  # of a row as JSON has them (formats/tables.py)
Faults = list[list[Any]]  # pairs of a column, counted from 0 (None: the whole row), and what is wrong there


class RawRow(NamedTuple):
    """A row as it stands in the file, and what was wrong with it there."""

    number: int
    cells: Cells
    misread: Faults


class Outcome(NamedTuple):
    """What comes of a row: one of OUTCOMES, the code, what would change before and after (new: all of it), what is wrong."""

    number: int
    outcome: str
    code: str | None
    before: State
    after: State
    faults: Faults


async def insert_rows(connection: Connection, import_id: int, rows: list[RawRow]) -> None:
    """Keep some of its rows."""
    await connection.execute(
        """
        INSERT INTO import_row (import_id, number, cells, misread)
        SELECT $1, r.number, r.cells, r.misread FROM jsonb_to_recordset($2) AS r (number integer, cells jsonb, misread jsonb)
        """,
        import_id,
        [row._asdict() for row in rows],
    )


async def list_outcomes(connection: Connection, import_id: int, outcome: str, after: int, limit: int) -> list[Outcome]:
    """What came of its rows, of one of OUTCOMES, beyond the row with number `after`."""
    records = await connection.fetch(
        """
        SELECT number, outcome, code, before, after, faults FROM import_row
         WHERE import_id = $1 AND outcome = $2 AND number > $3 ORDER BY number LIMIT $4
        """,
        import_id,
        outcome,
        after,
        limit,
    )
    return read_rows(Outcome, records)


async def lock_changed_employees(connection: Connection, import_id: int) -> None:
    """Keep the people whom its rows change as they are until the transaction ends, in the order of lock_employees."""
    await connection.execute(
        """
        SELECT FROM employee e WHERE e.nik IN (SELECT r.code FROM import_row r WHERE r.import_id = $1 AND r.outcome = 'changed')
         ORDER BY e.nik FOR NO KEY UPDATE
        """,
        import_id,
    )


async def list_rights(connection: Connection, import_id: int, after: int, limit: int) -> list[Outcome]:
    """The same of those that give somebody more rights than a reporter has, or take such from them."""
    records = await connection.fetch(
        """
        SELECT number, outcome, code, before, after, faults FROM import_row
         WHERE import_id = $1 AND outcome IN ('new', 'changed') AND number > $2
           AND (before @? '$.keyvalue() ? (@.key like_regex "^(admin|manager|store_head)$" && @.value == true)'
                OR after @? '$.keyvalue() ? (@.key like_regex "^(admin|manager|store_head)$" && @.value == true)'
                OR outcome = 'changed' AND after ?| '{area,divisions,departments}')
         ORDER BY number LIMIT $3
        """,
        import_id,
        after,
        limit,
    )
    return read_rows(Outcome, records)


async def list_raw_rows(connection: Connection, import_id: int, after: int, limit: int) -> list[RawRow]:
    """Its rows as they were sent, beyond the one with number `after`."""
    records = await connection.fetch(
        """
        SELECT number, cells, misread FROM import_row WHERE import_id = $1 AND number > $2 ORDER BY number LIMIT $3
        """,
        import_id,
        after,
        limit,
    )
    return read_rows(RawRow, records)


async def list_wrong_rows(connection: Connection, import_id: int, after: int, limit: int) -> list[RawRow]:
    """Those that are wrong, with all that is wrong with them."""
    records = await connection.fetch(
        """
        SELECT number, cells, faults AS misread FROM import_row
         WHERE import_id = $1 AND outcome = 'wrong' AND number > $2 ORDER BY number LIMIT $3
        """,
        import_id,
        after,
        limit,
    )
    return read_rows(RawRow, records)


async def note_outcomes(connection: Connection, import_id: int, outcomes: list[Outcome]) -> None:
    """This is what comes of these rows. Each is looked for by its number: of an import that is younger than the statistics the
    planner believes that it has one row, and would read all of them each time, but for OFFSET 0."""
    await connection.execute(
        """
        UPDATE import_row i
           SET outcome = r.outcome, code = r.code, before = r.before, after = r.after, faults = r.faults
          FROM (SELECT $1::bigint AS import_id, o.*
                  FROM jsonb_to_recordset($2)
                       AS o (number integer, outcome text, code text, before jsonb, after jsonb, faults jsonb) OFFSET 0) r
         WHERE i.import_id = r.import_id AND i.number = r.number
           AND (i.outcome, i.code, i.before, i.after, i.faults)
               IS DISTINCT FROM (r.outcome, r.code, r.before, r.after, r.faults)
        """,
        import_id,
        [outcome._asdict() for outcome in outcomes],
    )
