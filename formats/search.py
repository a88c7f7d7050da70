"""What somebody searches for: its words, as LIKE patterns, and the number of a problem as people write it (query parsing)."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from formats.text import COMPARED, digits, folded, searchable

# A number by itself, 3167 or 3.167, of no more digits than a bigint holds for sure; with `K`, `#`, `No.` or the like before it
# it is said to be one of a problem. In a sentence, or in the subject of a mail, it begins the text or stands in brackets.
_DIGITS = r"([0-9]{1,18}|[0-9]{1,3}(?:\.[0-9]{3}){1,5})"
_NAMED = re.compile(
    rf"(?:kendala|laporan|tiket|problem)? ?(?:nomor|nomer|no|nr|number|id)?[.:]? ?#? ?(?:k ?[-:.#]* ?)?{_DIGITS}"
)
_IN_TEXT = re.compile(r"(?:^[^a-z0-9]*|[\[(])k ?- ?([0-9]{1,18})(?![0-9a-z])")
_ADDRESS = re.compile(r"(?:^|/)problems/([0-9]{1,18})(?![0-9])|[?&]problem=([0-9]{1,18})(?![0-9])")

_AROUND = ".,;:!?()[]{}…"  # a word, in prose
_AROUND_NUMBER = _AROUND + "<>*|'\"-/\\ "


class Number(NamedTuple):
    """The number of a problem that was typed. `only`: it is said to be one, so that nothing else is meant."""

    id: int
    only: bool


def find_number(typed: str) -> Number | None:
    """The number that `typed` names, or may name; None if it names none."""
    text = "".join(digits(c) if c.isdecimal() else c for c in folded(typed))
    if address := _ADDRESS.search(text):
        return Number(int(address[1] or address[2]), only=" " not in text)
    bare = text.strip(_AROUND_NUMBER)
    if named := _NAMED.fullmatch(bare):
        return Number(int(named[1].replace(".", "")), only=named[1] != bare)
    in_text = _IN_TEXT.search(text)
    return Number(int(in_text[1]), only=False) if in_text else None


def words_or_number(typed: str) -> list[str]:
    """A number as its digits, however it was written; else the words."""
    number = digits(typed)
    return [number] if number.isdecimal() else words_of(typed)


def words_of(typed: str) -> list[str]:
    """The words that all have to be found, as they are compared: first what an index finds best, and none that is part of
    another. A text longer than any field is one word."""
    if len(typed) > COMPARED:
        return [typed]
    words: list[str] = []
    parts = (word.strip(_AROUND) or word for word in searchable(typed).split(" "))
    for word in sorted(parts, key=lambda word: (_longest_row(word), len(word)), reverse=True):
        if word and not any(word in longer for longer in words):
            words.append(word)
    return words


def is_indexed(words: Sequence[str]) -> bool:
    """Whether an index of trigrams finds one of the words: it has three letters or digits in a row."""
    return any(_longest_row(word) >= 3 for word in words)


def _longest_row(word: str) -> int:
    """Of letters and digits."""
    return max(map(len, re.findall(r"[^\W_]+", word)), default=0)


def like(word: str) -> str:
    """The LIKE pattern of texts that contain `word`."""
    escaped = re.sub(r"([%_\\])", r"\\\1", word)
    return f"%{escaped}%"
