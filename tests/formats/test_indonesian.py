"""Dates, numbers and lengths of time as Indonesians write them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formats.indonesian import ZONE_NAMES, duration, local_time, machine_time, number, short_time, with_store_time

AT = datetime(2026, 11, 24, 7, 5, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "shown", "machine"),
    [
        ("Asia/Jakarta", "24 November 2026 14.05 WIB", "2026-11-24T14:05:59+07:00"),
        ("Asia/Makassar", "24 November 2026 15.05 WITA", "2026-11-24T15:05:59+08:00"),
        ("Asia/Jayapura", "24 November 2026 16.05 WIT", "2026-11-24T16:05:59+09:00"),
    ],
)
def test_a_moment_in_each_zone(zone: str, shown: str, machine: str) -> None:
    assert (local_time(AT, zone), machine_time(AT, zone)) == (shown, machine)
    elsewhere = AT.astimezone(timezone(timedelta(hours=-5)))
    assert local_time(elsewhere, zone) == shown, "it does not matter in which zone the moment is given"


def test_the_day_and_the_year_are_the_zone_s() -> None:
    at = datetime(2025, 12, 31, 15, 30, tzinfo=UTC)
    assert [local_time(at, zone) for zone in ZONE_NAMES] == [
        "31 Desember 2025 22.30 WIB",
        "31 Desember 2025 23.30 WITA",
        "1 Januari 2026 00.30 WIT",
    ]


def test_a_moment_where_somebody_is_and_at_the_store() -> None:
    here, there, far = ZONE_NAMES
    assert with_store_time(AT, here, here) == "24 November 2026 14.05 WIB"
    assert with_store_time(AT, here, there) == "24 November 2026 14.05 WIB (15.05 WITA di toko)"
    late = datetime(2025, 12, 31, 15, 30, tzinfo=UTC)
    assert with_store_time(late, there, far) == "31 Desember 2025 23.30 WITA (1 Januari 2026 00.30 WIT di toko)"


def test_a_moment_in_a_dense_list() -> None:
    now = datetime(2025, 12, 31, 23, tzinfo=UTC)  # in Indonesia it is 2026
    assert short_time(AT, "Asia/Jakarta", now) == "24 Nov 14.05"
    assert short_time(datetime(2025, 12, 31, 15, 30, tzinfo=UTC), "Asia/Jakarta", now) == "31 Des 2025 22.30"
    assert short_time(datetime(2025, 12, 31, 15, 30, tzinfo=UTC), "Asia/Jayapura", now) == "1 Jan 00.30"


def test_the_months() -> None:
    months = [local_time(datetime(2026, month, 1, tzinfo=UTC), "Asia/Jakarta").split()[1] for month in range(1, 13)]
    assert months == (
        "Januari Februari Maret April Mei Juni Juli Agustus September Oktober November Desember".split()  # noqa: SIM905
    )


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0, "0"),
        (7, "7"),
        (999, "999"),
        (1000, "1.000"),
        (1234567.5, "1.234.567,5"),
        (-1234, "-1.234"),
        (0.5, "0,5"),
        (10_001, "10.001"),
    ],
)
def test_a_number(value: float, shown: str) -> None:
    assert number(value) == shown


@pytest.mark.parametrize(
    ("length", "shown"),
    [
        (None, "–"),
        (timedelta(0), "0 menit"),
        (timedelta(seconds=59.9), "kurang dari semenit"),
        (timedelta(seconds=-5), "kurang dari semenit"),
        (timedelta(minutes=1), "1 menit"),
        (timedelta(minutes=59, seconds=59), "59 menit"),
        (timedelta(hours=1), "1 jam"),
        (timedelta(hours=1, minutes=1), "1 jam 1 menit"),
        (timedelta(days=3, hours=4, minutes=59), "3 hari 4 jam"),
        (timedelta(days=3, minutes=59), "3 hari"),
        (timedelta(days=1234), "1.234 hari"),
    ],
)
def test_a_length_of_time(length: timedelta | None, shown: str) -> None:
    assert duration(length) == shown


@given(st.timedeltas(timedelta(minutes=1), timedelta(days=9999)))
def test_a_length_of_time_is_rounded_down_by_less_than_its_last_unit(length: timedelta) -> None:
    sizes = {"hari": 86400, "jam": 3600, "menit": 60}
    words = duration(length).replace(".", "").split()
    units = words[1::2]
    said = sum(int(count) * sizes[unit] for count, unit in zip(words[::2], units, strict=True))
    left_out = length.total_seconds() - said
    assert 0 <= left_out < sizes["jam" if "hari" in units else "menit"]
