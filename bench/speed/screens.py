"""The screens of SIH that are measured, by the requests that browsers send for them, from many people."""

from collections.abc import Awaitable, Callable, Iterable
from urllib.parse import quote

from bench.speed import posts
from bench.speed.load import Shot
from bench.speed.world import Screen, World, fetch, get

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


def _all(paths: Callable[[World], Iterable[str]]) -> Callable[[World], Awaitable[list[Shot]]]:
    """Pages for those who see all."""

    async def shots(world: World) -> list[Shot]:
        return get(paths(world), world.people.overseers)

    return shots


async def _deep(world: World) -> list[Shot]:
    """Page 1,000, where there are as many problems."""
    place = await world.connection.fetchval(
        "SELECT id FROM problem WHERE year = $1 ORDER BY id DESC OFFSET 999 * 50 - 1 LIMIT 1", world.year
    )
    return get([f"/problems?year={world.year}&after={place}"], world.people.overseers) if place else []


async def _problem(world: World) -> list[Shot]:
    problems = await world.some_problems(5_000)
    return get([f"/problems/{id}" for id, _ in problems], world.people.overseers, len(problems))


async def _rare(world: World) -> list[Shot]:
    """Words at the end of titles that few have."""
    rows = await world.connection.fetch(
        """
        SELECT DISTINCT lower(substring(title FROM ' ([A-Z][a-z]{7})$')) AS word
          FROM problem WHERE id % 7 = 3 AND title ~ ' [A-Z][a-z]{7}$' LIMIT 2000
        """
    )
    words = [row["word"] for row in rows]
    return get([f"/problems?year=all&q={word}" for word in words], world.people.overseers, 2_000)


def _unchanged(paths: Callable[[World], Awaitable[list[Shot]]]) -> Callable[[World], Awaitable[list[Shot]]]:
    """The same pages, by those who have them already; none where they carry no ETag."""

    async def shots(world: World) -> list[Shot]:
        had = []
        for shot in (await paths(world))[:60]:
            tag = fetch(world.ports["app"], shot)[1].get("ETag")
            if tag:
                had.append(Shot(shot.path, dict(shot.headers) | {"If-None-Match": tag}))
        return had

    return shots


async def _tasks(world: World) -> list[Shot]:
    return get(["/problems?year=all&holder=me&status=unfinished"], world.people.handlers.values())


def _division(world: World) -> list[str]:
    return [f"/problems?year={world.year}&holder={code}" for code in ("IT-NET", "IT-SYS", "IT-POS", "GA", "LOG", "HD")]


def _due(world: World) -> list[str]:
    return ["/problems?year=all&status=unfinished&sort=due", f"/problems?year={world.year}&sort=due"]


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
    Screen("due", "list of what is unfinished, by what is due", _all(_due)),
    Screen("deep", "list of a year, page 1,000", _deep),
    Screen("tasks", "`Tugas saya`", _tasks),
    Screen("same-list", "list, unchanged (304)", _unchanged(LIST), "304"),
    Screen("common", "text search, common words", _all(_search(("",)))),
    Screen("rare", "text search, seldom words", _rare),
    Screen("narrowed", "text search with another filter", _all(_search(tuple(f"&{filter}" for filter in FILTERS)))),
    Screen("problem", "problem's page", _problem),
    Screen("same-problem", "problem, unchanged (304)", _unchanged(_problem), "304"),
    Screen("report", "report", posts.report, r"303 /problems/\d+"),
    Screen("escalation", "escalation", posts.escalation, r"303 /", once=True),
    Screen("comment", "comment", posts.comment, r"303 /problems/\d+"),
    Screen("lookup", "NIK lookup", posts.lookup),
    Screen("desk", "desk screen", _all(lambda world: ["/desk"])),
    Screen("recap", "recap of a month", _all(lambda world: [f"/recap/{world.month}"])),
)
