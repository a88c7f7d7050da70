"""What is measured: the screens of SIH, by the requests that browsers send for them, from many people."""

import http.client
import random
import re
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from itertools import cycle, islice
from urllib.parse import quote
from uuid import uuid4

from asyncpg import Connection

from bench.speed.load import FORM, KEY, Shot
from bench.speed.people import People

PATIENCE = 60  # seconds
COMMON = ("printer", "kasir", "wifi", "lampu", "gudang", "rint", "asir")  # words, and parts of them
FILTERS = (
    "holder=IT-POS",
    "status=closed",
    "status=unfinished",
    "priority=1",
    "sort=priority",
    "sort=changed",
    "sort=oldest",
)


@dataclass
class World:
    """The database that the servers answer from, and who is logged in; `port` is that of SIH. `year` and `month` are the newest
    that have problems."""

    connection: Connection
    people: People
    port: int
    year: int
    month: str
    rng: random.Random


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


def check(port: int, screen: Screen, shot: Shot) -> None:
    """Raise RuntimeError if the answer is not the one that is measured. What others have asked for before may take its time."""
    end = time.monotonic() + PATIENCE
    status, _, body = fetch(port, shot)
    while status.startswith("503") and time.monotonic() < end:
        time.sleep(1)
        status, _, body = fetch(port, shot)
    if not re.match(screen.expects, status):
        raise RuntimeError(f"{screen.name}: {shot.path} answers {status}: {body[:500]!r}")


async def rest(world: World) -> None:
    """What people may do within some time they may do again, as if that had gone by; what was recalled can be escalated again."""
    await world.connection.execute("TRUNCATE budget, lookup")
    await world.connection.execute(RECALL)


REASON = "Perlu pemeriksaan oleh tim tujuan"
RECALL = """
    DO $$
    DECLARE x escalation; p problem; was jsonb;
    BEGIN
        FOR x IN SELECT * FROM escalation WHERE answer IS NULL AND reason = 'Perlu pemeriksaan oleh tim tujuan' LOOP
            SELECT * INTO p FROM problem WHERE id = x.problem_id FOR NO KEY UPDATE;
            was := facts(p);
            UPDATE escalation SET answer = 'recalled', answered_at = clock_timestamp(), answered_by_nik = x.sent_by_nik,
                                  answer_reason = 'Salah tujuan' WHERE id = x.id;
            UPDATE problem SET status = 'open', holder_division_code = x.from_division_code, holder_pic_nik = x.from_pic_nik,
                               holder_department_code = x.from_department_code WHERE id = p.id;
            PERFORM record_change(p.id, x.sent_by_nik, 'recalled', was, 'Salah tujuan');
        END LOOP;
    END $$
"""


def _get(paths: Iterable[str], cookies: Iterable[str], number: int = 500) -> list[Shot]:
    """So many requests: each path by turns, from each person by turns."""
    pairs = zip(cycle(list(paths)), cycle(list(islice(cookies, number))), strict=False)
    return [Shot(path, {"Cookie": cookie}) for path, cookie in islice(pairs, number)]


def _all(paths: Callable[[World], Iterable[str]]) -> Callable[[World], Awaitable[list[Shot]]]:
    """Pages for those who see all."""

    async def shots(world: World) -> list[Shot]:
        return _get(paths(world), world.people.overseers)

    return shots


async def _deep(world: World) -> list[Shot]:
    """Page 1,000, where there are as many problems."""
    place = await world.connection.fetchval(
        "SELECT id FROM problem WHERE year = $1 ORDER BY id DESC OFFSET 999 * 50 - 1 LIMIT 1", world.year
    )
    return _get([f"/problems?year={world.year}&after={place}"], world.people.overseers) if place else []


async def _some_problems(world: World, number: int) -> list[tuple[int, int]]:
    """Number and version of problems of all years."""
    last = await world.connection.fetchval("SELECT max(id) FROM problem")
    ids = sorted({world.rng.randint(1, last) for _ in range(number)})
    rows = await world.connection.fetch("SELECT id, version FROM problem WHERE id = ANY ($1)", ids)
    problems = [(row["id"], row["version"]) for row in rows]
    world.rng.shuffle(problems)
    return problems


async def _problem(world: World) -> list[Shot]:
    problems = await _some_problems(world, 5_000)
    return _get([f"/problems/{id}" for id, _ in problems], world.people.overseers, len(problems))


async def _rare(world: World) -> list[Shot]:
    """Words at the end of titles that few have."""
    rows = await world.connection.fetch(
        """
        SELECT DISTINCT lower(substring(title FROM ' ([A-Z][a-z]{7})$')) AS word
          FROM problem WHERE id % 7 = 3 AND title ~ ' [A-Z][a-z]{7}$' LIMIT 2000
        """
    )
    words = [row["word"] for row in rows]
    return _get([f"/problems?year=all&q={word}" for word in words], world.people.overseers, 2_000)


