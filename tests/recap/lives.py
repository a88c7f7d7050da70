"""Random lives of problems in the small company, over months and years, written as rows: what no clock would let verbs do."""

import json
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from asyncpg import Connection, Range

STORES = {"HO": "Asia/Jakarta", "T01": "Asia/Jakarta", "T02": "Asia/Makassar", "T03": "Asia/Jayapura"}
CATEGORIES = ("NET-WIFI", "NET-LAN", "FAS-AC", "KIR-TRK", "UMUM")
BEGIN, END = datetime(2025, 8, 20, tzinfo=UTC), datetime(2026, 11, 20, tzinfo=UTC)
TICK = timedelta(microseconds=1)


class Hands(NamedTuple):
    """Who has a problem."""

    division: str | None
    department: str | None = None
    pic: str | None = None


DESK = Hands("HD")
DIVISIONS = [Hands(code) for code in ("IT-NET", "IT-POS", "GA", "LOG")]
# Two of one department: from one to the other nothing leaves it.
PICS = [Hands(None, "MNT", "30001"), Hands(None, "MNT", "30002"), Hands(None, "PRC", "30002")]

# What may come next, by status; some more often than others.
NEXT = {
    "reported": ("opened",) * 6 + ("voided", "taken over"),
    "open": ("escalated",) * 4
    + (
        "paused",
        "paused",
        "assigned",
        "corrected",
        "closed",
        "closed",
        "closed",
        "voided",
        "taken over",
        "handed over",
    ),
    "waiting": ("resumed", "elapsed", "replied", "escalated", "corrected", "closed", "voided", "handed over"),
    "escalated": ("accepted",) * 4 + ("returned", "returned", "recalled", "corrected", "taken over", "handed over"),
    "closed": ("confirmed", "confirmed", "auto-confirmed", "reopened", "reopened"),
    "void": ("restored", ""),
}


@dataclass
class Life:
    """One problem: its events as (at, cause, before, after), its custody as [begin, end, hands, assignee, what it waits for]."""

    id: int
    store: str
    now: datetime
    rng: random.Random
    facts: dict = field(default_factory=dict)
    events: list[tuple[datetime, str, dict, dict]] = field(default_factory=list)
    custody: list[list] = field(default_factory=list)
    ended: dict = field(default_factory=dict)  # what it was before it was voided
    sender: Hands = DESK

    @property
    def hands(self) -> Hands:
        return Hands(*(self.facts.get(name) for name in Hands._fields))

    def live(self) -> None:
        """From the report on, until nothing more comes, or the time is up."""
        self.change("reported", status="reported", **DESK._asdict())
        while self.pass_time() < END and (cause := self.rng.choice(NEXT[self.facts["status"]])):
            getattr(self, cause.replace(" ", "_").replace("-", "_"))()
            if "confirmed_at" in self.facts:
                return

    def pass_time(self) -> datetime:
        """Seconds, hours or weeks; now and then to the first moment of a month by the store's clocks, or the one before."""
        self.now += timedelta(seconds=self.rng.choice((1, 600, 20_000, 200_000, 1_500_000)) * self.rng.random()) + TICK
        if self.rng.random() < 0.08:
            local = self.now.astimezone(ZoneInfo(STORES[self.store]))
            first = (local.replace(day=28) + timedelta(days=5)).replace(
                day=1, hour=0, minute=0, second=0, microsecond=0
            )
            self.now = first.astimezone(UTC) - TICK * self.rng.choice((0, 0, 1))
        return self.now

    def change(self, cause: str, **changes: object) -> None:
        """What SQL `record_change` writes."""
        before = self.facts
        self.facts = {key: value for key, value in (before | changes).items() if value is not None}
        self.events.append((self.now, cause, _differing(before, self.facts), _differing(self.facts, before)))
        is_over = self.facts["status"] in ("closed", "void")
        care = self.hands, self.facts.get("assignee"), self.facts.get("waiting_for")
        is_held = bool(self.custody) and self.custody[-1][1] is None
        if is_held and (is_over or self.custody[-1][2:] != [*care]):
            self.custody[-1][1] = self.now
            is_held = False
        if not is_held and not is_over:
            self.custody.append([self.now, None, *care])

    def hand(self, cause: str, hands: Hands, status: str) -> None:
        self.change(cause, status=status, assignee=None, waiting_for=None, **hands._asdict())

    def opened(self) -> None:
        self.identify("opened", "open")

    def identify(self, cause: str, status: str) -> None:
        impact, urgency = self.rng.randint(1, 3), self.rng.randint(1, 3)
        category = self.rng.choice(CATEGORIES)
        self.change(
            cause, status=status, category=category, impact=impact, urgency=urgency, priority=impact + urgency - 1
        )

    def corrected(self) -> None:
        self.identify("corrected", self.facts["status"])

    def escalated(self) -> None:
        self.sender = self.hands
        others = [hands for hands in (*DIVISIONS, *PICS) if hands != self.hands]
        self.hand("escalated", self.rng.choice(others), "escalated")

    def accepted(self) -> None:
        self.change("accepted", status="open")

    def returned(self) -> None:
        self.hand("returned", self.sender, "open")

    def recalled(self) -> None:
        self.hand("recalled", self.sender, "open")

    def taken_over(self) -> None:
        if self.hands != DESK:
            self.hand("taken over", DESK, "open" if "category" in self.facts else "reported")

    def handed_over(self) -> None:
        heir = self.rng.choice([hands for hands in (DESK, *DIVISIONS) if hands != self.hands])
        self.change("handed over", assignee=None, **heir._asdict())

    def assigned(self) -> None:
        if self.hands.division:
            self.change("assigned", assignee=self.rng.choice(["20001", "20002"]))

    def paused(self) -> None:
        self.change("paused", status="waiting", waiting_for=self.rng.choice(["vendor", "reporter"]))

    def resumed(self, cause: str = "resumed") -> None:
        self.change(cause, status="open", waiting_for=None)

    def elapsed(self) -> None:
        self.resumed("elapsed")

    def replied(self) -> None:
        self.resumed("replied")

    def closed(self) -> None:
        self.change("closed", status="closed", waiting_for=None)

    def confirmed(self, cause: str = "confirmed") -> None:
        self.change(cause, confirmed_at=self.now.isoformat())

    def auto_confirmed(self) -> None:
        self.confirmed("auto-confirmed")

    def reopened(self) -> None:
        self.change("reopened", status="open")
        if self.rng.random() < 0.2:  # to those who can't act on it any more
            self.now += TICK
            self.handed_over()

    def voided(self) -> None:
        self.ended = self.facts
        self.change("voided", status="void", waiting_for=None)

    def restored(self) -> None:
        self.change("restored", status=self.ended["status"], waiting_for=self.ended.get("waiting_for"))


