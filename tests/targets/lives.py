"""Random lives in a random company, in the database and in the model at once; and whether the two agree."""

import random
from dataclasses import replace
from datetime import date, datetime, timedelta

from asyncpg import Connection, Record

from tests.targets.model import AHEAD, BEGIN, Calendar, Life, Piece, Shift, State, Target, World, missed_at, split

CALENDARS, DIVISIONS, STORES = ("UMUM", "K-SATU", "K-DUA"), ("HD", "IT-NET", "GA"), ("T01", "T02", "T03")
AREAS = {"TIMUR": None, "PAPUA": "TIMUR"}
CATEGORIES = {"NET": None, "NET-LAN": "NET", "FAS": None}
WAITS = (None, None, "reporter", "vendor", "part", "visit", "other")
LIVED = 45  # days in which lives begin, and the company changes

KEEP = "SELECT keep_promise($1, $2, $3, $4, $5, $6, $7::integer, $8)"
MADE = """
    DELETE FROM calendar_use; DELETE FROM holiday; DELETE FROM target; DELETE FROM working_span; DELETE FROM calendar_shift;
    DELETE FROM promise;
    INSERT INTO area (code, name, parent_code) VALUES ('PAPUA', 'Papua', 'TIMUR') ON CONFLICT DO NOTHING;
    INSERT INTO calendar (code, name) VALUES ('K-SATU', 'Satu'), ('K-DUA', 'Dua') ON CONFLICT DO NOTHING;
    DELETE FROM calendar WHERE code = 'SIAGA';
    UPDATE store SET area_code = NULL WHERE area_code IS NOT NULL;
"""


