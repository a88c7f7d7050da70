"""Tables that people send are read as they are meant, and what is in doubt is said by row and column."""

from datetime import date, datetime
from io import BytesIO
from typing import Any

import pytest

from formats.table_reader import read_table
from formats.tables import Head, Row, Unreadable, pack_head, pack_rows, pack_unreadable, unpack
from tests.books import book, row, rows, text, written

KNOWN = ("NIK", "Nama", "Masuk")


def read(content: bytes, *known: str) -> tuple[Head, list[Row]]:
    table = read_table(BytesIO(content), known or KNOWN)
    return table.head, list(table.rows)


def cells(content: bytes, *known: str) -> list[tuple[Any, ...]]:
    return [row.cells for row in read(content, *known)[1]]


def faults(content: bytes) -> list[tuple[int, int | None, str]]:
    return [(row.number, fault.column, fault.text) for row in read(content)[1] for fault in row.faults]


at = datetime.fromisoformat


def refusal(content: bytes) -> str:
    with pytest.raises(Unreadable) as refused:
        read(content)
    return str(refused.value)


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_csv_of_each_kind(encoding: str, separator: str) -> None:
    lines = [
        ["NIK", "Nama", "Masuk"],
        ["00012345", '"Zoë; a, b|c\td\ne ""f"""', ""],
        ["", "", ""],
        ["7", "x", "24-11-26"],
    ]
    content = "\r\n".join(separator.join(line) for line in lines).encode(encoding)
    head, found = read(content)
    assert (head.headings, head.format, head.number) == (KNOWN, "csv", 1)
    assert found == [Row(2, ("00012345", 'Zoë; a, b|c\td\ne "f"', None)), Row(4, ("7", "x", "24-11-26"))]


def test_csv_of_one_column_and_what_excel_understands() -> None:
    assert cells(b"NIK\n1\n2,5\n") == [("1",), ("2,5",)]
    assert cells(b'sep=,\r\nNIK,Nama;x\r\n="001",\'=x\r\n', "Kode") == [("001", "=x")]
    assert read(b"Daftar\n\nNIK,Nama\n1,2\n") == (
        Head(
            ("NIK", "Nama"), "csv", number=3, total=5, notices=("Tidak dibaca, karena di atas judul kolom: baris 1.",)
        ),
        [Row(4, ("1", "2"))],
    )
    assert cells(b'"N\rIK",Nama\r1,"a\rb"\r\r2,\r') == [("1", "a\rb"), ("2", None)]
    assert faults(b"NIK,Nama\n1,2,3\n,,\n4,5,\n")[0][:2] == (2, None)


def test_cells_of_a_workbook_have_their_types() -> None:
    content = book(
        rows(
            '<c><v>10000001</v></c><c s="3"><v>12345</v></c><c s="1"><v>46350</v></c>',
            '<c><v>1.5</v></c><c t="b"><v>1</v></c><c s="2"><v>46350.586805555555</v></c>',
            '<c t="inlineStr"><is><r><t>Ti</t></r><r><t>ga</t></r></is></c><c t="str"><f>A1</f><v>x</v></c>'
            "<c><f>1+1</f><v>2</v></c>",
            "  ||",
        )
    )
    assert cells(content) == [
        (10000001, "00012345", date(2026, 11, 24)),
        (1.5, True, at("2026-11-24 14:05")),
        ("Tiga", "x", 2),
    ]


def test_what_the_process_says_is_what_was_read() -> None:
    xml = rows('<c><v>1</v></c><c t="e"><v>#N/A</v></c><c s="2"><v>46350.5</v></c>')
    head, found = read(book(xml, props='<workbookPr date1904="1"/>'))
    assert head.from_1904 and found[0].cells[2] == at("2030-11-25 12:00")
    assert unpack(pack_head(head)) == head
    assert unpack(pack_rows(found)) == found
    assert unpack(b"null\n") is None
    with pytest.raises(Unreadable, match="Rusak"):
        unpack(pack_unreadable(Unreadable("Rusak")))


