"""One size: its database, the servers on it, and what is measured of them."""

import random
import time
from collections.abc import Collection
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Self

from auth.pins import PinHasher
from bench.speed import paper, servers
from bench.speed.inserting import measure_inserts
from bench.speed.load import Shot
from bench.speed.loading import load_company
from bench.speed.machine import OTHERS, pinned
from bench.speed.measuring import Line, Measured, measure, measure_screen
from bench.speed.people import SECRET, log_all_in
from bench.speed.run import Run
from bench.speed.screens import SCREENS
from bench.speed.targets import LISTS
from bench.speed.world import Screen, World, fetch
from server.migrate import migrate_database
from server.postgres.embedded import EmbeddedPostgres
from settings import ROOT
from tests.conftest import connected
from tests.databases import PIN

PAPER = ROOT / "bench" / "speed" / "baseline" / "schema.sql"


async def _bare(world: World) -> list[Shot]:
    return [Shot("/")]


BARE = Screen("bare", "a bare Starlette route", _bare)


class Bench:
    """SIH on a database with so many problems, which is loaded into the folder unless it is there, while the context lasts."""

    def __init__(self, folder: Path, problems: int, seconds: float) -> None:
        self._folder, self._problems, self._seconds = folder, problems, seconds
        self._data = folder / str(problems)

    async def __aenter__(self) -> Self:
        await self._load()
        async with AsyncExitStack() as stack:
            with pinned(OTHERS):
                self._url = stack.enter_context(EmbeddedPostgres(self._data))
            self._postmaster = int((self._data / "cluster" / "postmaster.pid").read_text().split()[0])
            before, after = await migrate_database(self._url)  # of what was kept by an earlier version
            connection = await stack.enter_async_context(connected(self._url))
            if before != after:
                await connection.execute("VACUUM (ANALYZE)")
            self._app = stack.enter_context(servers.app(self._folder, self._url))
            year = await connection.fetchval("SELECT max(year) FROM problem")
            month = await connection.fetchval("SELECT to_char(max(reported_at), 'YYYY-MM') FROM problem")
            people = await log_all_in(connection)
            self._world = World(connection, people, {"app": self._app.port}, year, month, random.Random(7))
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._stack.aclose()

    async def measure(self, only: Collection[str], rounds: int, beside: bool) -> Run:
        """Measure all screens, or `only` some; `beside` them the paper's design and the floors."""
        chosen = [screen for screen in SCREENS if not only or screen.name in only]
        lines = {f"app {screen.name}": self._line(self._app, screen) for screen in chosen}
        if beside:
            lines |= await self._others(only)
        pages = {screen.name: await self._page_size(screen) for screen in chosen if screen.name in LISTS}
        resident: list[float] = []
        measured = await measure(lines, rounds, lambda: resident.append(self._app.resident_megabytes))
        size = await self._world.connection.fetchval(
            "SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
        )
        return Run(
            problems=self._problems,
            screens=measured,
            pages=pages,
            resident=(resident[0], self._app.resident_megabytes),
            answers=self._app.answers,
            loaded_in=self._loaded_in,
            gigabytes=float(size) / 1e9,
        )

    async def _load(self) -> None:
        loaded = self._data / "loaded"
        if not loaded.exists():
            began = time.monotonic()
            with EmbeddedPostgres(self._data, durable=False) as url:
                await load_company(url, self._problems, PinHasher([SECRET]).hash(PIN))
            loaded.write_text(f"{time.monotonic() - began:.0f}\n")
        self._loaded_in = float(loaded.read_text() or 0)

    def _line(self, server: servers.Server, screen: Screen) -> Line:
        return lambda: measure_screen(self._world, self._postmaster, server, screen, self._seconds)

    async def _others(self, only: Collection[str]) -> dict[str, Line]:
        """The lines of the paper's design, whose tables are made if they are not there, and of the floors."""
        if not await self._world.connection.fetchval("SELECT to_regnamespace('paper') IS NOT NULL"):
            await self._world.connection.execute(PAPER.read_text())
        design = self._stack.enter_context(servers.paper(self._folder, self._url))
        floor = self._stack.enter_context(servers.floor(self._folder))
        self._world.ports["paper"] = design.port

        async def insert() -> Measured:
            return measure_inserts(self._url, self._postmaster, self._seconds)

        chosen = [screen for screen in paper.SCREENS if not only or screen.name in only]
        lines = {f"paper {screen.name}": self._line(design, screen) for screen in chosen}
        return lines | {"floor bare": self._line(floor, BARE), "pgbench insert": insert}

    async def _page_size(self, screen: Screen) -> int:
        """The bytes of a page before compression; 0 where there is none."""
        shots = await screen.shots(self._world)
        return (
            len(fetch(self._app.port, Shot(shots[0].path, {"Cookie": shots[0].headers["Cookie"]}))[2]) if shots else 0
        )
