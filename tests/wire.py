"""A wire to the database, over TCP, that can be cut: loudly, or silently, when bytes are swallowed and nobody is told."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import parse_qs, urlsplit, urlunsplit


class Wire:
    """Leads to the server of `url`; `to` may be changed to that of another one, for connections made later."""

    def __init__(self, url: str) -> None:
        self.to = url
        self.swallows = False  # on the connections that are there as on those that are made
        self.loses_commits = 0.0  # the share of what commits that reaches the server, and whose answer is cut off
        # By what of it that is known; what is a transaction by itself, by a text that it carries.
        self.commits: tuple[bytes, ...] = (b"COMMIT;",)
        self.made = 0
        self._wires: set[asyncio.Task[None]] = set()
        self._led: set[asyncio.Task[None]] = set()

    def begin(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take a connection, and hold its task: asyncio's server would let it go on after its end."""
        led = asyncio.get_running_loop().create_task(self._lead(reader, writer))
        self._led.add(led)
        led.add_done_callback(self._led.discard)

    async def _lead(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.made += 1
        try:
            there_reader, there_writer = await _connect(self.to)
        except OSError:
            await close(writer)
            return
        committed = asyncio.Event()  # and nobody is to know
        tasks = {
            asyncio.create_task(self._pass(a, b, committed))
            for a, b in ((reader, there_writer), (there_reader, writer))
        }
        self._wires |= tasks
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, close(writer), close(there_writer), return_exceptions=True)
        self._wires -= tasks

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, committed: asyncio.Event) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(65536):
                if committed.is_set():
                    return
                if any(mark in data for mark in self.commits) and random.random() < self.loses_commits:
                    committed.set()
                if not self.swallows:
                    writer.write(data)
                    await writer.drain()

    def cut_one(self) -> None:
        """Hang up on one who is connected."""
        if self._wires:
            random.choice(list(self._wires)).cancel()

    async def end(self) -> None:
        """Hang up on whoever is connected."""
        for wire in self._wires:
            wire.cancel()
        await asyncio.gather(*self._led, return_exceptions=True)


async def close(writer: asyncio.StreamWriter) -> None:
    """Hang up, and wait until that is done; what the other side does not take within a second is dropped."""
    writer.close()
    try:
        async with asyncio.timeout(1):
            await writer.wait_closed()
    except TimeoutError:
        writer.transport.abort()
    except ConnectionError:
        pass


@asynccontextmanager
async def wired(url: str) -> AsyncIterator[tuple[Wire, str]]:
    """A wire to the server of `url`, and the URL of the same database by it."""
    wire = Wire(url)
    server = await asyncio.start_server(wire.begin, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    parts = urlsplit(url)
    person = f"{parts.username or 'postgres'}{':' + parts.password if parts.password else ''}"
    try:
        yield wire, urlunsplit((parts.scheme, f"{person}@127.0.0.1:{port}", parts.path, "ssl=false", ""))
    finally:
        server.close()
        await wire.end()


async def _connect(url: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    parts = urlsplit(url)
    if folder := parse_qs(parts.query).get("host"):
        return await asyncio.open_unix_connection(f"{folder[0]}/.s.PGSQL.{parts.port or 5432}")
    return await asyncio.open_connection(parts.hostname, parts.port or 5432)
