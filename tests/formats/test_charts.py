"""Where bars and lines stand."""

import pytest

from formats.charts import Bar, Point, Tick, columns, line, scale, share, ticks


@pytest.mark.parametrize(
    ("values", "top"),
    [
        ([], 2),
        ([0], 2),
        ([2], 2),
        ([3], 4),
        ([7, 1], 8),
        ([9], 10),
        ([10], 10),
        ([11], 20),
        ([165], 200),
        ([31234], 40000),
    ],
)
def test_a_scale_ends_at_a_round_number_that_has_a_half(values: list[int], top: int) -> None:
    assert scale(values) == top and top % 2 == 0


def test_lines_across() -> None:
    assert ticks(4) == [Tick("84%", 0), Tick("46%", 2), Tick("8%", 4)]


def test_bars_stand_side_by_side_on_the_ground() -> None:
    reported, closed = columns([[4, 0], [2, 1]], 4)
    assert reported == [Bar("5%", "8%", "20%", "76%", 4), Bar("55%", "84%", "20%", "0%", 0)]
    assert closed == [Bar("25%", "46%", "20%", "38%", 2), Bar("75%", "65%", "20%", "19%", 1)]


def test_a_line_goes_through_the_middle_of_its_places() -> None:
    assert line([4, 1], 4) == [Point("25%", "8%", 4), Point("75%", "65%", 1)]
    assert line([], 4) == [] and columns([[], []], 4) == [[], []]


def test_a_share() -> None:
    assert [share(value, 4) for value in (0, 1, 4)] == ["0%", "25%", "100%"]
    assert share(0, 0) == "0%"
