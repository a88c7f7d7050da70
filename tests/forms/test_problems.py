"""Reports, and the filters of the list."""

from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formats.picture import Picture
from formats.uploads import Upload
from forms.files import FILES, Attached, with_files
from forms.form import EMPTY, INVALID, read
from forms.listing import ListForm, read_list
from forms.problems import COMMENT, REPORT, check_comment, split_asset

YEARS, DIVISIONS, STORES = [2026, 2024], [("HD", "Meja"), ("GA", "Umum")], [("T01", "Bandung")]
ASSETS = [("T01-PRN-01", "Printer kasir"), ("T01-AC-01", "AC")]


def listing(**raw: str) -> ListForm:
    return read_list(raw, YEARS, DIVISIONS, STORES)


def test_a_report() -> None:
    form = read({"title": " Mati ", "description": "Sejak pagi\r\nini", "reporter": " 10001 "}, REPORT)
    assert form.valid
    typed = {"title": "Mati", "description": "Sejak pagi\nini", "reporter": "10001"}
    assert form.values == typed | {"asset": "", "caller": "", "photo": ""}


@pytest.mark.parametrize(
    ("raw", "at_fault"),
    [
        ({}, {"title", "description"}),
        ({"title": "x" * 121, "description": "x"}, {"title"}),
        ({"title": "x", "description": "x" * 4001, "asset": "x" * 121}, {"description", "asset"}),
    ],
)
def test_what_is_no_report(raw: dict[str, str], at_fault: set[str]) -> None:
    assert set(read(raw, REPORT).errors) == at_fault


PICTURE = Upload(bytes(32), 1, Picture(b"x", b"x", 1, 1))


@pytest.mark.parametrize(
    ("text", "photos", "errors"),
    [
        ("x" * 4000, Attached(), {}),
        ("", Attached((PICTURE,)), {}),
        ("", Attached(kept=(bytes(32),)), {}),
        (" ", Attached(), {"comment": "Komentar belum diisi."}),
        ("", Attached(errors=("Lampiran ke-1 (a) rusak.",)), {"photo": "Lampiran ke-1 (a) rusak."}),
        ("x" * 4001, Attached((PICTURE,)), {"comment": "Komentar paling banyak 4.000 karakter; sekarang 4.001."}),
    ],
)
def test_a_comment_is_a_text_or_a_photo(text: str, photos: Attached, errors: dict[str, str]) -> None:
    form = check_comment(with_files(read({"comment": text}, (COMMENT, FILES)), photos))
    assert form.errors == errors
    assert not form.errors or form.message == (EMPTY if "belum" in form.errors.get("comment", "") else INVALID)


@pytest.mark.parametrize(
    ("typed", "outcome"),
    [
        ("T01-PRN-01", ("T01-PRN-01", None)),
        ("t01-prn-01", ("T01-PRN-01", None)),
        ("T01-PRN-01 — Printer kasir", ("T01-PRN-01", None)),
        ("T01-PRN-01 - Printer lain", (None, "T01-PRN-01 - Printer lain")),
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
        {"holder": "x"},
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
        ("K-", ["%k%"], None),
        ("K 12", None, 12),
        ("1" * 19, [f"%{'1' * 19}%"], None),  # no number is that long
        ("１２", ["%12%"], 12),
        ("[K-12] Wi-Fi MATI", ["%wifi%", "%mati%", "%k12%"], 12),
        ('"', None, None),
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
