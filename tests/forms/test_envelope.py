"""The key and the version that every form carries, and the digest that tells the same form from another."""

from uuid import UUID

import pytest

from forms.envelope import new_key, open_envelope

KEY = "3f2b8c1e-5d4a-4e6f-9a7b-0c1d2e3f4a5b"
RAW = {"key": KEY, "version": "3", "solution": "Diganti."}


def test_an_envelope() -> None:
    envelope = open_envelope(RAW, "/problems/1/closure")
    assert (envelope.key, envelope.version, len(envelope.digest)) == (UUID(KEY), 3, 32)


@pytest.mark.parametrize("key", ["", "x", KEY[:-1], f"{KEY}0", "g" * 32, "\x00"])
def test_no_key(key: str) -> None:
    assert open_envelope({"key": key}, "/").key is None


@pytest.mark.parametrize("version", ["", "0", "-1", "+1", "1.0", "1e3", "abc", " 1", "１", "²", "1" * 10, "9" * 5000])
def test_no_version(version: str) -> None:
    assert open_envelope({"version": version}, "/").version == 0


def test_nothing_at_all() -> None:
    envelope = open_envelope({}, "/")
    assert (envelope.key, envelope.version) == (None, 0)


@pytest.mark.parametrize(
    "same",
    [
        {"solution": " Diganti.\r\n"},
        {"key": new_key()},
        dict(reversed(RAW.items())),
    ],
)
def test_the_same_content_has_the_same_digest(same: dict[str, str]) -> None:
    assert open_envelope(RAW | same, "/a").digest == open_envelope(RAW, "/a").digest


@pytest.mark.parametrize(
    "other", [{"solution": "Diganti"}, {"solution": "diganti."}, {"version": "4"}, {"more": ""}, {"x": "Diganti."}]
)
def test_other_content_has_another_digest(other: dict[str, str]) -> None:
    assert open_envelope(RAW | other, "/a").digest != open_envelope(RAW, "/a").digest


def test_the_same_content_at_another_door_has_another_digest() -> None:
    assert open_envelope(RAW, "/a").digest != open_envelope(RAW, "/b").digest


def test_fields_cannot_be_shifted_into_each_other() -> None:
    assert open_envelope({"a": "b", "c": "d"}, "/").digest != open_envelope({"a": "b,c", "": "d"}, "/").digest


def test_new_keys_are_new() -> None:
    assert len({UUID(new_key()) for _ in range(100)}) == 100
