"""How far an upload is, for the form that is being sent: its sender's alone, told by every worker, for next to nothing."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import httpx2
import pytest
from asyncpg import Connection
from starlette.applications import Starlette

from actions import uploads
from app import create_app
from queries.budgets import forget_old
from settings import Settings
from tests.client import HTMX, Client
from tests.conftest import People
from tests.images import png
from tests.journeys import ANI, BUDI, REPORT
from tests.sources import TEMPLATES
from web.bodies import BODY_LIMIT

PHOTO = png(8, 8)
MEGABYTE = 1024 * 1024


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "NOTED_EVERY", 0.02)


class Sent:
    """A report with a photo that has arrived but for its end, and goes on when told to."""

    def __init__(self, client: Client, fields: dict[str, str], size: int) -> None:
        self.client, self.key, self._size = client, fields["key"], size
        self.going_on = asyncio.Event()
        parts = [f'--x\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n' for n, v in fields.items()]
        head = '--x\r\nContent-Disposition: form-data; name="photo"; filename="a.png"\r\n\r\n'
        self._begin = ("".join(parts) + head).encode() + PHOTO
        headers = {"Content-Type": "multipart/form-data; boundary=x", "Content-Length": str(size), "SIH-Key": self.key}
        self.answer = asyncio.create_task(client.post("/problems", content=self._body(), headers=headers | HTMX))

    async def _body(self) -> AsyncIterator[bytes]:
        rest = self._size - len(self._begin) - 9
        yield self._begin + bytes(rest // 2)
        await self.going_on.wait()
        yield bytes(rest - rest // 2) + b"\r\n--x--\r\n"

    async def end(self) -> httpx2.Response:
        self.going_on.set()
        return await self.answer


@asynccontextmanager
async def sent(client: Client, size: int = MEGABYTE) -> AsyncIterator[Sent]:
    upload = Sent(client, await client.form("/problems/new", "/problems") | REPORT, size)
    yield upload
    assert "HX-Location" in (await upload.end()).headers


async def said(client: Client, key: str) -> str:
    answer = await client.get("/uploads", params={"key": key}, htmx=True)
    assert answer.status_code == 200
    return answer.text


async def noted(connection: Connection, count: int = 1) -> None:
    """Wait until so many are."""
    async with asyncio.timeout(8):
        while await connection.fetchval("SELECT count(*) FROM upload") != count:  # noqa: ASYNC110 (a table has no event)
            await asyncio.sleep(0.01)


async def test_its_sender_is_told_by_every_worker(people: People, connection: Connection, settings: Settings) -> None:
    ani, budi, other = await people(ANI), await people(BUDI), create_app(settings)
    async with other.router.lifespan_context(other), sent(ani) as upload:
        await noted(connection)
        elsewhere = await People(other)(ANI)
        for client in (ani, elsewhere):
            assert "0,5 dari 1 MB" in await said(client, upload.key)
        assert not (await said(ani, str(uuid4()))).strip(), "of another form"
        assert not (await said(ani, "x")).strip(), "of none"
        assert not (await said(budi, upload.key)).strip(), "of somebody else"
    assert not (await said(ani, upload.key)).strip(), "it is over"
    assert not await connection.fetchval("SELECT count(*) FROM upload")


async def test_no_connection_is_held_meanwhile(app: Starlette, people: People, connection: Connection) -> None:
    async with sent(await people(ANI)):
        await noted(connection)
        pool = app.state.database._backend._pool
        async with asyncio.timeout(8):
            while pool.get_idle_size() < pool.get_size():  # noqa: ASYNC110 (a pool has no event)
                await asyncio.sleep(0)


async def test_of_a_small_post_nothing_is_written(people: People, connection: Connection) -> None:
    async with sent(await people(BUDI), BODY_LIMIT) as small, sent(await people(ANI)) as large:
        await noted(connection)
        assert [*map(str, await connection.fetch("SELECT key FROM upload"))] == [f"<Record key=UUID('{large.key}')>"]
        assert small.key != large.key


async def test_a_post_that_breaks_off_leaves_nothing(people: People, connection: Connection) -> None:
    client = await people(ANI)
    upload = Sent(client, await client.form("/problems/new", "/problems") | REPORT, MEGABYTE)
    await noted(connection)
    upload.answer.cancel()
    await asyncio.gather(upload.answer, return_exceptions=True)
    await noted(connection, 0)


async def test_what_cannot_be_noted_is_no_fault(people: People, outage, monkeypatch: pytest.MonkeyPatch) -> None:
    tried, note = asyncio.Event(), uploads.note_arrival

    async def watched(*arguments) -> None:
        try:
            await note(*arguments)
        finally:
            tried.set()

    monkeypatch.setattr(uploads, "note_arrival", watched)
    async with outage("upload"), sent(await people(ANI)):
        await tried.wait()


async def test_what_a_killed_worker_left_is_nothing(people: People, connection: Connection) -> None:
    key = uuid4()
    await connection.execute(
        "INSERT INTO upload (nik, key, arrived, total, at) VALUES ($1, $2, 1, 2, now() - interval '11 minutes')",
        ANI,
        key,
    )
    assert not (await said(await people(ANI), str(key))).strip()
    await forget_old(connection)
    assert not await connection.fetchval("SELECT count(*) FROM upload")


async def test_all_of_it_is_looked_at(people: People, connection: Connection) -> None:
    """When all has arrived, pictures are still to be made of it: nothing false is said of the rest."""
    key = uuid4()
    await connection.execute("INSERT INTO upload (nik, key, arrived, total) VALUES ($1, $2, 2, 2)", ANI, key)
    assert "Semua terkirim, sedang diperiksa…" in await said(await people(ANI), str(key))


def test_every_form_with_files_says_so() -> None:
    for path in TEMPLATES:
        text = path.read_text()
        assert ("uploads=" in text) == ("partials/form/sending.html" in text) or path.name == "frame.html", path
