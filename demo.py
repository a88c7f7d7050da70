"""The demo company, made by rule; loaded only into the embedded database.

Each problem is lived through in memory, step by step, and its rows are written from that: the same ones
whenever the database's clock says the same. The foreign keys, and the check that a history is whole, are
those of the schema; they stay in force while loading.
"""

import json
import random
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import asyncpg

import demo_texts as texts
from demo_texts import Leaf

SEED = 20230102
BEGIN = datetime(2023, 1, 2, tzinfo=UTC)
ORDINARY = 2900  # problems besides the living queue
GROWTH = 2.4  # problems a day at the end, compared to BEGIN
# How many problems are reported in the hours from 7 to 22, local time.
HOURS = (2, 5, 9, 10, 8, 6, 7, 6, 6, 7, 8, 8, 7, 4, 2, 1)
# Not a hash: nobody but ACCOUNTS can log in, so that only their PINs need the time that hashing takes.
NO_LOGIN = "!"

Holder = tuple[str | None, str | None, str | None]  # a division; or a department and its PIC
Step = tuple[str, Holder | None]  # the cause of an event; whom an escalation is passed to
Path = tuple[str, ...]  # who has a problem after the desk: divisions, departments, NIK of PICs


class Account(NamedTuple):
    """Somebody who can log in to the demo company."""

    nik: str
    pin: str
    who: str  # in Indonesian, as the start shows it


ACCOUNTS = (
    Account("10000001", "482913", "pelapor, toko WIB"),
    Account("10000002", "591374", "pelapor, toko WITA"),
    Account("10000003", "163958", "pelapor, toko WIT"),
    Account("10000009", "728164", "pelapor, dinonaktifkan"),
    Account("20000001", "637281", "penanggung, meja bantuan HD"),
    Account("20000002", "748392", "penanggung, IT-NET"),
    Account("20000003", "859417", "penanggung, GA"),
    Account("30000001", "916245", "PIC, Maintenance"),
    Account("30000002", "204867", "PIC, Procurement"),
    Account("40000001", "274859", "atasan"),
    Account("90000001", "385961", "admin"),
)

COLUMNS = {  # of the tables that are copied, in the order of their references
    "store": "code name time_zone",
    "division": "code name kind is_general",
    "department": "code name",
    "employee": "nik name store_code division_code department_code is_manager is_admin active pin_hash",
    "category": "code name parent_code division_code",
    "asset": "tag name store_code",
    "problem": "id version status reported_at year changed_at reporter_nik recorded_by_nik store_code"
    " asset_tag asset_text title description holder_division_code holder_department_code holder_pic_nik"
    " category_code impact urgency identification solution confirmed_at",
    "custody": "problem_id during division_code department_code pic_nik",
    "escalation": "id problem_id kind from_division_code from_department_code from_pic_nik to_division_code"
    " to_department_code to_pic_nik reason sent_at sent_by_nik answer answered_at answered_by_nik"
    " answer_reason",
}
Rows = dict[str, list[tuple]]


async def load_demo(connection: asyncpg.Connection, hash_pin: Callable[[str], str]) -> None:
    """Fill an empty database, in one transaction; if there are employees already, do nothing."""
    async with connection.transaction():
        await connection.execute("LOCK TABLE employee IN SHARE ROW EXCLUSIVE MODE")
        if await connection.fetchval("SELECT EXISTS (SELECT FROM employee)"):
            return
        now = await connection.fetchval("SELECT now()")
        hashes = {account.nik: hash_pin(account.pin) for account in ACCOUNTS}
        rows, events = make_demo(now.replace(microsecond=0), hashes)
        # These two insist that a problem begins now, and at its beginning. All other rules stay in force.
        await connection.execute("ALTER TABLE problem DISABLE TRIGGER problem_1_insert")
        await connection.execute("ALTER TABLE event DISABLE TRIGGER event_1_number")
        for table, columns in COLUMNS.items():
            await connection.copy_records_to_table(table, columns=columns.split(), records=rows[table])
        await _insert_events(connection, events)
        await connection.execute(_FINISH)


