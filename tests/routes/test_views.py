"""Saved views: one's own, under a name, up to a limit."""

import re

from asyncpg import Connection

from queries.saved_views import delete_view

ANI, BUDI, DESK = "10001", "10002", "20001"


async def save(client, query: str, name: str):
    return await client.submit(f"/views?{query}", "/views", name=name)


async def test_a_view_is_saved_and_leads_to_its_filters(people):
    desk = await people(DESK)
    response = await save(desk, "year=all&status=open&holder=HD&q=kabel+putus", "Meja, dibuka")
    assert response.status_code == 303
    assert response.headers["Location"] == "/problems?year=all&status=open&holder=HD&q=kabel+putus"
    page = (await desk.get(response.headers["Location"])).text
    assert "Tampilan disimpan." in page
    assert re.search(r'href="/problems\?year=all&amp;status=open[^>]*aria-current="true">Meja, dibuka', page)
    assert "Meja, dibuka" in (await desk.get("/problems", htmx=True)).text
    assert "Meja, dibuka" not in (await (await people(ANI)).get("/problems")).text


async def test_the_same_name_replaces(people, connection: Connection):
    desk = await people(DESK)
    await save(desk, "status=open", "Saya")
    await save(desk, "status=closed", "SAYA")
    assert [tuple(r) for r in await connection.fetch("SELECT name, query FROM saved_view")] == [
        ("SAYA", "year=all&status=closed")
    ]


async def test_the_newest_year_is_not_kept(people, connection: Connection):
    ani = await people(ANI)
    await ani.submit("/problems/new", "/problems", title="Printer", description="Mati")
    year = await connection.fetchval("SELECT year FROM problem")
    await save(ani, f"year={year}&status=open", "Dibuka")
    assert await connection.fetchval("SELECT query FROM saved_view") == "status=open"


async def test_what_is_wrong_is_said_and_nothing_is_kept(people, connection: Connection):
    desk = await people(DESK)
    for query, name, message in (
        ("status=open", "", "Nama belum diisi."),
        ("status=open", "x" * 41, "paling banyak 40"),
        ("status=mana", "Satu", "tidak dapat disimpan"),
    ):
        response = await save(desk, query, name)
        assert response.status_code == 422
        assert message in response.text
        assert f'value="{name}"' in response.text
    assert await connection.fetchval("SELECT count(*) FROM saved_view") == 0
    assert (await desk.post("/views", {"name": "Satu", "query": ""})).status_code == 422  # no key


async def test_sent_twice_is_saved_once(people, connection: Connection):
    desk = await people(DESK)
    fields = await desk.form("/views?status=open", "/views") | {"name": "Satu"}
    assert {(await desk.post("/views", fields)).status_code for _ in range(2)} == {303}
    assert (await desk.post("/views", fields | {"name": "Dua"})).status_code == 422
    assert await connection.fetchval("SELECT array_agg(name) FROM saved_view") == ["Satu"]


async def test_there_is_a_limit(people, connection: Connection):
    desk = await people(DESK)
    await connection.execute(
        "INSERT INTO saved_view (nik, name, query) SELECT $1, 'T' || i, '' FROM generate_series(1, 20) i", DESK
    )
    fields = await desk.form("/views?status=open", "/views") | {"name": "Satu lagi"}
    for _ in range(2):  # what was refused is not taken for saved when it comes again
        response = await desk.post("/views", fields)
        assert response.status_code == 422 and "sudah menyimpan 20" in response.text
    assert (await save(desk, "status=open", "t7")).status_code == 303


async def test_a_view_is_deleted_by_whose_it_is(people, connection: Connection):
    desk, budi = await people(DESK), await people(BUDI)
    await save(desk, "status=open", "Satu")
    number = await connection.fetchval("SELECT id FROM saved_view")
    door = f"/views/{number}/deletion"
    assert (await budi.post(door)).status_code == 404
    assert not await delete_view(connection, BUDI, number), "nor does the query that the door asks"
    for other in ("/views/0/deletion", "/views/abc/deletion", "/views/99999999999999999999/deletion"):
        assert (await desk.post(other)).status_code == 404
    assert (await desk.submit(door, door)).headers["Location"] == "/views"
    assert await connection.fetchval("SELECT count(*) FROM saved_view") == 0
