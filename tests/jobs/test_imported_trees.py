"""Rows of a table of a tree that stand where nothing can, and that finding them takes no longer than the table is."""

import random
import time
from collections.abc import Callable

import pytest

from actions.imported_trees import ABSENT, LEVELS, LOOP, TOO_DEEP, without_orphans
from forms.coded import Coded
from queries.imported_rows import Outcome

PARENT = Coded("parent", "Wilayah induk", kind="area")
MANY = 20_000
Parents = dict[str, str | None]


def rows(moved: Parents, parents: Parents) -> list[Outcome]:
    """A table in which these stand below those."""
    return [
        Outcome(at, "changed" if code in parents else "new", code, {}, {"parent": parent}, [])
        for at, (code, parent) in enumerate(moved.items(), 2)
    ]


def wrong(outcomes: list[Outcome], parents: Parents) -> dict[str, str]:
    """What is said of each row that is wrong."""
    found = without_orphans(outcomes, parents, PARENT, 2)
    assert [o.number for o in found] == [o.number for o in outcomes]
    return {str(o.code): text for o in found if o.outcome == "wrong" for _, text in o.faults}


def one_by_one(moved: Parents, parents: Parents) -> dict[str, str]:
    """The same, as one would find it with a pencil: whoever cannot stand falls, until all can."""
    moved, said = dict(moved), {}
    while True:
        above, fallen = parents | moved, {}
        for code, parent in moved.items():
            passed: set[str] = set()
            at = parent
            if at is not None and at not in above:
                fallen[code] = ABSENT.format(PARENT.label, at)
                continue
            while at is not None and at in above and at not in passed:
                if at == code:
                    fallen[code] = LOOP.format(code)
                passed.add(at)
                at = above[at]
        if not fallen:
            return said
        said |= fallen
        moved = {code: parent for code, parent in moved.items() if code not in fallen}


def test_any_table() -> None:
    dice = random.Random(5)
    loops = absent = 0
    for _ in range(3000):
        codes = [f"C{at}" for at in range(dice.randint(1, 9))]
        old = dice.sample(codes, dice.randint(0, len(codes)))
        parents: Parents = {code: dice.choice([None, *old[:at]]) for at, code in enumerate(old)}
        moved: Parents = {
            code: dice.choice([None, "NOPE", *codes, *codes])
            for code in dice.sample(codes, dice.randint(1, len(codes)))
        }
        said = wrong(rows(moved, parents), parents)
        assert said == one_by_one(moved, parents), (moved, parents)
        loops += any("dirinya" in text for text in said.values())
        absent += any("tidak ada" in text for text in said.values())
    assert loops > 100 and absent > 100


def test_a_tree_has_so_many_levels() -> None:
    parents: Parents = {"A": None, **{f"A{at}": f"A{at - 1}" if at else "A" for at in range(LEVELS)}}
    deepest = f"A{LEVELS - 1}"
    moved: Parents = {"B": deepest, "C": "B", "D": f"A{LEVELS - 2}", "A0": "A", "E": None}
    assert wrong(rows(moved, parents), parents) == {"B": TOO_DEEP, "C": TOO_DEEP}


def chain(first: str | None) -> Parents:
    return {"C0": first} | {f"C{at}": f"C{at - 1}" for at in range(1, MANY)}


def turned_round() -> Parents:
    return {"C0": "NOPE"} | {f"C{at + 1}": f"C{at}" for at in range(MANY - 1)}


@pytest.mark.parametrize(
    ("moved", "parents", "count"),
    [
        (lambda: chain(None), dict, MANY - 1 - LEVELS),
        (lambda: chain("NOPE"), dict, MANY),
        (lambda: dict(reversed(chain("NOPE").items())), dict, MANY),
        (lambda: chain(f"C{MANY - 1}"), dict, MANY),
        # Each row that falls stands again where the next one cannot be then.
        (turned_round, lambda: {f"C{at}": f"C{at + 1}" for at in range(MANY - 1)} | {f"C{MANY - 1}": None}, MANY),
    ],
)
def test_a_long_one_takes_no_longer_than_it_is(
    moved: Callable[[], Parents], parents: Callable[[], Parents], count: int
) -> None:
    begun = time.process_time()
    assert len(wrong(rows(moved(), parents()), parents())) == count
    assert time.process_time() - begun < 2
