"""Every verb that changes a problem: who, in which state, at which version; and what it leaves in the history."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
from asyncpg import Connection

from queries.changes import Change, ProblemChanged
from queries.events import list_events
from queries.problems import Report, insert_problem
from queries.submissions import AlreadyRecorded, KeyReused, get_recorded
from tests.journeys import IDENTIFICATION, SOLUTION, STATUSES, TO_NET
from tests.queries.life import (
    ADMIN,
    COLLEAGUE,
    CORRECTED,
    DESK,
    DESK_TOO,
    EVERYBODY,
    FAR,
    GA,
    GONE,
    NET,
    PIC,
    REPORTER,
    STRANGER,
    Verb,
    accept_escalation,
    assign,
    change,
    close,
    confirm_problem,
    correct,
    dump,
    escalate_to_division,
    escalate_to_pic,
    identify,
    insert_comment,
    pause,
    problem_in,
    recall,
    reopen_problem,
    report,
    restore,
    resume,
    return_escalation,
    submission,
    take,
    take_over,
    to_net,
    void,
)


async def to_ga(connection: Connection, change: Change) -> None:
    await escalate_to_division(connection, change, "other", "GA", "Bukan IT")


async def to_pic(connection: Connection, change: Change) -> None:
    await escalate_to_pic(connection, change, PIC, "Perlu tukang")


async def send_back(connection: Connection, change: Change) -> None:
    await return_escalation(connection, change, "Bukan kami")


async def reopen(connection: Connection, change: Change) -> None:
    await reopen_problem(connection, change, "Masih mati")


async def comment(connection: Connection, change: Change) -> None:
    await insert_comment(connection, change.problem_id, change.submission, "Mohon segera")


# verb: (the states that admit it, who may in the first of them)
VERBS: dict[Verb, tuple[tuple[str, ...], set[str]]] = {
    identify: (("reported",), {DESK, DESK_TOO}),
    to_net: (("open", "waiting"), {DESK, DESK_TOO}),
    to_ga: (("open", "waiting"), {DESK, DESK_TOO}),
    to_pic: (("open", "waiting"), {DESK, DESK_TOO}),
    accept_escalation: (("escalated",), {NET}),
    send_back: (("escalated",), {NET}),
    close: (("open", "waiting"), {DESK, DESK_TOO}),
    correct: (("open", "waiting", "escalated"), {DESK, DESK_TOO}),
    pause: (("open",), {DESK, DESK_TOO}),
    resume: (("waiting",), {DESK, DESK_TOO}),
    assign: (("open", "waiting"), {DESK, DESK_TOO}),
    take: (("open", "waiting"), {DESK, DESK_TOO}),
    recall: (("escalated",), {DESK, DESK_TOO}),
    take_over: (("escalated",), {DESK, DESK_TOO}),
    void: (("reported", "open", "waiting"), {DESK, DESK_TOO, REPORTER}),
    restore: (("void",), {DESK, DESK_TOO}),
    confirm_problem: (("closed",), {REPORTER, COLLEAGUE}),
    reopen: (("closed",), {REPORTER, COLLEAGUE, DESK, DESK_TOO}),
    comment: (STATUSES, set(EVERYBODY) - {STRANGER, FAR, GONE, ADMIN}),
}
each_verb = pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.__name__)


async def is_refused(connection: Connection, verb: Callable[..., Awaitable[None]], change: Change) -> bool:
    """Whether the verb raises ProblemChanged; then nothing at all may have changed."""
    before = await dump(connection)
    try:
        await verb(connection, change)
    except ProblemChanged:
        assert await dump(connection) == before
        return True
    return False


@each_verb
async def test_only_who_may(verb: Verb, connection: Connection):
    states, allowed = VERBS[verb]
    problem_id = await problem_in(connection, states[0])
    for nik in sorted(set(EVERYBODY) - allowed):
        assert await is_refused(connection, verb, await change(connection, problem_id, nik)), nik
    for nik in sorted(allowed):
        problem_id = await problem_in(connection, states[0])
        assert not await is_refused(connection, verb, await change(connection, problem_id, nik)), nik


@each_verb
async def test_only_in_a_state_that_admits_it(verb: Verb, connection: Connection):
    for state in STATUSES:
        problem_id = await problem_in(connection, state)
        refused = [
            await is_refused(connection, verb, await change(connection, problem_id, nik))
            for nik in (DESK, NET, REPORTER)
        ]
        assert all(refused) == (state not in VERBS[verb][0]), state


@each_verb
async def test_only_at_the_version_that_was_seen(verb: Verb, connection: Connection):
    states, allowed = VERBS[verb]
    problem_id = await problem_in(connection, states[0])
    now = await change(connection, problem_id, min(allowed))
    for version in {0, 1, now.version - 1, now.version + 1} - {now.version}:
        stale = now._replace(version=version, submission=submission(now.submission.nik))
        assert await is_refused(connection, verb, stale) == (verb is not comment)  # a comment goes with every version


@each_verb
async def test_the_same_form_twice_is_recorded_once(verb: Verb, connection: Connection):
    states, allowed = VERBS[verb]
    problem_id = await problem_in(connection, states[0])
    form = await change(connection, problem_id, min(allowed))
    await verb(connection, form)
    recorded = await dump(connection)
    with pytest.raises(AlreadyRecorded):
        await verb(connection, form)
    assert await dump(connection) == recorded
    assert await get_recorded(connection, form.submission) == f"/problems/{problem_id}"


@each_verb
@pytest.mark.parametrize("whose", ["own", "another's"])
async def test_a_key_is_not_used_for_something_else(verb: Verb, whose: str, connection: Connection):
    states, allowed = VERBS[verb]
    first, second = await problem_in(connection, states[0]), await problem_in(connection, states[0])
    used = (await change(connection, first, min(allowed))).submission
    await insert_comment(connection, first, used, "Yang pertama")
    recorded = await dump(connection)
    reused = submission(used.nik, "lain", used.key) if whose == "own" else replace(used, nik=max(allowed | {GA}))
    with pytest.raises(KeyReused):
        await verb(connection, (await change(connection, second, used.nik))._replace(submission=reused))
    with pytest.raises(KeyReused):
        await get_recorded(connection, reused)
    assert await dump(connection) == recorded


async def test_a_report_twice_is_recorded_once(connection: Connection):
    form, what = submission(REPORTER), Report(REPORTER, "Printer mati", "Tidak menyala", None, None)
    problem_id = await insert_problem(connection, form, what)
    recorded = await dump(connection)
    with pytest.raises(AlreadyRecorded):
        await insert_problem(connection, form, what)
    assert await get_recorded(connection, form) == f"/problems/{problem_id}"
    with pytest.raises(KeyReused):
        await insert_problem(connection, submission(REPORTER, "lain", form.key), what)
    assert await dump(connection) == recorded


async def test_a_refused_form_can_be_sent_again(connection: Connection):
    problem_id = await problem_in(connection, "open")
    form = await change(connection, problem_id, DESK, version=1)
    assert await is_refused(connection, close, form)
    assert await get_recorded(connection, form.submission) is None
    await close(connection, form._replace(version=2))


async def test_a_receiver_that_is_gone_changes_nothing(connection: Connection):
    problem_id = await problem_in(connection, "open")
    await connection.execute("UPDATE employee SET active = false WHERE nik = $1", PIC)
    before = await dump(connection)
    with pytest.raises(ProblemChanged) as refusal:
        await to_pic(connection, await change(connection, problem_id, DESK))
    assert "no such receiver" in str(refusal.value.__cause__)
    assert await dump(connection) == before


BACK = ("corrected", "recalled", "taken over", "restored")
LIFE: list[tuple[str, Verb]] = [
    (DESK, identify),
    (DESK, to_net),
    (NET, send_back),
    (DESK_TOO, to_pic),
    (PIC, accept_escalation),
    (REPORTER, comment),
    (PIC, to_ga),
    (GA, send_back),
    (PIC, to_ga),
    (GA, accept_escalation),
    (GA, close),
    (REPORTER, reopen),
    (GA, close),
    (REPORTER, confirm_problem),
]


async def live(connection: Connection) -> int:
    problem_id = await report(connection)
    for nik, verb in LIFE:
        await verb(connection, await change(connection, problem_id, nik))
    return problem_id


async def test_the_history_says_who_what_and_why(connection: Connection):
    problem_id = await live(connection)
    events = await list_events(connection, problem_id)
    identification = {
        "category": "NET-WIFI",
        "impact": 1,
        "urgency": 2,
        "priority": 2,
        "identification": IDENTIFICATION["identification"],
    }
    assert [(e.cause, e.actor_nik, e.note, e.before, e.after) for e in events[:-1]] == [
        ("reported", REPORTER, None, {}, {"status": "reported", "division": "HD"}),
        ("opened", DESK, None, {"status": "reported"}, {"status": "open", **identification}),
        ("escalated", DESK, TO_NET["reason"], {"status": "open", "division": "HD"},
         {"status": "escalated", "division": "IT-NET"}),
        ("returned", NET, "Bukan kami", {"status": "escalated", "division": "IT-NET"}, {"status": "open", "division": "HD"}),
        ("escalated", DESK_TOO, "Perlu tukang", {"status": "open", "division": "HD"},
         {"status": "escalated", "department": "MNT", "pic": PIC}),
        ("accepted", PIC, None, {"status": "escalated"}, {"status": "open"}),
        ("commented", REPORTER, "Mohon segera", {}, {}),
        ("escalated", PIC, "Bukan IT", {"status": "open", "department": "MNT", "pic": PIC},
         {"status": "escalated", "division": "GA"}),
        ("returned", GA, "Bukan kami", {"status": "escalated", "division": "GA"},
         {"status": "open", "department": "MNT", "pic": PIC}),
        ("escalated", PIC, "Bukan IT", {"status": "open", "department": "MNT", "pic": PIC},
         {"status": "escalated", "division": "GA"}),
        ("accepted", GA, None, {"status": "escalated"}, {"status": "open"}),
        ("closed", GA, None, {"status": "open"}, {"status": "closed", **SOLUTION}),
        ("reopened", REPORTER, "Masih mati", {"status": "closed", **SOLUTION}, {"status": "open"}),
        ("closed", GA, None, {"status": "open"}, {"status": "closed", **SOLUTION}),
    ]  # fmt: skip
    assert (events[-1].cause, events[-1].before, set(events[-1].after)) == ("confirmed", {}, {"confirmed_at"})
    assert [event.seq for event in events] == list(range(1, len(LIFE) + 2))


async def test_the_history_names_people_and_units(connection: Connection):
    events = await list_events(connection, await live(connection))
    names = ("actor", "actor_unit", "reporter", "division", "department", "pic", "category")
    sent, opened = events[4], events[1]
    assert [getattr(sent, name) for name in names] == [
        "Dodi Pratama",
        "HD",
        "Ani Lestari",
        None,
        "Maintenance",
        "Gita Permata",
        None,
    ]
    assert [getattr(opened, name) for name in names] == [
        "Dewi Anggraini",
        "HD",
        "Ani Lestari",
        None,
        None,
        None,
        "Wi-Fi",
    ]


async def test_the_history_since_a_version_has_no_comments(connection: Connection):
    problem_id = await live(connection)
    causes = [event.cause for event in await list_events(connection, problem_id, after_version=5)]
    assert causes == [
        "accepted",
        "escalated",
        "returned",
        "escalated",
        "accepted",
        "closed",
        "reopened",
        "closed",
        "confirmed",
    ]


async def test_custody_follows_the_holder_and_adds_up_to_the_age(connection: Connection):
    problem_id = await live(connection)
    rows = await connection.fetch(
        "SELECT division_code, pic_nik, lower(during), upper(during) FROM custody ORDER BY during"
    )
    assert [row[0] or row[1] for row in rows] == ["HD", "IT-NET", "HD", PIC, "GA", PIC, "GA", "GA"]
    at = {event.seq: event.at for event in await list_events(connection, problem_id)}
    begins, ends = [1, 3, 4, 5, 8, 9, 10, 13], [3, 4, 5, 8, 9, 10, 12, 14]  # the events between which each held it
    assert [(row[2], row[3]) for row in rows] == [(at[b], at[e]) for b, e in zip(begins, ends, strict=True)]
    age = sum((row[3] - row[2] for row in rows[1:]), start=rows[0][3] - rows[0][2])
    assert age == (at[12] - at[1]) + (at[14] - at[13])


async def test_escalations_keep_their_answers(connection: Connection):
    await live(connection)
    rows = await connection.fetch(
        """
        SELECT kind, coalesce(from_division_code, from_pic_nik), coalesce(to_division_code, to_pic_nik), reason, sent_by_nik,
               answer, answer_reason, answered_by_nik
          FROM escalation ORDER BY id
        """
    )
    assert [tuple(row) for row in rows] == [
        ("it", "HD", "IT-NET", TO_NET["reason"], DESK, "returned", "Bukan kami", NET),
        ("department", "HD", PIC, "Perlu tukang", DESK_TOO, "accepted", None, PIC),
        ("other", PIC, "GA", "Bukan IT", PIC, "returned", "Bukan kami", GA),
        ("other", PIC, "GA", "Bukan IT", PIC, "accepted", None, GA),
    ]


async def test_the_ways_back_leave_their_history(connection: Connection):
    problem_id = await report(connection)
    ways = [
        (DESK, identify),
        (DESK_TOO, correct),
        (DESK, to_net),
        (DESK_TOO, recall),
        (DESK, to_net),
        (DESK, take_over),
    ]
    for nik, verb in [
        *ways,
        (DESK, to_net),
        (NET, accept_escalation),
        (DESK, take_over),
        (DESK, void),
        (DESK, restore),
    ]:
        await verb(connection, await change(connection, problem_id, nik))
    events = await list_events(connection, problem_id)
    now = CORRECTED | {"urgency": 1, "priority": 1, "identification": "Lihat 2"}
    before = {"category": "NET-WIFI", "urgency": 2, "priority": 2, "identification": IDENTIFICATION["identification"]}
    here, sent = {"status": "open", "division": "HD"}, {"status": "escalated", "division": "IT-NET"}
    assert [(e.cause, e.actor_nik, e.note, e.before, e.after) for e in events if e.cause in BACK] == [
        ("corrected", DESK_TOO, None, before, now),
        ("recalled", DESK_TOO, "Salah kirim", sent, here),
        ("taken over", DESK, "Terlalu lama", sent, here),
        ("taken over", DESK, "Terlalu lama", {"division": "IT-NET"}, {"division": "HD"}),
        ("restored", DESK, None, {"status": "void"}, {"status": "open"}),
    ]
    assert events[2].category_before == "NET-WIFI — Wi-Fi"
    answers = await connection.fetch("SELECT answer, answer_reason, answered_by_nik FROM escalation ORDER BY id")
    assert [tuple(row) for row in answers] == [
        ("recalled", "Salah kirim", DESK_TOO),
        ("taken over", "Terlalu lama", DESK),
        ("accepted", None, NET),
    ]


async def test_what_nobody_had_opened_is_restored_as_reported(connection: Connection):
    problem_id = await report(connection)
    await void(connection, await change(connection, problem_id, REPORTER))
    await restore(connection, await change(connection, problem_id, DESK), "Bukan ganda")
    assert await connection.fetchval("SELECT status FROM problem") == "reported"
    assert (await list_events(connection, problem_id))[-1].note == "Bukan ganda"


async def test_a_recall_is_of_those_who_sent_it_whoever_holds_what_they_sent_before(connection: Connection):
    problem_id = await problem_in(connection, "open at IT-NET")
    await escalate_to_pic(connection, await change(connection, problem_id, NET), PIC, "Perlu tukang")
    assert await is_refused(connection, recall, await change(connection, problem_id, DESK))
    await recall(connection, await change(connection, problem_id, NET))
    assert await connection.fetchval("SELECT holder_division_code FROM problem") == "IT-NET"


async def test_what_is_reopened_is_where_it_was(connection: Connection):
    problem_id = await problem_in(connection, "closed")
    await reopen_problem(connection, await change(connection, problem_id, REPORTER), "Masih mati")
    row = await connection.fetchrow("SELECT status, solution, holder_division_code FROM problem")
    assert tuple(row) == ("open", None, "HD")