class Company:
    """A company of which both know the same; what happens, happens to both."""

    def __init__(self, connection: Connection, seed: int, lives: int) -> None:
        self.rng, self._connection = random.Random(seed), connection
        self.world = World(
            "UMUM",
            {code: self._calendar() for code in CALENDARS},
            dict(zip(STORES, AHEAD, strict=True)),
            dict.fromkeys(STORES),
            AREAS,
            categories=CATEGORIES,
        )
        self.lives = [Life(number, self.rng.choice(STORES), State("none", "HD")) for number in range(1, lives + 1)]
        self._over: dict[int, list[Record]] = {}

    async def live(self, changes: int = 12) -> None:
        """Everything that happens, in its order."""
        await self._found()
        moments = iter(sorted(self.rng.sample(range(60, LIVED * 24 * 60), changes + len(self.lives) * 12)))
        plan: list[Life | None] = [None] * changes + [
            life for life in self.lives for _ in range(self.rng.randint(2, 11))
        ]
        self.rng.shuffle(plan)
        for minute, life in zip(moments, plan, strict=False):
            if life is None:
                await self._change(minute)
            else:
                await self._become(life, minute, self._next(life.state))

    async def check(self) -> None:
        """The database says of each life what the model does."""
        rows: dict[int, list[Record]] = {}
        for row in await self._connection.fetch("SELECT * FROM promise ORDER BY problem_id, since"):
            rows.setdefault(row["problem_id"], []).append(row)
        for life in self.lives:
            kept = rows.get(life.number, [])
            assert [said(row) for row in kept] == [expected(piece) for piece in life.pieces], life.number
            self._check_whole(life, kept)
        for number, before in self._over.items():
            if self.lives[number - 1].state.is_over:
                assert rows[number][: len(before)] == before, f"{number}: what is closed has changed"

    def _check_whole(self, life: Life, kept: list[Record]) -> None:
        parts: dict[tuple[str, str | None], int] = {}
        for row in kept:
            if row["until"] is not None:
                whose = row["holder"], row["waiting_for"]
                parts[whose] = parts.get(whose, 0) + row["worked"]
        assert parts == {whose: 60 * minutes for whose, minutes in split(self.world, life).items()}, life.number
        if not life.state.is_over or not kept:
            return
        last = kept[-1]
        used = last["used"] + (0 if last["stands"] else last["worked"])
        counted = sum(seconds for (_, waits), seconds in parts.items() if waits not in ("reporter", "vendor"))
        assert used == counted, f"{life.number}: the parts do not add up"
        if len({piece.allowed.resolution for piece in life.pieces}) == 1 and life.pieces[0].allowed.resolution:
            missed = missed_at(self.world, life)
            is_late = last["resolution_due"] is not None and last["until"] > last["resolution_due"]
            assert is_late == (missed is not None and life.pieces[-1].until > missed), life.number

    async def _become(self, life: Life, minute: int, state: State) -> None:
        due = await self._keep(life, minute, state)
        life.become(self.world, minute, state)
        last = life.pieces[-1] if life.pieces else None
        if state.is_over or last is None:
            assert due is None
            kept = "SELECT * FROM promise WHERE problem_id = $1 ORDER BY since"
            self._over[life.number] = await self._connection.fetch(kept, life.number)
        else:
            response, resolution, _ = last.dues
            assert due == moment(response if last.answered is None and response is not None else resolution), (
                life.number
            )

    async def _keep(self, life: Life, minute: int, state: State) -> datetime | None:
        of = state.status, state.holder, state.waiting_for, state.priority, state.category
        return await self._connection.fetchval(KEEP, life.number, moment(minute), life.store, *of)

    def _next(self, state: State) -> State:
        rng, holder = self.rng, self.rng.choice((*DIVISIONS, "MNT"))
        match state.status:
            case "none":
                return State("reported", "HD")
            case "reported":
                identified = {"priority": rng.randint(1, 5), "category": rng.choice(list(CATEGORIES))}
                return rng.choice((replace(state, status="void"), *[replace(state, status="open", **identified)] * 6))
            case "closed" | "void":
                return replace(state, status="open" if state.priority else "reported")
        return rng.choice(
            (
                *[replace(state, status="closed", waiting_for=None)] * 2,
                replace(state, status="void", waiting_for=None),
                *[replace(state, status="escalated", holder=holder, waiting_for=None)] * 3,
                *[replace(state, status="waiting", waiting_for=rng.choice(WAITS))] * 4,
                replace(state, status="open", priority=rng.randint(1, 5)),
                replace(state, status="open", category=rng.choice(list(CATEGORIES))),
                replace(state, status="open", waiting_for=None),
            )
        )

    def _calendar(self) -> Calendar:
        shifts: list[Shift] = []
        for day in range(1, 8):
            if day < 6 or self.rng.random() < 0.4:
                shifts += [
                    (day, opens, closes)
                    for opens, closes in self.rng.choice(
                        (
                            ((480, 720), (780, 1020)),
                            ((0, 1440),),
                            ((435, 900),),
                            ((0, 360), (1320, 1440)),
                            ((600, 1335),),
                        )
                    )
                ]
        return Calendar(
            self.rng.choice((None, None, *AHEAD)), self.rng.choice(("all", "national", "none")), tuple(shifts)
        )

    async def _found(self) -> None:
        await self._connection.execute(MADE)
        for code in CALENDARS:
            await self._write_calendar(code)
        for number in range(6):
            await self._add_target(number)
        await self._add_holiday(0)
        await self._connection.execute("SELECT renew_working_time($1, $2)", list(CALENDARS), BEGIN - timedelta(days=1))
        self.world.know(0, CALENDARS)

    async def _change(self, minute: int) -> None:
        """Something that decides about promises changes; each that is unfinished is promised anew."""
        what = self.rng.choice(
            (self._recalendar, self._add_holiday, self._drop_holiday, self._use, self._move, self._retarget)
        )
        codes = await what(minute)
        if codes:
            await self._connection.execute("SELECT renew_working_time($1, $2)", list(codes), moment(minute))
            self.world.know(minute, codes)
        for life in self.lives:
            if life.pieces and not life.state.is_over:
                await self._become(life, minute, life.state)

    async def _recalendar(self, minute: int) -> tuple[str, ...]:
        code = self.rng.choice(CALENDARS)
        self.world.calendars[code] = self._calendar()
        await self._write_calendar(code)
        return (code,)

    async def _write_calendar(self, code: str) -> None:
        calendar = self.world.calendars[code]
        await self._connection.execute(
            "UPDATE calendar SET time_zone = $2, closes_on = $3 WHERE code = $1",
            code,
            calendar.zone,
            calendar.closes_on,
        )
        await self._connection.execute("DELETE FROM calendar_shift WHERE calendar_code = $1", code)
        await self._connection.executemany(
            "INSERT INTO calendar_shift VALUES ($1, $2, $3, $4)", [(code, *shift) for shift in calendar.shifts]
        )

    async def _add_holiday(self, minute: int) -> tuple[str, ...]:
        day = (BEGIN + timedelta(days=self.rng.randint(0, LIVED + 10))).date()
        if day not in self.world.holidays:
            kind = self.rng.choice(("national", "joint"))
            self.world.holidays[day] = kind
            await self._connection.execute("INSERT INTO holiday (date, name, kind) VALUES ($1, 'x', $2)", day, kind)
        return CALENDARS

    async def _drop_holiday(self, minute: int) -> tuple[str, ...]:
        if self.world.holidays:
            day: date = self.rng.choice(sorted(self.world.holidays))
            del self.world.holidays[day]
            await self._connection.execute("DELETE FROM holiday WHERE date = $1", day)
        return CALENDARS

    async def _use(self, minute: int) -> tuple[str, ...]:
        code = self.rng.choice(CALENDARS)
        column, uses, of = self.rng.choice(
            (
                ("division_code", self.world.of_division, DIVISIONS),
                ("store_code", self.world.of_store, STORES),
                ("area_code", self.world.of_area, tuple(AREAS)),
            )
        )
        user = self.rng.choice(of)
        await self._connection.execute(_UNUSE[column], user)
        uses.pop(user, None)
        if self.rng.random() < 0.7:
            uses[user] = code
            await self._connection.execute(_USE[column], code, user)
        return ()

    async def _move(self, minute: int) -> tuple[str, ...]:
        store, area = self.rng.choice(STORES), self.rng.choice((None, *AREAS))
        self.world.areas[store] = area
        await self._connection.execute("UPDATE store SET area_code = $2 WHERE code = $1", store, area)
        return ()

    async def _retarget(self, minute: int) -> tuple[str, ...]:
        if self.world.targets and self.rng.random() < 0.4:
            place = self.rng.randrange(len(self.world.targets))
            old = self.world.targets.pop(place)
            await self._connection.execute(
                "DELETE FROM target WHERE (priority, category_code, holder) IS NOT DISTINCT FROM ($1::smallint, $2, $3)",
                *old[:3],
            )
        await self._add_target(1000 + minute)
        return ()

    async def _add_target(self, number: int) -> None:
        rng = self.rng
        holder = rng.choice((None, None, *DIVISIONS, "MNT"))
        target = Target(
            rng.choice((None, 1, 2, 3, 4, 5)),
            rng.choice((None, None, *CATEGORIES)),
            holder,
            None if holder else rng.randint(1, 120),
            rng.choice((None, rng.randint(120, 1500))) if holder is None else rng.randint(5, 900),
        )
        if any(t[:3] == target[:3] for t in self.world.targets):
            return
        self.world.targets.append(target)
        await self._connection.execute(
            """
            INSERT INTO target (code, name, priority, category_code, division_code, department_code, response, resolution)
            VALUES ($1, 'x', $2, $3, $4, $5, $6, $7)
            """,
            f"T-{number}",
            *target[:2],
            holder if holder in DIVISIONS else None,
            holder if holder == "MNT" else None,
            *target[3:],
        )


