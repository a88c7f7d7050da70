"""The page of the list that is kept with blanks (moulds): for everybody and every filter it is the one that is made anew."""

import re

import pytest
from asyncpg import Connection

from routes import problems
from tests.client import Client, unkeyed
from tests.conftest import People
from tests.journeys import ANI, CITRA, DESK, HEAD, MANAGER, NET

QUERIES = (
    *(
        "",
        "?year=all",
        "?year=all&after=30",
        "?year=all&before=30",
        "?year=all&after=3",
        "?year=all&sort=oldest",
        "?status=reported",
    ),
    *(
        "?year=all&holder=me",
        "?holder=HD",
        "?year=all&priority=1",
        "?year=all&problem=7",
        "?store=T01",
        "?year=all&q=printer",
    ),
    *("?year=all&shown=1.1:1,2,3", "?year=1999"),
)


async def ask(client: Client, query: str, htmx: bool) -> str:
    text = (await client.get(f"/problems{query}", htmx=htmx)).text
    return re.sub(r'(name="shown" value="\d+)\.\d+', r"\1", unkeyed(text))  # the minute


async def test_a_page_that_is_kept_is_the_one_that_would_be_made_anew(
    people: People, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with connection.transaction():
        await connection.execute(
            """
            INSERT INTO problem (reporter_nik, recorded_by_nik, store_code, title, description, holder_division_code)
            SELECT CASE n % 3 WHEN 0 THEN '10003' ELSE '10001' END, '20001', CASE n % 3 WHEN 0 THEN 'T02' ELSE 'T01' END,
                   'Printer ' || n, 'x', CASE n % 2 WHEN 0 THEN 'HD' ELSE 'IT-NET' END
              FROM generate_series(1, 60) n
            """
        )
        await connection.execute("SELECT record_change(id, '20001', 'reported', '{}', NULL) FROM problem")
    everybody = [await people(nik) for nik in (DESK, MANAGER, NET, ANI, CITRA, HEAD)]
    asked = [(client, query, htmx) for client in everybody for query in QUERIES for htmx in (False, True)]
    for each in asked:
        await ask(*each)
    kept = [await ask(*each) for each in reversed(asked)][::-1]
    monkeypatch.setattr(problems, "fill_list", lambda *_: None)
    for (client, query, htmx), page in zip(asked, kept, strict=True):
        assert page == await ask(client, query, htmx), (query, htmx)
