#!/usr/bin/env python3
"""Throw random requests at every door, in this process, on a database of its own: `python bench/fuzz.py --count 100000`.

Same seed, same requests. Whatever is answered with 5xx, not within TIMEOUT, without a header, or with a trace is printed with
the request, and the exit status is 1. Stops after --count requests or --seconds, whichever comes first.
"""

import argparse
import asyncio
import logging
import random
import re
import sys
import tempfile
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, quote_from_bytes

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from asyncpg import Connection  # noqa: E402
from starlette.applications import Starlette  # noqa: E402
from starlette.requests import Request  # noqa: E402
from starlette.responses import Response  # noqa: E402
from starlette.types import Message  # noqa: E402

import db  # noqa: E402
from app import DOORS, create_app  # noqa: E402
from auth.clients import hash_id, new_id  # noqa: E402
from auth.pins import PinHasher  # noqa: E402
from auth.sessions import SHARED  # noqa: E402
from bench.nasty import FIELDS, GOOD, METHODS, NASTY, NIKS, PHOTO, PIN, PLACES, RARE_HEADERS, RAW, TYPES, Shot  # noqa: E402
from queries.sessions import insert_session  # noqa: E402
from server.migrate import migrate_database  # noqa: E402
from server.postgres.embedded import EmbeddedPostgres  # noqa: E402
from settings import Settings  # noqa: E402
from web.cookies import set_session  # noqa: E402
from web.middleware import HEADERS  # noqa: E402

RELOGIN = 400  # requests after which everybody logs in anew: some of them log out
_SOURCE_FILE = re.compile(rb"[a-z_]\.py[\"'&:, ]")  # as a trace names it
TIMEOUT = 15  # seconds for one answer: more is a hang


@dataclass
class Report:
    """What came of it."""

    statuses: Counter = field(default_factory=Counter)
    doors: Counter = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    slowest: float = 0


