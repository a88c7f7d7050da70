"""Whatever people do, in whatever order: the application, by plain form posts, against a model of SPEC §2 and §3.

The model knows nothing of the application but the words of its doors. Of every request it foretells the answer, and at the
end of every run what the history and the custody of each problem must be.
"""

import asyncio
import contextlib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from html import unescape
from itertools import pairwise
from uuid import uuid4

import asyncpg
import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import note as tell
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test
from hypothesis.vendor.pretty import RepresentationPrinter

from app import create_app
from jobs.confirming import confirm
from jobs.resuming import resume
from queries.jobs import Job
from server.promise_check import find_mispromised
from settings import Settings
from tests.client import Client
from tests.conftest import PIN
from tests.memberships import belong
from tests.targets.replays import replayed_promises

# The company, as the rules see it ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Person:
    nik: str
    name: str
    store: str = "HO"
    divisions: tuple[str, ...] = ()
    department: str = ""  # of a PIC
    manager: bool = False

    def _repr_pretty_(self, story: RepresentationPrinter, cycle: bool) -> None:
        story.text(self.name)

    @property
    def handler(self) -> bool:
        return bool(self.divisions or self.department)

    def has(self, holder: str) -> bool:
        """Whether what that holder has is theirs: of one of their divisions, or of them as a PIC."""
        return holder in self.divisions or (self.department != "" and holder == self.nik)


ANI, BUDI, CITRA = Person("10001", "Ani", "T01"), Person("10002", "Budi", "T01"), Person("10003", "Citra", "T02")
DESK, DODI = Person("20001", "Dewi", divisions=("HD",)), Person("20002", "Dodi", divisions=("HD",))
# Three divisions beside the desk, one of them with two members; Rina is of two divisions, Fajar of a division and a department.
NET, RINA = Person("20003", "Eka", divisions=("IT-NET",)), Person("20006", "Rina", divisions=("IT-NET", "IT-POS"))
FAJAR, LOG = Person("20004", "Fajar", divisions=("GA",), department="MNT"), Person("20005", "Putu", divisions=("LOG",))
GITA, HADI = Person("30001", "Gita", department="MNT"), Person("30002", "Hadi", department="PRC")
MANAGER, ADMIN = Person("40001", "Indra", manager=True), Person("90001", "Joko")
PEOPLE = (ANI, BUDI, CITRA, DESK, DODI, NET, RINA, FAJAR, LOG, GITA, HADI, MANAGER, ADMIN)
NOBODY = Person("", "Nobody")
ENDED = ("closed", "void")
POSTS = re.compile(r'<form\b[^>]*? method="post" action="([^"]+)"')  # in a page: where its forms are sent

DEPARTMENT = {who.nik: who.department for who in PEOPLE if who.department}
IT_DIVISIONS = ("IT-NET", "IT-POS")
# category: the division outside IT that an escalation of it goes to
CATEGORIES = {"NET-WIFI": "GA", "FAS-AC": "GA", "KIR-TRK": "LOG", "UMUM": "GA"}


# The model -------------------------------------------------------------------------------------------------------------


@dataclass
class Staff:
    """Where everybody works now, and who is away."""

    stores: dict[str, str]
    away: set[str] = field(default_factory=set)

    @property
    def present(self) -> list[Person]:
        return [who for who in PEOPLE if who.nik not in self.away]

    def attends(self, holder: str) -> bool:
        return any(who.has(holder) for who in self.present)


@dataclass(frozen=True)
class Sent:
    """A form that was recorded."""

    nik: str
    door: str
    data: dict[str, str]


@dataclass(frozen=True)
class State:
    """What rights depend on, beside the person."""

    status: str = "reported"
    confirmed: bool = False
    holder: str = "HD"  # the code of a division, or the NIK of a PIC
    sender: str = ""  # of an escalation that waits for its answer
    assignee: str = ""
    waiting: str = ""  # for whom or what
    until: str = ""


