"""Any table, written as XLSX and as CSV of each encoding and separator, is read to the same rows (property)."""

import csv
from datetime import datetime
from io import BytesIO, StringIO
from tempfile import gettempdir
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from formats.cells import Kind, typed
from formats.corrections import faulty_row, faulty_sheet, template
from formats.sheet_writer import XlsxWriter
from formats.sheets import Column, Sheet
from formats.table_reader import read_table
from formats.tables import Fault, Head, Row
from formats.text import clean

# The é makes sure that a table in Windows-1252 is no UTF-8 by chance.
COLUMNS: list[tuple[Column, Kind]] = [
    (Column("NIK"), "nik"),
    (Column("Judul"), "text"),
    (Column("Dilaporkan", "time"), "moment"),
    (Column("Uraian é"), "text"),
    (Column("Nilai", "number"), "number"),
]
LABELS = [column.label for column, _ in COLUMNS]


def is_plain(text: str) -> bool:
    """What CSV cannot tell from what Excel or we make of another text, and what no file can hold."""
    return bool(clean(text)) and not text.startswith(("'", "=")) and not set(text) & set("\x00\ufffe\uffff")


def texts(encoding: str) -> st.SearchStrategy[str | None]:
    characters = st.characters(codec=encoding, exclude_categories=("Cs", "Cc"))
    signs = st.sampled_from(";,\t|\"'\n\r\n =+-@–’€ABC012")
    return st.none() | st.lists(characters | signs, max_size=12).map("".join).filter(is_plain)


def tables(encoding: str) -> st.SearchStrategy[list[list[Any]]]:
    niks = st.none() | st.text("0123456789", min_size=4, max_size=16)
    moments = st.none() | st.datetimes(datetime.fromisoformat("1970-01-01"), datetime.fromisoformat("2099-12-31")).map(
        lambda moment: moment.replace(microsecond=0).isoformat()
    )
    numbers = st.none() | st.integers(-(10**9), 10**9) | st.integers(-(10**6), 10**6).map(lambda n: n / 8)
    row = st.tuples(niks, texts(encoding), moments, texts(encoding), numbers).map(list)
    return st.lists(row | st.just([None] * len(COLUMNS)), max_size=8)


def xlsx_of(sheet: Sheet, rows: list[list[Any]]) -> bytes:
    file = BytesIO()
    writer = XlsxWriter(file, gettempdir())
    writer.begin(sheet)
    writer.write(rows)
    writer.close()
    return file.getvalue()


def csv_of(rows: list[list[Any]], encoding: str, separator: str) -> bytes:
    text = StringIO(newline="")
    writer = csv.writer(text, delimiter=separator)
    writer.writerow(LABELS)
    writer.writerows([typed(c, "number") if isinstance(c, float) else c for c in row] for row in rows)
    return text.getvalue().encode(encoding)


def meant(content: bytes) -> list[tuple[int, list[str]]]:
    table = read_table(BytesIO(content), LABELS)
    assert table.head.headings == tuple(LABELS)
    rows = list(table.rows)
    assert not [row.faults for row in rows if row.faults]
    return [(r.number, [clean(typed(c, kind)) for c, (_, kind) in zip(r.cells, COLUMNS, strict=True)]) for r in rows]


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_any_table_is_read_to_the_same_rows(data: st.DataObject) -> None:
    encoding = data.draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"]))
    rows = data.draw(tables("cp1252" if encoding == "cp1252" else "utf-8"))
    read = meant(xlsx_of(Sheet("Data", [column for column, _ in COLUMNS]), rows))
    assert [number for number, _ in read] == [n for n, row in enumerate(rows, 2) if any(c is not None for c in row)]
    assert meant(csv_of(rows, encoding, data.draw(st.sampled_from(";,\t|")))) == read


def test_rows_that_are_given_back_are_read_as_the_same() -> None:
    """With their faults in a column that is not read, and numbers of days that counted from 1904 as the days that they were."""
    head = Head(("NIK", "", "Dilaporkan", "Kesalahan"), "xlsx", "Data?", from_1904=True)
    row = Row(7, ("00012345", 1.5, 44888, "yang lalu"))
    faults = [Fault(0, "Salah."), Fault(1, "Juga."), Fault(None, "Tersembunyi."), Fault(0, "Salah.")]
    given_back = faulty_row(head, row, faults, moments=[2])
    assert given_back == ["00012345", "1,5", "2026-11-24 00:00:00", "NIK: Salah.\nKolom ke-2: Juga.\nTersembunyi."]
    table = read_table(BytesIO(xlsx_of(faulty_sheet(head), [given_back])))
    assert table.head.headings == ("NIK", "", "Dilaporkan", "Kesalahan")
    assert [row.cells for row in table.rows] == [tuple(given_back)]


def test_an_empty_template_is_read_as_one() -> None:
    table = read_table(BytesIO(xlsx_of(template("Karyawan", LABELS), [])), LABELS)
    assert (table.head.headings, list(table.rows)) == (tuple(LABELS), [])
