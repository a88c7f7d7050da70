"""Rows of an import that is younger than the statistics are found one by one, not all of them for each portion."""

import json
from collections.abc import Iterator
from typing import Any

from asyncpg import Connection

from queries.imported_rows import Outcome, list_outcomes, note_outcomes
from queries.imports import Sent, insert_import
from tests.plans import written_statements

ROWS = 50_000  # of fewer all may be read at once: that takes no longer


async def sent(connection: Connection) -> int:
    """An import with so many rows."""
    import_id = await insert_import(connection, Sent(None, "areas", "a.csv", ["Kode"], [], False))
    await connection.execute(
        """
        INSERT INTO import_row (import_id, number, cells, misread)
        SELECT $1, n, jsonb_build_array('A' || n), '[]' FROM generate_series(2, $2::integer + 1) n
        """,
        import_id,
        ROWS,
    )
    return import_id


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from nodes(below)


async def test_a_portion_is_noted_row_by_row(connection: Connection) -> None:
    first = await sent(connection)
    await connection.execute("ANALYZE import_row")
    young = await sent(connection)
    outcomes = [Outcome(number, "new", f"A{number}", {}, {"name": "x"}, []) for number in range(2, 202)]
    text = next(s.text for s in written_statements() if s.name == "imported_rows.note_outcomes")
    explained = await connection.fetchval(
        f"EXPLAIN (ANALYZE, FORMAT JSON) {text}", young, [o._asdict() for o in outcomes]
    )
    plan = (json.loads(explained) if isinstance(explained, str) else explained)[0]["Plan"]
    reads = [node for node in nodes(plan) if node.get("Relation Name") == "import_row" and "Scan" in node["Node Type"]]
    assert [node["Actual Loops"] * node["Actual Rows"] for node in reads] == [len(outcomes)], plan
    assert len(await list_outcomes(connection, young, "new", 0, ROWS)) == len(outcomes)
    await note_outcomes(connection, young, [outcomes[0]._replace(outcome="same")])
    assert len(await list_outcomes(connection, young, "same", 0, ROWS)) == 1
    assert await list_outcomes(connection, first, "new", 0, 1) == []
