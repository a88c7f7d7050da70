"""Problems from an old register: they begin as what they were there, with what that says of them, and nothing else does."""

import pytest
from asyncpg import Connection

from tests.schema.life import REPORT, refused

REPORTED = {
    "reported": "2024-01-31T23:30:00+07:00",
    "store": "T01",
    "reporter": "10001",
    "title": "Printer mati",
    "description": "Sejak pagi",
    "digest": "00" * 32,
}
OPEN = REPORTED | {"category": "NET-WIFI", "impact": 1, "urgency": 2, "identification": "Kabel"}
CLOSED = OPEN | {"closed": "2024-02-01T00:30:00+07:00", "solution": "Diganti"}
BY_NET, BY_PIC = {"holder": "D:IT-NET"}, {"holder": "P:MNT:30001"}


async def imported(connection: Connection, *rows: dict) -> list[int]:
    """The numbers of the problems that these rows became."""
    import_id = await connection.fetchval(
        """
        INSERT INTO import (nik, kind, file, headings, notices, from_1904)
        VALUES ('90001', 'problems', 'lama.xlsx', '{}', '{}', false) RETURNING id
        """
    )
    await connection.executemany(
        """
        INSERT INTO import_row (import_id, number, cells, misread, outcome, code, before, after, faults)
        VALUES ($1, $2, '[]', '[]', 'new', $3, '{}', $4, '[]')
        """,
        [(import_id, at, f"old {import_id} {at}", row | {"number": f"Old {at}"}) for at, row in enumerate(rows, 2)],
    )
    last, written = 0, 0
    while last is not None:
        last, more = await connection.fetchrow("SELECT * FROM import_problems($1, $2, 2, '90001')", import_id, last)
        written += more
    assert written == len(rows)
    await connection.execute("SELECT end_import_of_problems()")
    await nothing_is_miscounted(connection)
    return await connection.fetchval(
        "SELECT array_agg(problem_id ORDER BY row) FROM imported_problem WHERE import_id = $1", import_id
    )


async def nothing_is_miscounted(connection: Connection) -> None:
    assert await connection.fetch("SELECT * FROM miscounted(ARRAY(SELECT id FROM problem))") == []
    assert await connection.fetch("SELECT * FROM miscounted_problems()") == []
    assert (
        await connection.fetch(
            "SELECT s.* FROM (SELECT DISTINCT month FROM movement) m, LATERAL miscounted_sums(m.month) s"
        )
        == []
    )


async def movements(connection: Connection, problem_id: int) -> set[tuple[str, str, str]]:
    rows = await connection.fetch("SELECT kind, month::text, holder FROM movement WHERE problem_id = $1", problem_id)
    return set(map(tuple, rows))


async def test_each_is_what_it_was_and_its_months_are_those_of_its_dates(draft: Connection) -> None:
    new, opened, closed, of_pic = await imported(draft, REPORTED, OPEN | BY_NET, CLOSED | BY_NET, OPEN | BY_PIC)
    rows = await draft.fetch(
        """
        SELECT p.status, p.year, p.version, coalesce(p.holder_division_code, p.holder_pic_nik) AS holder,
               p.changed_at AT TIME ZONE 'Asia/Jakarta' AS changed, p.due_at > now() AS due, v.cause, v.actor_nik,
               v.at = now() AS at, lower(c.during) = p.reported_at AS held, upper(c.during) = p.changed_at AS let_go
          FROM problem p JOIN event v ON v.problem_id = p.id JOIN custody c ON c.problem_id = p.id
         WHERE p.id = ANY ($1) ORDER BY p.id
        """,
        [new, opened, closed, of_pic],
    )
    assert [(row["status"], row["holder"], row["let_go"]) for row in rows] == [
        ("reported", "HD", None),
        ("open", "IT-NET", None),
        ("closed", "IT-NET", True),
        ("open", "30001", None),
    ]
    assert {(r["year"], r["version"], r["cause"], r["actor_nik"], r["at"], r["held"]) for r in rows} == {
        (2024, 1, "imported", "90001", True, True)
    }
    assert [str(row["changed"]) for row in rows][1:3] == ["2024-01-31 23:30:00", "2024-02-01 00:30:00"]
    assert [row["due"] for row in rows] == [True, True, None, True]  # promised from now on, or nothing to promise
    came = {
        ("reported", "2024-01-01", "IT-NET"),
        ("received", "2024-01-01", "IT-NET"),
        ("opened", "2024-01-01", "IT-NET"),
    }
    assert await movements(draft, closed) == came | {("closed", "2024-02-01", "IT-NET")}
    assert await movements(draft, opened) == came
    assert await movements(draft, new) == {("reported", "2024-01-01", "HD"), ("received", "2024-01-01", "HD")}


