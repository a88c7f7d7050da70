"""Moulds (partial evaluation of templates): what one says the same each time is kept, with blanks for the words that differ.

A mould is made of what it is kept by, and of nothing else: what stands in it of one person's page can stand in no other's, unless
it is the same there.
"""

import re
from collections.abc import Iterable, Mapping

from markupsafe import escape

from web.render import Filled, render_text

# What stands for a word while a mould is made. No text from outside has a NUL: the database keeps none.
_BLANK = re.compile("\0([a-z]+)\0")


def blank(name: str) -> str:
    """What a template is given for a word that differs each time."""
    return f"\0{name}\0"


def joined(parts: Iterable[Filled]) -> Filled:
    """One after the other."""
    return Filled("".join([part.__html__() for part in parts]))


class Mould:
    """A template's text with blanks. `context` is all that it knows."""

    def __init__(self, name: str, context: dict) -> None:
        self._parts = _BLANK.split(render_text(name, context))

    def fill(self, words: Mapping[str, object]) -> Filled:
        """The text with `words` in its blanks, escaped. Raises KeyError for one that is missing."""
        parts = self._parts.copy()
        parts[1::2] = [escape(words[name]) for name in parts[1::2]]
        return Filled("".join(parts))
