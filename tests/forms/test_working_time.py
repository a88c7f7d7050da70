"""The shifts of a week, and lengths of working time, as they are typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.fields import Wrong
from forms.working_time import MIDNIGHT, DayCode, Minutes, Shifts

SHIFTS = Shifts("shifts", "Jam kerja")
LENGTH = Minutes("response", "Respons")
times = st.integers(0, MIDNIGHT)
days = st.lists(times, min_size=0, max_size=6, unique=True).map(sorted)


def typed(*rows: tuple[str, str, str]) -> tuple[str, ...]:
    raw = {
        f"shifts-{n}-{part}": text
        for n, row in enumerate(rows)
        for part, text in zip(("day", "opens", "closes"), row, strict=True)
    }
    return SHIFTS.typed(raw)


@given(st.lists(days, min_size=7, max_size=7).filter(lambda week: any(len(day) > 1 for day in week)))
def test_a_week_is_typed_again_as_it_is(week: list[list[int]]) -> None:
    value = [
        [number, day[n], day[n + 1]] for number, day in enumerate(week, 1) for n in range(0, len(day) - len(day) % 2, 2)
    ]
    assert SHIFTS.parse(SHIFTS.again(value)) == value
    assert SHIFTS.rows(SHIFTS.again(value))[-1].day == "", "there is room for another"


@pytest.mark.parametrize(
    ("row", "shifts"),
    [
        (("1", "08.00", "12:00"), [[1, 480, 720]]),
        (("1-5", "8", "24.00"), [[day, 480, 1440] for day in range(1, 6)]),
        (("7", "22.00", "06.00"), [[1, 0, 360], [7, 1320, 1440]]),
        (("3", "22.00", "0"), [[3, 1320, 1440]]),
    ],
)
def test_a_row_is_one_shift_or_several(row: tuple[str, str, str], shifts: list[list[int]]) -> None:
    assert SHIFTS.parse(typed(row)) == shifts


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([], "belum diisi"),
        ([("", "08.00", "12.00")], "Baris 1: Hari belum dipilih"),
        ([("1", "08.00", "12.00"), ("2", "", "9")], "Baris 2: Dari ditulis"),
        ([("1", "08.00", "25.00")], "Sampai ditulis"),
        ([("1", "08.75", "12.00")], "Dari ditulis"),
        ([("1", "08.00", "08.00")], "tidak boleh sama"),
        ([("1", "24.00", "08.00")], "Dari paling akhir 23.59"),
        ([("1-7", "08.00", "12.00"), ("3", "11.59", "13.00")], "Rabu: 08.00–12.00 dan 11.59–13.00 bertumpuk"),
    ],
)
def test_what_is_wrong_is_said_by_row(rows: list[tuple[str, str, str]], said: str) -> None:
    with pytest.raises(Wrong, match=said):
        SHIFTS.parse(typed(*rows))


def test_it_is_read_in_few_words() -> None:
    value = SHIFTS.parse(typed(("1-5", "8", "12"), ("1-5", "13", "17"), ("6", "8", "12")))
    assert SHIFTS.again(value) == ("1-6|08.00|12.00", "1-5|13.00|17.00")
    assert SHIFTS.shown(value) == "Senin–Sabtu 08.00–12.00; Senin–Jumat 13.00–17.00"


@pytest.mark.parametrize(
    ("text", "minutes"), [("30 menit", 30), ("4 jam", 240), ("1 jam 30 menit", 90), ("1:30", 90), ("90", 90)]
)
def test_a_length_is_typed_again_as_it_is(text: str, minutes: int) -> None:
    assert LENGTH.parse(text) == minutes == LENGTH.parse(LENGTH.again(minutes))


@pytest.mark.parametrize("text", ["0", "0 menit", "9000 jam", "besok"])
def test_a_length_has_its_bounds(text: str) -> None:
    with pytest.raises(Wrong):
        LENGTH.parse(text)


def test_a_day_is_known_by_its_date() -> None:
    assert DayCode("code", "Tanggal").parse("17-08-2027") == "2027-08-17"
    with pytest.raises(Wrong):
        DayCode("code", "Tanggal").parse("1999-12-31")