class Gunner:
    """Makes requests by rule from a seed; `logins` are the cookies of people, `problems` how many there are."""

    def __init__(self, seed: int, logins: list[bytes], problems: int) -> None:
        self.rng = random.Random(seed)
        self.logins = logins
        self.problems = problems

    def shot(self) -> Shot:
        rng = self.rng
        headers = self._headers()
        door = rng.choice(DOORS)
        methods = [*getattr(door, "endpoints", ("GET",))]
        method = rng.choice(methods) if rng.random() < 0.85 else rng.choice(METHODS)
        chunks: list[bytes] = []
        if method not in ("GET", "HEAD") or rng.random() < 0.02:
            content_type = rng.choice(TYPES)
            headers.append((b"content-type", content_type.encode("latin-1")))
            body = self._body(content_type)
            chunks = [body] if rng.random() < 0.8 else [body[i : i + 7] for i in range(0, min(len(body), 7000), 7)]
            if rng.random() < 0.7:
                headers.append((b"content-length", str(len(body) if rng.random() < 0.97 else 10**12).encode()))
        return Shot(method, self._path(door.path), self._query(), headers, chunks)

    def _path(self, door: str) -> str:
        rng = self.rng
        path = door
        for name, there in PLACES.items():
            some = there or range(1, self.problems + 1)
            path = path.replace(name, str(rng.choice(some if rng.random() < 0.85 else NASTY)))
        if door == "/static" or rng.random() < 0.03:
            path += "/" + rng.choice([*NASTY, "app.css", "vendor/htmx.min.js", "%2e%2e/app.py", "..", ".", "a/" * 200])
        return path

    def _value(self, name: str) -> bytes:
        rng = self.rng
        if name == "key" and rng.random() < 0.8:
            return str(uuid.UUID(int=rng.getrandbits(128))).encode()
        if name == "version" and rng.random() < 0.8:
            return str(rng.choice((1, 1, 1, 2, 2, 3, 4, 5, 6))).encode()
        kind = rng.random()
        if name == "photo" and kind < 0.8:
            return PHOTO if kind < 0.4 else PHOTO[: rng.randint(0, len(PHOTO))] + rng.randbytes(5)
        if kind < 0.7 and name in GOOD:
            return rng.choice(GOOD[name]).encode()
        if kind < 0.93:
            return rng.choice(NASTY).encode("utf-8", "surrogatepass")
        if kind < 0.97:
            return rng.choice(RAW)
        return rng.randbytes(rng.choice((1, 10, 1000)))

    def _names(self, most: int) -> list[str]:
        names = self.rng.sample(FIELDS, self.rng.randint(0, min(most, len(FIELDS))))
        if self.rng.random() < 0.05:
            names += [self.rng.choice([*NASTY, *FIELDS]) for _ in range(self.rng.choice((1, 60, 1100)))]
        return names

    def _query(self) -> bytes:
        if self.rng.random() < 0.4:
            return b""
        pairs = [quote(name).encode() + b"=" + self._encoded(self._value(name)) for name in self._names(4)]
        return b"&".join(pairs)[:30000]

    def _encoded(self, value: bytes) -> bytes:
        return value if self.rng.random() < 0.05 else quote_from_bytes(value).encode()

    def _body(self, content_type: str) -> bytes:
        rng = self.rng
        names = ["key", "version", *self._names(26)] if rng.random() < 0.9 else self._names(26)
        if "multipart" in content_type:
            parts = [self._part(name) for name in names]
            body = b"".join(parts) + b"--x--\r\n"
        else:
            body = b"&".join(quote(name).encode() + b"=" + self._encoded(self._value(name)) for name in names)
        if rng.random() < 0.1:
            position = rng.randint(0, len(body))
            body = rng.choice(
                [body[:position], body[:position] + rng.randbytes(20) + body[position:], rng.randbytes(300)]
            )
        return body if rng.random() < 0.99 else body + b"x" * rng.choice((9_000, 300_000))

    def _part(self, name: str) -> bytes:
        rng = self.rng
        label = quote(name).encode() if rng.random() < 0.9 else rng.choice(RAW)
        head = b'--x\r\nContent-Disposition: form-data; name="%s"' % label
        if rng.random() < (0.8 if name == "photo" else 0.05):
            head += b'; filename="a"'
        if rng.random() < 0.05:
            head += b"\r\n" + rng.choice(
                [b"X", b"Content-Type: text/plain; charset=punycode", b": x", b"A: " + b"a" * 9000]
            )
        return head + b"\r\n\r\n" + self._value(name) + b"\r\n"

    def _headers(self) -> list[tuple[bytes, bytes]]:
        rng = self.rng
        headers = [
            (b"host", b"testserver" if rng.random() < 0.98 else rng.choice([b"", b"[", b"testserver:[", b"\xff"]))
        ]
        headers.append((b"sec-fetch-site", b"same-origin" if rng.random() < 0.95 else rng.choice(RAW)))
        if rng.random() < 0.85:
            headers.append((b"cookie", rng.choice(self.logins)))
        if rng.random() < 0.1:
            headers.append(
                (
                    b"cookie",
                    rng.choice([b"sih=x", b"sih=" + b"\xff" * 50, b"notice=closed", b";;;=", b"notice=__class__"]),
                )
            )
        if rng.random() < 0.4:
            headers.append((b"hx-request-type", rng.choice([b"partial", b"partial", b"full", b"\xff"])))
        for name, values in RARE_HEADERS.items():
            if rng.random() < 0.05:
                headers.append((name, rng.choice([*values, rng.randbytes(30), b"a" * 5000])))
        return headers


async def fire(app: Starlette, shot: Shot, report: Report) -> None:
    """Send one request, and note what is wrong with the answer."""
    messages: list[Message] = []
    chunks = list(shot.chunks) or [b""]

    async def receive() -> dict:
        if chunks:
            return {"type": "http.request", "body": chunks.pop(0), "more_body": bool(chunks)}
        return await asyncio.Future()  # the client waits for the answer

    async def send(message: Message) -> None:
        messages.append(message)

    began = time.perf_counter()
    scope = shot.scope()
    try:
        async with asyncio.timeout(TIMEOUT):
            await app(scope, receive, send)
    except Exception as error:  # whatever it is, it is a find
        report.faults.append(f"{error!r} {shot}"[:3000])
    report.slowest = max(report.slowest, time.perf_counter() - began)
    report.doors[scope.get("sih.door", "-")] += 1
    if fault := _fault(messages):
        report.faults.append(f"{fault} {shot}"[:3000])
    report.statuses[messages[0]["status"] if messages else 0] += 1


