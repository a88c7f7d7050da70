"""Nobody turns the others away: who asks for more at once than is one person's is refused for next to nothing."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from asyncpg import Connection
from databases import Database
from databases.core import Connection as Managed
from httpx2 import Response
from starlette.applications import Starlette

import db
from actions import uploads
from app import IN_FLIGHT
from auth import sessions
from auth.clients import Client as Asking
from tests import images
from tests.client import Client
from tests.conftest import People
from tests.journeys import ANI, BUDI
from web import fairness
from web.fairness import OF_A_PERSON

REQUEST = "request"  # the name of its task; the application has others, which ask for connections too
LATE = 20  # seconds, within which everything is answered that is not held


class Desk:
    """What holds requests at the question who asks, and counts the connections that they asked for."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.asked = 0
        self.held: list[asyncio.Task[Response]] = []

    async def hold(self, client: Client, path: str, count: int) -> None:
        """Have `client` ask so often at once, for what is not answered until the desk opens."""
        before = self.asked
        self.held += asking(client, path, count)
        async with asyncio.timeout(LATE):
            while self.asked < before + count:  # noqa: ASYNC110 (it has no event to wait for)
                await asyncio.sleep(0)

    async def answers(self) -> set[int]:
        """Open, and tell how those that were held are answered."""
        self.open.set()
        return {answer.status_code for answer in await asyncio.gather(*self.held)}


@pytest.fixture
async def desk(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    desk, take, admit = Desk(), db._take, sessions.admit

    async def counted(database: Database) -> Managed:
        task = asyncio.current_task()
        desk.asked += task is not None and task.get_name() == REQUEST
        return await take(database)

    async def held(connection: Connection, client: Asking, by_itself: bool = False) -> object:
        await desk.open.wait()
        return await admit(connection, client, by_itself)

    monkeypatch.setattr(db, "ACQUIRE_TIMEOUT", 2 * LATE)
    monkeypatch.setattr(db, "_take", counted)
    monkeypatch.setattr(sessions, "admit", held)
    yield desk
    desk.open.set()
    await asyncio.gather(*desk.held, return_exceptions=True)


def asking(client: Client, path: str, count: int) -> list[asyncio.Task[Response]]:
    return [asyncio.create_task(client.get(path), name=REQUEST) for _ in range(count)]


async def together(client: Client, path: str, count: int) -> list[Response]:
    async with asyncio.timeout(LATE):
        return await asyncio.gather(*asking(client, path, count))


async def refusals(client: Client) -> int:
    """How many of one request are refused for want of room."""
    return sum(answer.status_code == 503 for answer in await together(client, "/problems", 1))


async def test_a_refusal_takes_no_connection_and_no_place(people: People, nobody: Client, desk: Desk) -> None:
    """More refusals than a worker has places for, while the person's share is held."""
    ani = await people(ANI)
    await desk.hold(ani, "/problems", OF_A_PERSON)
    for answer in await together(ani, "/problems", IN_FLIGHT + 10):
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
    assert desk.asked == OF_A_PERSON
    assert (await nobody.get("/login")).status_code == 200
    assert await desk.answers() == {200}


@pytest.mark.parametrize("path", ["/static/nope", "/nowhere"])
async def test_what_has_no_door_is_of_the_share_too(people: People, nobody: Client, desk: Desk, path: str) -> None:
    """Beyond it, the page says that nothing is there to nobody in particular."""
    ani = await people(ANI)
    await desk.hold(ani, path, OF_A_PERSON)
    for answer in await together(ani, path, IN_FLIGHT + 10):
        assert answer.status_code == 404 and "Ani" not in answer.text
    assert desk.asked == OF_A_PERSON
    assert (await ani.get("/problems")).status_code == 503
    assert (await nobody.get("/login")).status_code == 200
    assert await desk.answers() == {404}
    assert "Ani Lestari" in (await ani.get(path)).text


async def test_a_method_that_a_door_does_not_take_is_of_the_share_too(people: People, desk: Desk) -> None:
    ani = await people(ANI)
    await desk.hold(ani, "/problems", OF_A_PERSON)
    desk.asked = 0
    assert [answer.status_code for answer in await together(ani, "/logout", 1)] == [405]
    assert desk.asked == 0


async def test_who_is_refused_is_not_named(people: People, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it had to be asked whose a post with photos is, it is not asked again."""
    monkeypatch.setattr(uploads, "IN_ALL", 0)
    ani, photo = await people(ANI), {"photo": ("a.png", images.png(8, 8), "image/png")}
    desk.open.set()
    async with asyncio.timeout(LATE):
        answer = await asyncio.create_task(ani.post("/problems", {"title": "Printer"}, files=photo), name=REQUEST)
    assert (answer.status_code, desk.asked) == (503, 1)


async def test_sessions_of_a_person_have_one_share(app: Starlette, people: People, desk: Desk) -> None:
    """As soon as it is known whose they are."""
    ani = await people(ANI)
    desk.open.set()
    other = await People(app)(ANI)
    for client in (ani, other, await people(BUDI)):
        assert (await client.get("/problems")).status_code == 200
    desk.open.clear()
    await desk.hold(ani, "/problems", OF_A_PERSON)
    assert await refusals(other) == 1
    await desk.hold(await people(BUDI), "/problems", 1)
    assert await desk.answers() == {200}


async def test_a_login_says_whose_its_session_is(people: People, desk: Desk) -> None:
    desk.open.set()
    ani, other = await people.log_in(ANI), await people.log_in(ANI)
    desk.open.clear()
    await desk.hold(ani, "/problems", OF_A_PERSON)
    assert await refusals(other) == 1


async def test_as_many_sessions_are_remembered_as_are_in_use(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one that was seen last is kept longest."""
    monkeypatch.setattr(fairness, "KNOWN", 2)
    known = fairness.Fairness()
    for session_id in ("one", "two", "one", "three"):
        known.note_person(session_id, ANI)
    assert known._people.keys() == {"one", "three"}
