"""Imports: what a table that was sent would do is looked at, and then, where its admin wants it, done, all or nothing."""

from collections.abc import Callable
from functools import partial

from asyncpg import Connection

from actions.importing import Refused, as_a_whole, check, take
from actions.masters import IMPORTED
from forms.imports import NOT_ADMIN
from jobs.progress import Done, noting
from queries.imports import (
    Progress,
    get_sent,
    is_admin_still,
    note_checked,
    note_import_progress,
    note_refusal,
    note_taken,
)
from queries.jobs import Job
from queries.masters import set_cause
from queries.security_events import set_actor
from settings import Settings


async def look(connection: Connection, job: Job, settings: Settings) -> None:
    """Note what comes of each row. Until the commit nobody sees anything of it, but for how far it is."""
    imported = await get_sent(connection, job.arguments["import"])
    if imported is None or imported.state != "checking":
        return
    async with noting(settings, partial(_note, imported.id)) as done:
        done.total = imported.total
        await check(connection, IMPORTED[imported.kind], imported, _counting(done))
    await note_checked(connection, imported.id)


async def import_rows(connection: Connection, job: Job, settings: Settings) -> None:
    """Write what is right of it, if its sender still may."""
    imported = await get_sent(connection, job.arguments["import"])
    if imported is None or imported.nik is None or imported.state != "taking":
        return
    if not await is_admin_still(connection, imported.nik):
        await note_refusal(connection, imported.id, NOT_ADMIN)
        return
    await set_actor(connection, imported.nik)
    await set_cause(connection, f"import {imported.id}")
    try:
        async with noting(settings, partial(_note, imported.id)) as done:
            done.total = imported.total + (imported.new or 0) + (imported.changed or 0)
            async with as_a_whole(connection, master := IMPORTED[imported.kind]):
                await take(connection, master, imported, _counting(done))
                if not await is_admin_still(connection, imported.nik):  # whose row is not locked: it takes minutes
                    raise Refused(NOT_ADMIN)
    except Refused as refused:
        await note_refusal(connection, imported.id, str(refused))
        return
    await note_checked(connection, imported.id)
    await note_taken(connection, imported.id)


def _counting(done: Done) -> Callable[[int], None]:
    def count(rows: int) -> None:
        done.done += rows

    return count


async def _note(import_id: int, connection: Connection, done: Done) -> None:
    total = max(done.total, done.done)  # what is written may be more than it was when it was looked at
    await note_import_progress(connection, import_id, Progress(done.done, total))
