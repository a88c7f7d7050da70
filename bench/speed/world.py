"""What is measured: requests for the screens of a server, and the answers that they get."""

import asyncio
import http.client
import random
import re
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from itertools import cycle, islice
from uuid import uuid4

from asyncpg import Connection

from bench.speed.load import FORM, KEY, Shot
from bench.speed.people import People

PATIENCE = 30  # seconds
BROWSER = {"Accept-Encoding": "gzip, deflate, br, zstd"}


@dataclass
class World:
    """The database that the servers answer from, and who is logged in; the ports of the servers by their names. `year` and
    `month` are the newest that have problems."""

    connection: Connection
    people: People
    ports: dict[str, int]
    year: int
    month: str
    rng: random.Random

    async def some_problems(self, number: int) -> list[tuple[int, int]]:
        """Number and version of problems of all years."""
        last = await self.connection.fetchval("SELECT max(id) FROM problem")
        ids = sorted({self.rng.randint(1, last) for _ in range(number)})
        rows = await self.connection.fetch("SELECT id, version FROM problem WHERE id = ANY ($1)", ids)
        problems = [(row["id"], row["version"]) for row in rows]
        self.rng.shuffle(problems)
        return problems


@dataclass(frozen=True)
class Screen:
    """`shots` are its requests, `expects` how the answer begins: its status, and where it leads. What is sent `once` cannot be
    sent again."""

    name: str
    title: str
    shots: Callable[[World], Awaitable[list[Shot]]]
    expects: str = "200"
    once: bool = False


def fetch(port: int, shot: Shot) -> tuple[str, http.client.HTTPMessage, bytes]:
    """Send a request and read the answer: its status and where it leads, its headers, its body."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    body = shot.line.rpartition("\t")[2].strip().replace(KEY, str(uuid4()))
    connection.request(shot.method, shot.path, body or None, dict(shot.headers) | (FORM if shot.form else {}))
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    return f"{answer.status} {answer.headers.get('Location', '')}".strip(), answer.headers, text


async def aim(world: World, port: int, screen: Screen) -> list[Shot]:
    """The requests of a screen, of which the first has got the answer that is measured. What others have asked for before may
    take its time, and what somebody has already may have changed meanwhile. Raises RuntimeError for any other answer."""
    end = time.monotonic() + PATIENCE
    while shots := await screen.shots(world):
        status, _, body = fetch(port, shots[0])
        if re.match(screen.expects, status):
            break
        if time.monotonic() > end:
            raise RuntimeError(f"{screen.name}: {shots[0].path} answers {status}: {body[:500]!r}")
        await asyncio.sleep(1)
    return shots


def get(paths: Iterable[str], cookies: Iterable[str], number: int = 500) -> list[Shot]:
    """So many requests of a browser: each path by turns, from each person by turns."""
    pairs = zip(cycle(list(paths)), cycle(list(islice(cookies, number))), strict=False)
    return [Shot(path, {"Cookie": cookie} | BROWSER) for path, cookie in islice(pairs, number)]


def post(path: str, cookie: str, **fields: str) -> Shot:
    """A form that is sent."""
    return Shot(path, {"Cookie": cookie} | BROWSER, {"key": KEY} | fields)