# Every history is checked (problem_is_whole) before the triggers are back; numbers go on after the last ones.
_FINISH = """
    SET CONSTRAINTS ALL IMMEDIATE;
    ALTER TABLE problem ENABLE TRIGGER problem_1_insert;
    ALTER TABLE event ENABLE TRIGGER event_1_number;
    SELECT setval(pg_get_serial_sequence('problem', 'id'), (SELECT max(id) FROM problem));
    SELECT setval(pg_get_serial_sequence('escalation', 'id'), (SELECT max(id) FROM escalation));
    ANALYZE store, division, department, employee, category, asset, problem, custody, escalation, event;
"""


async def _insert_events(connection: asyncpg.Connection, events: list[tuple]) -> None:
    """Not copied, as other tables are: the connection's jsonb codec is one of text, and COPY is binary."""
    await connection.execute(
        """
        INSERT INTO event (problem_id, seq, at, actor_nik, cause, version, before, after, note)
        SELECT problem_id, seq, at, actor_nik, cause, version, before::jsonb, after::jsonb, note
          FROM unnest($1::bigint[], $2::int[], $3::timestamptz[], $4::text[], $5::text[], $6::int[],
                      $7::text[], $8::text[], $9::text[])
               AS t (problem_id, seq, at, actor_nik, cause, version, before, after, note)
        """,
        *zip(*events, strict=True),
    )


def make_demo(now: datetime, hashes: dict[str, str]) -> tuple[Rows, list[tuple]]:
    """The rows of the tables in COLUMNS and those of event, as they are at `now`; `hashes` are by NIK."""
    company = Company(random.Random(SEED), now, hashes)  # noqa: S311 (made by rule, not secret)
    problems = sorted(company.problems(), key=lambda problem: problem.reported_at)
    escalations = []
    events = []
    for number, problem in enumerate(problems, 1):
        company.rows["problem"].append(problem.row(number))
        company.rows["custody"] += [
            (number, asyncpg.Range(start, end), *holder) for start, end, holder in problem.custody
        ]
        escalations += [(number, *escalation) for escalation in problem.escalations]
        events += [(number, seq, *event) for seq, event in enumerate(problem.events, 1)]
    escalations.sort(key=lambda escalation: escalation[9])
    company.rows["escalation"] = [(number, *escalation) for number, escalation in enumerate(escalations, 1)]
    return company.rows, events