@dataclass
class Problem:
    id: int
    reporter: Person
    store: str
    staff: Staff
    now: State = State()
    ended: State = State()  # what it was before it was voided
    identified: dict[str, str] = field(default_factory=dict)
    events: list[tuple[str, str, int]] = field(default_factory=list)  # cause, actor, version
    # (holder, assignee, what it waits for), the number of the event that began it, and of that which ended it
    custody: list[list] = field(default_factory=list)
    states: dict[int, State] = field(default_factory=dict)  # by version
    offered: dict[int, list[tuple[Person, str]]] = field(default_factory=dict)  # by version: who could send which form
    sent: list[Sent] = field(default_factory=list)
    notes: int = 0

    def _repr_pretty_(self, story: RepresentationPrinter, cycle: bool) -> None:
        story.text(str(self))

    def __str__(self) -> str:
        return f"K-{self.id} ({self.now.status} at {self.now.holder}, version {self.version})"

    @property
    def version(self) -> int:
        return max((version for _, _, version in self.events), default=0)

    @property
    def members(self) -> list[str]:
        """Whom it can be assigned to."""
        return [p.nik for p in self.staff.present if self.now.holder in p.divisions and p.nik != self.now.assignee]

    def note(self, cause: str, actor: Person | None) -> None:
        """A change is made: its event, and the custody that goes with it."""
        self.events.append((cause, actor and actor.nik, self.version + 1))
        care = self.now.holder, self.now.assignee, self.now.waiting
        number, ended = len(self.events), self.now.status in ENDED
        running = bool(self.custody) and self.custody[-1][2] is None
        if running and (ended or self.custody[-1][0] != care):
            self.custody[-1][2] = number
            running = False
        if not running and not ended:
            self.custody.append([care, number, None])
        self.states[self.version] = self.now
        self.offered[self.version] = [
            (who, path)
            for who in self.staff.present
            for possible in [self.possible(who)]
            for path, door in DOORS.items()
            if door.action in possible and door.action not in SAID
        ]
        if not ended and not self.staff.attends(self.now.holder):  # whoever gets it is away: it is the desk's at once
            _hand_over(self, "HD")
            self.note("handed over", None)

    def go(self, **changes: object) -> None:
        """Change the state. Nobody is assigned to what another holds, and what does not wait waits for nothing."""
        before, self.now = self.now, replace(self.now, **changes)
        comes_back = before.status in ENDED and self.now.status not in ENDED and self.now.assignee in self.staff.away
        if self.now.holder != before.holder or self.now.status in ("reported", "escalated") or comes_back:
            self.now = replace(self.now, assignee="")
        if self.now.status != "waiting":
            self.now = replace(self.now, waiting="", until="")

    def is_seen_by(self, who: Person) -> bool:
        return who.handler or who.manager or self.staff.stores[who.nik] == self.store or who == self.reporter

    @property
    def admitted(self) -> set[str]:
        """What its state admits, of whoever has the right."""
        worked_on = {"correction", "escalation", "takeover", "closure", "voiding"}
        worked_on |= set() if self.now.holder in DEPARTMENT else {"assignment"}
        return {
            "reported": {"opening", "takeover", "voiding"},
            "open": worked_on | {"waiting"},
            "waiting": worked_on | {"resumption"},
            "escalated": {"correction", "answer", "recall", "takeover"},
            "closed": set() if self.now.confirmed else {"confirmation", "reopening"},
            "void": {"restoration"},
        }[self.now.status] | {*SAID}

    def is_right_of(self, who: Person, action: str, state: State) -> bool:
        holds, desk = who.has(state.holder), "HD" in who.divisions
        of_the_store = who == self.reporter or self.staff.stores[who.nik] == self.store
        return {
            "comment": True,
            "note": who.handler,
            "opening": holds or desk,
            "correction": holds or desk,
            "assignment": holds or desk,
            "waiting": holds or desk,
            "resumption": holds or desk,
            "recall": who.has(state.sender),
            "takeover": desk and not holds,
            "voiding": holds or (who == self.reporter and state.status == "reported"),
            "restoration": desk,
            "confirmation": of_the_store,
            "reopening": of_the_store or (holds and state.status == "closed" and not state.confirmed),
        }.get(action, holds)

    def possible(self, who: Person) -> set[str]:
        """What the page offers."""
        here = who.nik not in self.staff.away
        return {action for action in self.admitted if self.is_right_of(who, action, self.now)} if here else set()


@dataclass(frozen=True)
class Door:
    """A form: where it is sent, the right it asks for, what is typed, and how the problem then changes."""

    path: str
    action: str
    cause: str
    apply: Callable[[Problem, dict[str, str]], None] = lambda problem, data: None
    fields: tuple[str, ...] = ()  # those that must not be empty


IDENTIFICATION = ("category", "impact", "urgency", "identification")
SAID = ("comment", "note")  # what changes no state and needs no version


def _open(problem: Problem, data: dict[str, str]) -> None:
    problem.go(status="open")
    _identify(problem, data)


def _identify(problem: Problem, data: dict[str, str]) -> None:
    problem.identified = {name: data[name].replace("\r\n", "\n") for name in IDENTIFICATION}


def _escalate(problem: Problem, data: dict[str, str]) -> None:
    other = CATEGORIES.get(problem.identified["category"])
    to = {"it": data.get("division"), "other": other}.get(data.get("kind"), data.get("pic"))
    problem.go(status="escalated", sender=problem.now.holder, holder=to)


def _accept(problem: Problem, data: dict[str, str]) -> None:
    problem.go(status="open", sender="")


def _give_back(problem: Problem, data: dict[str, str]) -> None:
    problem.go(status="open", holder=problem.now.sender, sender="")


def _take_over(problem: Problem, data: dict[str, str]) -> None:
    problem.go(status="reported" if problem.now.status == "reported" else "open", holder="HD", sender="")


def _hand_over(problem: Problem, heir: str) -> None:
    ends = problem.now.status == "escalated" and heir in ("HD", problem.now.sender)
    problem.go(holder=heir, **{"status": "open", "sender": ""} if ends else {})


def _assign(problem: Problem, data: dict[str, str]) -> None:
    problem.go(assignee=data["assignee"])


def _wait(problem: Problem, data: dict[str, str]) -> None:
    problem.go(status="waiting", waiting=data["waiting_for"], until=data["until"])


def _void(problem: Problem, data: dict[str, str]) -> None:
    problem.ended = problem.now
    problem.go(status="void")


def _to(status: str) -> Callable[[Problem, dict[str, str]], None]:
    return lambda problem, data: problem.go(status=status)


def _confirm(problem: Problem, data: dict[str, str]) -> None:
    problem.go(confirmed=True)


def _restore(problem: Problem, data: dict[str, str]) -> None:
    problem.go(status=problem.ended.status, waiting=problem.ended.waiting, until=problem.ended.until)


