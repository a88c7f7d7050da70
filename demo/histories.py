"""The problems of the demo company, each lived through step by step as people would."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from itertools import count, islice
from typing import NamedTuple
from zoneinfo import ZoneInfo

from demo import texts
from demo.company import Company, Holder, Problem
from demo.texts import Leaf

BEGIN = datetime(2023, 1, 2, tzinfo=UTC)
ORDINARY = 2900  # problems besides the living queue
GROWTH = 2.4  # problems a day at the end, compared to BEGIN
# How many problems are reported in the hours from 7 to 22, local time.
HOURS = (2, 5, 9, 10, 8, 6, 7, 6, 6, 7, 8, 8, 7, 4, 2, 1)

Path = tuple[str, ...]  # who has a problem after the desk: divisions, departments, NIK of PICs


class Step(NamedTuple):
    """The cause of an event, and whom an escalation is passed to."""

    cause: str
    receiver: Holder | None = None


class Histories(Company):
    """What happens in the company."""

    def problems(self) -> Iterator[Problem]:
        """All problems: those of the years, and the living queue of the last days."""
        for _ in range(ORDINARY):
            ending = "voided" if self.rng.random() < 0.04 else None
            yield self._problem(self._some_day(), ending)
        for ending, path, number in texts.QUEUE:
            for _ in range(number):
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

    def _problem(self, at: datetime, ending: str | None, path: Path | None = None, reporter: str = "") -> Problem:
        """A problem of about the time `at`, with its history: up to `ending` by now, if `path` is given."""
        rng = self.rng
        places = [*self.zones, *texts.REPORTERS.values()]  # the demo reporters' stores twice as often
        if path is not None:
            places.remove("HO")  # not every path is possible there
        store = texts.REPORTERS.get(reporter) or rng.choice(places)
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
        leaves = [leaf for leaf in texts.LEAVES if leaf.kind in there and (not owners or leaf.owner in owners)]
        if store == "HO":  # it sells nothing
            leaves = [leaf for leaf in leaves if leaf.kind or leaf.owner == "HD"]
        return self.rng.choices(leaves, [leaf.weight for leaf in leaves])[0]

    def _path(self, leaf: Leaf) -> Path:
        paths = texts.PATHS[leaf.owner.split("-")[0]]
        (path,) = self.rng.choices(list(paths), list(paths.values()))
        return tuple(leaf.owner if name == "owner" else name for name in path)

    def _report(self, leaf: Leaf, at: datetime, store: str, reporter: str, recorder: str, path: Path) -> Problem:
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
        unlabelled = f"{texts.ASSETS[leaf.kind][0]}, label tidak terbaca" if leaf.kind and named > 0.9 else None
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
            return [Step("opened"), Step("voided")][self.rng.randint(0, 1) :]
        steps = [Step("opened")]
        if ending == "returned" or self.rng.random() < 0.08:
            astray = self._holder(self.rng.choice(texts.ASTRAY[leaf.owner]))
            steps += [Step("escalated", astray), Step("returned")]
        for name in path:
            steps += [Step("escalated", self._holder(name)), Step("accepted")]
        if not path or path[-1] in texts.DIVISIONS:
            steps += [Step("assigned")] * (ending == "assigned" or self.rng.random() < 0.3)
        if ending == "paused" or self.rng.random() < 0.08:
            steps += [Step("paused"), Step("resumed")]
        steps.append(Step("closed"))
        if ending == "reopened" or self.rng.random() < 0.06:
            steps += [Step("reopened"), Step("closed")]
        if ending == "confirmed" or self.rng.random() < 0.75:
            steps.append(Step("confirmed"))
        elif ending is None:
            steps.append(Step("auto-confirmed"))
        return steps[: max(n for n, step in enumerate(steps, 1) if ending in (None, step.cause))]

    def _holder(self, name: str) -> Holder:
        """A division; or a PIC, given by NIK or any of a department."""
        if name in texts.DIVISIONS:
            return Holder(name)
        pic = self.rng.choice(self.teams.get(name, [name]))
        return Holder(department="MNT" if pic in self.teams["MNT"] else "PRC", pic=pic)

    def _live(self, problem: Problem, steps: list[Step], timely: bool) -> None:
        """Take the steps, as far as there is time; if it is to be `timely`, there is for all of them."""
        problem.change("reported", problem.recorder, problem.reported_at, status="reported", division="HD")
        at = problem.reported_at
        for number, (cause, receiver) in enumerate(steps):
            last = at
            if cause == "auto-confirmed":
                at = self._answer_until(last, problem.zone)
            elif timely:
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

    def _answer_until(self, closed_at: datetime, zone: ZoneInfo) -> datetime:
        """As the function of that name in the schema, for the calendars of this company: five working days."""
        local = closed_at.astimezone(zone)
        days = (local.date() + timedelta(days=number) for number in count())
        working = [day for day in islice(days, 40) if day.weekday() < 5 and day not in self.days_off]
        if working[0] == local.date():
            return datetime.combine(working[5], local.timetz()).astimezone(UTC)
        return datetime.combine(working[4] + timedelta(days=1), time(), zone).astimezone(UTC)

    def _pause(self, problem: Problem, cause: str) -> timedelta:
        """How long it takes until `cause`: differs by holder and priority, and by chance."""
        hours = texts.HOURS_TO_CLOSE[problem.holder.code] if cause == "closed" else texts.HOURS_TO[cause]
        weight = problem.facts.get("priority", 3) / 3
        return timedelta(minutes=2, hours=hours * weight * self.rng.lognormvariate(0, 0.8))

    def _take(self, problem: Problem, cause: str, receiver: Holder | None, at: datetime) -> None:
        """One step of a history."""
        match cause:
            case "opened":
                problem.open(self._member(problem.holder), at, *map(self._about, problem.leaf.matrix))
            case "escalated" if receiver:
                problem.escalate(receiver, at, self._say("reason " + receiver.code.split("-")[0]))
            case "accepted":
                problem.answer(cause, self._member(problem.holder), at, None)
            case "returned":
                sender = "division" if problem.holder.division else "department"
                problem.answer(cause, self._member(problem.holder), at, self._say(f"return {sender}"))
            case "assigned":
                problem.assign(self._member(problem.holder), at)
            case "paused":
                what = self.rng.choice(("reporter", "vendor", "part", "visit"))
                until = (self.now + timedelta(hours=self.rng.randint(2, 70))).replace(minute=0, second=0)
                is_known = self.now - at < timedelta(days=9) and self.rng.random() < 0.7
                problem.pause(what, at, until if is_known else None, self._say(f"paused {what}"))
            case "resumed":
                problem.change(cause, problem.keeper, at, status="open", waiting_for=None, waiting_until=None)
            case "closed":
                problem.close(problem.keeper if self.rng.random() < 0.8 else self._member(problem.holder), at)
            case "confirmed":
                problem.change(cause, problem.reporter, at, confirmed_at=at.isoformat())
            case "auto-confirmed":
                problem.change(cause, None, at, confirmed_at=at.isoformat())
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
            problem.notes.append((at + timedelta(minutes=3), problem.keeper, self._say("note")))
        else:
            problem.comment(problem.reporter, at, self._say("comment reporter"))

    def _member(self, holder: Holder) -> str:
        return holder.pic or self.rng.choice(self.teams[holder.code])

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