@dataclass
class Problem:
    """One problem as it becomes: every change leaves its event and custody, as queries/changes.py would."""

    leaf: Leaf
    reported_at: datetime
    zone: ZoneInfo
    reporter: str
    recorder: str
    store: str
    asset_tag: str | None
    asset_text: str | None
    title: str
    description: str
    cause: list[str]  # what it will turn out to be, and the solution
    keeper: str = ""  # who works on it
    version: int = 0
    facts: dict = field(default_factory=dict)
    changed_at: datetime | None = None
    events: list[tuple] = field(default_factory=list)
    custody: list[list] = field(default_factory=list)
    escalations: list[list] = field(default_factory=list)

    @property
    def holder(self) -> Holder:
        return self.facts.get("division"), self.facts.get("department"), self.facts.get("pic")

    def change(
        self, cause: str, actor: str, at: datetime, note: str | None = None, **changes: object
    ) -> None:
        """Let `actor` change some facts; None takes one away."""
        before = self.facts
        self.facts = {key: value for key, value in {**before, **changes}.items() if value is not None}
        self.version += 1
        self.changed_at = at
        self._note(cause, actor, at, _differing(before, self.facts), _differing(self.facts, before), note)
        ended = self.facts["status"] in ("closed", "void")
        if self.custody and self.custody[-1][1] is None and (ended or self.custody[-1][2] != self.holder):
            self.custody[-1][1] = at
        if not ended and not (self.custody and self.custody[-1][1] is None):
            self.custody.append([at, None, self.holder])

    def comment(self, actor: str, at: datetime, text: str) -> None:
        self._note("commented", actor, at, {}, {}, text)

    def _note(
        self, cause: str, actor: str, at: datetime, before: dict, after: dict, note: str | None
    ) -> None:
        """Append to the history; `before` and `after` are what differs."""
        self.events.append((at, actor, cause, self.version, json.dumps(before), json.dumps(after), note))

    def open(self, actor: str, at: datetime, impact: int, urgency: int) -> None:
        self.keeper = actor
        priority = impact + urgency - 1
        found = {"category": self.leaf.code, "impact": impact, "urgency": urgency, "priority": priority}
        self.change("opened", actor, at, status="open", identification=self.cause[0], **found)

    def escalate(self, receiver: Holder, at: datetime, reason: str) -> None:
        kind = texts.DIVISIONS[receiver[0]][1] if receiver[0] else "department"
        answer = [None] * 4
        self.escalations.append([kind, *self.holder, *receiver, reason, at, self.keeper, *answer])
        self._hand_to(receiver, "escalated", self.keeper, at, reason, "escalated")

    def answer(self, answer: str, actor: str, at: datetime, reason: str | None) -> None:
        """Accept the waiting escalation, or return it to its sender."""
        escalation = self.escalations[-1]
        escalation[-4:] = answer, at, actor, reason
        self.keeper = actor if answer == "accepted" else escalation[-5]
        holder = self.holder if answer == "accepted" else tuple(escalation[1:4])
        self._hand_to(holder, answer, actor, at, reason, "open")

    def close(self, actor: str, at: datetime) -> None:
        again = any(event[2] == "reopened" for event in self.events)
        solution = f"Diperiksa ulang bersama pelapor. {self.cause[1]}" if again else self.cause[1]
        self.change("closed", actor, at, status="closed", solution=solution)

    def _hand_to(
        self, holder: Holder, cause: str, actor: str, at: datetime, note: str | None, status: str
    ) -> None:
        division, department, pic = holder
        self.change(cause, actor, at, note, status=status, division=division, department=department, pic=pic)

    def row(self, number: int) -> tuple:
        """The row of problem, less what the schema derives."""
        confirmed_at = self.changed_at if "confirmed_at" in self.facts else None
        year = self.reported_at.astimezone(self.zone).year
        found = map(self.facts.get, ("category", "impact", "urgency", "identification", "solution"))
        return (
            number, self.version, self.facts["status"], self.reported_at, year, self.changed_at,
            self.reporter, self.recorder, self.store, self.asset_tag, self.asset_text,
            self.title, self.description, *self.holder, *found, confirmed_at,
        )  # fmt: skip


def _differing(before: dict, after: dict) -> dict:
    """The entries of `before` that `after` lacks or has otherwise."""
    return {key: value for key, value in before.items() if after.get(key) != value}


