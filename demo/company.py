"""What the demo company consists of: places, people and things, as the rows of their tables; and a problem."""

import json
import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from demo import service, texts
from demo.answers import make_templates
from demo.texts import Leaf

# Not a hash: nobody but ACCOUNTS can log in, so that only their PINs need the time that hashing takes.
NO_LOGIN = "!"


class Holder(NamedTuple):
    """Who has a problem: a division; or a department and its PIC, by NIK."""

    division: str | None = None
    department: str | None = None
    pic: str | None = None

    @property
    def code(self) -> str:
        """That of the division or department."""
        return self.division or self.department or ""


COLUMNS = {  # of the tables that are copied, in the order of their references
    "area": "code name parent_code",
    "store": "code name time_zone phone area_code",
    "division": "code name kind is_general",
    "department": "code name",
    "template": "code name division_code department_code purpose text",
    "employee": "nik name store_code is_manager is_admin active pin_hash email phone is_store_head area_code",
    "division_member": "nik division_code",
    "department_pic": "nik department_code",
    "category": "code name parent_code division_code",
    "holiday": "date name kind estimated",
    "calendar": "code name time_zone closes_on",
    "calendar_shift": "calendar_code weekday opens closes",
    "calendar_use": "calendar_code division_code area_code store_code",
    "target": "code name priority category_code division_code department_code response resolution",
    "asset": "tag name store_code",
    "problem": "id version status reported_at year changed_at reporter_nik recorded_by_nik store_code"
    " asset_tag asset_text title description holder_division_code holder_department_code holder_pic_nik"
    " category_code impact urgency identification solution confirmed_at assignee_nik waiting_for waiting_until",
    "custody": "problem_id during division_code department_code pic_nik assignee_nik waiting_for",
    "escalation": "id problem_id kind from_division_code from_department_code from_pic_nik to_division_code"
    " to_department_code to_pic_nik reason sent_at sent_by_nik answer answered_at answered_by_nik"
    " answer_reason",
    "note": "problem_id at author_nik text",
}
Rows = dict[str, list[tuple]]


class Company:
    """What is there at `now`; `hashes` are those of the PINs, by NIK."""

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
        self.days_off = self._serve()
        self._employ_accounts()
        for store in self.zones:
            self._equip(store)
            for _ in range(36 if store == "HO" else rng.randint(10, 16)):
                nik = str(10000101 + len(self.rows["employee"]))
                self._employ(nik, store, active=rng.random() > 0.03)

    def _found(self) -> None:
        """The stores, divisions, departments and categories."""
        places = [(zone, f"Toko {name}") for zone, names in texts.STORES.items() for name in names.split("|")]
        stores = [("HO", "Kantor Pusat Jakarta", "Asia/Jakarta", "021-0000-001", None)]
        stores += [
            (f"T{n:03}", name, zone, f"021-0001-{n:03}", texts.area_of(n)) for n, (zone, name) in enumerate(places, 1)
        ]
        self.rows["area"] = [(code, name, parent) for code, name, parent, _ in texts.AREAS]
        self.rows["store"] = stores
        self.zones = {code: ZoneInfo(zone) for code, _, zone, *_ in stores}
        self.rows["division"] = [(code, name, kind, code == "GA") for code, (name, kind) in texts.DIVISIONS.items()]
        self.rows["department"] = list(texts.DEPARTMENTS.items())
        self.rows["template"] = make_templates(set(texts.DIVISIONS))
        self.rows["category"] = [(code, name, None, owner) for code, (name, owner) in texts.PARENTS.items()]
        self.rows["category"] += [(leaf.code, leaf.name, leaf.parent, leaf.owner) for leaf in texts.LEAVES]

    def _serve(self) -> set[date]:
        """Working time and targets; the days on which those who keep all holidays are off."""
        holidays = service.holidays_until(self.now.year + 2)
        self.rows["holiday"] = list(map(tuple, holidays))
        self.rows["calendar"], self.rows["calendar_shift"] = service.CALENDARS, service.SHIFTS
        self.rows["calendar_use"], self.rows["target"] = service.USES, service.TARGETS
        return service.days_off(holidays)

    def _employ_accounts(self) -> None:
        """Those with fixed numbers: ACCOUNTS, and the other handlers, managers and admins."""
        for nik, store in texts.REPORTERS.items():
            self._employ(nik, store)
        self._employ("10000011", texts.REPORTERS["10000001"], head=True)
        self._employ("40000011", manager=True, area=texts.area_of(int(texts.REPORTERS["10000002"][1:])))
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
        head: bool = False,
        area: str | None = None,
    ) -> None:
        """One more employee, with a name that nobody else has."""
        last_names = texts.LAST_NAMES[str(self.zones[store])]
        while (name := self._any(texts.FIRST_NAMES) + " " + self._any(last_names)) in self.names:
            pass
        self.names.add(name)
        self.rows["employee"].append(
            (nik, name, store, manager, admin, active, self.hashes.get(nik, NO_LOGIN), *_reached(nik, name), head, area)
        )
        divisions, departments = (division, texts.ALSO_MEMBERS.get(nik)), (department, texts.ALSO_PICS.get(nik))
        self.rows["division_member"] += [(nik, code) for code in divisions if code]
        self.rows["department_pic"] += [(nik, code) for code in departments if code]
        if team := division or department:
            self.teams[team].append(nik)
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


