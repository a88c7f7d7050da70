"""What whoever is logged in may do so often, and no oftener."""

import pytest
from asyncpg import Connection

from tests.conftest import People
from tests.journeys import ANI, BUDI, CITRA, DESK, opened
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


# Of every budget that somebody has for a problem, nothing is left.
SPENT = """
    INSERT INTO budget (kind, key, spent) SELECT kind, $1, capacity FROM budget_rule WHERE kind LIKE '% of a problem'
    ON CONFLICT (kind, key) DO UPDATE SET spent = excluded.spent, at = clock_timestamp()
"""


@pytest.mark.parametrize("example", CHANGES, ids=str)
async def test_whatever_writes_a_history_has_an_end(example: Example, people: People, connection: Connection) -> None:
    """Any action, also those that one person can do and undo for ever: assign, correct, send and recall, void and restore."""
    problem, person = await arrange(example, people), await people(example.who)
    await connection.execute(SPENT, f"{example.who} {problem.rpartition('/')[2]}")
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
    await connection.execute(SPENT, f"{DESK} 1")
    desk, state = await people(DESK), "SELECT version FROM problem ORDER BY id"
    before = await connection.fetch(state)
    answer = await desk.submit(f"{path}?problem={chosen}", path, **values)
    assert (answer.status_code, TOO_MANY in answer.text) == (409, True)
    assert await connection.fetch(state) == before


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
