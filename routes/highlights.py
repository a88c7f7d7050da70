"""What stands out in a month, as a manager asks: each answer a short table that opens to its problems (exceptions report)."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, NamedTuple
from urllib.parse import quote

from asyncpg import Connection
from starlette.responses import Response

from actions.recap import RecapOffers, cut_of, head_of, kept, month_of, read_recap_of
from actions.recap_rows import Row, label_rows, leaves
from actions.state import Request
from formats.indonesian import duration, number, worked, working_time
from forms.recap import RecapForm
from forms.waiting import WORDS
from queries.delays import Part, get_delays, list_missed
from queries.highlights import PING_PONG, Unusual, list_passed_around, list_stints, list_unusual_stores
from queries.recap import Cut, list_numbers
from web.render import Filled, fragment, page

LINES = 5
MOST_PASSED = 20


class Line(NamedTuple):
    """A line of a table: what it is of, where it opens to, and what else is said of it."""

    label: str
    url: str
    cells: list[str]


class Table(NamedTuple):
    """An answer: its name in the page, the question, what it says, the heads of the columns, and the lines."""

    name: str
    title: str
    meaning: str
    heads: tuple[str, ...]
    rows: list[Line]


async def index(request: Request) -> Response:
    """The answers of a month, narrowed as the address says. 422, and none, if it names what cannot be chosen."""
    month, standing = await month_of(request)
    recap, offers = await read_recap_of(request, request.query_params, month)
    context = {"recap": recap, "form": recap.form, "offers": offers, "part": "highlights"}
    context |= await head_of(request, standing, month) | {"answers": ""}
    if recap.form.valid:
        key = ("highlights", month, recap.holders, recap.area, recap.store)
        context["answers"] = await kept(request, standing, key, lambda: _answer(request, recap, offers), month)
    return page(request, "templates/recap/highlights.html", status=200 if recap.form.valid else 422, **context)


async def _answer(request: Request, recap: RecapForm, offers: RecapOffers) -> Filled:
    connection, cut = request.state.connection, cut_of(recap, offers, request.state.viewer)
    holders = await _rows(connection, replace(recap, by="holder"), offers, cut)
    categories = leaves(await _rows(connection, replace(recap, by="category"), offers, cut))
    tables = [*await _late(connection, recap, cut), await _most_late(connection, cut)]
    tables += [_most_held(holders), _longest_held(holders)]
    tables += [await _held_longest(connection, cut), await _passed_around(connection, cut)]
    tables += [_returned(categories), _reopened(categories)]
    if cut.holders is None and cut.store is None:
        tables += await _unusual_stores(connection, recap, cut)
    return fragment("partials/recap/answers.html", {"tables": tables})


async def _rows(connection: Connection, recap: RecapForm, offers: RecapOffers, cut: Cut) -> list[Row]:
    numbers = await list_numbers(connection, replace(cut, by=recap.by))
    return await label_rows(connection, recap, offers, numbers)


async def _late(connection: Connection, recap: RecapForm, cut: Cut) -> list[Table]:
    """Why the closures that missed their target did, to the minute: who had them, going on with it or waiting for what; and what
    of their working time is not counted."""
    delay = await get_delays(connection, cut)
    all_of_them = f"{recap.url('/movements', by='holder')}&number=missed"
    heads = ("Penanggung", "Waktu kerja", "Bagian", "Kendala")
    lines = [_part_of(part, delay.whole, all_of_them) for part in delay.parts]
    if lines:
        lines.append(Line("Seluruhnya", all_of_them, [working_time(delay.whole * 60), "100%", ""]))
    meaning = (
        "Kendala yang ditutup terlambat pada bulan itu: waktu kerja dari laporan sampai ditutup, menurut siapa yang memegangnya"
        " dan apa yang ditunggu."
    )
    tables = [Table("late", "Mengapa terlambat", meaning, heads, lines)]
    if delay.stood:
        meaning = (
            "Waktu kerja selama hitungan kendala itu berhenti, menunggu pelapor atau vendor. Tidak termasuk di atas."
        )
        stood = [_part_of(part, 0, all_of_them) for part in delay.stood]
        tables.append(Table("stood", "Berhenti dihitung", meaning, heads, stood))
    return tables


async def _most_late(connection: Connection, cut: Cut) -> Table:
    return Table(
        "most-late",
        "Paling terlambat",
        "Penutupan yang paling jauh melewati target penyelesaiannya.",
        ("Kendala", "Penanggung", "Waktu kerja", "Target"),
        [
            Line(
                _titled(p.problem_id, p.title),
                f"/problems/{p.problem_id}",
                [p.holder, worked(p.worked), worked(p.allowed)],
            )
            for p in await list_missed(connection, cut, LINES)
        ],
    )


def _part_of(part: Part, whole: int, url: str) -> Line:
    label = f"{part.holder}, menunggu {WORDS[part.waiting_for].lower()}" if part.waiting_for else part.holder
    share = f"{number(part.minutes * 1000 // whole / 10)}%" if whole else "–"
    return Line(label, url, [working_time(part.minutes * 60), share, number(part.problems)])


def _most_held(holders: Sequence[Row]) -> Table:
    most = _most_of(holders, lambda row: row.numbers.closing)
    return Table(
        "most-held",
        "Paling banyak di tangan",
        "Penanggung dengan Sisa akhir terbanyak.",
        ("Penanggung", "Sisa akhir", "Sisa awal"),
        [Line(r.label, f"{r.counted}closing", [number(r.numbers.closing), number(r.numbers.opening)]) for r in most],
    )


def _longest_held(holders: Sequence[Row]) -> Table:
    slow = _most_of(holders, lambda row: row.numbers.held_p90 or timedelta())
    return Table(
        "longest-held",
        "Paling lambat melepaskan",
        "Penanggung dengan p90 Lama ditangani terlama. Namanya membuka Sorotan penanggung itu.",
        ("Penanggung", "p90", "Median"),
        [
            Line(r.label, _highlights_of(r), [duration(r.numbers.held_p90), duration(r.numbers.held_median)])
            for r in slow
        ],
    )


async def _held_longest(connection: Connection, cut: Cut) -> Table:
    return Table(
        "held-longest",
        "Kendala yang paling lama di satu tangan",
        "Yang dilepaskan pada bulan itu: lama ditangani, dan berapa lama menunggu di samping itu.",
        ("Kendala", "Penanggung", "Lama ditangani", "Menunggu"),
        [
            Line(
                _titled(p.problem_id, p.title),
                f"/problems/{p.problem_id}",
                [p.holder, duration(p.held), duration(p.waited)],
            )
            for p in await list_stints(connection, cut, limit=LINES)
        ],
    )


async def _passed_around(connection: Connection, cut: Cut) -> Table:
    return Table(
        "passed-around",
        "Berpindah-pindah",
        f"Kendala yang pada bulan itu pindah penanggung {PING_PONG} kali atau lebih; tersering, paling banyak {MOST_PASSED}.",
        ("Kendala", "Kali", "Dari"),
        [
            Line(_titled(p.problem_id, p.title), f"/problems/{p.problem_id}", [number(p.times), ", ".join(p.holders)])
            for p in await list_passed_around(connection, cut, MOST_PASSED)
        ],
    )


def _returned(categories: Sequence[Row]) -> Table:
    return Table(
        "returned",
        "Paling sering dikembalikan",
        "Kategori yang pengalihannya paling sering dikembalikan: mungkin divisi pemiliknya keliru.",
        ("Kategori", "Dikembalikan", "Keluar"),
        [
            Line(r.label, f"{r.counted}returned", [number(r.numbers.returned), number(r.numbers.passed_on)])
            for r in _most_of(categories, lambda row: row.numbers.returned)
        ],
    )


def _reopened(categories: Sequence[Row]) -> Table:
    return Table(
        "reopened",
        "Dibuka kembali",
        "Kategori yang paling sering dibuka kembali setelah selesai.",
        ("Kategori", "Dibuka kembali", "Selesai"),
        [
            Line(r.label, f"{r.counted}reopened", [number(r.numbers.reopened), number(r.numbers.closed)])
            for r in _most_of(categories, lambda row: row.numbers.reopened)
        ],
    )


async def _unusual_stores(connection: Connection, recap: RecapForm, cut: Cut) -> list[Table]:
    loud, silent = await list_unusual_stores(connection, cut, LINES)
    heads = ("Toko", "Dilaporkan", "Biasanya")
    where = "semua toko" if cut.area is None else "toko di wilayah itu"
    meant = (
        f"Biasanya: laporan bulan itu per karyawan di {where}, kali karyawan toko itu; kantor meja bantuan tidak ikut."
    )
    nothing = "Juga toko tanpa laporan yang dalam enam bulan sebelumnya rata-rata melapor sekali sebulan atau lebih."
    by_store = replace(recap, by="store").url("/movements")
    tables = [
        ("loud", "Toko yang melapor jauh lebih banyak", f"Dua kali yang biasa, atau lebih. {meant}", loud),
        (
            "silent",
            "Toko yang hampir tidak melapor",
            f"Sepertiga dari yang biasa, atau kurang. {meant} {nothing}",
            silent,
        ),
    ]
    return [
        Table(name, title, meaning, heads, [_of_store(by_store, store) for store in stores])
        for name, title, meaning, stores in tables
    ]


def _of_store(by_store: str, store: Unusual) -> Line:
    url = f"{by_store}&key={quote(store.code)}&number=reported"
    return Line(f"{store.code} — {store.name}", url, [number(store.reported), number(round(store.usual))])


def _most_of(rows: Sequence[Row], value: Callable[[Row], Any]) -> list[Row]:
    """The rows with the highest values that are something, the highest first."""
    return sorted(filter(value, rows), key=value, reverse=True)[:LINES]


def _highlights_of(holder: Row) -> str:
    return holder.url.replace("?", "/highlights?", 1)


def _titled(problem_id: int, title: str) -> str:
    return f"K-{problem_id} {title}"
