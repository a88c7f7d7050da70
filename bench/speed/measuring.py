"""Measuring: lines in turns, round after round, and the medians of what was seen."""

import statistics
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, fields

from bench.speed.load import send
from bench.speed.machine import processor_seconds
from bench.speed.posts import rest
from bench.speed.progress import Progress
from bench.speed.servers import Server
from bench.speed.world import Screen, World, aim


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


Line = Callable[[], Awaitable[Measured | None]]


async def measure(lines: Mapping[str, Line], rounds: int, warm: Callable[[], None]) -> dict[str, Measured]:
    """Measure every line in every round, after one that counts for nothing, at whose end `warm` is called: connections, plans and
    memory are then as they are all day. The medians; what cannot be measured is left out."""
    seen: dict[str, list[Measured]] = defaultdict(list)
    progress = Progress("measured", (rounds + 1) * len(lines))
    for number in range(rounds + 1):
        for name, line in lines.items():
            one = await line()
            if one and number:
                seen[name].append(one)
            progress.step()
        if number == 0:
            warm()
    progress.end()
    return {name: _median(rounds) for name, rounds in seen.items()}


async def measure_screen(
    world: World, postmaster: int, server: Server, screen: Screen, seconds: float
) -> Measured | None:
    """Have the screen asked for, for so many seconds; None where there is nothing to ask for, or no answer. Raises RuntimeError
    for an answer that is another one."""
    await rest(world)
    shots = await aim(world, server.port, screen)
    if not shots:
        return None
    before = server.processor_seconds, processor_seconds(postmaster)
    load = send(server.port, shots[1:] if screen.once else shots, seconds, once=screen.once)
    after = server.processor_seconds, processor_seconds(postmaster)
    server.answers += load.requests
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
