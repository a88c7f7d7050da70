"""The key and the version that every form carries, and the digest that tells the same form from another."""

from uuid import UUID

import pytest
from starlette.datastructures import ImmutableMultiDict

from web.form_key import new_key, read_form_key

KEY = "3f2b8c1e-5d4a-4e6f-9a7b-0c1d2e3f4a5b"
RAW = {"key": KEY, "version": "3", "solution": "Diganti."}


def test_a_form_key() -> None:
    form_key = read_form_key(RAW, "/problems/1/closure")
    assert (form_key.key, form_key.version, len(form_key.digest)) == (UUID(KEY), 3, 32)


@pytest.mark.parametrize("key", ["", "x", KEY[:-1], f"{KEY}0", "g" * 32, "\x00"])
def test_no_key(key: str) -> None:
    assert read_form_key({"key": key}, "/").key is None


@pytest.mark.parametrize("version", ["", "0", "-1", "+1", "1.0", "1e3", "abc", " 1", "１", "²", "1" * 10, "9" * 5000])
def test_no_version(version: str) -> None:
    assert read_form_key({"version": version}, "/").version == 0


def test_nothing_at_all() -> None:
    form_key = read_form_key({}, "/")
    assert (form_key.key, form_key.version) == (None, 0)


@pytest.mark.parametrize(
    "same",
    [
        {"solution": " Diganti.\r\n"},
        {"key": new_key()},
        dict(reversed(RAW.items())),
    ],
)
def test_the_same_content_has_the_same_digest(same: dict[str, str]) -> None:
    assert read_form_key(RAW | same, "/a").digest == read_form_key(RAW, "/a").digest


@pytest.mark.parametrize(
    "other", [{"solution": "Diganti"}, {"solution": "diganti."}, {"version": "4"}, {"more": ""}, {"x": "Diganti."}]
)
def test_other_content_has_another_digest(other: dict[str, str]) -> None:
    assert read_form_key(RAW | other, "/a").digest != read_form_key(RAW, "/a").digest


def test_the_same_content_at_another_door_has_another_digest() -> None:
    assert read_form_key(RAW, "/a").digest != read_form_key(RAW, "/b").digest


def test_every_value_of_a_repeated_field_counts() -> None:
    chosen = [ImmutableMultiDict([("problem", first), ("problem", "2:1")]) for first in ("1:1", "3:1")]
    assert read_form_key(chosen[0], "/").digest != read_form_key(chosen[1], "/").digest


def test_fields_cannot_be_shifted_into_each_other() -> None:
    assert read_form_key({"a": "b", "c": "d"}, "/").digest != read_form_key({"a": "b,c", "": "d"}, "/").digest


def test_new_keys_are_new() -> None:
    assert len({UUID(new_key()) for _ in range(100)}) == 100


def test_pins_are_no_part_of_the_digest() -> None:
    """A digest is kept: from one of a PIN it could be found by trying."""
    for name in ("pin", "old_pin", "new_pin", "repeat_pin"):
        assert read_form_key(RAW | {name: "482913"}, "/pin").digest == read_form_key(RAW, "/pin").digest
