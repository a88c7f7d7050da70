"""The lives that the problems of the large company have: those of the demo company, as its database holds them.

A life is what every table says of one problem, in the text of COPY, with holes for what another problem has otherwise: its
number, times, store, people, asset, and some words. So a new problem is a few texts to fill in, whatever the tables are.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import BytesIO
from typing import NamedTuple

from asyncpg import Connection, Record

from bench.speed.company import Company, Person, asset_name
from bench.speed.words import Words
from formats.text import searchable

OFFSETS = {"Asia/Jakarta": 7, "Asia/Makassar": 8, "Asia/Jayapura": 9}  # hours
SEARCHED = {"search_text", "note_search.text"}  # columns that hold what is searched
_TIME = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d\+00(?::00)?")
_HANDLER = re.compile(r"\b([23]0)00(\d{4})\b")


class Table(NamedTuple):
    """A table of what problems are and were; `key` is the column that has the problem's number."""

    name: str
    key: str
    columns: list[str]


@dataclass
class Life:
    """One problem of the demo company. `texts` are its rows by table, with holes; `times` and `months` those in them, with the
    names of their holes."""

    reported_at: datetime
    is_over: bool  # closed and confirmed, or void
    zone: str
    asset: tuple[str, int] | None  # kind and number
    times: dict[datetime, str] = field(default_factory=dict)
    months: dict[datetime, str] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)

    events: set[datetime] = field(default_factory=set)  # when something happened, of these times

    @property
    def length(self) -> timedelta:
        """From the report to the last that happened."""
        return max(self.events) - self.reported_at


class Holes:
    """What is filled in of a company: how its teams are called, and its assets."""

    def __init__(self, company: Company) -> None:
        self._teams = [
            {"team": f"{number:02}"} | {f"h{nik}": f"{own} {searchable(name)}" for nik, (own, name) in team.items()}
            for number, team in enumerate(company.teams)
        ]
        self._assets: dict[tuple, str] = {}

    def fill_in(
        self, life: Life, number: int, later: timedelta, who: Person, team: int, words: Words
    ) -> dict[str, str]:
        """The rows, by table, of a problem that lives so much later than this life, reported by `who` and handled by a team."""
        values = self._teams[team] | {name: (time + later).isoformat() for time, name in life.times.items()}
        local = later + timedelta(hours=OFFSETS[life.zone])
        for time, name in life.months.items():
            values[name] = (time + local).isoformat()[:7] + "-01"
        values["year"] = str((life.reported_at + local).year)
        values["id"], values["store"], values["reporter"], values["who"] = (
            str(number),
            who.store.code,
            who.nik,
            who.searched,
        )
        values |= words._asdict()
        if life.asset:
            values["asset"] = self._asset(*life.asset, who)
        return {table: text % values for table, text in life.texts.items()}

    def _asset(self, kind: str, number: int, who: Person) -> str:
        """Tag and name of an asset of the person's store, as they are searched."""
        make = (kind, number, who.store.number % 6)  # nothing is of more than three makes
        if make not in self._assets:
            self._assets[make] = searchable(asset_name(kind, number, who.store))
        return f"{who.store.code}{kind}{number:02} {self._assets[make]}".lower()


async def list_tables(demo: Connection) -> list[Table]:
    """The tables that say something of a problem, with their columns that the database does not fill in by itself."""
    rows = await demo.fetch(
        """
        SELECT c.relname AS name, k.attname AS key, array_agg(a.attname ORDER BY a.attnum) AS columns
          FROM pg_class c
          JOIN pg_attribute k ON k.attrelid = c.oid
           AND k.attname = CASE c.relname WHEN 'problem' THEN 'id' ELSE 'problem_id' END
          JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
           AND (a.attidentity = '' OR c.relname = 'problem')
         WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND c.relpersistence = 'p'
         GROUP BY c.relname, k.attname ORDER BY c.relname <> 'problem', c.relname
        """
    )
    return [Table(*row) for row in rows]


