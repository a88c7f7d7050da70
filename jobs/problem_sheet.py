"""The list of problems as a sheet: its columns, and what stands in them. No note (Catatan internal) is ever in it."""

from array import array
from collections.abc import AsyncIterator
from dataclasses import replace

from asyncpg import Connection

from formats.indonesian import ZONE_NAMES
from formats.sheets import Cell, Column, Sheet
from forms.listing import STATUS_WORDS
from forms.openings import LEVELS
from forms.waiting import WORDS as WAITING_WORDS
from queries.exported_problems import Exported, list_exported
from queries.exports import Order
from queries.notes import list_noted
from queries.problem_filter import Filter
from queries.problem_list import list_all_ids

AT_ONCE = 100  # rows that are read, and handed on, between which requests have their turn

COLUMNS = (
    Column("Nomor", width=10),
    Column("Dilaporkan", "time", 18),
    Column("Toko", width=30),
    Column("Pelapor", width=22),
    Column("Judul", width=44),
    Column("Kategori", width=24),
    Column("Status", width=12),
    Column("Penanggung", width=28),
    Column("Petugas", width=22),
    Column("Target", "time", 18),
    Column("Umur", "duration", 10),
    Column("Prioritas", width=10),
    Column("Uraian", width=60),
    Column("Barang", width=28),
    Column("Dampak", width=10),
    Column("Urgensi", width=10),
    Column("Identifikasi masalah", width=44),
    Column("Solusi", width=44),
    Column("Menunggu", width=14),
    Column("Sampai", "time", 18),
    Column("Dibuka", "time", 18),
    Column("Selesai", "time", 18),
    Column("Dikonfirmasi", "time", 18),
    Column("Terakhir berubah", "time", 18),
    Column("Zona waktu", width=12),
)
SHEET = Sheet("Daftar Kendala", COLUMNS)
_LEVEL_WORDS = {int(level): word for level, word in LEVELS}


async def find_problems(connection: Connection, order: Order) -> array:
    """The ids of the problems that are asked for, in the order that is asked for. Notes are searched to the end."""
    filter = Filter(**order.filter["list"])
    if filter.patterns:
        filter = replace(filter, noted=await list_noted(connection, order.nik, filter.patterns, None))
    return await list_all_ids(connection, order, filter, order.filter["sort"])


async def rows_of(connection: Connection, order: Order, ids: array) -> AsyncIterator[list[list[Cell]]]:
    """Their rows, some at a time."""
    for start in range(0, len(ids), AT_ONCE):
        problems = await list_exported(connection, order, ids[start : start + AT_ONCE].tolist(), order.time_zone)
        yield [_cells(problem, ZONE_NAMES[order.time_zone]) for problem in problems]


def _cells(p: Exported, zone: str) -> list[Cell]:
    return [
        f"K-{p.id}",
        p.reported_at,
        f"{p.store_code} — {p.store}",
        p.reporter,
        p.title,
        p.category,
        STATUS_WORDS[p.status],
        f"{p.holder_code} — {p.holder}",
        p.assignee,
        p.due_at,
        p.age,
        f"P{p.priority}" if p.priority else None,
        p.description,
        p.asset,
        _LEVEL_WORDS.get(p.impact or 0),
        _LEVEL_WORDS.get(p.urgency or 0),
        p.identification,
        p.solution,
        WAITING_WORDS[p.waiting_for] if p.waiting_for else None,
        p.waiting_until,
        p.opened_at,
        p.closed_at,
        p.confirmed_at,
        p.changed_at,
        zone,
    ]
