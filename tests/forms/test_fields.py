"""What the fields of forms make of what was typed in them."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal

import pytest
from starlette.datastructures import ImmutableMultiDict

from forms.fields import Field, Flag, Level, Number, Several, Wrong, plain_choices
from forms.form import EMPTY, INVALID, read
from forms.times import Clock, Day, Duration, Moment

COUNT, AMOUNT = Number("n", "Jumlah", least=Decimal(1), most=Decimal(9_999_999)), Number("n", "Jumlah", decimals=2)
DAYS = Several("days", "Hari", options=plain_choices(["sen", "sel", "rab"]))


@pytest.mark.parametrize(
    ("field", "typed", "value"),
    [
        (COUNT, "7", 7),
        (COUNT, "1.234.567", 1234567),
        (COUNT, "1234", 1234),
        (AMOUNT, "1.234,5", Decimal("1234.5")),
        (AMOUNT, "0,25", Decimal("0.25")),
        (Day("d", "Tanggal"), "2026-11-24", date(2026, 11, 24)),
        (Day("d", "Tanggal"), "24-11-2026", date(2026, 11, 24)),
        (Day("d", "Tanggal"), "4/1/2027", date(2027, 1, 4)),
        (Clock("t", "Jam"), "14:05", time(14, 5)),
        (Clock("t", "Jam"), "7.30", time(7, 30)),
        (Clock("t", "Jam"), "08:00:00", time(8)),
        (Moment("m", "Sampai"), "2026-11-24T14:05", datetime(2026, 11, 24, 14, 5)),  # noqa: DTZ001
        (Duration("l", "Lama"), "90", timedelta(minutes=90)),
        (Duration("l", "Lama"), "4 jam", timedelta(hours=4)),
        (Duration("l", "Lama"), "4 jam 30 menit", timedelta(hours=4, minutes=30)),
        (Duration("l", "Lama"), "4:30", timedelta(hours=4, minutes=30)),
        (Duration("l", "Lama"), "1.000 jam", timedelta(hours=1000)),
        (Level("p", "Dampak", options=plain_choices(["1", "2"])), "2", 2),
    ],
    ids=str,
)
def test_what_is_typed_has_a_value(field: Field, typed: str, value: object) -> None:
    assert field.parse(typed) == value
    assert type(field.parse(typed)) is type(value)


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        *((COUNT, typed) for typed in ("0", "10.000.000", "x", "1,5", "1.23", "1e3", "--1", "½", "1 2")),
        *((AMOUNT, typed) for typed in ("1,234", "-1", "1.5", "∞", "NaN")),
        *((Day("d", "Tanggal"), typed) for typed in ("2026-13-01", "31-02-2026", "hari ini", "24-11-26", "2026")),
        *((Clock("t", "Jam"), typed) for typed in ("24:00", "7:60", "7", "pagi", "123:00")),
        *((Moment("m", "Sampai"), typed) for typed in ("2026-11-24", "2026-02-30T10:00", "besok", "2026-11-24T25:00")),
        *((Duration("l", "Lama"), typed) for typed in ("lama", "jam", ":", "-5", "1 hari")),
    ],
    ids=str,
)
def test_what_has_none_is_wrong(field: Field, typed: str) -> None:
    with pytest.raises(Wrong, match=field.label):
        field.parse(typed)


def test_a_box_is_ticked_or_not() -> None:
    active = Flag("active", "Aktif")
    assert read({"active": "yes"}, (active,)).data == {"active": True}
    assert read({}, (active,)).data == {"active": False}


def test_several_may_be_chosen() -> None:
    form = read(ImmutableMultiDict([("days", "rab"), ("days", "sen"), ("days", "rab"), ("days", " ")]), (DAYS,))
    assert form.values == {"days": ("rab", "sen")}
    assert form.data == {"days": ("rab", "sen")}
    assert form.typed == [("Hari", "rab, sen")]
    assert read(ImmutableMultiDict([("days", "rab"), ("days", "kam")]), (DAYS,)).message == INVALID
    assert read(ImmutableMultiDict([]), (DAYS,)).message == EMPTY


def test_a_field_is_asked_for_only_when_it_applies() -> None:
    kind = Level("kind", "Jenis", options=plain_choices(["1", "2"]))
    more = Number("more", "Lagi", when=("kind", "2"))
    assert read({"kind": "1", "more": "x"}, (kind, more)).data == {"kind": 1}
    assert set(read({"kind": "2", "more": "x"}, (kind, more)).errors) == {"more"}
    assert [f.name for f in read({"kind": "1"}, (kind, more)).asked] == ["kind"]
