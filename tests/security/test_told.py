"""Who is told of what: all that happens x all people x what they have to do with it, against SPEC's table read slowly."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from asyncpg import Connection

from actions.registry import ACCEPTANCE, COMMENT, NOTE
from queries.problems import Report, insert_problem
from queries.promises import raise_alarms
from tests.areas import put_in_areas
from tests.clocks import put_back, work_day_and_night
from tests.journeys import (
    ADMIN,
    ANI,
    BUDI,
    CITRA,
    DESK,
    DESK_TOO,
    GA,
    HEAD,
    KIKI,
    LOG,
    MANAGER,
    NET,
    OF_ANOTHER,
    OF_AREA,
    OF_REGION,
    PIC,
    PIC_TOO,
)
from tests.queries import life
from tests.queries.life import Wish, change, do, submission
from tests.told import forget_all, tell_all, told

HOUR = timedelta(hours=1)
HANDLERS = (DESK, DESK_TOO, NET, GA, LOG, PIC, PIC_TOO)
MANAGERS = (MANAGER, OF_AREA, OF_REGION)  # who see the problem
OUTSIDE = (CITRA, ADMIN, OF_ANOTHER, KIKI)  # of other stores and areas; deactivated
PEOPLE = (ANI, BUDI, HEAD, *HANDLERS, *MANAGERS, *OUTSIDE)
INSIDE = tuple(nik for nik in PEOPLE if nik not in OUTSIDE)
HD = (DESK, DESK_TOO)

# What everybody has to do with the problem beside who they are.
ROLES = ("nothing", "follows", "commented before", "is named")


@dataclass(frozen=True)
class Deed:
    """What happens to a problem of Ani's in a state of journeys.WAYS: who does it, and who is who of it then."""

    row: str | None  # of SPEC's table; None: it is not in there
    state: str
    does: Callable[[Connection, Wish], Awaitable[object]]
    actor: str | None
    holder: tuple[str, ...] = HD
    assignee: str | None = None
    before: tuple[str, ...] = ()  # who held it, or was to answer it


async def comment(connection: Connection, wish: Wish) -> None:
    text = (
        " ".join(f"@{nik}" for nik in PEOPLE) if wish.version == 99 else "Mati lagi. ani@10002.co 2@10003 @123 @@10011"
    )
    await do(connection, COMMENT, wish, comment=text)


async def note(connection: Connection, wish: Wish) -> None:
    await do(connection, NOTE, wish, note="Kata toko: " + ", ".join(f"@{nik}" for nik in PEOPLE) + ".")


async def leave(connection: Connection, wish: Wish) -> None:
    """The last member of IT-NET leaves."""
    await connection.execute("UPDATE employee SET active = false WHERE nik = $1", NET)


def assigned(nik: str) -> Callable[[Connection, Wish], Awaitable[None]]:
    return lambda connection, wish: life.assign(connection, wish, nik)


DEEDS = {
    "opened": Deed(None, "reported", life.identify, DESK),
    "corrected": Deed(None, "open", life.correct, DESK),
    "escalated to IT-NET": Deed("reached", "open", life.to_net, DESK, (NET,)),
    "escalated to a PIC": Deed(
        "reached", "open", lambda c, w: life.escalate_to_pic(c, w, PIC, "Perlu tukang"), DESK, (PIC,)
    ),
    "accepted": Deed(None, "escalated to IT-NET", life.accept_escalation, NET, (NET,)),
    "returned": Deed(
        "returned", "escalated to IT-NET", lambda c, w: life.return_escalation(c, w, "Bukan"), NET, HD, before=(NET,)
    ),
    "recalled from IT-NET": Deed("withdrawn", "escalated to IT-NET", life.recall, DESK, HD, before=(NET,)),
    "recalled from a PIC": Deed("withdrawn", "escalated to the PIC", life.recall, DESK_TOO, HD, before=(PIC,)),
    "taken over from IT-NET": Deed("withdrawn", "open at IT-NET", life.take_over, DESK, HD, before=(NET,)),
    "taken over from a PIC": Deed("withdrawn", "escalated to the PIC", life.take_over, DESK, HD, before=(PIC,)),
    "handed over": Deed("reached", "open at IT-NET", leave, None, HD, before=(NET,)),
    "assigned": Deed("assigned", "open", assigned(DESK_TOO), DESK, HD, DESK_TOO),
    "taken": Deed("assigned", "open", life.take, DESK, HD, DESK),
    "waits for a vendor": Deed(None, "open", life.pause, DESK),
    "waits for the reporter": Deed("outcome", "open", lambda c, w: life.pause(c, w, waiting_for="reporter"), DESK),
    "resumed": Deed(None, "waiting", life.resume, DESK),
    "closed": Deed("outcome", "open", life.close, DESK_TOO),
    "confirmed": Deed(None, "closed", life.confirm_problem, BUDI),
    "reopened": Deed("reopened", "closed at IT-NET", lambda c, w: life.reopen_problem(c, w, "Lagi"), BUDI, (NET,)),
    "voided by the desk": Deed("outcome", "reported", life.void, DESK),
    "voided by the reporter": Deed("outcome", "reported", life.void, ANI),
    "restored": Deed("reached", "void", life.restore, DESK),
    "commented by the reporter": Deed("commented", "open at IT-NET", comment, ANI, (NET,)),
    "commented by the store": Deed("commented", "closed", comment, BUDI),
    "commented by a manager": Deed("commented", "open at the PIC", comment, MANAGER, (PIC,)),
    "commented where somebody works": Deed("commented", "open", comment, GA, HD, DESK_TOO),
    "noted": Deed("noted", "open", note, DESK),
}


