"""Text as it is kept (cleaning), and as it is compared (Unicode normalization, case folding)."""

import re
import unicodedata
from collections.abc import Mapping
from string import ascii_lowercase, ascii_uppercase

# What begins a new line, in Word, in a mainframe's file or on a Mac: VT, FF, NEL, LINE and PARAGRAPH SEPARATOR among them.
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")

# Characters that nobody types: controls other than tab and line feed, which Postgres or a browser cannot hold, and those that
# turn the direction of what follows, with which a text can show something else than it says.
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff]")

# As many as Unicode's Stream-Safe Text Format allows (UAX #15, section 13). No language has more than a few.
MARKS = 30

# Of longer ones none is compared with anything: no field holds more. NFKC makes up to 18 characters of one.
COMPARED = 4000

# What a text must have at least one of, to be seen: letters, numbers, punctuation, symbols; but not the blank ones among them.
_BLANKS = "\u115f\u1160\u2800\u3164\uffa0"

# What looks the same. The function searchable() of schema.sql says it once more: a test compares them, character by character.
_SPACES = (
    "\t\n\x0b\x0c\r\x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029"
    "\u202f\u205f\u3000"
)
_DASHES = (
    "\u02d7\u058a\u05be\u1400\u1806\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u207b\u208b\u2212"
    "\u2e3a\u2e3b\u2e40\u301c\u3030\u30a0\ufe31\ufe32\ufe58\ufe63\uff0d"
)
_SINGLE = (
    "`\xb4\u02b9\u02bb\u02bc\u02bd\u02c8\u02ca\u02cb\u0374\u1fef\u1ffd\u2018\u2019\u201a\u201b\u2032\u2035\u2039\u203a"
    "\uff07\uff40"
)
_DOUBLE = "\xab\xbb\u02ba\u02dd\u201c\u201d\u201e\u201f\u2033\u2034\u2036\u2037\u2057\u301d\u301e\u301f\uff02"
_UNSEEN = re.compile(
    "[\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
_PLAIN = (
    dict.fromkeys(map(ord, _SPACES), " ")
    | dict.fromkeys(map(ord, _DASHES), "-")
    | dict.fromkeys(map(ord, _SINGLE), "'")
    | dict.fromkeys(map(ord, _DOUBLE), '"')
)
_BARE = _PLAIN | {ord(character): None for character in _DASHES + _SINGLE + _DOUBLE + "-'\""}
_ACCENTS = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]")

# Letters that no decomposition takes apart, as they are typed where a keyboard lacks them; and capitals that are left after it,
# of the Latin, Greek and Cyrillic scripts.
_LETTERS = {"\xe6": "ae", "\xc6": "ae", "\u0153": "oe", "\u0152": "oe", "\xdf": "ss", "\u1e9e": "ss"}
_CAPITALS = "ÐØÞĐĦŁŊŦΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩςЂЄЅІЈЉЊЋЏАБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯøđðłħıŧŋ"
_SMALLS = "doþdhlntαβγδεζηθικλμνξοπρστυφχψωσђєѕіјљњћџабвгдежзиклмнопрстуфхцчшщъыьэюяoddlhitn"
_SMALL = str.maketrans(ascii_uppercase + _CAPITALS, ascii_lowercase + _SMALLS) | str.maketrans(_LETTERS)


def clean(text: str) -> str:
    """`text` as it is kept: NFC, line feeds for line ends, no control characters, no blanks at either end; empty if there is
    nothing to see in it."""
    text = _LINE_ENDS.sub("\n", text)
    text = unicodedata.normalize("NFC", _without_piles(_CONTROLS.sub("", text))).strip()
    return text if any(unicodedata.category(c)[0] in "LNPS" and c not in _BLANKS for c in text) else ""


def folded(text: str) -> str:
    """`text` as it is compared, so that what looks the same is the same: NFKC, nothing that cannot be seen, plain quotes and
    dashes, one blank for any, none at either end, no capitals. What is longer than COMPARED stays as it is."""
    if len(text) > COMPARED:
        return text
    text = _bare(text, _PLAIN)
    if not text.isascii():
        text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", _without_piles(text)).casefold())
    return _spaced(_CONTROLS.sub("", text).casefold())


def searchable(text: str) -> str:
    """`text` as searches compare it: folded, and without accents, hyphens and quotes. SQL has the same function. What is
    longer than COMPARED stays as it is."""
    if len(text) > COMPARED:
        return text
    text = _bare(text, _BARE)
    if not text.isascii():
        text = _ACCENTS.sub("", unicodedata.normalize("NFKD", _without_piles(text)))
    return _spaced(text.translate(_SMALL))


def digits(text: str) -> str:
    """A NIK or a PIN as it is compared: the digits of any script and width as 0 to 9, without what stands between them: blanks,
    dots, dashes. What is no digit stays, and makes it none."""
    text = re.sub(r"[ .\-]", "", folded(text))
    return text if text.isascii() else "".join(str(unicodedata.decimal(c, c)) for c in text)


def initials(name: str) -> str:
    """`SW`: the first letters of the first and the last word of a name, of one word only the first."""
    words = name.split()
    return "".join(word[0] for word in dict.fromkeys((words[0], words[-1]))).upper() if words else ""


def breakable(name: str) -> list[str]:
    """The parts of a file's name, between which a line may be broken: each ends with a sign before a letter or digit."""
    return re.split(r"(?<=[_,+-])(?=[^\W_])", name)


def _without_piles(text: str) -> str:
    """`text` with at most MARKS combining marks in a row: to put them in order takes time that grows with their square."""
    if text.isascii():
        return text
    kept, row = [], 0
    for character in text:
        row = row + 1 if unicodedata.combining(character) else 0
        if row <= MARKS:
            kept.append(character)
    return "".join(kept)


def _bare(text: str, table: Mapping[int, str | None]) -> str:
    return _UNSEEN.sub("", text).translate(table)


def _spaced(text: str) -> str:
    return re.sub(" {2,}", " ", text).strip(" ")
