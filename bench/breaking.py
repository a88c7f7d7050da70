"""SIH as processes on a database of its own or behind a wire, and everything that breaks there (fault injection)."""

import asyncio
import os
import random
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bench.crowd import Crowd
from server.postgres.embedded import EmbeddedPostgres
from server.postgres.keeper import kept
from settings import ROOT
from tests.conftest import connected, execute
from tests.databases import make_company
from tests.processes import Process, free_port
from tests.wire import Wire, wired

LASTS = 16  # seconds of a fault that lasts: longer than any wait on the database
STARTS = 60  # seconds within which SIH has to serve
SECRET = "kunci"  # of SIH
BACKENDS = "SELECT pid FROM pg_stat_activity WHERE application_name = 'sih'"


@dataclass
class World:
    """SIH as a process, its database by `url` as a superuser, which no fault of the `wire` concerns, and where that is kept."""

    folder: Path
    data: Path
    url: str
    settings: dict[str, str]
    workers: int
    wire: Wire = field(default_factory=lambda: Wire(""))  # that leads nowhere
    sih: Process = field(init=False)

    async def start(self) -> None:
        """Start SIH, again and again until it serves, as a service manager would."""
        end = time.monotonic() + STARTS
        while True:
            self.sih = Process(self.folder, root=ROOT, **self.settings, WORKERS=str(self.workers))
            try:
                await asyncio.to_thread(self.sih.serving)
                return
            except (AssertionError, pytest.fail.Exception):
                self.sih.kill()
                if time.monotonic() > end:
                    raise
                await asyncio.sleep(0.5)

    async def revive(self) -> str:
        """Start SIH again if it has ended, and say with what status and which last words."""
        if (status := self.sih.process.poll()) is None:
            return ""
        words = [line for line in self.sih.err.splitlines() if '"message": "request"' not in line]
        await self.start()
        return f"status {status}, {words[-1:]}"

    async def stop(self) -> None:
        await asyncio.to_thread(self.sih.stop)

    async def backends(self) -> list[int]:
        async with connected(self.url) as connection:
            return [row["pid"] for row in await connection.fetch(BACKENDS)]


# The faults: each returns when it has ended.


