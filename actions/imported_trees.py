"""Which rows of a table of a tree stand where nothing can: below what is not there, or below themselves. Pure.

As long as the table is, not longer: one that is a chain of 200,000, or names its rows from the last to the first, is one too.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from forms.coded import Coded
from queries.imported_rows import Outcome

LOOP = "{} tidak dapat berada di bawah dirinya sendiri."
LEVELS = 20  # below the top; what is written and shown of a tree goes along all of them
TOO_DEEP = f"Lebih dari {LEVELS} tingkat di bawah yang teratas."
ABSENT = "{} {} tidak ada, karena barisnya salah."


class _Tree:
    """Where each stands if all rows that are right are taken over; a row that falls stands where it stood, or nowhere."""

    def __init__(self, moved: Mapping[str, str | None], made: Iterable[str], parents: Mapping[str, str | None]) -> None:
        self._moved, self._parents = dict(moved), parents
        self._above = {**parents, **dict.fromkeys(made), **moved}
        self._below: dict[str, list[str]] = defaultdict(list)
        for code, parent in moved.items():
            if parent is not None:
                self._below[parent].append(code)
        self.absent: dict[str, str] = {}  # by code of the row that falls, the parent that is not there
        self.looped: set[str] = set()

    def settle(self) -> None:
        """Let fall what has to, until all that is left can stand."""
        for code in list(self._moved):
            self._fall_if_absent(code)
        begun = [*self._moved, *self.absent]
        while loops := self._loops(begun):
            self.looped |= loops
            begun = [fallen for code in loops for fallen in self._fall(code)]

    def _fall_if_absent(self, code: str) -> None:
        parent = self._moved.get(code)
        if parent is not None and parent not in self._above:
            self.absent[code] = parent
            self._fall(code)

    def _fall(self, code: str) -> list[str]:
        """The row of that code falls, and with it those below it that have nowhere to stand: all of them."""
        fallen = [code]
        for each in fallen:
            self._moved.pop(each, None)
            if each in self._parents:
                self._above[each] = self._parents[each]
                continue
            self._above.pop(each, None)
            below = [child for child in self._below[each] if child in self._moved]
            self.absent |= dict.fromkeys(below, each)
            fallen += below
        return fallen

    def too_deep(self) -> list[str]:
        """The rows that stand too far down, once it is settled."""
        levels: dict[str, int] = {}
        for code in self._moved:
            path: list[str] = []
            at: str | None = code
            while at is not None and at not in levels:
                path.append(at)
                at = self._above[at]
            level = -1 if at is None else levels[at]
            for each in reversed(path):
                level += 1
                levels[each] = level
        return [code for code, parent in self._moved.items() if parent is not None and levels[code] > LEVELS]

    def _loops(self, begun: Iterable[str]) -> set[str]:
        """The rows that are in a loop which can be reached from these."""
        passed: set[str] = set()
        looped: set[str] = set()
        for code in begun:
            path: list[str] = []
            at = code
            while at not in passed and at in self._above:
                passed.add(at)
                path.append(at)
                at = self._above[at] or ""
            if at in set(path):
                looped.update(path[path.index(at) :])
        return {code for code in looped if self._moved.get(code) is not None}


def without_orphans(
    outcomes: Sequence[Outcome], parents: Mapping[str, str | None], parent: Coded, place: int | None
) -> list[Outcome]:
    """Those below what is not there, as its own row is wrong, or below themselves, are wrong too. `parents` is the tree as it
    is, `place` the column of the field `parent`."""
    right = {outcome.code: outcome for outcome in outcomes if outcome.code and outcome.outcome != "wrong"}
    moved = {code: outcome.after[parent.name] for code, outcome in right.items() if parent.name in outcome.after}
    tree = _Tree(moved, [code for code, outcome in right.items() if outcome.outcome == "new"], parents)
    tree.settle()
    texts = {code: ABSENT.format(parent.label, above) for code, above in tree.absent.items()}
    texts |= dict.fromkeys(tree.too_deep(), TOO_DEEP)
    texts |= {code: LOOP.format(code) for code in tree.looped}
    return [
        outcome._replace(outcome="wrong", before={}, after={}, faults=[[place, texts[outcome.code]]])
        if outcome.code in texts and right[outcome.code] is outcome
        else outcome
        for outcome in outcomes
    ]
