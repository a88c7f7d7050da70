"""A proxy in front of the application, which answers in its place when told to: what networks do to people."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from tests.wire import close

PAGE = "<!doctype html><title>Portal</title><h1>Masuk ke jaringan tamu</h1><form id=main><p class='flash error'>Portal</p></form>"


@dataclass(frozen=True)
class Strange:
    """An answer that is not the application's."""

    status: int
    body: str = PAGE
    location: str = ""

    def __str__(self) -> str:
        return f"{self.status}{' empty' if not self.body else ''}{' elsewhere' if self.location else ''}"

    @property
    def raw(self) -> bytes:
        body = self.body.encode()
        head = [f"HTTP/1.1 {self.status} Strange", "Content-Type: text/html; charset=utf-8", "Connection: close"]
        if self.location:
            head.append(f"Location: {self.location}")
        if self.status != 204:
            head.append(f"Content-Length: {len(body)}")
        return "\r\n".join([*head, "", ""]).encode() + body


class Proxy:
    """Its `address`; every request goes through but those to the path that it was told to answer itself."""

    def __init__(self, site: str) -> None:
        self._site = urlsplit(site)
        self.address, self._path = "", ""
        self._answer: Strange | None = None
        self._said = asyncio.Event()
        self._open: set[asyncio.Task[None]] = set()

    def say(self, answer: Strange | None, path: str = "") -> None:
        """From now on, to `path`; to None everything goes through again."""
        self._answer, self._path = answer, path
        self._said.clear()

    async def answered(self) -> None:
        """Wait until a request got the answer."""
        await asyncio.wait_for(self._said.wait(), 5)

    def begin(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take a connection, and hold its task: asyncio's server would let it go on after its end."""
        task = asyncio.get_running_loop().create_task(self._handle(reader, writer))
        self._open.add(task)
        task.add_done_callback(self._open.discard)

    async def end(self) -> None:
        """Cut every connection: a browser keeps some open that it never uses."""
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def _handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"connection:")]
            lengths = [int(line.split(b":")[1]) for line in lines if line.lower().startswith(b"content-length:")]
            body = await reader.readexactly(sum(lengths))
            if self._answer and lines[0].split()[1].decode().partition("?")[0] == self._path:
                writer.write(self._answer.raw)
                self._said.set()
            else:
                lines.insert(1, b"Connection: close")
                await self._forward(b"\r\n".join(lines) + body, writer)
            await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            await close(writer)

    async def _forward(self, request: bytes, writer: asyncio.StreamWriter) -> None:
        upstream, to_upstream = await asyncio.open_connection(self._site.hostname, self._site.port)
        try:
            to_upstream.write(request)
            while part := await upstream.read(65536):
                writer.write(part)
        finally:
            await close(to_upstream)


@asynccontextmanager
async def proxy_of(site: str) -> AsyncIterator[Proxy]:
    """A proxy before the application at `site`, for as long as the context lasts."""
    proxy = Proxy(site)
    server = await asyncio.start_server(proxy.begin, "127.0.0.1", 0)
    proxy.address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        try:
            yield proxy
        finally:
            await proxy.end()
