"""The reference data of a request: kept by every worker, for as long as it is the version that the admission read."""

from actions.state import Request
from queries.reference import Reference, get_reference


async def reference_of(request: Request) -> Reference:
    """Divisions, stores, categories and the like, as they are. Asks the database only after something of them has changed."""
    state = request.state
    return await request.app.state.reference.get((), state.reference_version, lambda: get_reference(state.connection))
