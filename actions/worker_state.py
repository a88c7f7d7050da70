"""What a worker keeps for all requests beside its database (application state)."""

from collections.abc import Sequence

from starlette.datastructures import State

from actions.uploads import Receiving
from auth.pins import PinHasher
from web.decoding import Turns
from web.fairness import Fairness
from web.kept import Kept

# Pages whose contents a worker keeps as they were read: the desk screen by time zone, recaps by what they are narrowed to.
KEPT = 100
PEOPLE = 1_000  # for each of whom something is kept


def begin(state: State, peppers: Sequence[str]) -> None:
    """Give `state`, that of the application, what it is to have from the start."""
    state.draining, state.schema_mismatch = False, ""  # told to stop; why it is not served on its database
    state.is_empty = False  # known to have no people yet
    state.kept, state.reference, state.offers, state.views = Kept(KEPT), Kept(1), Kept(PEOPLE), Kept(PEOPLE)
    state.fairness, state.pins = Fairness(), PinHasher(peppers)
    state.receiving, state.decoding_posts, state.decoding = Receiving(), Receiving(), Turns()
