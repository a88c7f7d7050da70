"""A form that is sent twice at the same moment is recorded once, and both senders are answered the same."""

import asyncio

from asyncpg import Connection
from starlette.applications import Starlette

from tests.client import Client
from tests.conftest import PIN

ANI = "10001"


async def test_one_report_sent_twice_at_once(app: Starlette, connection: Connection) -> None:
    browsers = [Client(app), Client(app)]
    for browser in browsers:
        await browser.post("/login", {"nik": ANI, "pin": PIN})
    form = await browsers[0].form("/problems/new", "/problems")
    form |= {"title": "Printer mati", "description": "Sejak pagi."}

    answers = await asyncio.gather(*(asyncio.create_task(browser.post("/problems", form)) for browser in browsers))

    assert [answer.status_code for answer in answers] == [303, 303]
    assert {answer.headers["Location"] for answer in answers} == {"/problems/1"}
    assert await connection.fetchval("SELECT count(*) FROM problem") == 1
