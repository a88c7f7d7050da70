"""A house that is only looked at: one application for all tests that change nothing."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from asyncpg import Connection
from starlette.applications import Starlette

from app import create_app
from tests.areas import put_in_areas
from tests.client import Client
from tests.conftest import People, connected, settings_for
from tests.databases import Databases
from tests.journeys import ADMIN_OF_THE_STORE, CITRA, OF_TWO, WAYS, annotate, photograph, report
from tests.memberships import belong
from tests.queries import life
from tests.routes.catalogue import Example, contents

SOMEBODY = "90003"  # of whom nothing is asked: whose session is the first


@dataclass(frozen=True)
class House:
    """Somebody who is not logged in, who is, and problems of Ani's, each with a photo: their paths by their state (a key of
    journeys.WAYS); `elsewhere` is one of Citra's."""

    app: Starlette
    nobody: Client
    people: People
    connection: Connection
    problems: dict[str, str]
    elsewhere: str
    _pages: dict[tuple[str, str], str] = field(default_factory=dict)

    async def page(self, nik: str, state: str) -> str:
        """What that person is shown of a problem."""
        if (nik, state) not in self._pages:
            response = await (await self.people(nik)).get(self.problems[state])
            assert response.status_code == 200
            self._pages[nik, state] = response.text
        return self._pages[nik, state]

    def problem_of(self, example: Example) -> str:
        """The path of the problem that the example is about; empty if it is about none."""
        return self.problems[example.state] if example.state else ""


@pytest.fixture(scope="session")
async def whole_house(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    url = databases.clone()
    app = create_app(settings_for(url, tmp_path_factory.mktemp("data")))
    async with app.router.lifespan_context(app), connected(url) as connection:
        await connection.execute(
            """
            INSERT INTO employee (nik, name, store_code, is_admin, pin_hash)
            VALUES ($1, 'Kartika Sari', 'T01', true, ''), ($2, 'Lukman Hakim', 'HO', false, ''),
                   ($3, 'Made Suarta', 'HO', false, '')
            """,
            ADMIN_OF_THE_STORE,
            SOMEBODY,
            OF_TWO,
        )
        await belong(connection, OF_TWO, "GA", "IT-NET")
        await put_in_areas(connection)
        people = People(app)
        await people(SOMEBODY)
        problems = {state: f"/problems/{await life.problem_in(connection, state)}" for state in WAYS}
        for path in problems.values():
            await photograph(people, path)
            await annotate(people, path)
        elsewhere = await report(people, CITRA, title="Printer Denpasar")
        yield House(app, Client(app), people, connection, problems, elsewhere)


@pytest.fixture
async def house(whole_house: House) -> AsyncIterator[House]:
    """It; what is asked of it has to leave it as it was."""
    before = await contents(whole_house.connection)
    yield whole_house
    assert await contents(whole_house.connection) == before
