"""Reports, and the filters of the list."""

from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.problems import ListForm, read_comment, read_list, read_report, split_asset

YEARS, DIVISIONS, STORES = [2026, 2024], [("HD", "Meja"), ("GA", "Umum")], [("T01", "Bandung")]
ASSETS = [("T01-PRN-01", "Printer kasir"), ("T01-AC-01", "AC")]


def listing(**raw: str) -> ListForm:
    return read_list(raw, YEARS, DIVISIONS, STORES)


def test_a_report() -> None:
    form = read_report({"title": " Mati ", "description": "Sejak pagi\r\nini", "reporter": " 10001 "})
    assert form.valid
    assert form.values == {"title": "Mati", "description": "Sejak pagi\nini", "asset": "", "reporter": "10001"}


@pytest.mark.parametrize(
    ("raw", "at_fault"),
    [
        ({}, {"title", "description"}),
        ({"title": "x" * 121, "description": "x"}, {"title"}),
        ({"title": "x", "description": "x" * 4001, "asset": "x" * 121}, {"description", "asset"}),
    ],
)
def test_what_is_no_report(raw: dict[str, str], at_fault: set[str]) -> None:
    assert set(read_report(raw).errors) == at_fault


def test_a_comment() -> None:
    assert read_comment({"comment": "x" * 4000}).valid
    assert set(read_comment({"comment": ""}).errors) == {"comment"}


@pytest.mark.parametrize(
    ("typed", "outcome"),
    [
        ("T01-PRN-01", ("T01-PRN-01", None)),
        ("t01-prn-01", ("T01-PRN-01", None)),
        ("T01-PRN-01 — Printer kasir", ("T01-PRN-01", None)),
        ("T01-PRN-01 - Printer kasir", (None, "T01-PRN-01 - Printer kasir")),
        ("Printer kasir", (None, "Printer kasir")),
        ("", (None, None)),
    ],
)
def test_an_asset(typed: str, outcome: tuple[str | None, str | None]) -> None:
    assert split_asset(typed, ASSETS) == outcome


def test_the_list_begins_with_the_newest_year() -> None:
    assert (listing().year, listing(year="2024").year, listing(year="all").year) == ("2026", "2024", "all")
    assert read_list({}, [], [], []).year == "all"


@pytest.mark.parametrize(
    "raw",
    [
        {"year": "2025"},
        {"status": "x"},
        {"division": "x"},
        {"store": "T02"},
        {"q": "x" * 101},
        {"after": "x"},
        {"before": "-1"},
    ],
)
def test_a_filter_that_there_is_not(raw: dict[str, str]) -> None:
    assert not listing(**raw).form.valid
    assert listing(**raw).form.message


@pytest.mark.parametrize(
    ("q", "patterns", "number"),
    [
        ("", None, None),
        ("printer", ["%printer%"], None),
        ("ac bocor", ["%bocor%", "%ac%"], None),
        (r"100%x a_b c:\x", [r"%100\%x%", r"%c:\\x%", r"%a\_b%"], None),
        ("K-12", None, 12),
        ("k12", None, 12),
        ("12", ["%12%"], 12),
        ("12 13", ["%12%", "%13%"], None),
        ("K-", ["%K-%"], None),
        ("1" * 19, [f"%{'1' * 19}%"], None),  # no number is that long
        ("１２", ["%１２%"], None),
    ],
)
def test_what_is_searched(q: str, patterns: list[str] | None, number: int | None) -> None:
    assert (listing(q=q).patterns, listing(q=q).number) == (patterns, number)


def test_addresses_are_canonical() -> None:
    chosen = listing(status="open", q=" a & b ", store="T01", after="7")
    assert chosen.page_url == "/problems?year=2026&status=open&store=T01&q=a+%26+b&after=7"
    assert chosen.url() == "/problems?year=2026&status=open&store=T01&q=a+%26+b", (
        "a new filter begins at the first page"
    )
    assert chosen.url(status="") == "/problems?year=2026&store=T01&q=a+%26+b"
    assert listing(after="7", before="9").page_url == "/problems?year=2026&before=9"
    assert listing(after="0").page_url == "/problems?year=2026&after=0"


@given(st.text(st.characters(codec="utf-8"), max_size=100))
def test_an_address_leads_back_to_the_same_filters(q: str) -> None:
    chosen = listing(q=q)
    query = parse_qs(urlsplit(chosen.page_url).query)
    again = listing(**{name: values[0] for name, values in query.items()})
    assert (again.q, again.page_url) == (chosen.q, chosen.page_url)
