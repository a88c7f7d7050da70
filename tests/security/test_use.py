"""What whoever is logged in may do so often, and no oftener."""

import pytest
from asyncpg import Connection

from tests.conftest import People
from tests.journeys import ANI, BUDI, CITRA, DESK, DESK_TOO, TWICE, opened, report
from tests.routes.catalogue import BULK, CHANGES, Example, arrange, ask, contents, envelope

TEXTS = ("comment", "note", "identification", "reason", "solution")
TOO_MANY = "Terlalu banyak percobaan. Coba lagi dalam 1 menit."


async def test_nobody_floods_a_history(people: People, connection: Connection) -> None:
    await connection.execute("UPDATE budget_rule SET capacity = 2 WHERE kind = 'comments'")
    ani, budi, path = await people(ANI), await people(BUDI), await opened(people)
    for _ in range(2):
        assert (await ani.submit(path, f"{path}/comments", comment="Halo")).status_code == 303
    fields = await ani.form(path, f"{path}/comments") | {"comment": "Sekali lagi"}
    for htmx in (False, True):
        answer = await ani.post(f"{path}/comments", fields, htmx=htmx)
        assert answer.status_code == 429
        assert 0 < int(answer.headers["Retry-After"]) <= 10
        assert TOO_MANY in answer.text
        assert "Sekali lagi</textarea>" in answer.text, "what was typed is kept"
    assert (await budi.submit(path, f"{path}/comments", comment="Halo")).status_code == 303
    await connection.execute("UPDATE budget SET at = at - interval '10 seconds' WHERE kind = 'comments'")
    assert (await ani.post(f"{path}/comments", fields)).status_code == 303


# Of a budget nothing is left but so many.
SPENT = """
    INSERT INTO budget (kind, key, spent) SELECT kind, $2, capacity - $3 FROM budget_rule WHERE kind = $1
    ON CONFLICT (kind, key) DO UPDATE SET spent = excluded.spent, at = clock_timestamp()
"""
# What has the budget of comments; all else has that of changes.
SAID = ("comments", "notes", "waiting")


@pytest.mark.parametrize("example", CHANGES, ids=str)
async def test_whatever_writes_a_history_has_an_end(example: Example, people: People, connection: Connection) -> None:
    """Any action, also those that one person can do and undo for ever: assign, correct, send and recall, void and restore."""
    problem, person = await arrange(example, people), await people(example.who)
    kind = "comments" if example.path.endswith(SAID) else "changes"
    await connection.execute(SPENT, f"{kind} of a problem", f"{example.who} {problem.rpartition('/')[2]}", 0)
    form, before = await envelope(connection, problem), await contents(connection)
    for htmx in (False, True):
        answer = await ask(person, example, problem, htmx=htmx, **form)
        assert (answer.status_code, TOO_MANY in answer.text) == (429, True)
        assert 0 < int(answer.headers["Retry-After"]) <= 60
        assert all(text in answer.text for name, text in example.values.items() if name in TEXTS), (
            "what was typed is kept"
        )
    assert await contents(connection) == before


@pytest.mark.parametrize("path", BULK)
async def test_neither_is_a_history_filled_by_several_at_once(
    path: str, people: People, connection: Connection
) -> None:
    given, chosen, values = BULK[path]
    await given(people)
    await connection.execute(SPENT, "changes of a problem", f"{DESK} 1", 0)
    desk, state = await people(DESK), "SELECT version FROM problem ORDER BY id"
    before = await connection.fetch(state)
    answer = await desk.submit(f"{path}?problem={chosen}", path, **values)
    assert (answer.status_code, TOO_MANY in answer.text) == (429, True)
    assert 0 < int(answer.headers["Retry-After"]) <= 60
    assert await connection.fetch(state) == before


async def test_whoever_changes_one_problem_after_the_other_comes_to_an_end(
    people: People, connection: Connection
) -> None:
    """By themselves or several at once, it is one budget."""
    paths = [await report(people) for _ in range(4)]
    assert await connection.fetchval("SELECT capacity FROM budget_rule WHERE kind = 'changes'") == 1000
    await connection.execute("UPDATE budget_rule SET unit = '1 minute' WHERE kind = 'changes'")
    await connection.execute(SPENT, "changes", DESK, 2)
    desk = await people(DESK)
    assert (await desk.submit(paths[0], f"{paths[0]}/voiding", **TWICE)).status_code == 303
    several = await desk.submit("/problems/voidings?problem=2:1&problem=3:1", "/problems/voidings", **TWICE)
    assert several.status_code == 429 and "1 kendala sudah tersimpan" in several.text
    assert 0 < int(several.headers["Retry-After"]) <= 60
    assert (await desk.submit(paths[3], f"{paths[3]}/voiding", **TWICE)).status_code == 429
    assert (await (await people(DESK_TOO)).submit(paths[3], f"{paths[3]}/voiding", **TWICE)).status_code == 303
    statuses = await connection.fetch("SELECT status FROM problem ORDER BY id")
    assert [row["status"] for row in statuses] == ["void", "void", "reported", "void"]


async def test_a_handler_does_not_copy_the_list_of_staff(people: People, connection: Connection) -> None:
    await connection.execute("UPDATE budget_rule SET capacity = 2 WHERE kind = 'callers'")
    desk = await people(DESK)
    for nik in (ANI, BUDI):
        assert (await desk.post("/problems/new/reporter", {"reporter": nik})).status_code == 200
    answer = await desk.post("/problems/new/reporter", {"reporter": CITRA}, htmx=True)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 60
    assert TOO_MANY in answer.text
    assert "Citra" not in answer.text
    report = await desk.submit("/problems/new", "/problems", title="Judul", description="Uraian", reporter=CITRA)
    assert report.status_code == 429
    assert "Citra" not in report.text
    assert await connection.fetchval("SELECT count(*) FROM security_event WHERE kind = 'lookup walk'") == 1
