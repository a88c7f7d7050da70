"""Dates of every kind that people type are read day first, and what is impossible or open to doubt is said in words."""

import random
from datetime import date, datetime, time, timedelta

import pytest

from formats.dates import Doubtful, read_time
from formats.tables import Cell

at = datetime.fromisoformat
NOON, DAY = at("2026-11-24 14:05"), at("2026-11-24")


@pytest.mark.parametrize(
    "typed",
    [
        *(
            "24-11-26",
            "24/11/2026",
            "24.11.2026",
            "24 11 2026",
            "24 / 11 / 2026",
            "2026-11-24",
            "2026/11/24",
            "20261124",
            "24112026",
        ),
        *(
            "24 Nov 2026",
            "24 November 2026",
            "24 Nopember 26",
            "24-Nov-26",
            "24nov2026",
            "24 Nov '26",
            "24 Nov. 2026",
            "24th Nov 2026",
        ),
        *(
            "November 24, 2026",
            "Nov 24th, 2026",
            "2026 Nov 24",
            "Selasa, 24 November 2026",
            "Tue 24 Nov 2026",
            "SELASA 24-11-2026",
        ),
        *(
            "46350",
            "46350,0",
            "２４－１１－２６",
            "24\u00a0Nov\u00a02026",
            " 24–11–2026 ",
            "٢٤-١١-٢٠٢٦",
            "24 Nov 2026.",
        ),
        *(46350, 46350.0, 20261124, date(2026, 11, 24), DAY),
    ],
)
def test_days(typed: Cell) -> None:
    assert read_time(typed) == DAY


@pytest.mark.parametrize(
    "typed",
    [
        *(
            "24-11-26 14.05",
            "24/11/2026 14:05",
            "24.11.2026 14.05",
            "24/11/2026, 14.05.00",
            "24/11/2026 - 14:05",
            "24112026 14:05",
        ),
        *(
            "24 November 2026 pukul 14:05",
            "24 Nov 2026 jam 14.05",
            "24 Nov 2026 pkl. 14:05",
            "24 November 2026, pukul 14.05",
        ),
        *(
            "2026-11-24T14:05",
            "2026-11-24 14:05:00",
            "2026-11-24T14:05:00.123",
            "November 24, 2026 2:05 PM",
            "24/11/2026 02.05 pm",
        ),
        *(
            "24 Nov 2026 14.05 WIB",
            "2026-11-24T14:05+07:00",
            "2026-11-24T07:05:00Z",
            "24 Nov 2026 15.05 WITA",
            "24-11-26 16:05 wit",
        ),
        "Tue Nov 24 2026 14:05:00 GMT+0700 (Western Indonesia Time)",
        *("46350,586805555555", "46350.58680556", 46350.586805555555, at("2026-11-24 14:05:00")),
    ],
)
def test_times(typed: Cell) -> None:
    assert read_time(typed, zone="WIB") == NOON


def test_days_count_from_1904_where_the_book_says_so() -> None:
    assert read_time(44888, from_1904=True) == read_time("44888", from_1904=True) == DAY
    assert read_time(44888) == at("2022-11-23")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        *(
            ("2026-13-01", "bulan ke-13"),
            ("11/24/2026", "bulan ke-24"),
            ("31-02-2026", "tidak ada"),
            ("0-1-2026", "tidak ada"),
        ),
        *(
            ("29-02-2023", "tidak ada"),
            ("24/11/2026 25:00", "Jam"),
            ("24/11/2026 13:05 pm", "Jam"),
            ("24 Nov 2026 14", "tidak jelas"),
        ),
        *(
            ("24 Nov", "tidak lengkap"),
            ("Nov 2026", "tidak lengkap"),
            ("11/2026", "tidak lengkap"),
            ("24/11", "tidak lengkap"),
        ),
        *(
            ("2026", "tidak lengkap"),
            ("Senin, 24 Nov 2026", "hari Selasa"),
            ("1-1-1926", "Tahun"),
            ("24-11-126", "bukan tanggal"),
        ),
        *(
            ("24-11/2026", "bukan tanggal"),
            ("kemarin", "bukan tanggal"),
            ("14.05", "tidak lengkap"),
            ("x" * 50_000, "bukan tanggal"),
        ),
        *(
            ("24-11-2614:05", "bukan tanggal"),
            ("24 Nov 2026 14.05 WIB", "zona waktu"),
            ("", "bukan tanggal"),
            (True, "bukan tanggal"),
        ),
        *((2026, "bukan tanggal"), (1e300, "bukan tanggal"), (-5, "bukan tanggal"), (time(14, 5), "hanya berisi jam")),
        *((timedelta(hours=3), "hanya berisi jam"), (date(1900, 3, 5), "Tahun"), (None, "bukan tanggal")),
    ],
)
def test_what_is_no_date_or_open_to_doubt(typed: Cell, said: str) -> None:
    with pytest.raises(Doubtful, match=said) as doubtful:
        read_time(typed)
    assert len(str(doubtful.value)) < 150


def test_every_time_is_read_as_it_was_written() -> None:
    """Whatever way of writing it; chance is seeded."""
    chance = random.Random(13)
    months = ["Januari", "Februari", "Maret", "April", "Mei", "Juni", "Juli"]
    months += ["Agustus", "September", "Oktober", "November", "Desember"]
    for _ in range(3000):
        moment = at("2000-01-01") + timedelta(minutes=chance.randrange(99 * 365 * 1440))
        day, month = moment.day, months[moment.month - 1]
        written = chance.choice(
            [
                f"{moment:%d-%m-%y %H.%M}",
                f"{day}/{moment.month}/{moment:%Y %H:%M}",
                f"{day} {month} {moment:%Y} pukul {moment:%H.%M}",
                f"{day} {month[:3]} {moment:%y}, {moment:%H:%M}",
                f"{moment:%A, %B} {day}, {moment:%Y %I:%M %p}",
                f"{moment}",
                f"{(moment - at('1899-12-30')).total_seconds() / 86_400:.9f}",
            ]
        )
        assert read_time(written) == moment, written
