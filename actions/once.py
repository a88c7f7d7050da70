"""Idempotency of forms that change no problem: recorded once, in the transaction of what they do."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from asyncpg import Connection
from starlette.exceptions import HTTPException

from actions.state import Request
from queries.submissions import KeyReused, Submission, record


def submission_of(request: Request) -> Submission:
    """The form that was posted. Raises KeyReused, and 422 for one without a key."""
    state = request.state
    if not hasattr(state, "submission"):
        raise HTTPException(422)
    if state.key_reused:
        raise KeyReused
    return state.submission


@asynccontextmanager
async def once(request: Request, location: str) -> AsyncIterator[Connection]:
    """A transaction in which the form that was posted is recorded, its answer leading to `location`.

    Raises as `submission_of` does, and AlreadyRecorded; the door answers that as it answers a repetition.
    """
    submission = submission_of(request)
    async with request.state.connection.transaction():
        await record(request.state.connection, submission, location)
        yield request.state.connection