DOORS = {
    door.path: door
    for door in (
        Door("comments", "comment", "commented", fields=("comment",)),
        Door("notes", "note", "noted", fields=("note",)),
        Door("opening", "opening", "opened", _open, IDENTIFICATION),
        Door("identification", "correction", "corrected", _identify, IDENTIFICATION),
        Door("waiting", "waiting", "paused", _wait, ("waiting_for", "reason")),
        Door("resumption", "resumption", "resumed", _to("open")),
        Door("assignment", "assignment", "assigned", _assign, ("assignee",)),
        Door("escalation", "escalation", "escalated", _escalate, ("reason",)),
        Door("escalation/pic", "escalation", "escalated", _escalate, ("pic", "reason")),
        Door("escalation/acceptance", "answer", "accepted", _accept),
        Door("escalation/return", "answer", "returned", _give_back, ("reason",)),
        Door("escalation/recall", "recall", "recalled", _give_back, ("reason",)),
        Door("takeover", "takeover", "taken over", _take_over, ("reason",)),
        Door("closure", "closure", "closed", _to("closed"), ("solution",)),
        Door("voiding", "voiding", "voided", _void, ("reason",)),
        Door("confirmation", "confirmation", "confirmed", _confirm),
        Door("reopening", "reopening", "reopened", _to("open"), ("reason",)),
        Door("restoration", "restoration", "restored", _restore),
    )
}
TEXTS = ("reason", "identification", "solution", "comment", "note")
FORM_PAGES = ("opening", "identification", "waiting", "assignment", "escalation", "closure")
MORE = {
    "escalation": ("kind", "division"),
    "waiting": ("until",),
    "assignment": ("reason",),
}  # beside what must not be empty


def fillings(door: Door, problem: Problem) -> st.SearchStrategy[dict[str, str]]:
    """What people type where the form is filled in as it should be."""
    text = st.sampled_from(["Kabel putus", '<b>Rusak</b> & "mati"', "Teks\r\ndua baris", "٣ أيام"])
    staff = problem.staff
    divisions = [code for code in IT_DIVISIONS if code != problem.now.holder and staff.attends(code)]
    kinds = ["it", "department"] if divisions else ["department"]
    other = CATEGORIES.get(problem.identified.get("category", ""), "")
    if other != problem.now.holder:
        kinds += ["other"] if staff.attends(other) else ["other"] * 4  # which nobody checks beforehand
    choices = {
        "category": st.sampled_from(sorted(CATEGORIES)),
        "impact": st.sampled_from("123"),
        "urgency": st.sampled_from("123"),
        "pic": st.sampled_from([pic for pic in DEPARTMENT if pic not in {problem.now.holder, *staff.away}]),
        "kind": st.sampled_from(kinds),
        "waiting_for": st.sampled_from(("reporter", "reporter", "vendor", "other")),
        "until": st.sampled_from(("", "2036-01-01T09:00", "2036-01-02T09:00")),
        "assignee": st.sampled_from(problem.members or ["20003"]),
        "division": st.sampled_from(divisions or IT_DIVISIONS),
    }
    names = (*door.fields, *MORE.get(door.path, ()))
    return st.fixed_dictionaries({name: choices.get(name, text) for name in names})


# The world and what is done in it ---------------------------------------------------------------------------------------


EIGHT_DAYS_BEFORE = """
    SET session_replication_role = replica;
    UPDATE problem SET reported_at = reported_at - interval '8 days', changed_at = changed_at - interval '8 days'
     WHERE id = {0};
    UPDATE event SET at = at - interval '8 days' WHERE problem_id = {0};
    UPDATE custody SET during = tstzrange(lower(during) - interval '8 days', upper(during) - interval '8 days')
     WHERE problem_id = {0};
    UPDATE escalation SET sent_at = sent_at - interval '8 days', answered_at = answered_at - interval '8 days'
     WHERE problem_id = {0};
    SET session_replication_role = origin;
"""


class World:
    """The application on its own event loop, with everybody logged in; and a look behind it."""

    def __init__(self, app_settings: Settings) -> None:
        self._stack = contextlib.ExitStack()
        self._runner = self._stack.enter_context(asyncio.Runner())
        self._settings = app_settings
        self._app = create_app(app_settings)
        self._clients: dict[str, Client] = {}
        # What the run has met: a run that meets too little proves nothing.
        self.answers: set[int] = set()
        self.causes: set[str] = set()
        self.met: Counter[str] = Counter()

    def __enter__(self) -> "World":
        self._lifespan = self._app.router.lifespan_context(self._app)
        self.run(self._lifespan.__aenter__())
        self.connection = self.run(asyncpg.connect(self._settings.database_url))
        for person in (RINA, FAJAR):
            self.run(belong(self.connection, person.nik, *person.divisions, person.department))
        for person in (*PEOPLE, NOBODY):
            self._clients[person.nik] = Client(self._app)
            if person != NOBODY:
                self.log_in(person)
        return self

    def __exit__(self, *_: object) -> None:
        self.run(self.connection.close())
        self.run(self._lifespan.__aexit__(None, None, None))
        self._stack.close()

    def log_in(self, who: Person) -> None:
        response = self.post(who, "/login", {"nik": who.nik, "pin": PIN})
        assert (response.status_code, response.headers["Location"]) == (303, "/problems")

    def run(self, work):
        return self._runner.run(work)

    def get(self, who: Person, path: str):
        return self.run(self._clients[who.nik].get(path))

    def post(self, who: Person, path: str, data: dict[str, str]):
        return self.run(self._clients[who.nik].post(path, data))

    def resume_all(self, problem_id: int) -> list[Job]:
        """Do all jobs that are to end a wait of the problem, as the worker would at their time; they."""
        rows = self.rows(
            """
            DELETE FROM job WHERE kind = 'resumption' AND (arguments ->> 'problem_id')::bigint = $1 RETURNING id, arguments
            """,
            problem_id,
        )
        jobs = [Job(number, "resumption", 1, json.loads(arguments)) for number, arguments in rows]
        for job in jobs:
            self.run(resume(self.connection, job, self._settings))
        return jobs

    def age(self, problem_id: int) -> None:
        """Let all that has happened to the problem have happened eight days before."""
        self.run(self.connection.execute(EIGHT_DAYS_BEFORE.format(problem_id)))

    def confirm_unanswered(self) -> None:
        self.run(confirm(self.connection, Job(0, "confirmation", 1, {}), self._settings))

    def rows(self, query: str, *parameters: object) -> list[tuple]:
        return [tuple(row) for row in self.run(self.connection.fetch(query, *parameters))]