async def postgres_killed(world: World, crowd: Crowd) -> None:
    os.kill(int((world.data / "cluster" / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)


async def backend_killed(world: World, crowd: Crowd) -> None:
    os.kill(random.choice(await world.backends()), signal.SIGKILL)


async def backends_stopped(world: World, crowd: Crowd) -> None:
    pids = await world.backends()
    stopped = random.sample(pids, (len(pids) + 1) // 2)
    for pid in stopped:
        os.kill(pid, signal.SIGSTOP)
    await asyncio.sleep(LASTS)
    for pid in stopped:
        os.kill(pid, signal.SIGCONT)


async def reads_only(world: World, crowd: Crowd) -> None:
    await execute(world.url, "ALTER SYSTEM SET default_transaction_read_only = on")
    await execute(world.url, "SELECT pg_reload_conf()")
    await asyncio.sleep(LASTS / 2)
    async with connected(world.url, default_transaction_read_only="off") as connection:
        await connection.execute("ALTER SYSTEM RESET default_transaction_read_only")
        await connection.execute("SELECT pg_reload_conf()")


async def commits_refused(world: World, crowd: Crowd) -> None:
    """As by a full disk, at the end of half of all transactions."""
    await execute(
        world.url,
        """
        CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF random() < 0.5 THEN RAISE EXCEPTION 'full' USING ERRCODE = 'disk_full'; END IF; RETURN NULL;
        END $$;
        CREATE CONSTRAINT TRIGGER full_disk AFTER INSERT ON submission DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW EXECUTE FUNCTION full_disk();
        """,
    )
    await asyncio.sleep(LASTS / 2)
    await execute(world.url, "DROP TRIGGER full_disk ON submission; DROP FUNCTION full_disk()")


async def disk_full(world: World, crowd: Crowd) -> None:
    """The database's own disk, where it has one."""
    ballast = world.data / "ballast"
    await asyncio.to_thread(_fill, ballast)
    await asyncio.sleep(LASTS)
    ballast.unlink()


def _fill(ballast: Path) -> None:
    with suppress(OSError), ballast.open("wb", buffering=0) as file:
        while file.write(bytes(8192)):
            pass


async def too_many_connections(world: World, crowd: Crowd) -> None:
    await execute(world.url, "ALTER ROLE sih CONNECTION LIMIT 2")
    await execute(world.url, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'sih'")
    await asyncio.sleep(LASTS / 2)
    await execute(world.url, "ALTER ROLE sih CONNECTION LIMIT -1")


async def black_hole(world: World, crowd: Crowd) -> None:
    world.wire.swallows = True
    await asyncio.sleep(LASTS)
    world.wire.swallows = False


async def cut_at_random(world: World, crowd: Crowd) -> None:
    for _ in range(LASTS * 4):
        world.wire.cut_one()
        await asyncio.sleep(random.uniform(0, 0.25))


async def commits_unanswered(world: World, crowd: Crowd) -> None:
    world.wire.loses_commits, world.wire.commits = 0.3, (b"COMMIT;", b"bukti ")  # what people type (bench/crowd.py)
    await asyncio.sleep(LASTS / 2)
    world.wire.loses_commits = 0.0


async def restarted(world: World, crowd: Crowd) -> None:
    await world.stop()
    await world.start()


async def worker_killed(world: World, crowd: Crowd) -> None:
    for _ in range(3):
        os.kill(random.choice(world.sih.workers() or [world.sih.process.pid]), signal.SIGKILL)
        await asyncio.sleep(2)
        await world.revive()


async def parent_killed(world: World, crowd: Crowd) -> None:
    await asyncio.to_thread(world.sih.stop, signal.SIGKILL)
    await world.start()


async def clients_hang_up(world: World, crowd: Crowd) -> None:
    crowd.hasty = True
    await asyncio.sleep(LASTS / 2)
    crowd.hasty = False


Fault = Callable[[World, Crowd], Awaitable[None]]
ANYWHERE: list[Fault] = [
    postgres_killed, backend_killed, backends_stopped, reads_only, commits_refused, restarted, worker_killed, parent_killed,
    clients_hang_up,
]  # fmt: skip
ON_THE_WIRE: list[Fault] = [black_hole, cut_at_random, commits_unanswered, too_many_connections]


@asynccontextmanager
async def on_its_own(folder: Path, workers: int) -> AsyncIterator[World]:
    """SIH on its own database, with the small company in it."""
    data = folder / "data"
    with EmbeddedPostgres(data) as url:
        await make_company(url, [SECRET])
    async with _served(World(folder, data, url, {"SIH_DATA": str(data), "pin_pepper": SECRET}, workers)) as world:
        yield world


@asynccontextmanager
async def behind_a_wire(folder: Path, workers: int) -> AsyncIterator[World]:
    """SIH on a database that it reaches over the wire, as an ordinary role."""
    data = folder / "data"
    with kept(EmbeddedPostgres(data)) as url:
        await execute(url, "CREATE ROLE sih LOGIN; ALTER DATABASE postgres OWNER TO sih")
        as_role = url.replace("postgres@", "sih@")
        await make_company(as_role, [SECRET])
        async with wired(as_role) as (wire, address):
            settings = {"DATABASE_URL": address, "secret_key": SECRET}
            async with _served(World(folder, data, url, settings, workers, wire)) as world:
                yield world


@asynccontextmanager
async def on_a_small_disk(folder: Path, workers: int) -> AsyncIterator[World]:
    """As on its own, with a disk of its own for the database. Raises PermissionError where nobody may mount one."""
    try:
        await _run("/usr/bin/mount", "-t", "tmpfs", "-o", "size=400m,mode=755", "tmpfs", str(folder))
    except OSError as error:
        raise PermissionError("no disk of its own can be mounted") from error
    try:
        async with on_its_own(folder, workers) as world:
            yield world
    finally:
        await _run("/usr/bin/umount", "--lazy", str(folder))


async def _run(*command: str) -> None:
    process = await asyncio.create_subprocess_exec(*command)
    if await process.wait():
        raise OSError(f"{command[0]} failed")


@asynccontextmanager
async def _served(world: World) -> AsyncIterator[World]:
    world.settings["PORT"] = str(free_port())
    await world.start()
    try:
        yield world
    finally:
        await world.stop()


# Where which faults are tried.
CAMPAIGNS = {
    "own": (on_its_own, ANYWHERE),
    "wire": (behind_a_wire, [*ANYWHERE, *ON_THE_WIRE]),
    "small disk": (on_a_small_disk, [disk_full]),
}