def _unchanged(paths: Callable[[World], Awaitable[list[Shot]]]) -> Callable[[World], Awaitable[list[Shot]]]:
    """The same pages, by those who have them already; none where they carry no ETag."""

    async def shots(world: World) -> list[Shot]:
        had = []
        for shot in (await paths(world))[:60]:
            tag = fetch(world.port, shot)[1].get("ETag")
            if tag:
                had.append(Shot(shot.path, dict(shot.headers) | {"If-None-Match": tag}))
        return had

    return shots


def _posted(path: str, cookie: str, **fields: str) -> Shot:
    return Shot(path, {"Cookie": cookie}, {"key": KEY} | fields)


async def _report(world: World) -> list[Shot]:
    people = enumerate(world.people.reporters.values(), 1)
    said = "Sejak pagi lampunya merah dan kertasnya tersangkut. Nomor seri"
    return [
        _posted("/problems", cookie, title=f"Printer kasir {n} tidak mencetak", description=f"{said} PR-{n}.", asset="")
        for n, cookie in people
    ]


async def _comment(world: World) -> list[Shot]:
    people, said = cycle(world.people.handlers.values()), "Sudah dicek bersama pelapor, hasilnya belum baik."
    return [
        _posted(f"/problems/{id}/comments", next(people), version=str(version), comment=said)
        for id, version in await _some_problems(world, 5_000)
    ]


async def _escalation(world: World) -> list[Shot]:
    """What is open goes to another division, from somebody who holds it."""
    rows = await world.connection.fetch(
        """
        SELECT p.id, p.version, coalesce(p.holder_pic_nik, m.nik) AS nik,
               CASE p.holder_division_code WHEN 'IT-NET' THEN 'IT-SYS' ELSE 'IT-NET' END AS target
          FROM problem p
          LEFT JOIN LATERAL (SELECT d.nik FROM division_member d WHERE d.division_code = p.holder_division_code
                              ORDER BY hashtext(d.nik || p.id) LIMIT 1) m ON true
         WHERE p.status IN ('open', 'waiting') ORDER BY hashint8(p.id)
        """
    )
    handlers = world.people.handlers
    return [
        _posted(
            f"/problems/{id}/escalation", handlers[nik], version=str(version), kind="it", division=target, reason=REASON
        )
        for id, version, nik, target in rows
    ]


async def _lookup(world: World) -> list[Shot]:
    """Names that an address has not asked for: each is counted."""
    rows = await world.connection.fetch("SELECT nik FROM employee ORDER BY hashtext(nik)")
    return [
        Shot(
            "/login/nik",
            {"X-Forwarded-For": f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}", "X-Forwarded-Proto": "https"},
            {"nik": row["nik"]},
        )
        for n, row in enumerate(rows)
    ]


async def _tasks(world: World) -> list[Shot]:
    return _get(["/problems?year=all&holder=me&status=unfinished"], world.people.handlers.values())


def _division(world: World) -> list[str]:
    return [f"/problems?year={world.year}&holder={code}" for code in ("IT-NET", "IT-SYS", "IT-POS", "GA", "LOG", "HD")]


def _search(narrowed: tuple[str, ...]) -> Callable[[World], list[str]]:
    return lambda world: [f"/problems?year=all&q={quote(word)}{also}" for word in COMMON for also in narrowed]


LIST = _all(lambda world: [f"/problems?year={world.year}"])
SCREENS = (
    Screen("live", "`/health/live`", _all(lambda world: ["/health/live"])),
    Screen("year", "list of a year", LIST),
    Screen("division", "list of a year and division", _all(_division)),
    Screen(
        "closed", "list of a year, what is closed", _all(lambda world: [f"/problems?year={world.year}&status=closed"])
    ),
    Screen("deep", "list of a year, page 1,000", _deep),
    Screen("tasks", "`Tugas saya`", _tasks),
    Screen("same-list", "list, unchanged (304)", _unchanged(LIST), "304"),
    Screen("common", "text search, common words", _all(_search(("",)))),
    Screen("rare", "text search, seldom words", _rare),
    Screen("narrowed", "text search with another filter", _all(_search(tuple(f"&{filter}" for filter in FILTERS)))),
    Screen("problem", "problem's page", _problem),
    Screen("same-problem", "problem, unchanged (304)", _unchanged(_problem), "304"),
    Screen("report", "report", _report, r"303 /problems/\d+"),
    Screen("escalation", "escalation", _escalation, r"303 /", once=True),
    Screen("comment", "comment", _comment, r"303 /problems/\d+"),
    Screen("lookup", "NIK lookup", _lookup),
    Screen("desk", "desk screen", _all(lambda world: ["/desk"])),
    Screen("recap", "recap of a month", _all(lambda world: [f"/recap/{world.month}"])),
)
