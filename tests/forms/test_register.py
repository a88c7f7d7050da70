"""Rows of an old register: the same from XLSX and from CSV, and known again (property); days, names and states."""

from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from formats.table_reader import read_table
from forms.register import FIELDS, Known, Looked, RegisterRow
from tests.formats.test_same_rows import texts
from tests.imports import plain, sheet

NOW = datetime(2026, 11, 27, tzinfo=UTC)
KNOWN = Known(
    {"T01": "Asia/Jakarta", "T03": "Asia/Jayapura"},
    {
        "store": {"t01": "T01", "t03": "T03", "toko bandung": "T01", "sama": ""},
        "reporter": {"10001": "10001", "ani lestari": "10001"},
        "category": {"net-wifi": "NET-WIFI"},
        "holder": {"it-net": "D:IT-NET"},
    },
    usual=5,
)
LABELS = [f.label for f in FIELDS]
MOMENTS = st.datetimes(datetime.fromisoformat("2000-01-01"), datetime.fromisoformat("2026-10-31")).map(
    lambda at: at.replace(microsecond=0)
)
ROWS = st.tuples(
    st.integers(1, 10**6) | st.text("ABC0123456789/-", min_size=1, max_size=9).filter(lambda t: t.strip("-")),
    MOMENTS,
    st.sampled_from(["T01", "T03", "Toko Bandung", "sama", "Entah"]),
    st.sampled_from([10001, "10001", "Ani Lestari", "10001 - Ani Lestari", "Ani Lestari (10001)", "Budi"]),
    texts("utf-8"),
    texts("utf-8"),
    st.sampled_from(["NET-WIFI", None]),
    st.sampled_from([1, "Tinggi", "sedang", None]),
    st.sampled_from(["Rendah", 2, None]),
    texts("utf-8"),
    st.sampled_from(["IT-NET", None]),
    MOMENTS | st.none(),
    texts("utf-8"),
).map(list)


def looked_at(content: bytes) -> list[Looked]:
    table = read_table(BytesIO(content), LABELS)
    names = [f.name for f in FIELDS]
    return [
        RegisterRow(dict(zip(names, row.cells, strict=True)), KNOWN, NOW, table.head.from_1904).read()
        for row in table.rows
    ]


@settings(max_examples=60, deadline=None)
@given(st.lists(ROWS, max_size=5), st.sampled_from(["utf-8-sig", "utf-8", "utf-16"]))
def test_a_table_is_the_same_problems_as_xlsx_and_as_csv(rows: list[list[Any]], encoding: str) -> None:
    written = [[cell.isoformat(" ") if isinstance(cell, datetime) else cell for cell in row] for row in rows]
    assert looked_at(sheet([LABELS, *rows])) == looked_at(plain([LABELS, *written], encoding))


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("Toko  BANDUNG", "T01"),
        ("t01", "T01"),
        ("T01 — Toko mana pun", "T01"),
        ("Cabang lama (T03)", "T03"),
        ("sama", None),
        ("T0", None),
    ],
)
def test_a_name_is_understood_where_there_is_no_doubt(typed: str, code: str | None) -> None:
    assert KNOWN.find("store", typed) == code


def test_what_was_said_of_a_name_counts_where_it_is_not_known() -> None:
    cells = {"store": "Tk Bdg", "reporter": "10001", "number": "1", "reported": "1-2-2024", "title": "x"}
    unknown = RegisterRow(cells, KNOWN, NOW, from_1904=False).read()
    assert unknown.names == [("store", "Tk Bdg")] and [name for name, _ in unknown.faults] == ["store"]
    said = Known(KNOWN.zones, KNOWN.called, {("store", "tk bdg"): "T03"}, usual=5)
    known = RegisterRow(cells, said, NOW, from_1904=False).read()
    assert known.faults == [] and known.data["reported"] == "2024-02-01T00:00:00+09:00"
    assert known.digest == unknown.digest and known.names == unknown.names


def test_a_nik_that_may_have_lost_its_zeros_is_a_fault() -> None:
    cells = {"store": "T01", "reporter": 123, "number": "1", "reported": "1-2-2024", "title": "x"}
    assert "0 di depan" in dict(RegisterRow(cells, KNOWN, NOW, from_1904=False).read().faults)["reporter"]
