"""Due times, breaches and the split of the time agree with a slow model, over random lives in a company that changes."""

import pytest

from tests.conftest import connected
from tests.databases import Databases
from tests.targets.lives import Company


@pytest.mark.parametrize("seed", range(4))
async def test_the_database_says_what_the_model_does(databases: Databases, seed: int) -> None:
    async with connected(databases.clone()) as connection:
        company = Company(connection, seed, 50)
        await company.live()
        await company.check()
