"""What whoever is logged in may do so often, and no oftener."""

from asyncpg import Connection

from tests.conftest import People
from tests.journeys import ANI, BUDI, CITRA, DESK, opened

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