def _fault(messages: list[Message]) -> str:
    if not messages:
        return "no answer"
    headers = {name.decode("latin-1").lower(): value for name, value in messages[0]["headers"]}
    body = b"".join(message.get("body", b"") for message in messages)
    if messages[0]["status"] >= 500:
        return str(messages[0]["status"])
    missing = [name for name in (*HEADERS, "Cache-Control") if name.lower() not in headers]
    if missing:
        return f"without {missing}"
    if b"Traceback" in body or _SOURCE_FILE.search(body) or b"asyncpg" in body:
        return "leak"
    if any(b"\r" in value or b"\n" in value for value in headers.values()):
        return "a header of two lines"
    return ""


async def barrage(app: Starlette, logins: list[bytes], problems: int, seed: int, count: int, seconds: float) -> Report:
    """Fire `count` requests, one after the other, for at most `seconds`."""
    report, gunner, end = Report(), Gunner(seed, logins, problems), time.monotonic() + seconds
    for number in range(count):
        if number % RELOGIN == RELOGIN - 1:
            logins[:] = [await log_in(app, nik) for nik in NIKS]
        if time.monotonic() > end or len(report.faults) > 20:
            break
        await fire(app, gunner.shot(), report)
    return report


async def log_in(app: Starlette, nik: str) -> bytes:
    """The cookie of a session, made without a login: the barrage spends what there is of tries."""
    request, response, id = Request({"type": "http", "scheme": "http", "app": app}), Response(), new_id()
    async with db.acquire(app.state.database) as connection:
        await insert_session(connection, hash_id(id), nik, SHARED, "")
    set_session(request, response, id, None)
    return response.headers["Set-Cookie"].partition(";")[0].encode()


async def make_problems(connection: Connection, count: int) -> None:
    """Problems of two stores, some of them open, for the requests to find."""
    await connection.execute(
        """
        WITH made AS (
            INSERT INTO problem (reporter_nik, recorded_by_nik, store_code, title, description, holder_division_code)
            SELECT e.nik, e.nik, e.store_code, 'Perkara ' || n, 'Uraian ' || n, 'HD'
              FROM generate_series(1, $1) n JOIN employee e ON e.nik = CASE n % 3 WHEN 0 THEN '10003' ELSE '10001' END
            RETURNING id, reporter_nik, changed_at),
        told AS (INSERT INTO event (problem_id, at, actor_nik, cause, version, before, after)
            SELECT id, changed_at, reporter_nik, 'reported', 1, '{}', '{"status": "reported", "division": "HD"}' FROM made)
        INSERT INTO custody (problem_id, during, division_code) SELECT id, tstzrange(changed_at, NULL), 'HD' FROM made
        """,
        count,
    )


async def run(url: str, folder: Path, arguments: argparse.Namespace) -> Report:
    """The company of the tests on the database at `url`, and the barrage on it."""
    settings = Settings(url, ("a key",), "127.0.0.1", 8080, 1, ("testserver",), folder, None)
    app = create_app(settings)
    await migrate_database(url)
    async with app.router.lifespan_context(app), db.acquire(app.state.database) as connection:
        company = (ROOT / "tests" / "company.sql").read_text(encoding="utf-8")
        await connection.execute(company.replace("$1", PinHasher(settings.secret_keys).hash(PIN)))
        await make_problems(connection, 60)
    async with app.router.lifespan_context(app):
        logins = [await log_in(app, nik) for nik in NIKS]
        return await barrage(app, logins, 60, arguments.seed, arguments.count, arguments.seconds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=1800)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    logging.disable(logging.CRITICAL)
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, EmbeddedPostgres(Path(folder) / "postgres", durable=False) as url:
        report = asyncio.run(run(url, Path(folder), arguments))
    print(
        f"{sum(report.statuses.values())} requests in {time.monotonic() - began:.0f} s, slowest {report.slowest:.2f} s"
    )
    print("statuses", dict(sorted(report.statuses.items())))
    print("doors", dict(report.doors.most_common()))
    print(*report.faults[:20], sep="\n")
    sys.exit(bool(report.faults))


if __name__ == "__main__":
    main()
