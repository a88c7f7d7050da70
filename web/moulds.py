"""Moulds (partial evaluation of templates): what one says the same each time is kept, with blanks for the words that differ.

A mould is made of what it is kept by, and of nothing else: what stands in it of one person's page can stand in no other's, unless
it is the same there.
"""

import re
from collections.abc import Iterable, Mapping

from markupsafe import escape

from web.render import Filled, render_text

# What stands for a word while a mould is made. No text from outside has a NUL: the database keeps none.
_BLANK = re.compile("\0([a-z_]+)\0")


def blank(name: str) -> str:
    """What a template is given for a word that differs each time."""
    return f"\0{name}\0"


class Mould:
    """A template's text with blanks. `context` is all that it knows."""

    def __init__(self, name: str, context: dict) -> None:
        self.name = name
        *pairs, self._end = _BLANK.split(render_text(name, context))
        self._pairs = list(zip(pairs[::2], pairs[1::2], strict=True))

    def fill(self, words: Mapping[str, object]) -> Filled:
        """The text with `words` in its blanks, escaped. Raises KeyError for one that is missing."""
        return poured([(self, words)])

    def _pour(self, words: Mapping[str, object], parts: list[str]) -> None:
        for text, name in self._pairs:
            parts += text, escape(words[name])
        parts.append(self._end)


def poured(filled: Iterable[tuple[Mould, Mapping[str, object]]]) -> Filled:
    """Moulds one after the other, each with its words."""
    parts: list[str] = []
    for mould, words in filled:
        mould._pour(words, parts)
    return Filled("".join(parts))