class Company:
    """Places, people and things as rows, and what happens there."""

    def __init__(self, rng: random.Random, now: datetime, hashes: dict[str, str]) -> None:
        self.rng, self.now, self.hashes = rng, now, hashes
        self.rows: Rows = {table: [] for table in COLUMNS}
        self.zones: dict[str, ZoneInfo] = {}
        self.names: set[str] = set()
        self.staff: dict[str, list[str]] = defaultdict(list)  # of a store, who report problems
        self.former: set[str] = set()  # who no longer do
        self.teams: dict[str, list[str]] = defaultdict(list)  # of a division or a department
        self.assets: dict[tuple, list[str]] = defaultdict(list)  # by store and kind
        self._found()
        self._employ_accounts()
        for store in self.zones:
            self._equip(store)
            for _ in range(36 if store == "HO" else rng.randint(10, 16)):
                nik = str(10000101 + len(self.rows["employee"]))
                self._employ(nik, store, active=rng.random() > 0.03)

    def _found(self) -> None:
        """The stores, divisions, departments and categories."""
        places = [(zone, f"Toko {name}") for zone, names in texts.STORES.items() for name in names.split("|")]
        stores = [("HO", "Kantor Pusat Jakarta", "Asia/Jakarta")]
        stores += [(f"T{number:03}", name, zone) for number, (zone, name) in enumerate(places, 1)]
        self.rows["store"] = stores
        self.zones = {code: ZoneInfo(zone) for code, _, zone in stores}
        self.rows["division"] = [
            (code, name, kind, code == "GA") for code, (name, kind) in texts.DIVISIONS.items()
        ]
        self.rows["department"] = list(texts.DEPARTMENTS.items())
        self.rows["category"] = [(code, name, None, owner) for code, (name, owner) in texts.PARENTS.items()]
        self.rows["category"] += [(leaf.code, leaf.name, leaf.parent, leaf.owner) for leaf in texts.LEAVES]

    def _employ_accounts(self) -> None:
        """Those with fixed numbers: ACCOUNTS, and the other handlers, managers and admins."""
        for nik, store in texts.REPORTERS.items():
            self._employ(nik, store)
        self._employ("10000009", "T002", active=False)
        for number, division in enumerate(texts.HANDLERS, 20000001):
            self._employ(str(number), division=division)
        for number, department in enumerate(texts.PICS, 30000001):
            self._employ(str(number), department=department)
        for number in range(3):
            self._employ(str(40000001 + number), manager=True)
        for number in range(2):
            self._employ(str(90000001 + number), admin=True)

    def _employ(
        self,
        nik: str,
        store: str = "HO",
        *,
        division: str | None = None,
        department: str | None = None,
        manager: bool = False,
        admin: bool = False,
        active: bool = True,
    ) -> None:
        """One more employee, with a name that nobody else has."""
        last_names = texts.LAST_NAMES[str(self.zones[store])]
        while (name := self._any(texts.FIRST_NAMES) + " " + self._any(last_names)) in self.names:
            pass
        self.names.add(name)
        roles = division, department, manager, admin
        self.rows["employee"].append((nik, name, store, *roles, active, self.hashes.get(nik, NO_LOGIN)))
        if division or department:
            self.teams[division or department].append(nik)
        else:
            self.staff[store].append(nik)
        if not active:
            self.former.add(nik)

    def _any(self, words: str) -> str:
        return self.rng.choice(words.split())

    def _equip(self, store: str) -> None:
        for kind, (name, models, most, everywhere) in texts.ASSETS.items():
            for number in range(1, self.rng.randint(1, most) + 1 if everywhere or store != "HO" else 1):
                tag = f"{store}-{kind}-{number:02}"
                model = self.rng.choice(models.split("|"))
                self.rows["asset"].append((tag, f"{name} {number} ({model})", store))
                self.assets[store, kind].append(tag)

    def problems(self) -> Iterator[Problem]:
        """All problems: those of the years, and the living queue of the last days."""
        for _ in range(ORDINARY):
            ending = "voided" if self.rng.random() < 0.04 else None
            yield self._problem(self._some_day(), ending)
        for ending, path, count in texts.QUEUE:
            for _ in range(count):
                yield self._problem(self._lately(ending), ending, path)
        for reporter in texts.REPORTERS:
            for ending, path in texts.OWN:
                yield self._problem(self._lately(ending), ending, path, reporter)
        for days in texts.DAYS_OF_THE_SLOW:
            yield self._problem(self.now - timedelta(days=days), "accepted", ("PRC",))

    def _some_day(self) -> datetime:
        """A moment of the years; more of them towards the end."""
        share = ((1 + self.rng.random() * (GROWTH**2 - 1)) ** 0.5 - 1) / (GROWTH - 1)
        return BEGIN + share * (self.now - BEGIN - timedelta(days=1))

    def _lately(self, ending: str) -> datetime:
        """A moment of the last nine days; for what is still untouched, of the last hours."""
        nearness = self.rng.random() ** 2
        return self.now - timedelta(hours=0.1 + 30 * nearness if ending == "reported" else 2 + 200 * nearness)

    def _problem(
        self, at: datetime, ending: str | None, path: Path | None = None, reporter: str = ""
    ) -> Problem:
        """A problem of about the time `at`, with its history: up to `ending` by now, if `path` is given."""
        rng = self.rng
        store = texts.REPORTERS.get(reporter) or rng.choice([*self.zones, *texts.REPORTERS.values()])
        if self.now - at > timedelta(days=1.5):
            at = self._at_an_open_hour(at, self.zones[store])
        former = self.former if self.now - at < timedelta(days=200) else ()
        reporter = reporter or rng.choice([nik for nik in self.staff[store] if nik not in former])
        called = reporter not in texts.REPORTERS and rng.random() < 0.15
        recorder = rng.choice(self.teams["HD"]) if called else reporter
        leaf = self._leaf(store, path)
        timely = path is not None
        path = self._path(leaf) if path is None else path
        problem = self._report(leaf, at.replace(microsecond=0), store, reporter, recorder, path)
        self._live(problem, self._plan(leaf, ending, path), timely)
        return problem

    def _at_an_open_hour(self, at: datetime, zone: ZoneInfo) -> datetime:
        """The same day, in the rhythm of a store."""
        (hour,) = self.rng.choices(range(7, 23), HOURS)
        local = at.astimezone(zone).replace(hour=hour, minute=0, second=0)
        return local.astimezone(UTC) + timedelta(seconds=self.rng.randrange(3600))

    def _leaf(self, store: str, path: Path | None) -> Leaf:
        """A category that fits those who will have the problem, and of which the store has an asset."""
        owners = {texts.OWNERS.get(name, name) for name in path or ()}
        there = {None, *(kind for kind in texts.ASSETS if self.assets[store, kind])}
        leaves = [
            leaf for leaf in texts.LEAVES if leaf.kind in there and (not owners or leaf.owner in owners)
        ]
        if store == "HO":  # it sells nothing
            leaves = [leaf for leaf in leaves if leaf.kind or leaf.owner == "HD"]
        return self.rng.choices(leaves, [leaf.weight for leaf in leaves])[0]

    def _path(self, leaf: Leaf) -> Path:
        paths = texts.PATHS[leaf.owner.split("-")[0]]
        (path,) = self.rng.choices(list(paths), list(paths.values()))
        return tuple(leaf.owner if name == "owner" else name for name in path)

    def _report(
        self, leaf: Leaf, at: datetime, store: str, reporter: str, recorder: str, path: Path
    ) -> Problem:
        """A problem as it is reported, and what it will turn out to be: a longer path, a graver cause."""
        rng, zone = self.rng, self.zones[store]
        tag = rng.choice(self.assets[store, leaf.kind]) if leaf.kind else None
        noticed = at.astimezone(zone) - timedelta(minutes=rng.randint(5, 45))
        words = {"n": int(tag[-2:]) if tag else 1, "jam": f"{noticed:%H.%M}"}
        by_department = path and path[-1] not in texts.DIVISIONS
        by_hand = path or (leaf.owner == "HD" and rng.random() < 0.5)
        cause = leaf.causes[2 if by_department else 1 if by_hand else 0]
        tried, effect = rng.choice(texts.PHRASES[leaf.parent][:2]), rng.choice(texts.PHRASES[leaf.parent][2:])
        description = [rng.choice(leaf.descriptions), *rng.choice([[tried, effect], [effect], [tried], []])]
        named = rng.random()
        unlabelled = f"{texts.ASSETS[leaf.kind][0]}, label tidak terbaca" if tag and named > 0.9 else None
        return Problem(
            leaf, at, zone, reporter, recorder, store, tag if named < 0.8 else None, unlabelled,
            rng.choice(leaf.titles).format(**words), " ".join(description).format(**words),
            [text.format(**words) for text in cause],
        )  # fmt: skip

    def _plan(self, leaf: Leaf, ending: str | None, path: Path) -> list[Step]:
        """The steps of a history after the report, up to the last one of the name `ending`."""
        if ending == "reported":
            return []
        if ending == "voided":
            return [("opened", None), ("voided", None)][self.rng.randint(0, 1) :]
        steps: list[Step] = [("opened", None)]
        if ending == "returned" or self.rng.random() < 0.08:
            astray = self._holder(self.rng.choice(texts.ASTRAY[leaf.owner]))
            steps += [("escalated", astray), ("returned", None)]
        for name in path:
            steps += [("escalated", self._holder(name)), ("accepted", None)]
        steps.append(("closed", None))
        if ending == "reopened" or self.rng.random() < 0.06:
            steps += [("reopened", None), ("closed", None)]
        if ending == "confirmed" or self.rng.random() < 0.75:
            steps.append(("confirmed", None))
        return steps[: max(n for n, step in enumerate(steps, 1) if ending in (None, step[0]))]

    def _holder(self, name: str) -> Holder:
        """A division; or a PIC, given by NIK or any of a department."""
        if name in texts.DIVISIONS:
            return name, None, None
        pic = self.rng.choice(self.teams.get(name, [name]))
        return None, "MNT" if pic in self.teams["MNT"] else "PRC", pic

    def _live(self, problem: Problem, steps: list[Step], timely: bool) -> None:
        """Take the steps, as far as there is time; if it is to be `timely`, there is for all of them."""
        problem.change("reported", problem.recorder, problem.reported_at, status="reported", division="HD")
        at = problem.reported_at
        for number, (cause, receiver) in enumerate(steps):
            last = at
            if timely:
                share = ((number + self.rng.uniform(0.4, 0.9)) / (len(steps) + 0.5)) ** 2
                at = problem.reported_at + share * (self.now - problem.reported_at)
            else:
                at = _in_waking_hours(last + self._pause(problem, cause), problem.zone)
            at = max(at.replace(microsecond=0), last + timedelta(seconds=20))
            if at >= self.now:
                return
            self._talk(problem, last, at, cause)
            self._take(problem, cause, receiver, at)
        self._talk(problem, at, min(self.now, at + timedelta(days=1)), None)

    def _pause(self, problem: Problem, cause: str) -> timedelta:
        """How long it takes until `cause`: differs by holder and priority, and by chance."""
        division, department, _ = problem.holder
        hours = texts.HOURS_TO_CLOSE[division or department] if cause == "closed" else texts.HOURS_TO[cause]
        weight = problem.facts.get("priority", 3) / 3
        return timedelta(minutes=2, hours=hours * weight * self.rng.lognormvariate(0, 0.8))

    def _take(self, problem: Problem, cause: str, receiver: Holder | None, at: datetime) -> None:
        """One step of a history."""
        match cause:
            case "opened":
                problem.open(self._member(problem.holder), at, *map(self._about, problem.leaf.matrix))
            case "escalated":
                code = receiver[0] or receiver[1]
                problem.escalate(receiver, at, self._say("reason " + code.split("-")[0]))
            case "accepted":
                problem.answer(cause, self._member(problem.holder), at, None)
            case "returned":
                sender = "division" if problem.holder[0] else "department"
                problem.answer(cause, self._member(problem.holder), at, self._say(f"return {sender}"))
            case "closed":
                problem.close(problem.keeper if self.rng.random() < 0.8 else self._member(problem.holder), at)
            case "confirmed":
                problem.change(cause, problem.reporter, at, confirmed_at=at.isoformat())
            case "reopened":
                problem.change(cause, problem.reporter, at, self._say(cause), status="open", solution=None)
            case "voided":
                problem.change(cause, self._member(problem.holder), at, self._say(cause), status="void")

    def _talk(self, problem: Problem, since: datetime, until: datetime, next_cause: str | None) -> None:
        """Perhaps a comment between two steps."""
        status = problem.facts["status"]
        nothing_to_say = status == "void" or next_cause == "reopened" or until - since < timedelta(minutes=10)
        if nothing_to_say or self.rng.random() > 0.2:
            return
        at = (since + (until - since) * self.rng.uniform(0.2, 0.8)).replace(microsecond=0)
        if status == "closed":
            problem.comment(problem.reporter, at, self._say("comment closed"))
        elif status == "open" and self.rng.random() < 0.5:
            problem.comment(problem.keeper, at, self._say("comment handler"))
        else:
            problem.comment(problem.reporter, at, self._say("comment reporter"))

    def _member(self, holder: Holder) -> str:
        return holder[2] or self.rng.choice(self.teams[holder[0]])

    def _about(self, level: int) -> int:
        """An impact or urgency near the usual one."""
        return min(3, max(1, level + self.rng.choices((-1, 0, 1), (1, 8, 1))[0]))

    def _say(self, occasion: str) -> str:
        return self.rng.choice(texts.PHRASES[occasion])


def _in_waking_hours(at: datetime, zone: ZoneInfo) -> datetime:
    """`at`, or if that is at night the next morning."""
    local = at.astimezone(zone)
    if 7 <= local.hour < 21:
        return at
    morning = local.replace(hour=7) + timedelta(days=local.hour >= 21)
    return morning.astimezone(UTC)
