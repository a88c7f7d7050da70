"""What looks the same compares the same, in Python and in SQL."""

import random
import unicodedata
from collections.abc import Callable

import pytest
from asyncpg import Connection

from formats.search import Number, find_number, is_indexed, words_of
from formats.text import COMPARED, breakable, digits, folded, searchable

# How the same thing comes to be written differently, each a name and what it makes of a text.
DISGUISES = {
    "as it is": str,
    "capitals": str.upper,
    "zero width": lambda text: "\u200b".join(text),
    "soft hyphens": lambda text: text[:2] + "\xad" + text[2:],
    "a byte order mark": lambda text: "\ufeff" + text,
    "joiners": lambda text: text[:1] + "\u2060" + text[1:2] + "\u200d" + text[2:] + "\u200c",
    "bidi": lambda text: f"\u202a{text}\u202c\u200f",
    "isolates": lambda text: f"\u2067{text}\u2069",
    "variation selectors": lambda text: text + "\ufe0f",
    "full width": lambda text: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text),
    "ideographic space": lambda text: f"\u3000{text}".replace(" ", "\u3000"),
    "no-break space": lambda text: text.replace(" ", "\xa0") + "\xa0",
    "narrow blanks": lambda text: text.replace(" ", "\u2009\u202f"),
    "tabs": lambda text: text.replace(" ", "\t") + "\t",
    "decomposed": lambda text: unicodedata.normalize("NFD", text),
    "en dashes": lambda text: text.replace("-", "\u2013"),
    "no-break hyphens": lambda text: text.replace("-", "\u2011"),
    "minus": lambda text: text.replace("-", "\u2212"),
    "curly quotes": lambda text: text.replace("'", "\u2019").replace('"', "\u201d"),
    "modifier quotes": lambda text: text.replace("'", "\u02bc").replace('"', "\u201f"),
    "ligatures": lambda text: text.replace("fi", "\ufb01").replace("ff", "\ufb00"),
}


@pytest.mark.parametrize("disguise", DISGUISES)
def test_folded(disguise: str) -> None:
    for text in ("printer", "Jum'at", "Wi-Fi", 'file "staff" é', "T01-PRN-01 — Printer kasir 1"):
        disguised = DISGUISES[disguise](text)
        assert folded(disguised) == folded(text)
        assert searchable(disguised) == searchable(text)


def test_what_does_not_look_the_same_is_not() -> None:
    for a, b in (("Wi-Fi", "wifi"), ("e", "é"), ("Jum'at", "Jumat"), ("a b", "ab"), ("1", "l"), ("a.b", "ab")):
        assert folded(a) != folded(b)
    assert searchable("Wi‑Fi  É ＡＢ «Jum’at» Straße Ærø Łódź") == searchable("wifi e ab jumat strasse aero lodz")
    assert searchable("a.b") != searchable("ab")


def test_a_files_name_is_broken_behind_its_signs() -> None:
    assert breakable("a_b-c.pdf") == ["a_", "b-", "c.pdf"]
    assert breakable("__a--1_.pdf") == ["__", "a--", "1_.pdf"]
    assert breakable("Berita acara.pdf") == ["Berita acara.pdf"]


def test_digits() -> None:
    for typed in ("482913", "４８２９１３", "482\u200b913", " 482 913\u202c", "٤٨٢٩١٣", "482-913", "482.913", "४८२९१३"):
        assert digits(typed) == "482913", typed
    assert [digits(typed) for typed in ("48a", "", "½", "4,8")] == ["48a", "", "1⁄2", "4,8"]


def _characters() -> list[str]:
    """Every character that this Python knows; NUL and halves of pairs are in no text."""
    return [c for c in map(chr, range(1, 0x110000)) if unicodedata.category(c) not in ("Cn", "Co", "Cs")]


def test_to_fold_twice_changes_nothing() -> None:
    apart = {"\u0149"}  # decomposes into an apostrophe; no longer used
    for character in set(_characters()) - apart:
        for compared in folded, searchable:
            once = compared(f"a {character}b")
            assert compared(once) == once, ascii(character)