def roles_of(deed: Deed, nik: str, role: str) -> set[str]:
    """What a person is to the problem by the table's words."""
    worker = (deed.assignee,) if deed.assignee else deed.holder
    groups = {"holder": deed.holder, "worker": worker, "assignee": (deed.assignee,), "before": deed.before}
    groups |= {"reporter": (ANI,), role: PEOPLE}
    return {name for name, members in groups.items() if nik in members}


# Who is told, by row: as what, of several the first.
TABLE: dict[str, dict[str, str]] = {
    "reached": {"holder": "reached"},
    "assigned": {"assignee": "assigned"},
    "returned": {"holder": "returned"},
    "withdrawn": {"before": "withdrawn"},
    "commented": {"is named": "mentioned"}
    | dict.fromkeys(("reporter", "worker", "commented before", "follows"), "commented"),
    "outcome": dict.fromkeys(("reporter", "follows"), "outcome"),
    "reopened": dict.fromkeys(("worker", "reporter", "follows"), "reopened"),
}


def expected(deed: Deed, role: str) -> Iterator[tuple[str, str]]:
    for nik in PEOPLE:
        if nik == deed.actor or nik in OUTSIDE:
            continue
        if deed.row == "noted":  # which names everybody
            if nik in (*HANDLERS, *MANAGERS):
                yield nik, "mentioned"
            continue
        mine = roles_of(deed, nik, role)
        kinds = [kind for who, kind in TABLE.get(deed.row or "", {}).items() if who in mine]
        if kinds:
            yield nik, kinds[0]


async def put_in_role(connection: Connection, role: str, problem_id: int) -> None:
    """Everybody, whether they see the problem or did once."""
    if role == "follows":
        await connection.executemany(
            "INSERT INTO following (problem_id, nik) VALUES ($1, $2)", [(problem_id, nik) for nik in PEOPLE]
        )
    if role == "commented before":
        await connection.executemany(
            """
            INSERT INTO event (problem_id, actor_nik, cause, version, note)
            SELECT p.id, $2, 'commented', p.version, 'Dulu' FROM problem p WHERE p.id = $1
            """,
            [(problem_id, nik) for nik in PEOPLE],
        )


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("name", DEEDS)
async def test_exactly_those_are_told_whom_the_table_names(connection: Connection, name: str, role: str) -> None:
    deed = DEEDS[name]
    await put_in_areas(connection)
    problem_id = await life.problem_in(connection, deed.state)
    if deed.row == "commented" and deed.assignee:
        await life.assign(connection, await change(connection, problem_id, DESK), deed.assignee)
    await put_in_role(connection, role, problem_id)
    await forget_all(connection)
    wish = await change(connection, problem_id, deed.actor or DESK)
    await deed.does(connection, wish._replace(version=99) if deed.does is comment and role == "is named" else wish)
    await tell_all(connection)
    outside = set(OUTSIDE) | ({NET} if name == "handed over" else set())
    assert await told(connection) == {n: kind for n, kind in expected(deed, role) if n not in outside}


def test_no_cell_is_empty() -> None:
    """Each row of the table is told to somebody, as each kind, and each person in reach is told of something."""
    cells = [(deed.row, *cell) for deed in DEEDS.values() for role in ROLES for cell in expected(deed, role)]
    assert {row for row, _, _ in cells} == {*TABLE, "noted"} == {deed.row for deed in DEEDS.values()} - {None}
    assert {nik for _, nik, _ in cells} == set(INSIDE)
    assert {kind for _, _, kind in cells} == {kind for row in TABLE.values() for kind in row.values()}


@pytest.mark.parametrize("actor", [ANI, DESK])
async def test_a_report_is_told_to_the_desk(connection: Connection, actor: str) -> None:
    report = Report(ANI, "Printer mati", "Sejak pagi", None, None)
    await insert_problem(connection, submission(actor), report)
    await tell_all(connection)
    assert await told(connection) == {nik: "reached" for nik in HD if nik != actor}


@pytest.mark.parametrize("member", [None, GA, OF_ANOTHER])
async def test_an_alarm_goes_up_the_chain(connection: Connection, member: str | None) -> None:
    """Nearly missed: the holder; missed: the desk too; then the managers in that division, or, without any, those who see it."""
    await work_day_and_night(connection)
    await put_in_areas(connection)
    if member:
        await connection.execute("INSERT INTO division_member VALUES ($1, 'IT-NET')", member)
        await connection.execute("UPDATE employee SET is_manager = true WHERE nik = $1", member)
    problem_id = await life.problem_in(connection, "escalated to IT-NET")
    await do(connection, ACCEPTANCE, await change(connection, problem_id, NET))
    holder = {NET, member} - {None}
    chain = ((7, holder), (9, holder | set(HD)), (13, {member} if member else set(MANAGERS)))
    for hours, who in chain:
        await forget_all(connection)
        await put_back(connection, problem_id, timedelta(), hours * HOUR, timedelta(), timedelta())
        await raise_alarms(connection, 10)
        await tell_all(connection)
        assert await told(connection) == dict.fromkeys(who, "target"), hours


async def test_what_is_missed_is_not_said_to_be_nearly_so(connection: Connection) -> None:
    await work_day_and_night(connection)
    problem_id = await life.problem_in(connection, "open")
    await forget_all(connection)
    await put_back(connection, problem_id, timedelta(), 9 * HOUR)
    await raise_alarms(connection, 10)
    await tell_all(connection)
    assert await told(connection) == dict.fromkeys(HD, "target")
