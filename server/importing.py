"""`bin/sih import`: a table from a file, taken as an admin's import is, and who is not in it any more (HR feed)."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from asyncpg import Connection

import db
from actions.importing import Refused, as_a_whole, take
from actions.masters import EMPLOYEE, IMPORTED
from actions.tables import received
from formats.tables import Unreadable
from queries.employees import lock_everybody
from queries.imported_rows import list_outcomes
from queries.imports import (
    Import,
    count_active,
    count_unread,
    get_sent,
    list_missing,
    note_checked,
    note_taken,
)
from queries.masters import list_states, set_cause
from server.session import session
from settings import Settings

PORTION = 500  # people
TENTH = 10  # of all active people no more than one in so many leaves at once
# It takes minutes; nobody waits for its locks but who changes the same kind.
UNHURRIED = db.SERVING | {"application_name": "sih import", "statement_timeout": "0", "lock_timeout": "60s"}
UNHURRIED |= {"idle_in_transaction_session_timeout": "0"}


class NotTaken(Exception):
    """Nothing was taken over. The message says why, in one line."""


class _Undone(Exception):
    """What was done is undone, as it was only to be said."""


class Feed(NamedTuple):
    """How a file is meant: `full`: who is not in it has left; `dry_run`: only to be looked at; `force`: however many leave."""

    full: bool = False
    dry_run: bool = False
    force: bool = False


class Took(NamedTuple):
    """What was done, or would be: numbers of rows, and of people who left (None: that was not asked); the first fault."""

    kind: str
    is_done: bool
    new: int
    changed: int
    same: int
    wrong: int
    left: int | None
    first_fault: str

    @property
    def in_words(self) -> str:
        """In one line."""
        left = "" if self.left is None else f", {self.left} left"
        fault = f"; the first of the wrong ones: {self.first_fault}" if self.wrong else ""
        done = "imported" if self.is_done else "would import"
        counts = f"{self.new} new, {self.changed} changed, {self.same} the same, {self.wrong} wrong"
        return f"{done} {self.kind}: {counts}{left}{fault}"


async def import_file(settings: Settings, kind: str, path: Path, feed: Feed) -> Took:
    """Take over a file. Raises NotTaken, OSError, DatabaseUnavailable and SchemaMismatch."""
    if feed.full and kind != "employees":
        raise NotTaken("--full is for employees")
    took: Took | None = None
    with path.open("rb") as file:
        async with session(settings.dsn, UNHURRIED, bounded=False) as connection:
            try:
                async with received(file, IMPORTED[kind]) as table, connection.transaction():
                    imported = await get_sent(connection, await table.keep(connection, None, kind, path.name))
                    assert imported is not None  # noqa: S101 -- it was just kept
                    took = await _take(connection, imported, feed)
                    if feed.dry_run:
                        raise _Undone
            except (Unreadable, Refused) as error:
                raise NotTaken(str(error)) from error
            except _Undone:
                pass
    assert took is not None  # noqa: S101 -- it was only undone
    return took


async def _take(connection: Connection, imported: Import, feed: Feed) -> Took:
    await set_cause(connection, "command")
    people, left = await count_active(connection), None
    async with as_a_whole(connection, IMPORTED[imported.kind]):
        if feed.full:  # who is missing is known only when all others are written
            await lock_everybody(connection)
        await take(connection, IMPORTED[imported.kind], imported, lambda rows: None)
        if feed.full:
            left = await _let_go(connection, imported, people, feed)
    await note_checked(connection, imported.id)
    await note_taken(connection, imported.id)
    noted = await get_sent(connection, imported.id)
    assert noted is not None  # noqa: S101
    counts = (noted.new or 0, noted.changed or 0, noted.same or 0, noted.wrong or 0)
    return Took(imported.kind, not feed.dry_run, *counts, left, await _first_fault(connection, noted))


async def _let_go(connection: Connection, imported: Import, people: int, feed: Feed) -> int:
    """Deactivate who is not in it any more; how many these are. What they hold goes to the desk."""
    unread, missing = await count_unread(connection, imported.id), await list_missing(connection, imported.id)
    if unread and not feed.force:
        raise NotTaken(
            f"{unread} rows have no NIK that can be read: who left is not known; --force takes them as nobody's"
        )
    if len(missing) * TENTH > people and not feed.force:
        raise NotTaken(f"{len(missing)} of {people} people are not in it, more than a tenth; --force deactivates them")
    for niks in _portions(missing):
        states = await list_states(connection, EMPLOYEE.kind, niks)
        await EMPLOYEE.put(connection, [states[nik] | {"code": nik, "active": False} for nik in niks])
    return len(missing)


def _portions(niks: list[str]) -> Iterator[list[str]]:
    return (niks[at : at + PORTION] for at in range(0, len(niks), PORTION))


async def _first_fault(connection: Connection, imported: Import) -> str:
    found = await list_outcomes(connection, imported.id, "wrong", 0, 1)
    if not found:
        return ""
    column, text = found[0].faults[0]
    return f"row {found[0].number}: {text if column is None else f'{imported.headings[column]}: {text}'}"
