"""Mentions: `@` and a NIK in a comment or note is shown as the name of whoever may know of it; else it stays as it was typed."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from asyncpg import Connection

from queries.mentions import list_names

# As `mentioned` of schema.sql has it, which says who is told.
_MENTION = re.compile(r"(?<![A-Za-z0-9_@.])([@＠﹫]([0-9０-９]{4,16}))(?![A-Za-z0-9_])")


class Part(NamedTuple):
    """A piece of a text, which may be the name of a person."""

    text: str
    is_name: bool = False


class Mentions:
    """Names by NIK, as they stand in texts."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names

    def parts(self, text: str) -> Iterator[Part]:
        """The text, in pieces."""
        end = 0
        for match in _MENTION.finditer(text):
            if name := self._names.get(_nik(match)):
                yield Part(text[end : match.start()])
                yield Part(f"@{name}", is_name=True)
                end = match.end()
        yield Part(text[end:])


async def find_mentions(
    connection: Connection, problem_id: int, texts: Iterable[str | None], *, of_notes: bool = False
) -> Mentions:
    """Who is named in these texts of the problem; nothing is asked where nobody is."""
    niks = sorted({_nik(match) for text in texts if text for match in _MENTION.finditer(text)})
    return Mentions(await list_names(connection, problem_id, niks, of_notes=of_notes) if niks else {})


def _nik(match: re.Match[str]) -> str:
    return unicodedata.normalize("NFKC", match[2])
