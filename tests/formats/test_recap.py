"""The words of the recap, and months."""

from datetime import date

import pytest

from formats.recap import ALL, BALANCE_OF_A_HOLDER, BALANCE_OF_ALL, add_months, read_month
from settings import ROOT


def test_a_document_says_the_same_of_every_number_as_the_page() -> None:
    text = (ROOT / "docs/numbers.md").read_text(encoding="utf-8")
    sections = dict(part.split("\n\n", 1) for part in text.split("\n### ")[1:])
    assert list(sections) == [number.label for number in ALL.values()]
    for number in ALL.values():
        assert sections[number.label].startswith(f"{number.meaning}\n\nContoh: {number.example}\n")


@pytest.mark.parametrize("balance", [BALANCE_OF_ALL, BALANCE_OF_A_HOLDER])
def test_the_document_has_the_balance_that_the_page_shows(balance: dict[str, str]) -> None:
    text = (ROOT / "docs/numbers.md").read_text(encoding="utf-8")
    assert " ".join(f"{sign} {ALL[name].label}".strip() for name, sign in balance.items()) in text


def test_a_month() -> None:
    assert read_month("2026-11") == date(2026, 11, 1)
    for text in (
        "",
        "2026",
        "2026-00",
        "2026-13",
        "2026-1",
        "2026-011",
        "0000-01",
        "２０２６-11",
        "2026-11-01",
        " 2026-11",
    ):
        assert read_month(text) is None, text


def test_months_after_and_before() -> None:
    assert add_months(date(2026, 11, 1), 2) == date(2027, 1, 1)
    assert add_months(date(2026, 1, 1), -1) == date(2025, 12, 1)
    assert add_months(date(2026, 11, 1), -12) == date(2025, 11, 1)