@dataclass(frozen=True)
class Deed:
    """Something that happens again and again."""

    weight: int
    can_be_done: Callable[["Helpdesk"], bool]
    do: Callable[["Helpdesk", st.DataObject], None]

    def _repr_pretty_(self, story: RepresentationPrinter, cycle: bool) -> None:
        story.text(self.do.__name__)


DEEDS: list[Deed] = []


def deed(weight: int, can_be_done: Callable[["Helpdesk"], bool] = lambda helpdesk: True) -> Callable:
    def keep(do: Callable[["Helpdesk", st.DataObject], None]) -> Callable[["Helpdesk", st.DataObject], None]:
        DEEDS.append(Deed(weight, can_be_done, do))
        return do

    return keep


class Helpdesk(RuleBasedStateMachine):
    """At most three problems at a time, so that their lives get long."""

    world: World

    def __init__(self) -> None:
        super().__init__()
        self.problems: list[Problem] = []
        self.staff = Staff({person.nik: person.store for person in PEOPLE})

    def _sees(self, who: Person, problem: Problem) -> bool:
        return not self._is_outside(who) and problem.is_seen_by(who)

    def _is_outside(self, who: Person) -> bool:
        """Not logged in: whoever is nobody, or away."""
        return who == NOBODY or who.nik in self.staff.away

    @rule(data=st.data())
    def live(self, data: st.DataObject) -> None:
        """Something happens, of what can: the likelier the greater its weight. (Rules of their own would be left out of half
        of all lives.)"""
        possible = [one for one in DEEDS if one.can_be_done(self)]
        weighted = [one for one in possible for _ in range(one.weight)]
        data.draw(st.sampled_from(weighted), label="deed").do(self, data)

    @deed(2, lambda self: len([p for p in self.problems if not p.now.confirmed]) < 3)
    def report(self, data: st.DataObject) -> None:
        who = data.draw(st.sampled_from(self.staff.present), label="who")
        caller = data.draw(st.none() | st.sampled_from(self.staff.present), label="caller")
        form = {"key": str(uuid4()), "title": "Printer mati", "description": "Sejak pagi", "asset": ""}
        form |= {"reporter": caller.nik} if caller else {}
        answers = [self.world.post(who, "/problems", form) for _ in range(2)]  # sent twice, recorded once
        assert [answer.status_code for answer in answers] == [303, 303]
        assert answers[0].headers["Location"] == answers[1].headers["Location"]
        reporter = caller if caller and who.handler else who
        number = int(answers[0].headers["Location"].split("/")[-1])
        problem = Problem(number, reporter, self.staff.stores[reporter.nik], self.staff)
        problem.note("reported", who)
        self.problems.append(problem)
        self._check_page(who, problem)

    @deed(7, lambda self: any(self._ways_on(problem) for problem in self.problems))
    def go_on(self, data: st.DataObject) -> None:
        """Those who hold a problem, or reported it, do what its page offers, from it as it is now."""
        steps = data.draw(st.integers(1, 6), label="steps")
        problem = data.draw(st.sampled_from([p for p in self.problems if self._ways_on(p)]), label="problem")
        self._go_on(data, problem, steps)

    def _go_on(self, data: st.DataObject, problem: Problem, steps: int) -> None:
        for _ in range(steps):
            if ways := self._ways_on(problem):
                path = data.draw(st.sampled_from(ways), label="door")
                who = data.draw(
                    st.sampled_from([p for p in PEOPLE if DOORS[path].action in problem.possible(p)]), label="who"
                )
                typed = data.draw(fillings(DOORS[path], problem), label="typed")
                if path == "assignment" and who.nik in problem.members and data.draw(st.booleans(), label="Ambil"):
                    typed = {"pressed": "taking", "assignee": who.nik}
                self._send(who, problem, DOORS[path], typed | {"key": str(uuid4()), "version": str(problem.version)})

    @deed(2, lambda self: self.problems)
    def comment(self, data: st.DataObject) -> None:
        """Whoever sees a problem says something to it, whatever its state; often the one who is waited for."""
        open_ones = [p for p in self.problems if p.now.status == "open"]
        awaited = [p for p in self.problems if p.now.waiting == "reporter"]
        problem = data.draw(st.sampled_from(awaited or open_ones or self.problems), label="problem")
        if problem in open_ones and data.draw(st.booleans(), label="the reporter is asked"):
            self._let(data, "waiting", problem, waiting_for="reporter")
        concerned = [problem.reporter, *(p for p in PEOPLE if self.staff.stores[p.nik] == problem.store)]
        who = data.draw(
            st.sampled_from(concerned) | st.sampled_from([p for p in PEOPLE if self._sees(p, problem)]), label="who"
        )
        typed = data.draw(fillings(DOORS["comments"], problem), label="typed")
        form = typed | {"key": str(uuid4()), "version": str(problem.version)}
        self._send(who, problem, DOORS["comments"], form)
        self._note_beside(problem)

    def _let(self, data: st.DataObject, path: str, problem: Problem, **values: str) -> None:
        """Somebody who may does it."""
        who = data.draw(st.sampled_from([p for p in PEOPLE if DOORS[path].action in problem.possible(p)]), label="who")
        typed = data.draw(fillings(DOORS[path], problem), label="typed") | values
        self._send(who, problem, DOORS[path], typed | {"key": str(uuid4()), "version": str(problem.version)})

    def _note_beside(self, problem: Problem) -> None:
        """Whoever's turn it is tries to note something among handlers; somebody looks at the page then."""
        turn = len(problem.events)
        writer, reader = PEOPLE[turn % len(PEOPLE)], PEOPLE[(5 * turn + 1) % len(PEOPLE)]
        form = {"note": "Toko ini lagi", "key": str(uuid4()), "version": str(problem.version)}
        self._send(writer, problem, DOORS["notes"], form)
        self._check_page(reader, problem)

    @staticmethod
    def _ways_on(problem: Problem) -> list[str]:
        """The doors that lead on. Those that end a problem for good have their turn seldom, and lives get long."""
        possible = set().union(*(problem.possible(who) for who in PEOPLE))
        ways = [path for path, door in DOORS.items() if door.action in possible and door.action not in SAID]
        ends = [path for path in ways if path in ("voiding", "confirmation")]
        often = [path for path in ways if path in ("escalation", "escalation/acceptance", "assignment", "resumption")]
        return [path for path in ways if path not in ends] * 2 + ends + often * 2

    @deed(5, lambda self: self.problems)
    def attempt(self, data: st.DataObject) -> None:
        """Anybody sends any form: of any version, filled in or not, with a key that may have been used."""
        problem = data.draw(st.sampled_from(self.problems), label="problem")
        likely = st.sampled_from(self._ways_on(problem) or ["comments"])
        door = DOORS[data.draw(likely | st.sampled_from(sorted(DOORS)), label="door")]
        states = {problem.now, *problem.states.values()}
        concerned = [p for p in PEOPLE if any(problem.is_right_of(p, door.action, state) for state in states)]
        holders = [p for p in PEOPLE if problem.is_right_of(p, door.action, problem.now)]
        who = data.draw(
            st.sampled_from(holders or concerned or PEOPLE) | st.sampled_from((*concerned, *PEOPLE, NOBODY)),
            label="who",
        )
        typed = data.draw(fillings(door, problem), label="typed")
        if door.fields and data.draw(st.booleans(), label="a field left empty"):
            typed[data.draw(st.sampled_from(door.fields), label="field")] = " "
        versions = st.just(problem.version) | st.integers(1, problem.version + 1)
        keys = st.just(str(uuid4())) | st.sampled_from(
            [sent.data["key"] for sent in problem.sent[-2:]] or [str(uuid4())]
        )
        version, key = data.draw(versions, label="version"), data.draw(keys, label="key")
        self._send(who, problem, door, typed | {"key": key, "version": str(version)})

    @deed(3, lambda self: any(self._late(problem) for problem in self.problems))
    def come_late(self, data: st.DataObject) -> None:
        """Somebody had a form open when it was theirs to send, and sends it after the problem went on without them."""
        problem = data.draw(st.sampled_from([p for p in self.problems if self._late(p)]), label="problem")
        version, who, path = data.draw(st.sampled_from(self._late(problem)), label="version, who, door")
        typed = data.draw(fillings(DOORS[path], problem), label="typed")
        form = typed | {"key": str(uuid4()), "version": str(version)}
        assert self._foretell(who, problem, DOORS[path], form) == 409, "a conflict, whoever holds the problem by now"
        self._send(who, problem, DOORS[path], form)

    @staticmethod
    def _late(problem: Problem) -> list[tuple[int, Person, str]]:
        """The forms of earlier versions; not of who works in another store since."""
        return [
            (version, who, path)
            for version, offered in problem.offered.items()
            for who, path in offered
            if version < problem.version
            and who.nik not in problem.staff.away
            and problem.is_seen_by(who)
            and problem.is_right_of(who, DOORS[path].action, problem.states[version])
        ]

    @deed(1)
    def move(self, data: st.DataObject) -> None:
        """A reporter comes to work in another store; what that person reported before stays in sight."""
        who = data.draw(st.sampled_from((ANI, BUDI, CITRA)), label="who")
        store = data.draw(st.sampled_from(("T01", "T02")), label="store")
        self._move(who, store)

    def _move(self, who: Person, store: str) -> None:
        """Whoever sees something else from now on is logged out, and logs in again."""
        if store == self.staff.stores[who.nik] or who.nik in self.staff.away:
            return
        self.staff.stores[who.nik] = store
        self.world.rows("UPDATE employee SET store_code = $2 WHERE nik = $1", who.nik, store)
        assert self.world.get(who, "/problems").status_code == 303
        self.world.log_in(who)

    @deed(1, lambda self: any(p.now.until or p.now.status == "open" for p in self.problems))
    def time_comes(self, data: st.DataObject) -> None:
        """It waits until some time, and that comes: all that was to end a wait of it is done, also of waits that ended before."""
        ready = [p for p in self.problems if p.now.until or p.now.status == "open"]
        problem = data.draw(st.sampled_from(ready), label="problem")
        if not problem.now.until:
            self._let(data, "waiting", problem, until="2036-01-01T09:00")
        jobs = self.world.resume_all(problem.id)
        assert sum(job.arguments["until"].startswith(problem.now.until) for job in jobs) >= 1
        problem.go(status="open")
        problem.note("elapsed", None)
        self.world.causes.add("elapsed")

    @deed(3, lambda self: any(p.now.status == "closed" and not p.now.confirmed for p in self.problems))
    def nobody_answers(self, data: st.DataObject) -> None:
        """Five working days go by without an answer of the store."""
        closed = [p for p in self.problems if p.now.status == "closed" and not p.now.confirmed]
        problem = data.draw(st.sampled_from(closed), label="problem")
        self.world.confirm_unanswered()  # not yet
        self.world.age(problem.id)
        self.world.confirm_unanswered()
        problem.go(confirmed=True)
        problem.note("auto-confirmed", None)
        self.world.met.update(["auto-confirmed"])

    @deed(4, lambda self: len(self.staff.away) < 2)
    def leave(self, data: st.DataObject) -> None:
        """Somebody is deactivated. What they alone could act on is the heir's then, or the desk's; what is assigned to them and
        not finished is their division's again. Often something that ended in their hands is not finished after all."""
        heir = data.draw(st.sampled_from(("", "HD", "GA", "IT-NET")), label="heir")
        self._put_to_work(data)
        can = [who for who in self.staff.present if who.handler and self._can_leave(who)]
        missed = [who for who in can if any(who.has(p.now.holder) for p in self.problems)]
        busy = [who for who in can if any(p.now.assignee == who.nik for p in self.problems)]
        who = data.draw(st.sampled_from(busy or missed or can) | st.sampled_from(missed or can), label="who")
        self._leave(who, heir)
        for problem in self.problems:
            ways = [path for path in self._ways_on(problem) if path in ("reopening", "restoration")]
            if ways and who.has(problem.now.holder):
                self._let(data, ways[0], problem)

    def _put_to_work(self, data: st.DataObject) -> None:
        """Somebody works on a problem, and may have finished."""
        if idle := [p for p in self.problems if "assignment" in p.admitted and p.members]:
            problem = data.draw(st.sampled_from(idle), label="problem")
            self._let(data, "assignment", problem)
            if data.draw(st.booleans(), label="finished"):
                self._let(data, "closure", problem)

    def _can_leave(self, who: Person) -> bool:
        """The desk is never empty; and there are PICs to choose from."""
        others = [p for p in self.staff.present if p != who]
        return any(p.has("HD") for p in others) and sum(p.department != "" for p in others) > 1

    def _leave(self, who: Person, heir: str) -> None:
        self.world.rows("SELECT set_config('sih.heir', $1, false)", heir)
        self.world.rows("UPDATE employee SET active = false WHERE nik = $1", who.nik)
        assert self.world.rows("SELECT id FROM unattended_problems()") == []
        self.staff.away.add(who.nik)
        for problem in self.problems:
            self._miss(who, problem, heir)

    def _miss(self, who: Person, problem: Problem, heir: str) -> None:
        holder = problem.now.holder
        if problem.now.status in ENDED:
            return
        if who.has(holder) and not self.staff.attends(holder):
            _hand_over(problem, heir if heir not in ("", holder) and self.staff.attends(heir) else "HD")
            problem.note("handed over", None)
            self.world.met.update(["handed over by who leaves"])
        elif problem.now.assignee == who.nik:
            problem.go(assignee="")
            problem.note("released", None)
            self.world.met.update(["released"])

    @deed(2, lambda self: self.staff.away)
    def come_back(self, data: st.DataObject) -> None:
        """Nothing of what they had is theirs again."""
        away = [who for who in PEOPLE if who.nik in self.staff.away]
        self._come_back(data.draw(st.sampled_from(away), label="who"))

    def _come_back(self, who: Person) -> None:
        self.world.rows("UPDATE employee SET active = true WHERE nik = $1", who.nik)
        self.staff.away.remove(who.nik)
        self.world.log_in(who)

    @deed(2, lambda self: any(problem.sent for problem in self.problems))
    def repeat(self, data: st.DataObject) -> None:
        """A form is sent again, after whatever happened since."""
        problem = data.draw(st.sampled_from([p for p in self.problems if p.sent]), label="problem")
        sent = data.draw(st.sampled_from(problem.sent[-3:]), label="sent")
        who = next(person for person in PEOPLE if person.nik == sent.nik)
        self._send(who, problem, DOORS[sent.door], sent.data)

    @deed(2, lambda self: self.problems)
    def look(self, data: st.DataObject) -> None:
        """Somebody opens its page, searches for it, or opens a form."""
        who = data.draw(st.sampled_from((*PEOPLE, NOBODY)), label="who")
        page = data.draw(st.sampled_from(("", "?q=", *FORM_PAGES)), label="page")
        problem = data.draw(st.sampled_from(self.problems), label="problem")
        if page == "":
            self._check_page(who, problem)
            return
        if page == "?q=":
            found = f'href="/problems/{problem.id}"' in self.world.get(who, f"/problems?q=K-{problem.id}").text
            assert found == self._sees(who, problem)
            return
        response = self.world.get(who, f"/problems/{problem.id}/{page}")
        if self._is_outside(who):
            expected = 303
        elif not self._sees(who, problem):
            expected = 404
        elif not problem.is_right_of(who, DOORS[page].action, problem.now):
            expected = 403
        else:
            expected = 200 if DOORS[page].action in problem.admitted else 409
        assert response.status_code == expected

    def _send(self, who: Person, problem: Problem, door: Door, data: dict[str, str]) -> None:
        expected = self._foretell(who, problem, door, data)
        tell(f"{who.name} sends {door.path} of {problem}, seen in version {data['version']}: {expected}")
        response = self.world.post(who, f"/problems/{problem.id}/{door.path}", data)
        assert response.status_code == expected, re.search("<title>.*|$", response.text)[0]
        self.world.answers.add(expected)
        if expected in (409, 422):
            shown = unescape(response.text)
            assert all(data[name].replace("\r\n", "\n") in shown for name in TEXTS if name in data), (
                "what was typed is lost"
            )
        if expected != 303 or self._is_outside(who):
            return
        assert response.headers["Location"] == f"/problems/{problem.id}"
        sent = Sent(who.nik, door.path, data)
        if sent in problem.sent:
            return
        problem.sent.append(sent)
        if door.action == "comment":
            problem.events.append(("commented", who.nik, problem.version))
            self._reply(who, problem)
        elif door.action == "note":
            problem.notes += 1
        else:
            self._meet(who, problem, door, data)
            door.apply(problem, data)
            problem.note(door.cause, who)
            if problem.events[-1][0] == "handed over":
                self.world.met.update(["handed over by who sends"])
        self.world.causes.add(door.cause)
        self._check_page(who, problem)

    def _meet(self, who: Person, problem: Problem, door: Door, data: dict[str, str]) -> None:
        """Keep what of the company has come about."""
        now, met = problem.now, self.world.met
        if who.has(now.holder) and now.holder not in (*who.divisions[:1], *([who.nik] if not who.divisions else [])):
            met.update([f"{who.name} by a second membership"])
        if door.path == "assignment":
            met.update(["Ambil" if "pressed" in data else "Serahkan"])
            if now.assignee == who.nik:
                met.update(["Serahkan to a colleague"])
        if now.assignee in self.staff.away and door.action in ("reopening", "restoration"):
            met.update(["came back to who is away"])

    def _reply(self, who: Person, problem: Problem) -> None:
        """Where it waits for its reporter, what the store says lets it go on."""
        of_the_store = self.staff.stores[who.nik] == problem.store and not who.has(problem.now.holder)
        if problem.now.waiting == "reporter" and (who == problem.reporter or of_the_store):
            problem.go(status="open")
            problem.note("replied", who)
            self.world.causes.add("replied")

    def _foretell(self, who: Person, problem: Problem, door: Door, data: dict[str, str]) -> int:
        """The answer by SPEC §2: not logged in, 404, 403, then 409 and 422; a form that was recorded is answered the same."""
        if self._is_outside(who):
            return 303  # to the login page
        if not self._sees(who, problem):
            return 404
        if Sent(who.nik, door.path, data) in problem.sent:
            return 303
        version = int(data["version"])
        then = problem.states.get(
            version, problem.now
        )  # whose right has ended since is told of the conflict, not sent away
        if not any(problem.is_right_of(who, door.action, state) for state in (problem.now, then)):
            return 403
        if door.action not in problem.admitted or (door.action not in SAID and version != problem.version):
            return 409
        if any(sent.data["key"] == data["key"] for sent in problem.sent):
            return 422
        if any(not data[name].strip() for name in door.fields):
            return 422
        if door.action == "correction" and all(
            data[n].replace("\r\n", "\n") == v for n, v in problem.identified.items()
        ):
            return 422
        if door.path == "assignment" and data["assignee"] not in problem.members:
            return 422
        if door.path == "escalation" and data["kind"] == "department":
            return 200  # on to the choice of the PIC
        return 303

    def _check_page(self, who: Person, problem: Problem) -> None:
        """The page is there for whoever sees the problem, and offers what is possible of DOORS, no more and no less."""
        response = self.world.get(who, f"/problems/{problem.id}")
        if self._is_outside(who):
            assert (response.status_code, response.headers["Location"]) == (303, f"/login?next=/problems/{problem.id}")
            return
        assert response.status_code == (200 if self._sees(who, problem) else 404)
        if response.status_code == 404:
            return
        reads = who.handler or who.manager
        assert response.text.count('<li class="note"') == (problem.notes if reads else 0)
        seen = f"{problem.version}.{len(problem.events)}" + (f".{problem.notes}" if reads else "")
        assert f'name="seen" value="{seen}"' in response.text
        assert ("atatan" in response.text) is (who.handler or (who.manager and problem.notes > 0))
        base = f"/problems/{problem.id}/"
        offered = {path.removeprefix(base) for path in POSTS.findall(response.text) if path.startswith(base)}
        offered |= {page for page in FORM_PAGES if f'href="{base}{page}"' in response.text}
        expected = {path for path, door in DOORS.items() if door.action in problem.possible(who)} - {"escalation/pic"}
        assert offered & DOORS.keys() == expected

    def teardown(self) -> None:
        for person in [who for who in PEOPLE if who.nik in self.staff.away]:
            self._come_back(person)
        for person in PEOPLE:
            self._move(person, person.store)
        for problem in self.problems:
            self._check_facts(problem)
            self._check_history(problem)
        # What the recap counted on the way is what it would count from scratch; the times have been moved since.
        query = "SELECT problem_id, version, kind, holder, store_code, category_code, priority FROM {} ORDER BY 1, 2, 3"
        counted = self.world.rows(query.format("movement"))
        assert counted == self.world.rows(query.format("movements_of(ARRAY(SELECT id FROM problem), 1)"))
        self._check_promises()

    def _check_promises(self) -> None:
        """They follow one another and add up; where no times were moved, they are what the history makes of them."""
        lasting = [p.id for p in self.problems if "auto-confirmed" not in {event[0] for event in p.events}]
        assert not {*self.world.run(find_mispromised(self.world.connection))} & {*lasting}
        kept, replayed = self.world.run(replayed_promises(self.world.connection, lasting))
        assert kept == replayed

    def _check_facts(self, problem: Problem) -> None:
        (row,) = self.world.rows(
            """
            SELECT status, confirmed_at IS NOT NULL, coalesce(holder_division_code, holder_pic_nik), holder_department_code,
                   version, reporter_nik, store_code, coalesce(assignee_nik, ''), coalesce(waiting_for, ''),
                   (SELECT count(*) FROM submission s WHERE s.location = '/problems/' || p.id)
              FROM problem p WHERE id = $1
            """,
            problem.id,
        )
        now = problem.now
        assert row == (
            *(now.status, now.confirmed, now.holder, DEPARTMENT.get(now.holder), problem.version),
            *(problem.reporter.nik, problem.store, now.assignee, now.waiting, 1 + len(problem.sent)),
        )

    def _check_history(self, problem: Problem) -> None:
        events = self.world.rows(
            "SELECT seq, at, cause, actor_nik, version FROM event WHERE problem_id = $1 ORDER BY seq", problem.id
        )
        assert [event[2:] for event in events] == problem.events
        assert [event[0] for event in events] == list(range(1, len(events) + 1))
        changes = [event[1] for event in events if event[2] != "commented"]
        assert changes == sorted(set(changes))
        at = {event[0]: event[1] for event in events}
        custody = self.world.rows(
            """
            SELECT (coalesce(division_code, pic_nik), coalesce(assignee_nik, ''), coalesce(waiting_for, '')),
                   lower(during), upper(during)
              FROM custody WHERE problem_id = $1 ORDER BY during
            """,
            problem.id,
        )
        assert custody == [(care, at[begun], at.get(ended)) for care, begun, ended in problem.custody]
        # From the report on, every moment is one holder's, but for those between an end and its reopening or restoration.
        (age,) = self.world.rows(
            """
            SELECT now(), sum(coalesce(upper(during), now()) - lower(during)) FROM custody WHERE problem_id = $1
            """,
            problem.id,
        )
        end = at[problem.custody[-1][2]] if problem.custody[-1][2] else age[0]
        gaps = (later[1] - earlier[2] for earlier, later in pairwise(custody))
        assert age[1] == end - at[1] - sum(gaps, timedelta())
        reopened = [event for event in problem.events if event[0] in ("reopened", "restored")]
        assert sum(a[2] != b[1] for a, b in pairwise(custody)) == len(reopened)


