"""The large company of the benches: an embedded database of its own, with as many problems as are asked for by `--problems`."""

import argparse
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from asyncpg import Connection

from server.migrate import migrate_database
from server.postgres.embedded import EmbeddedPostgres
from tests.conftest import connected

COMPANY = Path(__file__).with_name("company.sql")


def problems_asked_for(description: str | None) -> int:
    """How many problems the command line asks for; a million, if it does not say."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--problems", type=int, default=1_000_000)
    return parser.parse_args().problems


@asynccontextmanager
async def empty_company() -> AsyncIterator[Connection]:
    """A connection to a database with the schema and nothing in it, which goes with it."""
    with tempfile.TemporaryDirectory() as folder, EmbeddedPostgres(Path(folder) / "data", durable=False) as url:
        await migrate_database(url)
        async with connected(url) as connection:
            yield connection


async def fill_company(connection: Connection, problems: int) -> None:
    """Stores, people and so many problems."""
    await connection.execute(COMPANY.read_text().replace(":problems", str(problems)))
