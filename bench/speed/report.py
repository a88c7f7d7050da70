"""What was measured, as tables in Markdown, and as a picture of how it grows."""

import math
from collections.abc import Iterable, Sequence

from jinja2 import Environment, FileSystemLoader

from bench.speed.carrying import carry
from bench.speed.run import Run
from bench.speed.screens import SCREENS
from bench.speed.targets import Verdict, judge, judge_growth
from settings import ROOT

PAGE = ROOT / "docs" / "performance.md"
PICTURE = ROOT / "docs" / "growth.svg"
SHOWN = ("year", "division", "problem", "report", "common", "recap")  # of the picture
WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 860, 400, 60, 30, 280, 50
MOST = 2.0  # times, at the top of the picture


def describe(runs: Sequence[Run]) -> str:
    """The tables of all sizes that were measured, the smallest first."""
    parts = [part for run in reversed(runs) for part in (_figures(run), _verdicts(judge(run)))]
    return "\n".join([*parts, _verdicts(judge_growth(list(runs)))])


def write(runs: Sequence[Run]) -> None:
    """Put the tables into docs/performance.md, and the picture beside it."""
    text = PAGE.read_text()
    for part, table in (("measured", describe(runs)), ("carried", carry(runs[-1]))):
        before, begin, rest = text.partition(f"<!-- {part} -->\n")
        text = f"{before}{begin}{table}\n{rest[rest.index('<!-- end -->') :]}"
    PAGE.write_text(text)
    PICTURE.write_text(draw_growth(runs))


def _figures(run: Run) -> str:
    app, paper = run.of("app"), run.of("paper")
    lines = [
        f"\n### {run.problems:,} problems\n",
        f"Loaded in {run.loaded_in:.0f} s; {run.gigabytes:.1f} GB with indexes.\n",
        "| screen | answers/s | the paper's | | processor, ms: server + PostgreSQL | p50, ms | p99, ms | sent, bytes |",
        "|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for screen in SCREENS:
        if one := app.get(screen.name):
            base = paper.get(screen.name)
            beside = (f"{base.rate:,.0f}", f"{one.rate / base.rate:.1f} ×") if base else ("", "")
            spent = f"{one.server:.2f} + {one.postgres:.2f}"
            refused = f" ({one.refused:.1%} refused)" if one.refused else ""
            cells = (f"{screen.title}{refused}", f"{one.rate:,.0f}", *beside, spent, f"{one.p50:.1f}", f"{one.p99:.1f}")
            lines.append(f"| {' | '.join(cells)} | {one.bytes:,.0f} |")
    for name, title in (
        ("floor bare", "a bare Starlette route"),
        ("pgbench insert", "pgbench inserts what a report does"),
    ):
        if at := run.screens.get(name):
            spent = f"{at.server:.2f} + {at.postgres:.2f}"
            lines.append(f"| {title} | {at.rate:,.0f} | | | {spent} | {at.p50:.1f} | {at.p99:.1f} | |")
    return "\n".join(lines) + "\n"


def _verdicts(verdicts: Iterable[Verdict]) -> str:
    lines = [f"| {one.target} | {one.measured} | {'holds' if one.holds else '**does not**'} |" for one in verdicts]
    return "\n".join(["\n| target | measured | |", "|---|--:|---|", *lines]) + "\n" if lines else ""


def draw_growth(runs: Sequence[Run]) -> str:
    """An SVG of what a screen takes of the processor, as a multiple of what it takes at the smallest size."""
    templates = Environment(loader=FileSystemLoader(ROOT / "bench" / "speed"), autoescape=True)
    sizes = [run.problems for run in runs]
    span = math.log10(sizes[-1] / sizes[0]) or 1

    def x(problems: int) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * math.log10(problems / sizes[0]) / span

    def y(times: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * min(times, MOST) / MOST

    lines = []
    for screen in SCREENS:
        points = [(run.problems, run.of("app")[screen.name].total) for run in runs if screen.name in run.of("app")]
        if screen.name in SHOWN and len(points) > 1:
            least = points[0][1]
            placed = [(round(x(size), 1), round(y(spent / least), 1)) for size, spent in points]
            lines.append((screen.title.replace("`", ""), placed, f"{points[-1][1] / least:.2f} ×"))
    ticks = [(f"{size:,}", round(x(size), 1)) for size in sizes]
    grid = [(f"{times:g} ×", round(y(times), 1)) for times in (0, 0.5, 1, 1.3, 1.5, 2)]
    return templates.get_template("growth.svg").render(
        width=WIDTH,
        height=HEIGHT,
        left=LEFT,
        right=WIDTH - RIGHT,
        bottom=HEIGHT - BOTTOM,
        lines=lines,
        ticks=ticks,
        grid=grid,
    )
