"""What is promised of a problem: when it is due, what of it is used, and why (SLA clock)."""

from datetime import date, datetime, timedelta
from typing import NamedTuple

from asyncpg import Connection

from queries.delays import Delay, split
from queries.rows import read_row


class Clock(NamedTuple):
    """One of the promises of a problem: of `name` (response, resolution, or part: what its holder has for it) `allowed` seconds
    of working time, of which so many are `used`; it is `due`, unless the clock stands; it was kept or missed `at` a moment,
    unless it still runs."""

    name: str
    allowed: int
    used: int
    due: datetime | None
    at: datetime | None

    def is_late(self, now: datetime) -> bool:
        """Whether it is missed."""
        return self.due is not None and (self.at or now) > self.due

    @property
    def left(self) -> int:
        """Seconds of working time."""
        return max(self.allowed - self.used, 0)


class Pause(NamedTuple):
    """The clock stood, waiting for somebody, until a moment; None: it stands."""

    waiting_for: str
    since: datetime
    until: datetime | None


class Alarm(NamedTuple):
    """That so much of a promise was used, raised for those of a step."""

    clock: str
    percent: int
    step: str
    at: datetime


class Promise(NamedTuple):
    """What is promised of a problem, as it stands `now`, or as it was when it ended, `until`. `used` and `part_used` are seconds
    of working time: of all, and of the present holder since it came there; `answered` is when it was opened. `holidays` are
    those on which nobody worked who would have; `hours` those of today."""

    now: datetime
    until: datetime | None
    holder: str
    waiting_for: str | None
    stands: bool
    calendar_code: str
    calendar: str
    time_zone: str
    response: int | None
    response_used: int | None
    response_due: datetime | None
    answered: datetime | None
    resolution: int | None
    used: int
    resolution_due: datetime | None
    part: int | None
    part_used: int
    part_due: datetime | None
    hours: list[tuple[datetime, datetime]] | None
    holidays: list[tuple[date, str]] | None
    stood: list[tuple] | None
    shares: list[tuple] | None
    raised: list[tuple] | None

    @property
    def clocks(self) -> list[Clock]:
        """What is promised, in the order in which it comes."""
        clocks = []
        if self.response is not None and self.response_used is not None:
            at = self.answered or self.until
            clocks.append(Clock("response", self.response * 60, self.response_used, self.response_due, at))
        if self.resolution is not None:
            clocks.append(Clock("resolution", self.resolution * 60, self.used, self.resolution_due, self.until))
        if self.part is not None:
            clocks.append(Clock("part", self.part * 60, self.part_used, self.part_due, self.until))
        return clocks

    @property
    def next(self) -> Clock | None:
        """What is due next; of what is over, what was due last; None if nothing is."""
        promised = [clock for clock in self.clocks if clock.name != "part"]
        return next((clock for clock in promised if clock.at is None), promised[-1] if promised else None)

    @property
    def is_late(self) -> bool:
        """Whether it was not solved in time, or is not yet and the time is over."""
        return any(clock.name == "resolution" and clock.is_late(self.now) for clock in self.clocks)

    @property
    def pauses(self) -> list[Pause]:
        """When the clock stood; what went on without a break is one."""
        pauses: list[Pause] = []
        for pause in (Pause(*row) for row in self.stood or ()):
            if pauses and pauses[-1].until == pause.since and pauses[-1].waiting_for == pause.waiting_for:
                pause = pause._replace(since=pauses.pop().since)
            pauses.append(pause)
        return pauses

    @property
    def paused(self) -> timedelta:
        """How long the clock has stood, by the clock on the wall."""
        return sum(((pause.until or self.now) - pause.since for pause in self.pauses), timedelta())

    @property
    def delay(self) -> Delay:
        """Who used what, in the order in which they came."""
        return split(self.shares or ())

    @property
    def alarms(self) -> list[Alarm]:
        """What was raised, that of most per cent last."""
        return [Alarm(*row) for row in self.raised or ()]

    @property
    def open_hours(self) -> list[tuple[datetime, datetime]]:
        """The hours of today, those without a break as one."""
        hours: list[tuple[datetime, datetime]] = []
        for opens, closes in self.hours or ():
            hours.append((hours.pop()[0] if hours and hours[-1][1] == opens else opens, closes))
        return hours