@pytest.mark.parametrize("compared", [folded, searchable, digits])
def test_what_no_field_holds_is_not_compared(compared: Callable[[str], str]) -> None:
    """One character can be made eighteen of: a post of nothing else would stop a worker for a second."""
    assert compared("\ufdfa" * (COMPARED + 1)) == "\ufdfa" * (COMPARED + 1)
    assert "\ufdfa" not in compared("\ufdfa" * COMPARED)
    assert compared("\uff11" * COMPARED) == "1" * COMPARED, "the longest field is"


async def test_python_and_sql_search_the_same(connection: Connection) -> None:
    """Of every character there is, and of many together."""
    chance = random.Random(1)
    odd = [c for c in _characters() if searchable(f"x{c}y") != f"x{c}y"]
    mixed = ["".join(chance.choices([*" -'ab", *odd], k=12)) for _ in range(20_000)]
    texts = [*(f"a {character}B" for character in _characters()), *mixed]
    rows = await connection.fetch(
        "SELECT searchable(text) FROM unnest($1::text[]) WITH ORDINALITY AS x (text, n) ORDER BY n", texts
    )
    wrong = [ascii(text) for text, row in zip(texts, rows, strict=True) if row[0] != searchable(text)]
    assert len(texts) > 140_000
    assert wrong == []


NUMBERS = (
    *(
        "K-3167",
        "k3167",
        "K 3167",
        "#3167",
        "(K-3167)",
        "K-3167.",
        "No. 3167",
        "no 3167",
        "Nomor 3167",
        "№ 3167",
        "K-3.167",
    ),
    *(
        '"K-3167"',
        "“K-3167”",
        "K–3167",
        "K—3167",
        "Ｋ－３１６７",
        "k-\u200b3167",
        " K -3167,",
        "[K-3167]",
        "K#3167",
        "kendala K-3167",
    ),
    *("https://sih.example/problems/3167", "http://10.0.0.1:8080/problems/3167/closure?x=1#y", "/problems/3167"),
    *(
        "<https://sih.example/problems/3167>.",
        "https://sih.example/problems?year=all&q=x&problem=3167",
        "K-03167",
        "#K-3167",
    ),
)


def test_a_number_as_people_write_it() -> None:
    for typed in NUMBERS:
        assert find_number(typed) == Number(3167, only=True), typed
    for typed in (
        "3167",
        "3.167",
        "٣١٦٧",
        "(3167)",
        "3167.",
        "３１６７",
        "[K-3167] Printer mati",
        "Re: [K-3167] Printer",
        "K-3167 mati",
    ):
        assert find_number(typed) == Number(3167, only=False), typed
    for typed in (
        "",
        "K-",
        "#",
        "kasir 3167",
        "T01-PRN-01",
        "10.20.30.40",
        "9" * 19,
        "K-" + "9" * 19,
        "31 67",
        "K-3167a",
        "/problems/new",
    ):
        assert find_number(typed) is None, typed


def test_words() -> None:
    assert words_of("printer, (kasir) Wi-Fi: mati?") == ["printer", "kasir", "wifi", "mati"]
    assert words_of("T01 – Toko Bandung") == ["bandung", "toko", "t01"]
    assert words_of("print printer printer") == ["printer"]
    assert words_of(" — ' \u200b") == []
    assert words_of("100% ? <b>") == ["100%", "<b>", "?"]
    assert words_of("%%%% ____ a_b_c kasir") == ["kasir", "a_b_c", "%%%%", "____"], "what an index finds comes first"
    long = " ".join(map(str, range(COMPARED)))
    assert words_of(long) == [long], "no field holds it"


def test_which_words_an_index_finds() -> None:
    for typed in ("kasir", "12a", "% kasir", "über", "x-100%"):
        assert is_indexed(words_of(typed)), typed
    for typed in ("%", "_", "\\", "%%%", "a", "zq", "a_b_c", "1a 2b 3c", "<->"):
        assert not is_indexed(words_of(typed)), typed
