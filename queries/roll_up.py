"""Rows of a recap put together (roll-up): one of a tree holds those below it, what was restated has a row too. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from queries.categories import Node
from queries.recap import KINDS, NOTHING, Numbers


class Rolled(NamedTuple):
    """A row by category or area: this (None: what is not identified, or stores without an area), the one above it that holds its
    numbers too, these, and what is to be added to them for those of now."""

    node: Node | None
    above: Node | None
    numbers: Numbers
    difference: Numbers


def add_up(key: str, rows: Sequence[Numbers]) -> Numbers:
    """The counts of all rows together; of the times nothing is known."""
    counts = {name: sum(getattr(row, name) for row in rows) for name in ("opening", *KINDS, "closing")}
    return NOTHING._replace(key=key, **counts)


def with_restated(numbers: Sequence[Numbers], differences: Iterable[str]) -> list[Numbers]:
    """The rows, and those that had no number when the month was frozen and have one now: the keys of `differences`."""
    known = {row.key for row in numbers}
    return [*numbers, *(NOTHING._replace(key=key) for key in sorted(differences) if key not in known)]


def roll_up(tree: Sequence[Node], rows: Sequence[Numbers], differences: Mapping[str, Numbers]) -> list[Rolled]:
    """The tree from above: each category at the top in which anything is counted, with itself and those below it, and then those
    in which it is; what is not identified last."""
    nodes, found = {node.code: node for node in tree}, {row.key: row for row in rows}
    inside: dict[str, list[Node]] = defaultdict(list)
    for node in tree:
        if node.code in found:
            inside[_top_of(node, nodes).code].append(node)
    rolled = []
    for top, below in sorted(inside.items()):
        changes = [differences.get(node.code, NOTHING) for node in below]
        rolled.append(Rolled(nodes[top], None, add_up(top, [found[n.code] for n in below]), add_up(top, changes)))
        rolled += [
            Rolled(node, nodes[top], found[node.code], change)
            for node, change in zip(below, changes, strict=True)
            if node.code != top
        ]
    if "" in found:
        rolled.append(Rolled(None, None, found[""], differences.get("", NOTHING)))
    return rolled


def codes_below(tree: Sequence[Node], code: str) -> frozenset[str]:
    """One of a tree and those below it, by code."""
    nodes = {node.code: node for node in tree}
    return frozenset(node.code for node in tree if code in _codes_above(node, nodes))


def in_order(tree: Sequence[Node], rows: Sequence[Numbers], differences: Mapping[str, Numbers]) -> list[Rolled]:
    """Rows that hold those below them already, each after the one above it; what is outside of the tree last."""
    nodes, found = {node.code: node for node in tree}, {row.key: row for row in rows}
    inside = sorted((node for node in tree if node.code in found), key=lambda node: _codes_above(node, nodes)[::-1])
    rolled = [
        Rolled(
            node,
            above if (above := nodes.get(node.parent_code or "")) and above.code in found else None,
            found[node.code],
            differences.get(node.code, NOTHING),
        )
        for node in inside
    ]
    if "" in found:
        rolled.append(Rolled(None, None, found[""], differences.get("", NOTHING)))
    return rolled


def _codes_above(node: Node, nodes: Mapping[str, Node]) -> list[str]:
    """The codes from one of a tree up to the top."""
    codes = [node.code]
    while node.parent_code is not None:
        node = nodes[node.parent_code]
        codes.append(node.code)
    return codes


def _top_of(node: Node, nodes: dict[str, Node]) -> Node:
    while node.parent_code is not None:
        node = nodes[node.parent_code]
    return node
