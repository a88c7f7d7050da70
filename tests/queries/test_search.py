"""What a search finds, in whatever way it is found: the same as reading every problem (property test, slow model)."""

import random
from collections import Counter

import pytest
from asyncpg import Connection, Record

import queries.notes
import queries.problem_search
from formats.search import like
from queries.employees import Employee
from queries.problem_counts import count_problems
from queries.problem_filter import LAST_RANK, ORDERS, Filter, Place, place_in
from queries.problem_list import list_all_ids, list_problem_ids
from tests.queries.life import COLLEAGUE, DESK, MANAGER, PIC, REPORTER, STRANGER, viewer

# Problems in several blocks of numbers and weeks, of few words, that anybody may have in any state.
PROBLEMS = """
    INSERT INTO problem (id, status, reported_at, year, changed_at, version, reporter_nik, recorded_by_nik, store_code, title,
                         description, holder_division_code, holder_department_code, holder_pic_nik, assignee_nik, waiting_for,
                         category_code, impact, urgency, identification, solution, search_text, due_at)
    OVERRIDING SYSTEM VALUE
    SELECT id, status, at, extract(year FROM at), at + interval '1 day' * (id * 7 % 400), 3, nik, nik, store, 'x', 'x',
           CASE WHEN NOT has_pic THEN division END, CASE WHEN has_pic THEN 'MNT' END, CASE WHEN has_pic THEN '30001' END,
           CASE WHEN NOT has_pic AND status IN ('open', 'waiting') AND id % 2 = 0 THEN assignee END,
           CASE WHEN status = 'waiting' THEN 'vendor' END, CASE WHEN identified THEN 'UMUM' END,
           CASE WHEN identified THEN 1 + id / 2 % 3 END, CASE WHEN identified THEN 1 + id / 3 % 3 END,
           CASE WHEN identified THEN 'x' END, CASE WHEN status = 'closed' THEN 'x' END, words,
           CASE WHEN status NOT IN ('closed', 'void') AND id % 3 > 0 THEN at + interval '1 day' * (id * 11 % 400) END
      FROM (SELECT n * 701 AS id, status, nik, store, words, timestamptz '2023-03-01' + interval '1 day' * (n * 4) AS at,
                   (ARRAY['HD', 'IT-NET', 'GA'])[1 + n % 3] AS division,
                   (ARRAY['20001', '20003', '20004'])[1 + n % 3] AS assignee,
                   status NOT IN ('reported', 'void') AS identified, status <> 'reported' AND n % 7 = 0 AS has_pic
              FROM unnest($1::integer[], $2::text[], $3::text[], $4::text[], $5::text[]) AS p (n, status, nik, store, words)) p
"""
STATUSES = ("reported", "open", "waiting", "escalated", "closed", "closed", "closed", "void")
WORDS = ("printer", "kasir", "wifi", "gudang", "1001", "mati", "t01", "100%", "k_2", "timbangan")
TYPED = (
    "printer",
    "rint",
    "kasir",
    "wifi",
    "100",
    "1001",
    "mati",
    "timbangan",
    "asir",
    "a",
    "0%",
    "_",
    "tidakada",
    "gudang",
)
REPORTERS = ((REPORTER, "T01"), (COLLEAGUE, "T01"), (STRANGER, "T02"))
# What is few, narrow, many and often, so that each way is taken.
WAYS = {
    "read whole": (1000, 4000, 32, 700, 12),
    "many": (2, 0, 1, 10_000, 0),
    "more than few": (2, 0, 10_000, 10_000, 10_000),
    "more than few, by block": (2, 0, 10_000, 10_000, 0),
    "often": (0, 0, 1, 1, 0),
    "narrow": (2, 30, 3, 8, 2),
}
PEOPLE = (DESK, MANAGER, PIC, REPORTER, COLLEAGUE, STRANGER)


@pytest.fixture
async def problems(connection: Connection) -> list[Record]:
    """Those that there are, from the lowest number on."""
    rng = random.Random(11)
    rows = []
    for n in range(1, 301):
        nik, store = rng.choice(REPORTERS)
        words = " ".join(rng.choices(WORDS, (30, 20, 10, 5, 3, 2, 20, 1, 1, 1), k=rng.randint(1, 4)))
        rows.append((n, rng.choice(STATUSES), nik, store, f"{words}\n{rng.choice(WORDS)}"))
    await connection.execute("SET session_replication_role = replica")
    await connection.execute(PROBLEMS, *zip(*rows, strict=True))
    await connection.execute("SET session_replication_role = origin")
    return await connection.fetch("SELECT * FROM problem ORDER BY id")