# What else a run has to come to.
MET = {"Ambil", "Serahkan", "Serahkan to a colleague", "came back to who is away"}
MET |= {"auto-confirmed", "released", "handed over by who leaves", "handed over by who sends"}
MET |= {f"{who.name} by a second membership" for who in (RINA, FAJAR)}


@pytest.fixture
def world(settings: Settings) -> Iterator[World]:
    with World(settings) as world:
        yield world


def test_the_application_does_what_the_rules_say(world: World):
    Helpdesk.world = world
    for number in range(
        4
    ):  # eight lives each: those after the tenth would be made by repeating parts of the ones before
        run_state_machine_as_test(
            seed(number)(Helpdesk),
            settings=settings(
                max_examples=8,
                stateful_step_count=30,
                database=None,
                deadline=None,
                phases=[Phase.generate, Phase.shrink],
                suppress_health_check=list(HealthCheck),
            ),
        )
    assert world.causes == {door.cause for door in DOORS.values()} | {"elapsed", "replied"}
    assert world.met.keys() == MET
    assert world.answers == {200, 303, 403, 404, 409, 422}


async def test_a_pic_cannot_pass_a_problem_on_to_themselves(people):
    """The form does not offer it; whoever sends it all the same is told, as with any other choice that there is not."""
    ani, desk, gita = await people(ANI.nik), await people(DESK.nik), await people(GITA.nik)
    path = (await ani.submit("/problems/new", "/problems", title="AC mati", description="Panas")).headers["Location"]
    identified = {"category": "FAS-AC", "impact": "2", "urgency": "2", "identification": "Kompresor"}
    await desk.submit(f"{path}/opening", f"{path}/opening", **identified)
    to_gita = {"kind": "department", "pic": GITA.nik, "reason": "Perlu tukang", "version": "2", "key": str(uuid4())}
    assert (await desk.post(f"{path}/escalation/pic", to_gita)).status_code == 303
    assert (await gita.submit(path, f"{path}/escalation/acceptance")).status_code == 303
    response = await gita.post(f"{path}/escalation/pic", to_gita | {"version": "4", "key": str(uuid4())})
    assert response.status_code == 422
