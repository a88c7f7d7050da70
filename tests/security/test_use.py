"""What whoever is logged in may do so often, and no oftener."""

from asyncpg import Connection

from tests.security.world import World

TOO_MANY = "Terlalu banyak percobaan. Coba lagi dalam 1 menit."


async def test_nobody_floods_a_history(world: World, connection: Connection) -> None:
    await connection.execute("UPDATE budget_rule SET capacity = 2 WHERE kind = 'comments'")
    ani, budi, path = await world("reporter"), await world("colleague"), world.paths["open"]
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


async def test_a_handler_does_not_copy_the_list_of_staff(world: World, connection: Connection) -> None:
    await connection.execute("UPDATE budget_rule SET capacity = 2 WHERE kind = 'callers'")
    desk = await world("desk")
    for nik in ("10001", "10002"):
        assert (await desk.get(f"/problems/new/reporter?reporter={nik}")).status_code == 200
    answer = await desk.get("/problems/new/reporter?reporter=10003", htmx=True)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 60
    assert TOO_MANY in answer.text
    assert "Citra" not in answer.text
    report = await desk.submit("/problems/new", "/problems", title="Judul", description="Uraian", reporter="10003")
    assert report.status_code == 429
    assert "Citra" not in report.text
    assert await connection.fetchval("SELECT count(*) FROM security_event WHERE kind = 'lookup walk'") == 1
