"""What the figures are to be, and whether they are."""

from collections.abc import Iterator
from typing import NamedTuple

from bench.speed.run import Run

LISTS = ("year", "division", "closed", "due", "deep", "tasks")
SEARCHES = ("common", "rare", "narrowed")
# So many times as many answers as the paper's design gives: screen, the paper's, times.
FASTER = (
    *((screen, "year", 12) for screen in LISTS),
    *((screen, screen, 20) for screen in ("problem", "report", "escalation", "comment", "lookup")),
    ("same-list", "year", 50),
    ("same-problem", "problem", 50),
)
# At most so many times the time of another screen.
SLOWER = (("deep", "year", 1.2), ("tasks", "year", 2), ("desk", "year", 2), ("recap", "live", 15))
FLOORS = (("lookup", "floor", "bare", 0.15), ("report", "pgbench", "insert", 0.5))
PROCESSOR, KILOBYTES, MEGABYTES = 1.5, 45, 90  # of a list in milliseconds and before compression; of a worker
SEARCH, LONGEST = 4, 100  # times the list; milliseconds of a query
TAIL = 3  # times as long as half of the answers may one in a hundred take
GROWTH = 1.3  # times as much of the processor at the largest size as at the smallest


class Verdict(NamedTuple):
    """A target, what was measured of it, and whether it holds."""

    target: str
    measured: str
    holds: bool


def judge(run: Run) -> Iterator[Verdict]:
    """What holds of a run, as far as it was measured."""
    app, paper = run.of("app"), run.of("paper")
    for screen, other, times in FASTER:
        if screen in app and other in paper:
            ratio = app[screen].rate / paper[other].rate
            yield Verdict(f"{screen}: ≥ {times} × the paper's {other}", f"{ratio:.1f} ×", ratio >= times)
    for screen, server, floor, share in FLOORS:
        if screen in app and (at := run.of(server).get(floor)):
            ratio = app[screen].rate / at.rate
            yield Verdict(f"{screen}: ≥ {share:.0%} of {server}", f"{ratio:.0%}", ratio >= share)
    for screen, other, times in SLOWER:
        if screen in app and other in app:
            ratio = app[other].rate / app[screen].rate
            yield Verdict(f"{screen}: ≤ {times} × the time of {other}", f"{ratio:.1f} ×", ratio <= times)
    yield from _judge_lists(run)
    for screen, one in app.items():
        yield Verdict(f"{screen}: p99 ≤ {TAIL} × p50", f"{one.p99 / one.p50:.1f} ×", one.p99 <= TAIL * one.p50)
    before, after = run.resident
    yield Verdict(f"memory: ≤ {MEGABYTES} MB", f"{after:.0f} MB", after <= MEGABYTES)
    said = f"{before:.0f} → {after:.0f} MB over {run.answers:,} answers"
    yield Verdict("memory: flat over 200,000 answers", said, after <= 1.05 * before and run.answers >= 200_000)


def _judge_lists(run: Run) -> Iterator[Verdict]:
    app = run.of("app")
    for screen in LISTS:
        if screen in app:
            spent, size = app[screen].total, run.pages[screen] / 1024
            yield Verdict(f"{screen}: processor ≤ {PROCESSOR} ms", f"{spent:.2f} ms", spent <= PROCESSOR)
            yield Verdict(f"{screen}: ≤ {KILOBYTES} KB before compression", f"{size:.0f} KB", size <= KILOBYTES)
    for screen in SEARCHES:
        if screen in app and "year" in app:
            ratio = app[screen].p50 / app["year"].p50
            yield Verdict(f"text search, {screen}: p50 ≤ {SEARCH} × the list's", f"{ratio:.1f} ×", ratio <= SEARCH)


def judge_growth(runs: list[Run]) -> Iterator[Verdict]:
    """What holds from the smallest size to the largest."""
    if len(runs) < 2:
        return
    first, last = runs[0], runs[-1]
    for screen, one in first.of("app").items():
        if screen in last.of("app"):
            ratio = last.of("app")[screen].total / one.total
            said = f"{ratio:.2f} × from {first.problems:,} to {last.problems:,}"
            yield Verdict(f"{screen}: growth ≤ {GROWTH} ×", said, ratio <= GROWTH)
