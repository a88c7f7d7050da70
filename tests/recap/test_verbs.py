"""The numbers of the recap, as the verbs add to them."""

from collections import Counter
from datetime import date

from asyncpg import Connection

from queries.counting import fold_tally
from queries.recap import KINDS, Cut, get_total, list_months, list_numbers
from tests.journeys import WAYS
from tests.queries.life import problem_in

ALL = "ARRAY(SELECT id FROM problem)"


async def test_what_verbs_count_is_what_their_histories_say(connection: Connection):
    """In whatever state problems are, each way counted while it was gone: as if it were counted from scratch."""
    for state in WAYS:
        await problem_in(connection, state)
    counted = await connection.fetch("SELECT m::text FROM movement m ORDER BY problem_id, version, kind")
    scratch = await connection.fetch(f"SELECT m::text FROM movements_of({ALL}, 1) m ORDER BY problem_id, version, kind")
    assert counted == scratch
    kinds = Counter(row[0] for row in await connection.fetch("SELECT kind FROM movement"))
    assert kinds["reported"] == len(WAYS)
    (month, *_) = [row.month for row in await list_months(connection, None)]
    before = await numbers(connection, month)
    total = before[0][0]
    assert {kind: getattr(total, kind) for kind in KINDS} == {kind: kinds[kind] for kind in KINDS}
    assert total.closing == await connection.fetchval("SELECT count(*) FROM custody WHERE upper_inf(during)")
    await fold_tally(connection)
    assert await connection.fetchval("SELECT count(*) FROM uncounted") == 0
    assert await numbers(connection, month) == before, "adding up changes no number"


async def numbers(connection: Connection, month: date) -> list[list]:
    cuts = [Cut(month, by) for by in ("holder", "store", "category", "priority")]
    return [[await get_total(connection, cuts[0])]] + [await list_numbers(connection, cut) for cut in cuts]
