"""The numbers of the recap agree with a slow model in plain Python that counts raw events, over random lives."""

from collections.abc import AsyncIterator

import pytest

from tests.conftest import connected
from tests.databases import Databases
from tests.recap import checks, service_checks
from tests.recap.checks import World

PROBLEMS = 300


@pytest.fixture(scope="module")
async def world(databases: Databases) -> AsyncIterator[World]:
    async with connected(databases.clone()) as connection:
        world = World(connection, 11, PROBLEMS)
        await world.make()
        yield world


async def test_every_number_is_the_models_and_balances(world: World) -> None:
    await checks.check_numbers(world)


async def test_behind_every_number_stands_what_it_counts(world: World) -> None:
    await checks.check_lists(world, share=0.03)


async def test_how_soon_problems_are_answered_and_solved_is_the_models(world: World) -> None:
    await service_checks.check_service(world)


async def test_behind_each_time_and_share_stands_what_it_is_of(world: World) -> None:
    await service_checks.check_used_lists(world)


async def test_why_problems_are_late_adds_up(world: World) -> None:
    await service_checks.check_delays(world)


async def test_adding_up_changes_no_number(world: World) -> None:
    await checks.check_folded(world)