def random_filter(rng: random.Random, who: Employee, problems: list[Record]) -> Filter:
    """Words, and some of all that a list can be narrowed to."""
    typed = rng.sample(TYPED, rng.choice((1, 1, 1, 2, 2, 3, 4)))
    possible = {
        "year": rng.choice((2023, 2024, 2026, 2020)),
        "status": rng.choice((*STATUSES, "unfinished")),
        "store": rng.choice(("T01", "T02")),
        "priority": rng.randint(1, 6),
        "reporter": who.nik,
        "noted": [rng.choice(problems)["id"] for _ in range(4)],
        "number": rng.choice(problems)["id"],
        "since": rng.choice(problems)["id"],
    }
    chosen = {name: value for name, value in possible.items() if rng.random() < 0.2}
    if not chosen.keys().isdisjoint(("noted", "number")):  # these an index finds
        chosen.pop("since", None)
    mine = {"mine": (who.nik, who.divisions)}
    pic = {"department": "MNT", "pic": PIC}
    holder = rng.choice([{}, {}, {"division": "IT-NET"}, {"department": "MNT"}, pic, mine])
    return Filter(patterns=[like(word) for word in typed], **chosen, **holder)


def is_found(p: Record, filter: Filter, who: Employee) -> bool:
    """Whether the filter finds a problem, whatever its status."""
    mine, by_number = filter.mine or ("", []), p["id"] == filter.number
    return all(
        (
            who.sees_all or p["store_code"] == who.store_code or p["reporter_nik"] == who.nik,
            filter.year in (None, p["year"]) or by_number,
            filter.division in (None, p["holder_division_code"]),
            filter.department in (None, p["holder_department_code"]),
            filter.pic in (None, p["holder_pic_nik"]),
            filter.mine is None
            or mine[0] in (p["assignee_nik"], p["holder_pic_nik"])
            or (p["holder_division_code"] in mine[1] and p["assignee_nik"] is None),
            filter.store in (None, p["store_code"]),
            filter.priority in (None, p["priority"] or 6),
            filter.reporter in (None, p["reporter_nik"]),
            by_number or p["id"] in (filter.noted or ()) or has_words(p, filter),
        )
    )


def has_words(p: Record, filter: Filter) -> bool:
    words = [pattern[1:-1].replace("\\", "") for pattern in filter.patterns or ()]
    return all(word in p["search_text"] for word in words) and p["id"] > (filter.since or 0)


def place_of(p: Record, key: str) -> Place:
    return place_in(key, p["id"], p["priority"], p["changed_at"], p["due_at"])


def rank_of(place: Place, key: str) -> Place:
    """Of what is not due the newest comes first."""
    return place._replace(id=-place.id) if key == "due" and place.rank == LAST_RANK else place


@pytest.mark.parametrize("way", WAYS)
async def test_every_way_finds_the_same(
    way: str, problems: list[Record], connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, number in zip(("FEW", "NARROW", "MANY", "OFTEN", "SOME"), WAYS[way], strict=True):
        monkeypatch.setattr(queries.problem_search, name, number)
    rng, people = random.Random(way), [await viewer(connection, nik) for nik in PEOPLE]
    for _ in range(60):
        who = rng.choice(people)
        filter = random_filter(rng, who, problems)
        found = [p for p in problems if is_found(p, filter, who)]
        counts = Counter(p["status"] for p in found)
        assert {k: n for k, n in (await count_problems(connection, who, filter)).items() if n} == counts, filter
        listed = [p for p in found if filter.has_status(p["status"])]
        for sort, (key, down) in ORDERS.items():
            ordered = sorted((rank_of(place_of(p, key), key) for p in listed), reverse=down)
            after = place_of(rng.choice(problems), key) if rng.random() < 0.7 else None
            start = rank_of(after, key) if after else None
            follow = [abs(at.id) for at in ordered if start is None or (at < start if down else at > start)]
            assert await list_problem_ids(connection, who, filter, sort, after=after, limit=5) == follow[:5], (
                filter,
                sort,
            )
            before = place_of(rng.choice(problems), key)
            end = rank_of(before, key)
            precede = [abs(at.id) for at in ordered if (at > end if down else at < end)]
            assert await list_problem_ids(connection, who, filter, sort, before=before, limit=5) == precede[-5:], (
                filter,
                sort,
            )
            async with connection.transaction():
                assert [*await list_all_ids(connection, who, filter, sort)] == [abs(at.id) for at in ordered], (
                    filter,
                    sort,
                )


async def test_notes_are_found_alike_by_a_walk_and_by_the_index(
    problems: list[Record], connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    await connection.execute(
        "INSERT INTO note_search SELECT id, E'vendor\\n' || search_text FROM problem WHERE id % 2 = 0"
    )
    for words in (["printer"], ["printer", "vendor"], ["tidakada"], ["t01", "kasir", "printer", "mati"]):
        found = [
            p["id"]
            for p in reversed(problems)
            if p["id"] % 2 == 0 and all(w in f"vendor {p['search_text']}" for w in words)
        ]
        for looked_at, often, soon in ((200, 0, 8), (200, 201, 8), (0, 201, 1), (0, 201, 10_000)):
            for name, number in (("LOOKED_AT", looked_at), ("OFTEN", often), ("SOON", soon)):
                monkeypatch.setattr(queries.notes, name, number)
            noted = await queries.notes.list_noted(connection, DESK, [like(word) for word in words], 10)
            assert noted == (found[:10] or None), (words, looked_at, often, soon)
            assert await queries.notes.list_noted(connection, REPORTER, [like(word) for word in words], 10) is None
