"""Old registers: what SIH knows of the names in them, what an admin said of the others, and the problems that they become."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from asyncpg import Connection

from queries.rows import read_rows

Name = tuple[str, str]  # the field that it stands in (forms/register.py, NAMED), and how it is compared


class Place(NamedTuple):
    """A store, in use or not, and its zone."""

    code: str
    name: str
    time_zone: str


class Called(NamedTuple):
    """A person or a category, or a division or department (by `kind`)."""

    kind: str
    code: str
    name: str


class Handler(NamedTuple):
    """Somebody active who handles problems: of which divisions a member, of which departments a PIC."""

    nik: str
    name: str
    divisions: list[str]
    departments: list[str]


class Match(NamedTuple):
    """A name in an import that SIH does not know, in how many rows it stands, and what it means; None: nobody has said it."""

    id: int
    field: str
    name: str
    shown: str
    rows: int
    code: str | None


class KnownNumber(NamedTuple):
    """A number, folded, that a problem had in an old register, and how the row is known again that it comes from."""

    folded: str
    problem_id: int
    digest: bytes


async def list_places(connection: Connection) -> list[Place]:
    """All stores."""
    return read_rows(Place, await connection.fetch("SELECT code, name, time_zone FROM store"))


async def list_called(connection: Connection) -> list[Called]:
    """All people and categories, and the divisions and departments."""
    records = await connection.fetch(
        """
        SELECT 'reporter' AS kind, nik AS code, name FROM employee
         UNION ALL SELECT 'category', code, name FROM category
         UNION ALL SELECT 'division', code, name FROM division
         UNION ALL SELECT 'department', code, name FROM department
        """
    )
    return read_rows(Called, records)


async def list_handlers(connection: Connection) -> list[Handler]:
    """All of them."""
    records = await connection.fetch(
        """
        SELECT nik, name, divisions, departments FROM employee WHERE active AND (divisions <> '{}' OR departments <> '{}')
        """
    )
    return read_rows(Handler, records)


async def get_now(connection: Connection) -> datetime:
    """When the transaction began, by the clock that all moments are taken from."""
    return await connection.fetchval("SELECT now()")


async def list_known_numbers(connection: Connection, numbers: Sequence[str]) -> dict[str, KnownNumber]:
    """Those of these numbers, folded, that a problem has."""
    records = await connection.fetch(
        "SELECT folded, problem_id, digest FROM imported_problem WHERE folded = ANY ($1)", numbers
    )
    return {known.folded: known for known in read_rows(KnownNumber, records)}


async def list_meanings(connection: Connection, import_id: int) -> dict[Name, str]:
    """What was said of names."""
    records = await connection.fetch(
        "SELECT field, name, code FROM import_match WHERE import_id = $1 AND code IS NOT NULL", import_id
    )
    return {(record["field"], record["name"]): record["code"] for record in records}


async def note_names(connection: Connection, import_id: int, names: Mapping[Name, tuple[str, int]]) -> None:
    """These names are unknown: how each was written first, and in how many rows it stands. Others are none, or no more."""
    await connection.execute(
        """
        WITH found AS (
            SELECT * FROM unnest($2::text[], $3::text[], $4::text[], $5::integer[]) AS f (field, name, shown, rows)
        ), gone AS (
            DELETE FROM import_match m WHERE m.import_id = $1
               AND NOT EXISTS (SELECT FROM found f WHERE (f.field, f.name) = (m.field, m.name))
        )
        INSERT INTO import_match (import_id, field, name, shown, rows) SELECT $1, f.field, f.name, f.shown, f.rows FROM found f
        ON CONFLICT (import_id, field, name) DO UPDATE SET shown = excluded.shown, rows = excluded.rows
        """,
        import_id,
        [field for field, _ in names],
        [name for _, name in names],
        [shown for shown, _ in names.values()],
        [rows for _, rows in names.values()],
    )


async def list_matches(connection: Connection, import_id: int, first: int, limit: int) -> list[Match]:
    """Names that are unknown, those in most rows first, without the first so many; at most `limit`."""
    records = await connection.fetch(
        """
        SELECT id, field, name, shown, rows, code FROM import_match
         WHERE import_id = $1 ORDER BY rows DESC, id OFFSET $2 LIMIT $3
        """,
        import_id,
        first,
        limit,
    )
    return read_rows(Match, records)


async def list_matches_of(connection: Connection, import_id: int, ids: Sequence[int]) -> list[Match]:
    """Those of these numbers that are of that import."""
    records = await connection.fetch(
        """
        SELECT id, field, name, shown, rows, code FROM import_match WHERE import_id = $1 AND id = ANY ($2)
         ORDER BY rows DESC, id
        """,
        import_id,
        ids,
    )
    return read_rows(Match, records)


async def say_meanings(connection: Connection, import_id: int, codes: Mapping[int, str | None]) -> bool:
    """What these names mean, by their numbers, so that all rows are to be looked at again; False if that is too late: it is being
    looked at or taken over, or was."""
    can = await connection.fetchval(
        """
        UPDATE import i
           SET checked_at = NULL, new = NULL, changed = NULL, same = NULL, wrong = NULL, refusal = NULL, job_id = NULL
         WHERE i.id = $1 AND i.checked_at IS NOT NULL AND i.taken_at IS NULL
           AND NOT EXISTS (SELECT FROM job j WHERE j.id = i.job_id AND j.parked_at IS NULL)
           AND EXISTS (SELECT FROM import_row r WHERE r.import_id = i.id)
        RETURNING true
        """,
        import_id,
    )
    if can:
        await connection.execute(
            """
            UPDATE import_match m SET code = s.code FROM unnest($2::bigint[], $3::text[]) AS s (id, code)
             WHERE m.import_id = $1 AND m.id = s.id
            """,
            import_id,
            list(codes),
            list(codes.values()),
        )
    return bool(can)


async def suggest(connection: Connection, names: Sequence[Match], limit: int) -> list[tuple[int, str, str]]:
    """(number of the name, code, name) of the stores, people, categories, and who can have held a problem, that are called like
    these, the most alike first; at most `limit` each."""
    records = await connection.fetch(
        """
        SELECT n.id, r.code, r.name
          FROM unnest($1::bigint[], $2::text[], $3::text[]) AS n (id, field, shown)
         CROSS JOIN LATERAL (
               SELECT m.code, m.name FROM master_record m
                WHERE searchable(n.shown) <% m.search_text
                  AND m.kind = ANY (CASE n.field WHEN 'store' THEN ARRAY['store'] WHEN 'reporter' THEN ARRAY['employee']
                                    WHEN 'category' THEN ARRAY['category'] ELSE ARRAY['division', 'department', 'employee'] END)
                  AND (m.kind <> 'employee' OR n.field = 'reporter'
                       OR m.state ->> 'divisions' <> '[]' OR m.state ->> 'departments' <> '[]')
                ORDER BY word_similarity(searchable(n.shown), m.search_text) DESC, m.code LIMIT $4) r
        """,
        [name.id for name in names],
        [name.field for name in names],
        [name.shown for name in names],
        limit,
    )
    return [tuple(record) for record in records]


async def write_problems(
    connection: Connection, import_id: int, nik: str | None, after: int, portion: int
) -> tuple[int | None, int]:
    """Write the next problems of an import beyond a row: up to which row it went (None: no more), and how many they were."""
    record = await connection.fetchrow(
        "SELECT last, written FROM import_problems($1, $2, $3, $4)", import_id, after, portion, nik
    )
    return (record["last"], record["written"]) if record else (None, 0)


async def end_import(connection: Connection) -> None:
    """All of them are written: add up what they count."""
    await connection.execute("SELECT end_import_of_problems()")
