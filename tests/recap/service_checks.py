"""How soon problems were answered and solved in the random lives of tests/recap/checks.py, beside the slow model's."""

import math
from collections.abc import Iterable
from datetime import date, timedelta

from asyncpg import Connection

from queries.delays import get_delays
from queries.promises import get_promise
from queries.recap import Cut
from queries.service import UNKNOWN, Service, get_service, get_service_month, list_service
from tests.recap.checks import LONG_AGO, World, cuts, list_all
from tests.recap.model import Book, Row, Served


async def check_service(world: World) -> None:
    """Every median, 90th percentile and share of every row in every month, as it was frozen and as it is."""
    assert world.restated == 0, "promises of what is over change no count"
    seen = set()
    parents = dict(await world.connection.fetch("SELECT code, parent_code FROM category"))
    for month in world.months():
        frozen = world.frozen_as(month)
        served = await get_service_month(world.connection, month)
        cause = None if frozen is None else "targets" if month <= LONG_AGO else "frozen"
        assert (served.cause if served else None) == cause
        for cut, rows in cuts(month, world.books[2]):
            for kept in (False, True) if frozen else (False,):
                book = frozen if frozen and kept else world.books[2]
                is_kept_by_row = cut.store is None or cut.by == "holder"
                await _check_all(world.connection, cut, rows[None], kept=kept, book=book)
                book = book if is_kept_by_row else world.books[2]
                seen |= await _check_rows(world.connection, cut, rows, kept=kept, book=book, parents=parents)
    assert {True, False} <= seen


async def _check_all(connection: Connection, cut: Cut, row: Row, *, kept: bool, book: Book) -> None:
    assert await get_service(connection, cut, kept=kept) == expected(book.services[cut.month][row]), (cut, kept)


async def _check_rows(
    connection: Connection, cut: Cut, rows: dict, *, kept: bool, book: Book, parents: dict[str, str | None]
) -> set[bool]:
    found = await list_service(connection, cut, kept=kept)
    inside: dict[str, list[Served]] = {}
    for key, row in rows.items():
        while key is not None:
            inside.setdefault(key, []).extend(book.services[cut.month][row])
            key = parents.get(key) if cut.by == "category" else None
    for key in found.keys() | inside.keys():
        assert found.get(key, UNKNOWN) == expected(inside.get(key, [])), (cut, key, kept)
    return {service.missed > 0 for service in found.values()}


def expected(served: Iterable[Served]) -> Service:
    served = list(served)
    times = []
    for kind in ("opened", "closed"):
        found = sorted(timedelta(seconds=s.worked) for s in served if s.kind == kind)
        times += [found[math.ceil(share * len(found)) - 1] if found else None for share in (0.5, 0.9)]
    missed = sum(s.late for s in served)
    return Service(*times, sum(s.kind == "closed" for s in served) - missed, missed)


async def check_used_lists(world: World) -> None:
    """What stands behind a time or a share is what it is of."""
    kinds = {
        "response": ("opened", None),
        "resolution": ("closed", None),
        "kept": ("closed", False),
        "missed": ("closed", True),
    }
    for month in world.months():
        rows = world.books[2].services[month]
        for holder in {holder for holder, by, _ in rows if holder and by == ""}:
            for number, (kind, late) in kinds.items():
                ids = [s.problem_id for s in rows[holder, "", ""] if s.kind == kind and late in (None, s.late)]
                assert sorted(await list_all(world, Cut(month), holder, number)) == sorted(ids), (month, holder, number)


async def check_delays(world: World) -> None:
    """The parts of what was late add up to the whole, and the whole is what was used."""
    stood = 0
    for month in world.months():
        for holders, row in ((None, ("", "", "")), (("HD",), ("HD", "", ""))):
            missed = [s for s in world.books[2].services[month][row] if s.late]
            delay = await get_delays(world.connection, Cut(month, holders=holders))
            assert delay.whole == sum(s.worked for s in missed) // 60 == sum(part.minutes for part in delay.parts)
            stood += len(delay.stood)
        for served in world.books[2].services[month]["", "", ""]:
            await _check_delay(world.connection, month, served)
    assert stood


async def _check_delay(connection: Connection, month: date, served: Served) -> None:
    promise = await get_promise(connection, served.problem_id)
    assert promise
    delay = promise.delay
    assert sum(part.minutes for part in delay.parts) == delay.whole >= served.worked // 60, month