async def get_promise(connection: Connection, problem_id: int) -> Promise | None:
    """What is promised of a problem; None if nothing ever was."""
    record = await connection.fetchrow(
        """
        SELECT now() AS now, l.until, l.holder, l.waiting_for, l.stands, l.calendar_code, c.name AS calendar, l.time_zone,
               coalesce(a.response, l.response) AS response,
               CASE WHEN l.answered IS NULL THEN l.used + m.used WHEN a.response IS NOT NULL THEN l.answered END AS response_used,
               coalesce(a.response_due, l.response_due) AS response_due, a.until AS answered,
               l.resolution, l.used + m.used AS used, l.resolution_due, l.part, l.part_used + m.used AS part_used, l.part_due,
               (SELECT array_agg((w.opens, w.closes) ORDER BY w.opens) FROM working_span w
                 WHERE w.calendar_code = l.calendar_code AND w.time_zone = l.time_zone
                   AND w.opens >= date_trunc('day', now(), l.time_zone)
                   AND w.opens < date_trunc('day', now(), l.time_zone) + interval '1 day') AS hours,
               (SELECT array_agg((h.date, h.name) ORDER BY h.date) FROM holiday h
                 WHERE h.active AND (c.closes_on = 'all' OR c.closes_on = h.kind)
                   AND h.date >= (f.since AT TIME ZONE l.time_zone)::date
                   AND h.date <= (coalesce(l.until, greatest(l.resolution_due, now())) AT TIME ZONE l.time_zone)::date
                   AND EXISTS (SELECT FROM calendar_shift s
                                WHERE s.calendar_code = l.calendar_code AND s.weekday = extract(isodow FROM h.date))
                   AND NOT EXISTS (SELECT FROM working_span w
                                    WHERE w.calendar_code = l.calendar_code AND w.time_zone = l.time_zone
                                      AND w.opens >= h.date::timestamp AT TIME ZONE l.time_zone
                                      AND w.opens < (h.date + 1)::timestamp AT TIME ZONE l.time_zone)) AS holidays,
               (SELECT array_agg((q.waiting_for, q.since, q.until) ORDER BY q.since)
                  FROM promise q WHERE q.problem_id = l.problem_id AND q.stands) AS stood,
               (SELECT array_agg((k.holder, k.waiting_for, k.stands, k.worked, 1) ORDER BY k.since)
                  FROM (SELECT q.holder, q.waiting_for, q.stands, sum(coalesce(q.worked, n.worked))::bigint AS worked,
                               min(q.since) AS since
                          FROM promise q WHERE q.problem_id = l.problem_id GROUP BY 1, 2, 3) k) AS shares,
               (SELECT array_agg((t.clock, t.percent, t.step, t.at) ORDER BY t.percent, t.at)
                  FROM target_alarm t WHERE t.problem_id = l.problem_id) AS raised
          FROM (SELECT q.* FROM promise q WHERE q.problem_id = $1 ORDER BY q.since DESC LIMIT 1) l
          JOIN calendar c ON c.code = l.calendar_code
         CROSS JOIN LATERAL (SELECT min(q.since) AS since FROM promise q WHERE q.problem_id = l.problem_id) f
         CROSS JOIN LATERAL (SELECT coalesce(l.worked, worked_by(l.calendar_code, l.time_zone, now())
                                                       - worked_by(l.calendar_code, l.time_zone, l.since)) AS worked OFFSET 0) n
         CROSS JOIN LATERAL (SELECT CASE WHEN l.stands THEN 0 ELSE n.worked END AS used) m
          LEFT JOIN LATERAL (SELECT q.response, q.response_due, q.until FROM promise q
                              WHERE l.answered IS NOT NULL AND q.problem_id = l.problem_id AND q.answered IS NULL
                              ORDER BY q.since DESC LIMIT 1) a ON true
        """,
        problem_id,
    )
    return read_row(Promise, record)


async def raise_alarms(connection: Connection, portion: int) -> int:
    """What is reached of the steps of alarms by now is noted, once each, of `portion` problems at most; how many it were."""
    return await connection.fetchval("SELECT raise_alarms($1)", portion)
