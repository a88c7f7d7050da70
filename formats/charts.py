"""Charts: where bars and lines stand in an SVG that is as wide as its page, in per cent of it. Pure; the templates draw."""

from collections.abc import Sequence
from typing import NamedTuple

TOP, BOTTOM = 8.0, 84.0  # of the height: above is room for the highest number, below for the months


class Bar(NamedTuple):
    """A rectangle, its places and sizes in per cent."""

    x: str
    y: str
    width: str
    height: str
    value: int


class Point(NamedTuple):
    """A place of a line, in per cent, and what it stands for."""

    x: str
    y: str
    value: int


class Tick(NamedTuple):
    """A line across at a round number."""

    y: str
    value: int


def scale(values: Sequence[float]) -> int:
    """The least number of one digit and zeros, even, that none of the values exceeds; 2 if they are all nothing."""
    most, step = max(values, default=0), 1
    while most > 10 * step:
        step *= 10
    return next(digit * step for digit in (2, 4, 6, 8, 10) if digit * step >= most)


def ticks(top: int) -> list[Tick]:
    """The lines across of a chart that goes to `top`: the ground, the half and the top."""
    return [Tick(_per_cent(_height(value, top)), value) for value in (0, top // 2, top)]


def columns(series: Sequence[Sequence[int]], top: int) -> list[list[Bar]]:
    """The bars of some series, side by side in each place: as many lists as there are series."""
    room = 100 / max(len(series[0]), 1)
    width = room * 0.8 / len(series)
    return [
        [
            Bar(
                _per_cent(place * room + room * 0.1 + nth * width),
                _per_cent(_height(value, top)),
                _per_cent(width),
                _per_cent(BOTTOM - _height(value, top)),
                value,
            )
            for place, value in enumerate(values)
        ]
        for nth, values in enumerate(series)
    ]


def line(values: Sequence[int], top: int) -> list[Point]:
    """The points of a line over the same places."""
    room = 100 / max(len(values), 1)
    return [
        Point(_per_cent((at + 0.5) * room), _per_cent(_height(value, top)), value) for at, value in enumerate(values)
    ]


def share(value: float, most: float) -> str:
    """How long a bar is that lies on its side, of the longest, in per cent."""
    return _per_cent(100 * value / most if most else 0)


def _height(value: float, top: int) -> float:
    return BOTTOM - (BOTTOM - TOP) * value / top


def _per_cent(value: float) -> str:
    return f"{round(value, 2):g}%"