async def read_lives(demo: Connection, tables: Sequence[Table]) -> list[Life]:
    """Those of the stores' problems; the head office is one place and stays out."""
    people = {row["nik"]: row["name"] for row in await demo.fetch("SELECT nik, name FROM employee")}
    problems = await demo.fetch(
        """
        SELECT p.id, p.reported_at, p.status = 'void' OR p.confirmed_at IS NOT NULL AS is_over, p.store_code, s.name AS store,
               s.time_zone, p.reporter_nik, p.title, p.description, p.asset_tag, a.name AS asset
          FROM problem p JOIN store s ON s.code = p.store_code LEFT JOIN asset a ON a.tag = p.asset_tag
         WHERE p.store_code <> 'HO' ORDER BY p.id
        """
    )
    rows = {table.name: await _read_rows(demo, table) for table in tables}
    lives = []
    for problem in problems:
        life = Life(problem["reported_at"], problem["is_over"], problem["time_zone"], _asset_of(problem["asset_tag"]))
        opening = Opening(life, problem, people)
        for table in tables:
            if lines := rows[table.name].get(problem["id"]):
                life.texts[table.name] = "".join(opening.open_row(table, line) for line in lines)
        lives.append(life)
    return lives


async def _read_rows(demo: Connection, table: Table) -> dict[int, list[str]]:
    """The lines of COPY by the number of the problem."""
    output = BytesIO()
    await demo.copy_from_query(
        f"SELECT {table.key}, {', '.join(table.columns)} FROM {table.name} ORDER BY 1",  # noqa: S608
        output=output,
    )
    rows = defaultdict(list)
    for line in output.getvalue().decode().splitlines():
        number, _, rest = line.partition("\t")
        rows[int(number)].append(rest)
    return rows


def _asset_of(tag: str | None) -> tuple[str, int] | None:
    """Kind and number of an asset (T012-ACU-02)."""
    return (tag[-6:-3], int(tag[-2:])) if tag else None


class Opening:
    """Opens holes in the rows of a life. `problem` is what it was in the demo company, `people` the names there by NIK."""

    def __init__(self, life: Life, problem: Record, people: Mapping[str, str]) -> None:
        self._life, self._people = life, people
        self._reporter, self._store = problem["reporter_nik"], problem["store_code"]
        title, description = searchable(problem["title"]), searchable(problem["description"])
        reporter = f"{self._reporter} {people[self._reporter]} {self._store} {problem['store']}"
        self._searched = {  # what is searched of it, as it stands there
            f"{title} {description}": f"{title}%(searched_title)s {description}%(searched_description)s",
            searchable(reporter): "%(who)s",
        }
        if problem["asset_tag"]:
            self._searched[searchable(f"{problem['asset_tag']} {problem['asset']}")] = "%(asset)s"

    def open_row(self, table: Table, line: str) -> str:
        """A line of COPY, with its end, as a format."""
        values = dict(zip(table.columns, line.replace("%", "%%").split("\t"), strict=True))
        return "\t".join(self._open(table, name, value, values) for name, value in values.items()) + "\n"

    def _open(self, table: Table, name: str, value: str, row: Mapping[str, str]) -> str:
        if name == table.key:
            return "%(id)s"
        if {name, f"{table.name}.{name}"} & SEARCHED:
            return self._open_searched(value)
        if (table.name, name) == ("event", "at"):
            self._life.events.add(datetime.fromisoformat(value))
        if name == "month":
            return self._hole(self._life.months, "m", row["at"])
        if name == "year":
            return "%(year)s"
        if table.name == "problem" and name in ("title", "description"):
            return f"{value}%({name})s"
        value = value.replace(self._reporter, "%(reporter)s").replace(self._store, "%(store)s")
        value = _TIME.sub(lambda time: self._hole(self._life.times, "t", time[0]), value)
        return _HANDLER.sub(r"\1%(team)s\2", value)

    def _open_searched(self, text: str) -> str:
        for found, hole in self._searched.items():
            if found not in text:
                raise ValueError(f"{found!r} is not searched in {text!r}")
            text = text.replace(found, hole)
        for nik in set(re.findall(r"\b[23]0\d{6}\b", text)):
            text = text.replace(f"{nik} {searchable(self._people[nik])}", f"%(h{nik})s")
        return text

    @staticmethod
    def _hole(times: dict[datetime, str], kind: str, text: str) -> str:
        return f"%({times.setdefault(datetime.fromisoformat(text), f'{kind}{len(times)}')})s"
