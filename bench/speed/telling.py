"""Which lives the problems of the large company have, and when: a company that grows, as the demo company does."""

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from bench.speed.company import TEAMS, Company
from bench.speed.lives import Holes, Life
from bench.speed.words import make_vocabulary, say_more
from demo.histories import BEGIN, GROWTH

WEEK = timedelta(days=7)
LONGEST = timedelta(days=21)  # of the lives that are told again
QUEUE, OF_ALL = 4_000, 250  # unfinished problems: as many as fill every page, and of many problems one in so many


class Placed(NamedTuple):
    """A life that is told again, so much later (or earlier)."""

    reported_at: datetime
    later: timedelta
    life: Life


def tell(
    rng: random.Random, lives: Sequence[Life], company: Company, problems: int, now: datetime
) -> Iterator[dict[str, str]]:
    """The rows of so many problems, by table, in the order of their reports."""
    holes, vocabulary = Holes(company), make_vocabulary(rng)
    for number, (_, later, life) in enumerate(_place(rng, lives, problems, now), 1):
        who = rng.choice(company.staff[life.zone])
        yield holes.fill_in(life, number, later, who, rng.randrange(TEAMS), say_more(rng, vocabulary, number))


def _place(rng: random.Random, lives: Sequence[Life], problems: int, now: datetime) -> Iterator[Placed]:
    """Those that are over in any week that leaves them the time, at the same hours; the others where they are."""
    over = [
        (life, life.length, (life.reported_at - BEGIN) // WEEK)
        for life in lives
        if life.is_over and life.length < LONGEST
    ]
    queue = _queue(
        rng, [life for life in lives if not life.is_over], min(problems // 2, max(QUEUE, problems // OF_ALL))
    )
    waiting = sum(map(len, queue.values()))
    weeks = (now - BEGIN) // WEEK + 1
    for week in range(weeks):
        placed = queue.pop(week, [])
        for _ in range(_reported(week, weeks, problems - waiting)):
            while True:
                life, length, at = rng.choice(over)
                later = (week - at) * WEEK + timedelta(seconds=rng.randrange(3600))
                if life.reported_at + later + length < now:
                    break
            placed.append(Placed(life.reported_at + later, later, life))
        yield from sorted(placed, key=lambda one: one.reported_at)


def _queue(rng: random.Random, living: Sequence[Life], problems: int) -> dict[int, list[Placed]]:
    """What is unfinished, or not answered yet, by week."""
    queue = defaultdict(list)
    for _ in range(problems):
        life = rng.choice(living)
        later = -timedelta(seconds=rng.randrange(3000))
        queue[(life.reported_at + later - BEGIN) // WEEK].append(Placed(life.reported_at + later, later, life))
    return queue


def _reported(week: int, weeks: int, problems: int) -> int:
    """How many of the problems are reported in a week, of which there are `GROWTH` times as many at the end."""

    def until(week: int) -> int:
        return round(problems * ((1 + week / weeks * (GROWTH - 1)) ** 2 - 1) / (GROWTH**2 - 1))

    return until(week + 1) - until(week)
