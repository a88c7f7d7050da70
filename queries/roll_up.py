"""The numbers of the tree of categories (roll-up): a category at the top holds those below it. Pure."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from queries.categories import Node
from queries.recap import KINDS, NOTHING, Numbers


def add_up(key: str, rows: Sequence[Numbers]) -> Numbers:
    """The counts of all rows together; of the times nothing is known."""
    counts = {name: sum(getattr(row, name) for row in rows) for name in ("opening", *KINDS, "closing")}
    return NOTHING._replace(key=key, **counts)


def roll_up(tree: Sequence[Node], rows: Sequence[Numbers]) -> Iterator[tuple[Node, list[Node], list[Numbers]]]:
    """The categories at the top in which anything is counted, each with those in which it is, and their rows: itself and those
    below it."""
    nodes, found = {node.code: node for node in tree}, {row.key: row for row in rows}
    inside: dict[str, list[Node]] = defaultdict(list)
    for node in tree:
        if node.code in found:
            inside[_top_of(node, nodes).code].append(node)
    return ((nodes[top], below, [found[node.code] for node in below]) for top, below in sorted(inside.items()))


def _top_of(node: Node, nodes: dict[str, Node]) -> Node:
    while node.parent_code is not None:
        node = nodes[node.parent_code]
    return node
