"""SIH's numbers of random lives beside the slow model's, some counted late: for tests, and for bench/recap.py with many."""

import random
from collections import Counter
from collections.abc import Iterator
from datetime import date

from asyncpg import Connection

from queries.changes import record_change
from queries.counting import count_history, fold_tally, freeze_month, promise_history, restate_service
from queries.movements import BORDERS, list_movements
from queries.recap import KINDS, TIMES, Cut, Numbers, get_total, list_months, list_numbers
from queries.recap_standing import get_freeze
from queries.restatements import get_difference, list_differences, list_restatements
from tests.recap.lives import CATEGORIES, make_lives, write_lives
from tests.recap.model import Book, Row, Told, months, read

NUMBERS = ("opening", *KINDS, "closing")
BYS = ("holder", "store", "category", "priority")
FIRST, LONG_AGO, LATELY = date(2025, 8, 1), date(2026, 3, 1), date(2026, 9, 1)


class World:
    """A database of lives, of which a tenth is counted after the months up to LONG_AGO were frozen, another after those up to
    LATELY; then some are changed. `books` is what the model counts at these three times."""

    def __init__(self, connection: Connection, seed: int, number: int) -> None:
        self.connection, self.number = connection, number
        self._rng = random.Random(seed)
        self._lives = make_lives(seed, number)
        self.books: list[Book] = []

    async def make(self) -> None:
        await write_lives(self.connection, self._lives)
        self.last = await self.connection.fetchval(
            "SELECT date_trunc('month', now() AT TIME ZONE 'Asia/Jakarta')::date"
        )
        for share, until in ((0.8, LONG_AGO), (0.9, LATELY), (1, None)):
            up_to = int(self.number * share)
            await self.connection.execute("UPDATE counting SET up_to = $1", up_to)
            while await count_history(self.connection, 500):
                pass
            if until is None:
                await self._change_some()
            self.books.append(read(await self._tell(up_to), self.last))
            while until and (frozen := await freeze_month(self.connection)) != until:
                assert frozen
            if until == LONG_AGO:
                await self._promise()
        assert await self.connection.fetchval("SELECT count(*) > 0 FROM uncounted")

    async def _promise(self) -> None:
        """As if all that, and what is frozen, were of a version that knew of no promises: now they are made, the newest first."""
        async with self.connection.transaction():
            await self.connection.execute("SET LOCAL session_replication_role = replica")
            await self.connection.execute("DELETE FROM frozen_service")
            await self.connection.execute("DELETE FROM service_month")
        await self.connection.execute("UPDATE counting SET unpromised = $1", self.number)
        assert await restate_service(self.connection) is None and await freeze_month(self.connection) is None
        before = await self.connection.fetchval("SELECT count(*) FROM restatement")
        while await promise_history(self.connection, 70):
            pass
        months = []
        while month := await restate_service(self.connection):
            months.append(month)
        assert months == sorted(months, reverse=True) and months[0] == LONG_AGO
        self.restated = await self.connection.fetchval("SELECT count(*) FROM restatement") - before

    async def _tell(self, up_to: int) -> list[Told]:
        """The problems up to a number, as their rows tell of them."""
        events: dict[int, list] = {}
        for problem_id, *event in await self.connection.fetch(
            "SELECT problem_id, at, cause, before, after FROM event WHERE cause <> 'commented' ORDER BY problem_id, version"
        ):
            events.setdefault(problem_id, []).append(tuple(event))
        rows = await self.connection.fetch(
            """
            SELECT p.id, p.store_code, s.time_zone, coalesce(p.category_code, ''), coalesce(p.priority::text, '')
              FROM problem p JOIN store s ON s.code = p.store_code WHERE p.id <= $1
            """,
            up_to,
        )
        return [Told(*row, events[row[0]]) for row in rows]

    async def _change_some(self) -> None:
        """Correct what some are identified as, and close some, as verbs do: now."""
        rows = await self.connection.fetch("SELECT id FROM problem WHERE status IN ('open', 'waiting') ORDER BY id")
        for row in self._rng.sample(rows, len(rows) // 3):
            columns, cause = "status = 'closed', solution = 'Diganti'", "closed"
            if self._rng.random() < 0.7:
                category = self._rng.choice(CATEGORIES)
                columns = f"category_code = '{category}', impact = 1, urgency = 1, identification = 'x'"
                cause = "corrected"
            async with self.connection.transaction():
                before = await self.connection.fetchval("SELECT facts(p) FROM problem p WHERE id = $1", row["id"])
                await self.connection.execute(f"UPDATE problem SET {columns} WHERE id = $1", row["id"])
                await record_change(self.connection, row["id"], "20001", cause, before, None)

    def months(self) -> Iterator[date]:
        return iter(months(FIRST, self.last))

    def frozen_as(self, month: date) -> Book | None:
        """What the model counted when the month was frozen."""
        return self.books[0] if month <= LONG_AGO else self.books[1] if month <= LATELY else None


# What is asked ----------------------------------------------------------------------------------------------------------


async def check_numbers(world: World) -> None:
    """Every number of every row in every month: the frozen one, and what is to be added to it; both balances."""
    for month in world.months():
        frozen = world.frozen_as(month)
        assert (await get_freeze(world.connection, month) is not None) == (frozen is not None)
        for cut, rows in cuts(month, world.books[2]):
            await _check_cut(world, cut, rows, frozen or world.books[2])
    listed = {row.month: row.numbers for row in await list_months(world.connection, None)}
    assert list(listed) == sorted(world.months(), reverse=True)
    for month in world.months():
        assert listed[month][1:14] == (await get_total(world.connection, Cut(month)))[1:14]


def cuts(month: date, book: Book) -> Iterator[tuple[Cut, dict[str, Row]]]:
    """Cuts of a month, with the model's row of each key that they may have; that of all under ''."""
    every = {row for rows in book.problems.values() for row in rows}
    for by in BYS:
        for holders in (None, ("HD",)) if by != "holder" else (None,):
            whose = holders[0] if holders else ""
            rows = {(h if by == "holder" else k): (h, b, k) for h, b, k in every
                    if (b == "" and h if by == "holder" else b == by and h == whose)}  # fmt: skip
            yield Cut(month, by, holders), rows | {None: (whose, "", "")}
    for by in ("category", "priority"):
        for holders in (None, ("HD",)):
            whose = holders[0] if holders else ""
            rows = {k: (h, b, k) for h, b, k in every if (h, b) == (whose, f"{by} in T01")}
            yield Cut(month, by, holders, "T01"), rows | {None: (whose, "store", "T01")}
    at_t01 = {h: (h, b, k) for h, b, k in every if h and (b, k) == ("store", "T01")}
    yield Cut(month, store="T01"), at_t01 | {None: ("", "store", "T01")}


async def _check_cut(world: World, cut: Cut, rows: dict[str | None, Row], book: Book) -> None:
    connection, month, now = world.connection, cut.month, world.books[2]
    listed = await list_numbers(connection, cut)
    if cut.by == "store" and cut.store is None:
        assert await _by_pages(connection, cut, size=2) == listed
    found: dict[str | None, Numbers] = {row.key: row for row in listed}
    found[None] = await get_total(connection, cut)
    differences = {**await list_differences(connection, cut), None: await get_difference(connection, cut)}
    assert found.keys() | differences.keys() <= rows.keys()
    for key, row in rows.items():
        numbers = found.get(key, ZERO)
        assert numbers[1:14] == _expected(book, row, month), (cut, key)
        present = tuple(a + b for a, b in zip(numbers[1:14], differences.get(key, ZERO)[1:14], strict=True))
        assert present == _expected(now, row, month), (cut, key, "present")
        _check_balance(numbers, of_company=row[0] == "")
        if row[1] == "" and key in found:
            times = zip(*(book.percentile(month, row[0], share) for share in (0.5, 0.9)), strict=True)
            assert [getattr(numbers, name) for name in TIMES] == [time for pair in times for time in pair], (cut, key)


async def _by_pages(connection: Connection, cut: Cut, size: int) -> list[Numbers]:
    rows: list[Numbers] = []
    while page := await list_numbers(connection, cut, rows[-1].key if rows else None, size):
        rows += page
    return rows


ZERO = Numbers("", *[0] * 13)


def _expected(book: Book, row: Row, month: date) -> tuple[int, ...]:
    return tuple(book.count(row, month, number) for number in NUMBERS)


def _check_balance(n: Numbers, *, of_company: bool) -> None:
    gained = n.reported + n.restored if of_company else n.received - n.passed_on
    assert n.opening + gained + n.reopened - n.closed - n.voided == n.closing


async def check_lists(world: World, share: float) -> None:
    """What stands behind a number is exactly what it counts now: of so many of all numbers, chosen at random."""
    rng, now = random.Random(1), world.books[2]
    seen = Counter()
    for month in world.months():
        for cut, rows in cuts(month, now):
            for key, row in rows.items():
                for number in NUMBERS:
                    ids = sorted(now.problems[month][row][number])
                    if rng.random() > share * (1 if ids else 0.1):
                        continue
                    seen[number] += len(ids)
                    assert sorted(await list_all(world, cut, key, number)) == ids, (cut, key, number)
                    if world.frozen_as(month):
                        await _check_restatements(world, cut, key, number, len(ids))
    assert set(seen) == set(NUMBERS)


async def list_all(world: World, cut: Cut, key: str | None, number: str) -> list[int]:
    found, place = [], None
    while page := await list_movements(world.connection, cut, key, number, place, limit=7):
        found += page
        place = page[-1].place
    order = [row.problem_id if number in BORDERS else row.place for row in found]
    assert order == sorted(order, reverse=True)
    return [row.problem_id for row in found]


async def _check_restatements(world: World, cut: Cut, key: str | None, number: str, present: int) -> None:
    restatements = await list_restatements(world.connection, cut, key, number, limit=100_000)
    rows = {row.key: row for row in await list_numbers(world.connection, cut)}
    frozen = await get_total(world.connection, cut) if key is None else rows.get(key, ZERO)
    assert getattr(frozen, number) + sum(row.difference for row in restatements) == present, (cut, key, number)


async def check_folded(world: World) -> None:
    """Adding up changes nothing; and what is counted is what would be counted from scratch."""
    before = [await list_numbers(world.connection, Cut(month, by)) for month in world.months() for by in BYS]
    await fold_tally(world.connection)
    assert await world.connection.fetchval("SELECT count(*) FROM uncounted") == 0
    assert [await list_numbers(world.connection, Cut(month, by)) for month in world.months() for by in BYS] == before
    query = "SELECT m::text FROM {} m ORDER BY problem_id, version, kind"
    counted = await world.connection.fetch(query.format("movement"))
    scratch = await world.connection.fetch(query.format("movements_of(ARRAY(SELECT id FROM problem), 1)"))
    assert counted == scratch