def _reached(nik: str, name: str) -> tuple[str, str | None]:
    """Address and phone, which not all have. No such domain exists, and no such number is given out."""
    address = f"{name.lower().replace(' ', '.')}@toko.example"
    return address, f"0812-0000-{int(nik) % 10000:04}" if int(nik) % 5 else None


_GOES_ON = {"waiting_for": None, "waiting_until": None}  # what waits for nothing


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
    notes: list[tuple] = field(default_factory=list)

    @property
    def holder(self) -> Holder:
        return Holder(self.facts.get("division"), self.facts.get("department"), self.facts.get("pic"))

    def change(self, cause: str, actor: str | None, at: datetime, note: str | None = None, **changes: object) -> None:
        """Let `actor` change some facts; None takes one away."""
        before = self.facts
        self.facts = {key: value for key, value in {**before, **changes}.items() if value is not None}
        self.version += 1
        self.changed_at = at
        self._note(cause, actor, at, _differing(before, self.facts), _differing(self.facts, before), note)
        ended = self.facts["status"] in ("closed", "void")
        care = *self.holder, self.facts.get("assignee"), self.facts.get("waiting_for")
        if self.custody and self.custody[-1][1] is None and (ended or self.custody[-1][2] != care):
            self.custody[-1][1] = at
        if not ended and not (self.custody and self.custody[-1][1] is None):
            self.custody.append([at, None, care])

    def comment(self, actor: str, at: datetime, text: str) -> None:
        self._note("commented", actor, at, {}, {}, text)

    def _note(self, cause: str, actor: str | None, at: datetime, before: dict, after: dict, note: str | None) -> None:
        """Append to the history; `before` and `after` are what differs."""
        self.events.append((at, actor, cause, self.version, json.dumps(before), json.dumps(after), note))

    def open(self, actor: str, at: datetime, impact: int, urgency: int) -> None:
        self.keeper = actor
        priority = impact + urgency - 1
        found = {"category": self.leaf.code, "impact": impact, "urgency": urgency, "priority": priority}
        self.change("opened", actor, at, status="open", identification=self.cause[0], **found)

    def escalate(self, receiver: Holder, at: datetime, reason: str) -> None:
        kind = texts.DIVISIONS[receiver.division][1] if receiver.division else "department"
        answer = [None] * 4
        self.escalations.append([kind, *self.holder, *receiver, reason, at, self.keeper, *answer])
        self._hand_to(receiver, "escalated", self.keeper, at, reason, "escalated")

    def answer(self, answer: str, actor: str, at: datetime, reason: str | None) -> None:
        """Accept the waiting escalation, or return it to its sender."""
        escalation = self.escalations[-1]
        escalation[-4:] = answer, at, actor, reason
        self.keeper = actor if answer == "accepted" else escalation[-5]
        holder = self.holder if answer == "accepted" else Holder(*escalation[1:4])
        self._hand_to(holder, answer, actor, at, reason, "open")

    def close(self, actor: str, at: datetime) -> None:
        again = any(event[2] == "reopened" for event in self.events)
        solution = f"Diperiksa ulang bersama pelapor. {self.cause[1]}" if again else self.cause[1]
        self.change("closed", actor, at, status="closed", solution=solution, **_GOES_ON)

    def assign(self, assignee: str, at: datetime) -> None:
        """By whoever worked on it, or by that person."""
        self.change("assigned", self.keeper if self.facts.get("assignee") else assignee, at, assignee=assignee)
        self.keeper = assignee

    def pause(self, waiting_for: str, at: datetime, until: datetime | None, reason: str) -> None:
        waits = {"waiting_for": waiting_for, "waiting_until": until and until.isoformat()}
        self.change("paused", self.keeper, at, reason, status="waiting", **waits)

    def _hand_to(self, holder: Holder, cause: str, actor: str, at: datetime, note: str | None, status: str) -> None:
        self.change(cause, actor, at, note, status=status, assignee=None, **_GOES_ON, **holder._asdict())

    def row(self, number: int) -> tuple:
        """The row of problem, less what the schema derives."""
        confirmed_at = self.changed_at if "confirmed_at" in self.facts else None
        year = self.reported_at.astimezone(self.zone).year
        until = self.facts.get("waiting_until")
        found = map(self.facts.get, ("category", "impact", "urgency", "identification", "solution"))
        return (
            number, self.version, self.facts["status"], self.reported_at, year, self.changed_at,
            self.reporter, self.recorder, self.store, self.asset_tag, self.asset_text,
            self.title, self.description, *self.holder, *found, confirmed_at, self.facts.get("assignee"),
            self.facts.get("waiting_for"), until and datetime.fromisoformat(until),
        )  # fmt: skip


def _differing(before: dict, after: dict) -> dict:
    """The entries of `before` that `after` lacks or has otherwise."""
    return {key: value for key, value in before.items() if after.get(key) != value}