def test_what_is_in_doubt_is_a_fault_of_its_cell() -> None:
    content = book(
        rows(
            '<c><v>1</v></c><c t="e"><v>#N/A</v></c><c><f>1+1</f></c>',
            '<c><v>1234567890123456</v></c><c><f>1+1</f><v></v></c><c s="1"><v>60</v></c>',
            "a|b|c",
            "a||c",
            tail='<mergeCells><mergeCell ref="B4:B9"/></mergeCells>',
        ).replace('<row r="4">', '<row r="4" hidden="1">')
    )
    found = [(number, column, said.split(".")[0][:30]) for number, column, said in faults(content)]
    assert found == [
        (2, 1, "Sel ini berisi kesalahan Excel"),
        (2, 2, "Rumus ini belum dihitung"),
        (3, 0, "Angka ini lebih dari 15 digit,"),
        (3, 2, "Tanggal ini tidak dapat dipast"),
        (3, 1, "Rumus ini belum dihitung"),
        (4, None, "Baris ini tersembunyi di Excel"),
        (5, 1, "Sel ini digabung dengan sel la"),
    ]


def test_the_sheet_that_is_meant() -> None:
    notes, data, empty = f"<sheetData>{row(1, text('Petunjuk'))}</sheetData>", rows("1|Sari|"), "<sheetData/>"
    head, found = read(book(notes, data, empty))
    assert (head.sheet, found, head.notices) == (
        "S2",
        [Row(2, ("1", "Sari", None))],
        ("Lembar yang tidak dibaca: “S1”.",),
    )
    assert read(book(data, data, S1="hidden"))[0].sheet == "S2"
    assert "“S1”, “S2”" in refusal(book(data, data))


def test_what_xlsxwriter_writes_as_a_formula_has_no_value() -> None:
    content = written(lambda _, sheet: (sheet.write_row(0, 0, KNOWN), sheet.write_formula(1, 0, "=1+1")))
    assert [fault[:2] for fault in faults(content)] == [(2, 0)]


def test_a_table_may_stand_anywhere_in_its_sheet() -> None:
    """Below a title, beside blank columns, above rows with nothing but a format; what is hidden is named."""
    title, blank = row(1, text("Daftar")), '<row r="1048576"><c r="XFD1048576" s="1"/></row>'
    headings = f'<row r="3"><c r="B3" t="inlineStr"><is><t>NIK</t></is></c>{text("Nama")}<c s="1"/></row>'
    data = '<row r="5"><c r="B5"><v>1</v></c><c r="C5" t="e"><v>#REF!</v></c></row>'
    hidden = '<cols><col min="2" max="2" hidden="1"/></cols>'
    merged = '<mergeCells><mergeCell ref="A1:E1"/></mergeCells>'
    head, found = read(book(f"{hidden}<sheetData>{title}{headings}{data}{blank}</sheetData>{merged}"))
    assert (head.headings, head.number, head.total) == (("", "NIK", "Nama"), 3, 5)
    assert head.notices == ("Kolom tersembunyi ikut dibaca: NIK.", "Tidak dibaca, karena di atas judul kolom: baris 1.")
    assert [(row.number, row.cells, [fault.column for fault in row.faults]) for row in found] == [
        (5, (None, 1, None), [2])
    ]


def test_headings_that_are_merged_are_none() -> None:
    merged = rows("1|2|3", tail='<mergeCells><mergeCell ref="A1:B1"/></mergeCells>')
    assert "Judul kolom di baris 1 tidak dapat dibaca. Sel ini digabung" in refusal(book(merged))


def test_a_text_that_is_too_long_is_a_fault_of_its_cell_or_row() -> None:
    long = f"1;{'x' * 40_000};y\n2;{'x' * 30_000};y\n" + f"3;{(';' + 'x' * 32_000) * 9}\n"
    headings = "NIK;Nama;" + ";".join(f"K{n}" for n in range(9))
    assert [fault[:2] for fault in faults(f"{headings}\n{long}".encode())] == [(2, 1), (4, None)]
