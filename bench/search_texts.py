"""Texts for a company of the bench: words as people write them, few of them everywhere and most of them seldom (Zipf's law)."""

import random
from collections.abc import Iterator
from itertools import accumulate

from asyncpg import Connection

from bench.speed.words import make_vocabulary

EVERYWHERE = """
    tidak printer kasir bisa komputer rusak mati sudah dan di ke yang dengan layar jaringan lambat struk kertas scanner barcode
    timbangan ac bocor lampu listrik genset kulkas freezer rak pintu kunci cctv kamera monitor keyboard mouse kabel putus wifi
    internet router switch server aplikasi error login sandi menu harga promo diskon stok gudang barang kiriman retur pallet
    troli mesin edc kartu debit kredit uang laci receh tinta toner cartridge macet macam bunyi berisik panas dingin air toilet
"""
FIRST = """
    Ani Budi Citra Dewi Eko Fitri Gita Hadi Indra Joko Kartika Lestari Made Nur Oki Putri Rina Sari Tono Umar Wati Yusuf
"""
LAST = (
    "Santoso Wijaya Pratama Kusuma Hidayat Nugroho Permata Saputra Lubis Siregar Ginting Rahman Maharani Utami Wibowo"
)
CITIES = """
    Bandung Denpasar Jayapura Surabaya Medan Makassar Ambon Kupang Manado Padang Palembang Semarang Solo Malang Bogor
"""
PORTION = 50_000

# A word that people stopped using with the first quarter of the problems: it is everywhere there, and nowhere since.
GONE = "disket"

SEARCHED = """
    UPDATE problem p
       SET title = t.title, description = t.description,
           search_text = searchable(concat_ws(' ', t.title, t.description, r.nik, r.name, s.code, s.name, d.code, d.name, m.code,
               m.name, i.nik, i.name, w.nik, w.name, c.code, c.name, p.identification, p.solution)) || E'\\n'
      FROM said t, employee r, store s, problem q
      LEFT JOIN division d ON d.code = q.holder_division_code
      LEFT JOIN department m ON m.code = q.holder_department_code
      LEFT JOIN employee i ON i.nik = q.holder_pic_nik
      LEFT JOIN employee w ON w.nik = q.assignee_nik
      LEFT JOIN category c ON c.code = q.category_code
     WHERE t.id = p.id AND q.id = p.id AND r.nik = p.reporter_nik AND s.code = p.store_code
"""
NAMES = """
    UPDATE employee SET name = ($1::text[])[1 + nik::integer % 22] || ' ' || ($2::text[])[1 + nik::integer / 22 % 15]
"""
STORES = """
    UPDATE store SET name = concat('Toko ', ($1::text[])[1 + substr(code, 2)::integer % 15], ' ', substr(code, 2)::integer / 15)
"""


async def write_texts(connection: Connection, problems: int) -> None:
    """Give the people, stores and problems of a company names and texts; without the triggers, which would take an hour."""
    await connection.execute("SET session_replication_role = replica")
    await connection.execute(NAMES, FIRST.split(), LAST.split())
    await connection.execute(STORES, CITIES.split())
    await connection.execute("CREATE TEMPORARY TABLE said (id bigint, title text, description text)")
    said = _say(problems)
    for _ in range(0, problems, PORTION):
        portion = [one for _, one in zip(range(PORTION), said, strict=False)]
        await connection.copy_records_to_table("said", records=portion)
    await connection.execute("ANALYZE said")
    await connection.execute(SEARCHED)
    await connection.execute("DROP TABLE said")
    await connection.execute("SET session_replication_role = origin")


def _say(problems: int) -> Iterator[tuple[int, str, str]]:
    """The number of each problem, its title and its description."""
    rng = random.Random(7)
    vocabulary = [*EVERYWHERE.split(), *(word.lower() for word in make_vocabulary(rng))]
    weights = list(accumulate(1 / (n + 5) ** 0.95 for n in range(len(vocabulary))))
    for number in range(1, problems + 1):
        words = rng.choices(vocabulary, cum_weights=weights, k=rng.choice((10, 14, 18, 24, 40)))
        old = f" {GONE}" if number < problems / 4 and number % 2 else ""
        yield (
            number,
            " ".join(words[:5]).capitalize(),
            f"{' '.join(words[5:])}{old}. Nomor seri SN-{number * 7919 % 100_000_007:08}.",
        )
