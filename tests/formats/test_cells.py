"""A cell means to a field of a form what somebody would have typed, or it is said why it is not certain."""

from datetime import date, datetime, time, timedelta

import pytest

from formats.cells import Kind, check_nik, choice, typed
from formats.dates import Doubtful
from formats.tables import Cell
from forms.coded import Code, Nik, SeveralCoded
from forms.coded import Phone as PhoneField
from forms.fields import Text
from forms.form import read
from forms.times import Moment


@pytest.mark.parametrize(
    ("cell", "kind", "text"),
    [
        *(
            (None, "text", ""),
            ("a\nb", "text", "a\nb"),
            (7, "text", "7"),
            (1.5, "text", "1,5"),
            (1e-7, "text", "0,0000001"),
        ),
        *((True, "text", "Ya"), (False, "text", "Tidak"), (date(2026, 11, 24), "text", "2026-11-24")),
        *((time(14, 5), "text", "14.05"), (timedelta(hours=30, minutes=5), "text", "30.05")),
        *(
            ("T001", "code", "T001"),
            (101, "code", "101"),
            ("HD, IT-NET", "code", "HD, IT-NET"),
            ("HD — Meja bantuan", "code", "HD — Meja bantuan"),
        ),
        *((10000001, "nik", "10000001"), ("0012 3456", "nik", "00123456"), ("10.000.001", "nik", "10000001")),
        *(
            ("10000001.0", "nik", "10000001"),
            ("10000001,00", "nik", "10000001"),
            ("１２３４", "nik", "1234"),
            ("abc", "nik", "abc"),
        ),
        *(
            (81234567890, "phone", "081234567890"),
            (6281234567890, "phone", "+6281234567890"),
            ("0812-345", "phone", "0812-345"),
        ),
        *(("mailto:sari@sih.example", "mail", "sari@sih.example"), (46350.5, "moment", "2026-11-24T12:00:00")),
        *(("24 Nov 26 14.05", "moment", "2026-11-24T14:05:00"), (1.5, "number", "1,5"), (1500, "number", "1500")),
        *((True, "flag", "Ya"), (1, "flag", "Ya"), ("YA", "flag", "Ya"), (" ✓ ", "flag", "Ya")),
        *(
            (False, "flag", "Tidak"),
            (0, "flag", "Tidak"),
            ("tidak", "flag", "Tidak"),
            ("N", "flag", "Tidak"),
            ("–", "flag", "Tidak"),
        ),
    ],
)
def test_what_a_cell_means(cell: Cell, kind: Kind, text: str) -> None:
    assert typed(cell, kind) == text


@pytest.mark.parametrize(
    ("cell", "kind", "said"),
    [
        *(
            ("1,0E+07", "nik", "disingkat"),
            ("1E+07", "code", "disingkat"),
            ("1e7", "nik", "disingkat"),
            ("8,12E+10", "phone", "disingkat"),
        ),
        *((10000001.5, "nik", "tidak bulat"), (-10000001, "nik", "tanda hubung"), (1.5, "code", "tidak bulat")),
        *((datetime.fromisoformat("2026-05-10 00:00"), "code", "tanggal"), (date(2026, 5, 10), "number", "tanggal")),
        *(("x", "flag", "bukan Ya atau Tidak"), (2, "flag", "bukan Ya"), ("24 Nov", "moment", "tidak lengkap")),
    ],
)
def test_what_is_not_certain(cell: Cell, kind: Kind, said: str) -> None:
    with pytest.raises(Doubtful, match=said):
        typed(cell, kind)


def test_a_number_that_is_shorter_than_other_niks_may_have_lost_zeros() -> None:
    check_nik("1234", 8)
    check_nik(10000001, 8)
    check_nik(1234, 0)
    with pytest.raises(Doubtful, match="7 angka, yang lain 8"):
        check_nik(1234567, 8)


def test_a_choice_is_known_by_its_value_its_text_or_both() -> None:
    options = {"wib": "WIB", "IT-NET": "Divisi IT", "a": "Sama", "b": "sama"}
    for written in ("wib", "WIB", " it-net", "divisi  it", "IT-NET — Jaringan", "it-net – x", "IT-NET - x"):
        assert choice(written, options) in ("wib", "IT-NET")
    for written in ("", "IT", "Sama", "x" * 100):
        with pytest.raises(Doubtful, match="tidak ada dalam pilihan: WIB, Divisi IT"):
            choice(written, options)


def test_fields_of_forms_read_what_cells_mean() -> None:
    fields = (
        *(
            Nik("nik", "NIK"),
            Code("code", "Kode"),
            PhoneField("phone", "Telepon"),
            Moment("at", "Dilaporkan"),
            Text("note", "Uraian", rows=2),
        ),
        SeveralCoded("divisions", "Divisi"),
    )
    cells: dict[str, tuple[Cell, Kind]] = {
        "nik": (10000001, "nik"),
        "code": (101, "code"),
        "phone": (81234567890, "phone"),
        "at": (46350.586805555555, "moment"),
        "note": (date(2026, 11, 24), "text"),
        "divisions": ("HD — Meja bantuan, it-net", "code"),
    }
    raw = {name: typed(cell, kind) for name, (cell, kind) in cells.items()}
    form = read(raw, fields, offer={"divisions": {"HD": "Meja bantuan", "IT-NET": "Jaringan"}})
    assert form.errors == {}
    assert form.data == {
        "nik": "10000001",
        "code": "101",
        "phone": "081234567890",
        "at": datetime.fromisoformat("2026-11-24 14:05"),
        "note": "2026-11-24",
        "divisions": ("HD", "IT-NET"),
    }
