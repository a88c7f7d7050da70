"""Measuring: screens of several servers in turns, round after round, and the medians of what was seen."""

import statistics
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

from bench.speed.load import send
from bench.speed.machine import processor_seconds
from bench.speed.progress import Progress
from bench.speed.screens import Screen, World, check, rest
from bench.speed.servers import Server


@dataclass(frozen=True)
class Measured:
    """A screen of a server: answers a second, milliseconds of a processor an answer in the server and in PostgreSQL, milliseconds
    until half of the answers and until all but one in a hundred are there, bytes an answer, and the share of those that were
    refused or did not come."""

    rate: float
    server: float
    postgres: float
    p50: float
    p99: float
    bytes: float
    refused: float

    @property
    def total(self) -> float:
        """Milliseconds of a processor an answer."""
        return self.server + self.postgres


Lines = Sequence[tuple[Server, Screen]]


async def measure(
    world: World, postmaster: int, lines: Lines, rounds: int, seconds: float
) -> Mapping[tuple[str, str], Measured]:
    """Measure each screen in each round, for so many seconds; by server and screen the medians of the rounds. Raises RuntimeError
    for a screen that does not answer as it should."""
    seen: dict[tuple[str, str], list[Measured]] = defaultdict(list)
    progress = Progress("measured", rounds * len(lines))
    for _ in range(rounds):
        for server, screen in lines:
            await rest(world)
            if one := await _measure(world, postmaster, server, screen, seconds):
                seen[server.name, screen.name].append(one)
            progress.step()
    progress.end()
    return {name: _median(rounds) for name, rounds in seen.items()}


async def _measure(world: World, postmaster: int, server: Server, screen: Screen, seconds: float) -> Measured | None:
    shots = await screen.shots(world)
    if not shots:
        return None
    check(server.port, screen, shots[0])
    before = server.processor_seconds, processor_seconds(postmaster)
    load = send(server.port, shots[1:] if screen.once else shots, seconds, once=screen.once)
    after = server.processor_seconds, processor_seconds(postmaster)
    if not load.requests:
        return None
    spent = [1000 * (end - begin) / load.requests for begin, end in zip(before, after, strict=True)]
    return Measured(
        rate=load.requests / load.seconds,
        server=spent[0],
        postgres=spent[1],
        p50=load.p50,
        p99=load.p99,
        bytes=load.bytes / load.requests,
        refused=(load.refused + load.broken) / load.requests,
    )


def _median(rounds: Sequence[Measured]) -> Measured:
    return Measured(*(statistics.median(getattr(one, field.name) for one in rounds) for field in fields(Measured)))