_USE = {
    "division_code": "INSERT INTO calendar_use (calendar_code, division_code) VALUES ($1, $2)",
    "store_code": "INSERT INTO calendar_use (calendar_code, store_code) VALUES ($1, $2)",
    "area_code": "INSERT INTO calendar_use (calendar_code, area_code) VALUES ($1, $2)",
}
_UNUSE = {
    "division_code": "DELETE FROM calendar_use WHERE division_code = $1",
    "store_code": "DELETE FROM calendar_use WHERE store_code = $1",
    "area_code": "DELETE FROM calendar_use WHERE area_code = $1",
}


def moment(minute: int | None) -> datetime | None:
    """That minute's beginning."""
    return None if minute is None else BEGIN + timedelta(minutes=minute)


def said(row: Record) -> tuple:
    """What a row promises."""
    names = (
        "since until holder waiting_for priority category_code calendar_code time_zone response resolution part used"
    )
    return tuple(row[name] for name in f"{names} part_used answered response_due resolution_due part_due".split())


def expected(piece: Piece) -> tuple:
    """The same of the model's."""
    state, seconds = piece.state, [60 * minutes for minutes in (piece.used, piece.part_used)]
    of = state.holder, state.waiting_for, state.priority, state.category
    answered = None if piece.answered is None else 60 * piece.answered
    return (
        moment(piece.since),
        moment(piece.until),
        *of,
        *piece.key,
        *piece.allowed,
        *seconds,
        answered,
        *map(moment, piece.dues),
    )
