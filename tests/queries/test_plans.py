"""No request takes the longer the more problems there are: every statement is planned among many, whatever its parameters."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from asyncpg import Connection

from db import SERVING
from tests.conftest import connected
from tests.databases import Databases
from tests.journeys import WAYS
from tests.plans import LARGE, faults_of, list_partial_indexes, plan_of, walks, written_statements
from tests.queries.life import problem_in

CROWD = Path(__file__).parent.parent / "crowd.sql"
PROBLEMS = 15_000

# What reads or sorts many, and why it may.
KNOWN = {
    # The desk screen adds up what is unfinished, which is a few of all, and what was closed today.
    "desk.list_holders": {"sorts", "passes over rows"},
    "desk.list_loads": {"sorts"},
    "desk.list_unanswered": {"sorts"},
    "desk.list_waiting": {"sorts"},
    # Of a wide area: of everybody's problems those of its stores, a page, or what one person is at (docs/decisions/0119).
    "of an area": {"passes over rows"},
    "problem_counts of an area": {"passes over rows"},
    # What is searched by its text (docs/decisions/0111).
    "problem_search.search_all": {"reads all"},
    "notes._is_found_soon": {"reads all"},  # few problems here have notes; among many by the index
    "notes.list_noted": {"reads all"},  # of what is found often, and so until a page of it is
    # What bin/sih verify does.
    "problem_counts.count_miscounted_problems": {"reads all"},
}


@pytest.fixture
async def crowd(databases: Databases) -> AsyncIterator[Connection]:
    """A connection as requests have it, to a database with many problems."""
    url = databases.clone()
    async with connected(url) as connection:
        for statement in CROWD.read_text(encoding="utf-8").replace(":problems", str(PROBLEMS)).split(";\n")[:-1]:
            await connection.execute(statement)
    async with connected(url, **SERVING) as connection:
        yield connection


async def test_no_plan_reads_or_sorts_more_than_is_shown(crowd: Connection) -> None:
    """In one test, for the database takes longer to make than all plans."""
    partial = await list_partial_indexes(crowd)
    found: dict[str, set[str]] = {}
    for statement in (*written_statements(), *walks()):
        if faults := faults_of(await plan_of(crowd, statement.text), partial):
            found[statement.name] = found.get(statement.name, set()) | faults
    assert found == KNOWN
    read = await count_whole_reads(crowd)
    for state in WAYS:
        await problem_in(crowd, state)
    assert await count_whole_reads(crowd) == read, "what the functions of the schema do"


async def count_whole_reads(connection: Connection) -> dict[str, int]:
    await connection.execute("SELECT pg_stat_force_next_flush()")
    rows = await connection.fetch("SELECT relname, seq_scan FROM pg_stat_user_tables WHERE relname = ANY ($1)", LARGE)
    return dict(map(tuple, rows))
