"""What stands before every door costs, as a ratio to a bare Starlette route: python bench/layers.py [PATH]. Touches no database.

In one process and without a socket, so that a busy machine disturbs little: of many short rounds the 2nd percentile of each.
"""

import asyncio
import hashlib
import os
import sys
import time
from pathlib import Path
from typing import Any

from itsdangerous import Signer
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from app import create_app
from settings import read_settings
from web.logs import configure_logging

KEY = "k" * 32
SESSION = Signer(KEY, salt="sih.session", digest_method=hashlib.sha256).sign("s" * 43)
BROWSER = {
    b"host": b"127.0.0.1:8000",
    b"user-agent": b"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
    b"accept": b"text/html,application/xhtml+xml",
    b"accept-language": b"id",
    b"accept-encoding": b"gzip, deflate, br, zstd",
    b"sec-fetch-site": b"same-origin",
    b"cookie": b"sih=" + SESSION,
}
ROUNDS, AT_ONCE = 1500, 8


async def live(request: Request) -> Response:
    """The same answer, with nothing before it."""
    return PlainTextResponse("ok")


async def cost(app: ASGIApp, path: str) -> float:
    """Microseconds of a request to `app`."""

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        pass

    times = []
    for _ in range(ROUNDS):
        scopes = [_scope(path) for _ in range(AT_ONCE)]
        began = time.perf_counter()
        for scope in scopes:
            await app(scope, receive, send)
        times.append((time.perf_counter() - began) / AT_ONCE * 1e6)
    return sorted(times)[ROUNDS // 50]


def _scope(path: str) -> dict[str, Any]:
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": list(BROWSER.items()),
        "client": ("127.0.0.1", 5000),
        "server": ("127.0.0.1", 8000),
        "state": {},
    }


async def main(path: str) -> None:
    """Print both."""
    settings = read_settings({"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none", "secret_key": KEY})
    bare = await cost(Starlette(routes=[Route(path, live)]), path)
    ours = await cost(create_app(settings), path)
    print(f"{path}: {ours:.0f} µs, a bare route {bare:.1f} µs, ratio {ours / bare:.1f}")


if __name__ == "__main__":
    sys.stderr = open(os.devnull, "w")  # noqa: SIM115 - where the lines of the log go
    configure_logging()
    asyncio.run(main(sys.argv[1] if len(sys.argv) > 1 else "/health/live"))
