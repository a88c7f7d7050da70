"""What a problem's page and its forms cost: python bench/problem.py [--problems 20000], on a database of its own.

In one process and without a socket: milliseconds of the processor of the server and of Postgres a request, the lowest of several
rounds, so that a busy machine disturbs little.
"""

import argparse
import asyncio
import glob
import hashlib
import os
import secrets
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from urllib.parse import urlencode
from uuid import uuid4

from asyncpg import Connection
from itsdangerous import Signer
from starlette.applications import Starlette
from starlette.types import Message

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from app import create_app
from auth.clients import Client
from bench.recap import prepare
from queries.sessions import Lifetime, insert_session
from server.migrate import migrate_database
from server.postgres.embedded import EmbeddedPostgres
from settings import read_settings
from tests.conftest import connected
from web.logs import configure_logging

KEY = "k" * 32
WHO = "20000"  # of the desk
ROUNDS, REQUESTS = 9, 40
TEXT = "Sejak pagi printer kasir tidak mau mencetak struk, lampu merah berkedip."


class Browser:
    """Somebody who is logged in, and asks without a socket."""

    def __init__(self, app: Starlette, session: str) -> None:
        self._app = app
        self._cookie = Signer(KEY, salt="sih.session", digest_method=hashlib.sha256).sign(session)

    async def ask(self, path: str, **fields: object) -> None:
        """Raises RuntimeError if the answer is neither a page nor leads on."""
        body, sent = urlencode(fields).encode(), []
        headers = [(b"host", b"localhost"), (b"cookie", b"sih=" + self._cookie), (b"accept-encoding", b"gzip")]
        headers += [(b"sec-fetch-site", b"same-origin"), (b"content-length", str(len(body)).encode())]
        headers += [(b"content-type", b"application/x-www-form-urlencoded")] if fields else []
        scope = {
            "type": "http",
            "http_version": "1.1",
            "method": "POST" if fields else "GET",
            "scheme": "http",
            "path": path,
        }
        scope |= {"raw_path": path.encode(), "query_string": b"", "root_path": "", "headers": headers, "state": {}}
        scope |= {"asgi": {"version": "3.0"}, "client": ("127.0.0.1", 1), "server": ("localhost", 80)}

        async def receive() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Message) -> None:
            sent.append(message)

        await self._app(scope, receive, send)
        if sent[0]["status"] not in (200, 303):
            raise RuntimeError(f"{path}: {sent[0]['status']}")


def processor_of(postmaster: int) -> float:
    """Milliseconds that the processes of a server have used."""
    used = 0
    for path in glob.glob("/proc/[0-9]*/stat"):
        try:
            if int(Path(path).read_text().rsplit(")", 1)[1].split()[1]) == postmaster:
                used += int(Path(path.replace("/stat", "/schedstat")).read_text().split()[0])
        except OSError:  # it has ended
            continue
    return used / 1e6


async def measure(name: str, postmaster: int, ask: Callable[[], Awaitable[None]]) -> None:
    for _ in range(REQUESTS):
        await ask()
    here, there = [], []
    for _ in range(ROUNDS):
        began, began_there = time.process_time(), processor_of(postmaster)
        for _ in range(REQUESTS):
            await ask()
        here.append((time.process_time() - began) * 1000 / REQUESTS)
        there.append((processor_of(postmaster) - began_there) / REQUESTS)
    print(f"{name:10} server {min(here):7.3f} ms   Postgres {min(there):7.3f} ms", flush=True)


async def run(url: str, postmaster: int, connection: Connection) -> None:
    os.environ |= {"DATABASE_URL": url, "secret_key": KEY, "ALLOWED_HOSTS": "localhost"}
    app, session = create_app(read_settings()), secrets.token_urlsafe(32)
    client = Client(address="", session_id=session, device_id=None, browser="")
    await insert_session(connection, client.session_hash or b"", WHO, Lifetime(86400, 86400), "")
    await connection.execute("UPDATE budget_rule SET capacity = 1000000")
    rows = await connection.fetch("SELECT id, version FROM problem WHERE status <> 'void' ORDER BY random()")
    problems: Iterator[tuple[int, int]] = ((row["id"], row["version"]) for row in rows)
    browser = Browser(app, session)

    async def comment() -> None:
        number, version = next(problems)
        await browser.ask(f"/problems/{number}/comments", key=uuid4(), version=version, comment=TEXT)

    async with app.router.lifespan_context(app):
        await measure("page", postmaster, lambda: browser.ask(f"/problems/{next(problems)[0]}"))
        await measure(
            "report", postmaster, lambda: browser.ask("/problems", key=uuid4(), title="Printer", description=TEXT)
        )
        await measure("comment", postmaster, comment)


async def main() -> None:
    parser = argparse.ArgumentParser(description="What a problem's page and its forms cost")
    parser.add_argument("--problems", type=int, default=20_000)
    problems = parser.parse_args().problems
    configure_logging()
    with tempfile.TemporaryDirectory() as folder, EmbeddedPostgres(Path(folder), durable=False) as url:
        postmaster = int((Path(folder) / "cluster" / "postmaster.pid").read_text().split()[0])
        await migrate_database(url)
        async with connected(url) as connection:
            await prepare(connection, problems)
            await run(url, postmaster, connection)


if __name__ == "__main__":
    asyncio.run(main())
