"""Exports: a file of the list as somebody has filtered it, streamed from one state of the database into a spreadsheet."""

from collections.abc import Sequence
from functools import partial
from typing import IO

from anyio import to_thread
from asyncpg import Connection

from formats.indonesian import local_time, number
from formats.recap import HELD, NUMBERS, WAITED
from formats.sheets import Cell, Column, Sheet
from forms.exports import ALL, TITLES
from jobs.problem_sheet import SHEET, find_problems, rows_of
from jobs.progress import Done, noting
from jobs.recap_sheets import WORDS as RECAP_WORDS
from jobs.recap_sheets import write_recap
from queries.exports import (
    Order,
    Progress,
    finish_export,
    get_order,
    insert_part,
    is_first_of,
    note_progress,
    put_off,
)
from queries.jobs import Job
from settings import Settings
from web.writing import SheetFile, writing

PART = 512 * 1024  # bytes that are kept in a row

ABOUT = Sheet("Keterangan", (Column("Perihal", width=20), Column("Isi", width=80)))


async def export(connection: Connection, job: Job, settings: Settings) -> None:
    """Make the file that was asked for. Until the commit nobody sees anything of it, but for how far it is."""
    order = await get_order(connection, job.arguments["export"])
    if order is None:
        return
    if not await is_first_of(connection, order.nik):  # who asks for much does not hold up the others
        await put_off(connection, order.id)
        return
    note = partial(_note, order.id)
    async with noting(settings, note) as written, writing(order.format) as file:
        await _WRITERS[order.kind](connection, order, file, written)
        if order.format == "xlsx":  # CSV is one table
            await file.begin(ABOUT)
            await file.write(_about(order, written.done))
        size = await _keep(connection, order.id, await file.finish())
    await finish_export(connection, order.id, written.done, size)


async def _write_problems(connection: Connection, order: Order, file: SheetFile, written: Done) -> None:
    ids = await find_problems(connection, order)
    written.total = len(ids)
    await file.begin(SHEET)
    async for rows in rows_of(connection, order, ids):
        await file.write(rows)
        written.done += len(rows)


async def _write_recap(connection: Connection, order: Order, file: SheetFile, written: Done) -> None:
    written.done = written.total = await write_recap(connection, order, file)


_WRITERS = {"problems": _write_problems, "recap": _write_recap}


def _about(order: Order, rows: int) -> Sequence[Sequence[Cell]]:
    """What the file is, for whoever finds it later."""
    numbers = [(number.label, number.meaning) for number in (*NUMBERS, HELD, WAITED)]
    words = [*RECAP_WORDS, *numbers] if order.kind == "recap" else []
    return [
        ("Ekspor", TITLES[order.kind]),
        ("Filter", " · ".join(order.narrowed) or ALL),
        ("Jumlah baris", number(rows)),
        ("Diminta", local_time(order.asked_at, order.time_zone)),
        ("Oleh", f"{order.nik} — {order.name}"),
        *words,
    ]


async def _note(export_id: int, connection: Connection, written: Done) -> None:
    await note_progress(connection, export_id, Progress(written.done, written.total))


async def _keep(connection: Connection, export_id: int, file: IO[bytes]) -> int:
    """Keep the content, a part at a time; its bytes."""
    seq = 0
    while part := await to_thread.run_sync(file.read, PART):
        await insert_part(connection, export_id, seq, part)
        seq += 1
    return file.tell()
