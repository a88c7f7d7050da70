"""What every form does with what was typed."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formats.text import MARKS, clean
from forms.fields import Choice, Text, plain_choices
from forms.form import EMPTY, INVALID, Form, read

NOTE = Text("note", "Catatan", length=10)
OPTIONAL = Text("extra", "Tambahan", required=False, length=5)
COLOUR = Choice("colour", "Warna", options=plain_choices(["red", "blue"]))

typed = st.text(st.characters(codec="utf-8"), max_size=60)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("", ""),
        ("  a  b  ", "a  b"),
        ("\u3000\u00a0a\u2003", "a"),
        ("a\r\nb\rc\n", "a\nb\nc"),
        ("\n\n a", "a"),
        ("a\x0bb\x0cc\x85d\u2028e\u2029f\r\ng", "a\nb\nc\nd\ne\nf\ng"),
        ("a\tb", "a\tb"),
        ("\x00a\x08b\x1fc\x7f", "abc"),
        ("e\u0301", "\u00e9"),
        ("👩‍👩‍👧", "👩‍👩‍👧"),
        (" \x00 ", ""),
    ],
)
def test_clean(text: str, kept: str) -> None:
    assert clean(text) == kept


@given(typed)
def test_clean_text_can_be_stored_and_is_clean_already(text: str) -> None:
    kept = clean(text)
    assert clean(kept) == kept
    assert unicodedata.is_normalized("NFC", kept)
    assert not any(c in kept for c in "\x00\r\x7f")
    assert kept == kept.strip()


def test_piles_of_marks_are_cut_down() -> None:
    """They are put in order in a time that grows with their square: 16,000 of them took seconds."""
    assert clean("e\u0301" + "\u0301\u0316" * 8000) == clean("e\u0301" + "\u0301\u0316" * 20)
    assert len(clean("a" + "\u0301" * 8000 + "\u0316" * 8000)) <= MARKS + 1
    assert clean("tiệm bánh ở Đà Nẵng") == "tiệm bánh ở Đà Nẵng"


def test_what_is_right_is_read() -> None:
    form = read({"note": " abc ", "colour": "red", "more": "x"}, (NOTE, OPTIONAL, COLOUR))
    assert form.values == {"note": "abc", "extra": "", "colour": "red"}
    assert form.data == {"note": "abc", "extra": None, "colour": "red"}
    assert form.valid


@pytest.mark.parametrize(
    ("raw", "errors", "message"),
    [
        ({}, {"note": "Catatan belum diisi.", "colour": "Warna belum dipilih."}, EMPTY),
        ({"note": " ", "colour": "red"}, {"note": "Catatan belum diisi."}, EMPTY),
        ({"note": "x", "colour": "green"}, {"colour": "Warna tidak ada dalam pilihan."}, INVALID),
        ({"note": "x", "colour": "re"}, {"colour": "Warna tidak ada dalam pilihan."}, INVALID),
        (
            {"note": "x" * 1234, "colour": "red"},
            {"note": "Catatan paling banyak 10 karakter; sekarang 1.234."},
            INVALID,
        ),
        ({"note": "x" * 11, "colour": ""}, {"note": "", "colour": "Warna belum dipilih."}, EMPTY),
        ({"note": "x", "colour": "red", "extra": "123456"}, {"extra": ""}, INVALID),
    ],
)
def test_what_is_wrong_is_said_field_by_field(raw: dict[str, str], errors: dict[str, str], message: str) -> None:
    form = read(raw, (NOTE, OPTIONAL, COLOUR))
    assert not form.valid
    assert set(form.errors) == set(errors)
    assert all(form.errors[name] == error for name, error in errors.items() if error)
    assert form.message == message
    assert form.values["note"] == raw.get("note", "").strip(), "what was typed is kept, however long"


def test_a_form_may_have_one_message_for_every_mistake() -> None:
    assert read({}, (NOTE,), INVALID).message == INVALID
    assert read({"note": "x"}, (NOTE,), INVALID).message == ""


def test_a_length_is_in_characters_after_cleaning() -> None:
    assert read({"note": "  " + "😀" * 10 + "\r\n"}, (NOTE,)).valid
    assert read({"note": "e\u0301" * 10}, (NOTE,)).valid
    assert not read({"note": "😀" * 11}, (NOTE,)).valid


def test_further_mistakes_are_added() -> None:
    form = Form((NOTE,), {"note": "x"}).with_error("note", "Salah.").with_error("colour", "Juga.", EMPTY)
    assert form.errors == {"note": "Salah.", "colour": "Juga."}
    assert form.message == INVALID, "the first message stays"
    assert not Form().with_message("Ulangi.").valid
    assert Form().valid


@given(st.dictionaries(st.sampled_from(["note", "extra", "colour", "x"]), typed))
def test_whatever_is_posted_is_judged(raw: dict[str, str]) -> None:
    form = read(raw, (NOTE, OPTIONAL, COLOUR))
    assert set(form.values) == {"note", "extra", "colour"}
    assert form.valid is (not form.errors) is (form.message == "")
    if form.valid:
        assert 1 <= len(form.values["note"]) <= 10
        assert form.values["colour"] in ("red", "blue")
