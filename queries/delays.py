"""Why problems are late: the working time of a problem, or of all that missed their target in a month, by who had them and what
they waited for (time in state). The parts add up to the whole, to the minute."""

from collections.abc import Iterable
from datetime import timedelta
from typing import NamedTuple

from asyncpg import Connection

from queries.recap import Cut
from queries.rows import read_rows


class Part(NamedTuple):
    """Whole minutes of working time that a holder had something, going on with it or waiting; of how many problems. The clock
    `stands` meanwhile, or it does not."""

    holder: str
    waiting_for: str | None
    stands: bool
    minutes: int
    problems: int


class Delay(NamedTuple):
    """Where the working time went: `parts` add up to exactly `whole` minutes, and `stood` is what is not counted, since the clock
    stood."""

    parts: list[Part]
    stood: list[Part]
    whole: int


class Missed(NamedTuple):
    """A closure that missed its target: after which working time, what it was to be, and who closed it."""

    problem_id: int
    title: str
    holder: str
    store_code: str
    worked: timedelta
    allowed: timedelta


def split(rows: Iterable[tuple[str, str | None, bool, int, int]]) -> Delay:
    """Parts in seconds as parts in minutes: the difference of the running sums, rounded down, so that nothing is lost between
    them."""
    parts: tuple[list[Part], list[Part]] = ([], [])
    before = [0, 0]
    for holder, waiting_for, stands, seconds, problems in rows:
        minutes = (before[stands] + seconds) // 60 - before[stands] // 60
        before[stands] += seconds
        parts[stands].append(Part(holder, waiting_for, stands, minutes, problems))
    return Delay(*parts, before[False] // 60)


async def get_delays(connection: Connection, cut: Cut) -> Delay:
    """Of all closures of a month that missed their target, from the report on, within the cut; who had them longest first."""
    records = await connection.fetch(
        """
        SELECT q.holder, q.waiting_for, q.stands, sum(q.worked)::bigint AS seconds, count(DISTINCT q.problem_id) AS problems
          FROM movement m
          JOIN promise q ON q.problem_id = m.problem_id AND q.until <= m.at
         WHERE m.month = $1 AND m.kind = 'closed' AND m.at > m.due
           AND ($2::text[] IS NULL OR m.holder = ANY ($2)) AND ($3::text IS NULL OR m.store_code = $3)
           AND ($4::text IS NULL OR m.store_code IN (SELECT w.store_code FROM area_store w WHERE w.area_code = $4))
         GROUP BY q.holder, q.waiting_for, q.stands ORDER BY sum(q.worked) DESC, q.holder, q.waiting_for
        """,
        cut.month,
        cut.holders,
        cut.store,
        cut.area,
    )
    return split(tuple(record) for record in records)


async def list_missed(connection: Connection, cut: Cut, limit: int) -> list[Missed]:
    """The closures of the cut's month that missed their target by most working time."""
    records = await connection.fetch(
        """
        SELECT m.problem_id, p.title, m.holder, m.store_code, make_interval(secs => m.worked) AS worked,
               make_interval(mins => m.allowed) AS allowed
          FROM movement m
          JOIN problem p ON p.id = m.problem_id
         WHERE m.month = $1 AND m.kind = 'closed' AND m.at > m.due
           AND ($2::text[] IS NULL OR m.holder = ANY ($2)) AND ($3::text IS NULL OR m.store_code = $3)
           AND ($4::text IS NULL OR m.store_code IN (SELECT w.store_code FROM area_store w WHERE w.area_code = $4))
         ORDER BY m.worked - m.allowed * 60 DESC, m.problem_id DESC LIMIT $5
        """,
        cut.month,
        cut.holders,
        cut.store,
        cut.area,
        limit,
    )
    return read_rows(Missed, records)