async def test_its_life_goes_on_from_there(draft: Connection) -> None:
    (problem_id,) = await imported(draft, OPEN)
    was = await draft.fetchval("SELECT facts(p) FROM problem p WHERE id = $1", problem_id)
    await draft.execute("UPDATE problem SET status = 'closed', solution = 'Baru' WHERE id = $1", problem_id)
    await draft.execute("SELECT record_change($1, '20001', 'closed', $2, NULL)", problem_id, was)
    await draft.execute("SET CONSTRAINTS ALL IMMEDIATE")
    held = await draft.fetchval("SELECT held FROM movement WHERE problem_id = $1 AND kind = 'closed'", problem_id)
    assert held.days > 300
    await nothing_is_miscounted(draft)


async def test_what_nobody_can_act_on_goes_to_the_desk(draft: Connection) -> None:
    await draft.execute("INSERT INTO division (code, name, kind) VALUES ('EMPTY', 'Kosong', 'it')")
    unfinished, over = await imported(draft, OPEN | {"holder": "D:EMPTY"}, CLOSED | {"holder": "D:EMPTY"})
    holders = await draft.fetch(
        "SELECT holder_division_code, version FROM problem WHERE id = ANY ($1) ORDER BY id", [unfinished, over]
    )
    assert list(map(tuple, holders)) == [("HD", 2), ("EMPTY", 1)]


async def test_months_long_frozen_are_restated_and_those_before_were_empty(draft: Connection) -> None:
    await imported(draft, CLOSED)
    assert str(await draft.fetchval("SELECT freeze_month()")) == "2024-01-01"
    frozen = await draft.fetch("SELECT * FROM frozen ORDER BY 1, 2, 3, 4")
    (problem_id,) = await imported(draft, CLOSED | {"reported": "2023-10-05T08:00:00+07:00"})
    assert await draft.fetch("SELECT * FROM frozen ORDER BY 1, 2, 3, 4") == frozen
    months = await draft.fetchval("SELECT array_agg(month::text ORDER BY month) FROM recap_month")
    assert months == ["2023-10-01", "2023-11-01", "2023-12-01", "2024-01-01"]
    restated = await draft.fetch(
        "SELECT month::text, kind FROM restatement WHERE problem_id = $1 ORDER BY 1, 2", problem_id
    )
    assert list(map(tuple, restated)) == [("2023-10-01", k) for k in ("opened", "received", "reported")]
    numbers = await draft.fetchrow("SELECT * FROM numbers_of('2024-02-01') WHERE holder = '' AND by = ''")
    assert (numbers["opening"], numbers["closed"], numbers["closing"]) == (2, 2, 0)


async def test_it_is_found_by_its_old_number(draft: Connection) -> None:
    (problem_id,) = await imported(draft, CLOSED)
    assert "old 2" in await draft.fetchval("SELECT search_text FROM problem WHERE id = $1", problem_id)


@pytest.mark.parametrize(
    ("columns", "values"),
    [
        ("status", "'open'"),
        ("status, solution, confirmed_at", "'closed', 'x', now()"),
        ("status", "'void'"),
        ("version", "2"),
    ],
)
async def test_nothing_else_begins_as_something_else(columns: str, values: str, draft: Connection) -> None:
    statement = REPORT.replace("(reporter_nik", f"({columns}, reporter_nik", 1).replace(
        "('10001'", f"({values}, '10001'", 1
    )
    with refused("begins as reported"):
        await draft.execute(statement)


async def test_an_import_is_the_beginning_of_a_history(draft: Connection) -> None:
    with refused("begins with an import"):
        await draft.execute("INSERT INTO event (problem_id, cause, version) VALUES (1, 'imported', 9)")


async def test_what_is_not_of_a_register_does_not_say_so(draft: Connection) -> None:
    problem_id = await draft.fetchval(REPORT)
    await draft.execute(
        "INSERT INTO event (problem_id, at, cause, version) SELECT id, changed_at, 'imported', 1 FROM problem WHERE id = $1",
        problem_id,
    )
    await draft.execute(
        """
        INSERT INTO custody (problem_id, during, division_code)
        SELECT id, tstzrange(reported_at, NULL), 'HD' FROM problem WHERE id = $1
        """,
        problem_id,
    )
    with refused("it was imported, or it was not"):
        await draft.execute("SET CONSTRAINTS ALL IMMEDIATE")
