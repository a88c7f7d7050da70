"""Words beside those of the demo company's problems, so that a text search finds common, seldom and unique ones."""

import random
from typing import NamedTuple

SYLLABLES = "ba bi da di du ga ka ke ko la li lu ma me mo na ni pa pe ra ri ru sa se si ta ti to wa ya"
VOCABULARY = 20_000  # names of things that a store may have; the first are everywhere, the last nearly nowhere
PLACES = ("di gudang", "lantai 2", "dekat pintu masuk", "di ruang istirahat", "kasir depan", "area parkir")


class Words(NamedTuple):
    """What a title and a description end with, and the same as it is searched."""

    title: str
    description: str
    searched_title: str
    searched_description: str


def make_vocabulary(rng: random.Random) -> list[str]:
    """Words that no problem of the demo company has, of four syllables each."""
    words: dict[str, None] = {}
    while len(words) < VOCABULARY:
        words["".join(rng.choices(SYLLABLES.split(), k=4)).capitalize()] = None
    return list(words)


def say_more(rng: random.Random, vocabulary: list[str], number: int) -> Words:
    """Half of all titles name a place, one in six a thing, the n-th of which is n times as seldom as the first (Zipf); every
    description has a serial number of its own."""
    chance = rng.random()
    if chance < 0.5:
        title = " " + PLACES[int(chance * 2 * len(PLACES))]
    else:
        title = " " + vocabulary[int(VOCABULARY ** rng.random()) - 1] if chance > 5 / 6 else ""
    description = f" Nomor seri SN-{number * 7919 % 100_000_007:08}."
    return Words(title, description, title.lower(), description.lower().replace("-", ""))
