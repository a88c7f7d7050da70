"""What a worker keeps for all requests beside its database (application state)."""

from collections.abc import Sequence
from typing import Any

from starlette.datastructures import State

from actions.uploads import Receiving
from auth.pins import PinHasher
from web.decoding import Turns
from web.fairness import Fairness
from web.kept import Kept
from web.render import Packed

KEPT = 100  # desk screens whose contents a worker keeps as they were read: by area and time zone
RECAPS = (
    8_000_000  # bytes for recaps, by what they are narrowed to: a thousand or so; those of months that are over stay
)
BESIDE = 3_000  # bytes of each beside its page: numbers of a month, key, lock
PEOPLE = 1_000  # for each of whom something is kept


def begin(state: State, peppers: Sequence[str]) -> None:
    """Give `state`, that of the application, what it is to have from the start."""
    state.draining, state.schema_mismatch = False, ""  # told to stop; why it is not served on its database
    state.is_empty = False  # known to have no people yet
    state.kept, state.reference, state.offers, state.views = Kept(KEPT), Kept(1), Kept(PEOPLE), Kept(PEOPLE)
    state.recaps, state.tasks = Kept(RECAPS, _weigh), Kept(PEOPLE)
    state.fairness, state.pins = Fairness(), PinHasher(peppers)
    state.receiving, state.decoding_posts = Receiving(), Receiving()
    state.decoding, state.tables = Turns(), Turns()


def _weigh(kept: Any) -> int:
    """The bytes of what is kept of a recap, roughly: a page's, or those of numbers."""
    return BESIDE + (len(kept) if isinstance(kept, Packed) else 0)