def make_lives(seed: int, number: int) -> list[Life]:
    """So many problems, numbered from 1; about a tenth of all times are at the border of a month."""
    rng = random.Random(seed)
    lives = [
        Life(n, rng.choice(list(STORES)), BEGIN + (END - BEGIN) * rng.random() * 0.97, random.Random(f"{seed} {n}"))
        for n in range(1, number + 1)
    ]
    for life in lives:
        life.live()
    return lives


def _differing(a: dict, b: dict) -> dict:
    return {key: value for key, value in a.items() if b.get(key) != value}


async def write_lives(connection: Connection, lives: list[Life]) -> None:
    """Their rows, without the triggers that watch over real changes; nothing of them is counted."""
    async with connection.transaction():
        await connection.execute("SET LOCAL session_replication_role = replica")
        await connection.copy_records_to_table("problem", columns=PROBLEM.split(), records=map(_row, lives))
        await connection.copy_records_to_table(
            "custody",
            columns=CUSTODY.split(),
            records=[(x.id, Range(c[0], c[1]), *c[2], *c[3:]) for x in lives for c in x.custody],
        )
        events = [(x.id, n, *event) for x in lives for n, event in enumerate(x.events, 1)]
        await connection.execute(
            """
            INSERT INTO event (problem_id, seq, version, at, cause, before, after, actor_nik, note)
            SELECT problem_id, version, version, at, cause, before::jsonb, after::jsonb, '20001', '-'
              FROM unnest($1::bigint[], $2::int[], $3::timestamptz[], $4::text[], $5::text[], $6::text[])
                   AS t (problem_id, version, at, cause, before, after)
            """,
            *zip(*((i, n, at, cause, json.dumps(b), json.dumps(a)) for i, n, at, cause, b, a in events), strict=True),
        )


PROBLEM = (
    "id version status reported_at year changed_at reporter_nik recorded_by_nik store_code title description"
    " holder_division_code holder_department_code holder_pic_nik category_code impact urgency identification solution"
    " confirmed_at assignee_nik waiting_for search_text"
)
CUSTODY = "problem_id during division_code department_code pic_nik assignee_nik waiting_for"


def _row(life: Life) -> tuple:
    facts, at = life.facts, life.events[-1][0]
    found = [facts.get(name) for name in ("category", "impact", "urgency")]
    year = life.events[0][0].astimezone(ZoneInfo(STORES[life.store])).year
    return (
        *(life.id, len(life.events), facts["status"], life.events[0][0], year, at, "10001", "10001", life.store),
        *("Printer mati", "Sejak pagi", *life.hands, *found, "Kabel" if found[0] else None),
        *("Diganti" if facts["status"] == "closed" else None, at if "confirmed_at" in facts else None),
        *(facts.get("assignee"), facts.get("waiting_for"), ""),
    )
