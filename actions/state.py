"""What is known of a request once its door has let it pass: the types of `request.state`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from asyncpg import Connection
from starlette import requests
from starlette.datastructures import State as AnyState

from actions.action import Action
from auth.clients import Client
from db import Lease
from forms.files import Attached
from queries.employees import Employee
from queries.problems import Problem
from queries.submissions import Submission
from queries.templates import Template
from web.bodies import Posted
from web.form_key import FormKey


class State(AnyState):
    """An attribute is there once it is known, and only where there is such a thing: ask with `hasattr` where that differs.

    Every door: `client`, `photos`; of a post also `raw`. Not the public ones: `lease`, its `connection`, `viewer`, the versions
    of what may be shown (queries.sessions.LoggedIn, as the request was admitted), `key_reused` (whether another form was recorded
    under the key of this one); of a post `form_key`, and `submission`, the form to be recorded, if it has a key. `problem` is the
    one that the path names, `action` what the door does to it, or to several, `templates` what the viewer may put into its forms.
    """

    client: Client
    attached: Attached
    raw: Posted
    lease: Lease
    connection: Connection
    viewer: Employee
    reference_version: str
    version: str
    views_version: str
    action: Action
    form_key: FormKey
    submission: Submission
    key_reused: bool
    problem: Problem
    templates: list[Template]


Request = requests.Request[State]


@asynccontextmanager
async def without_connection(request: Request) -> AsyncIterator[None]:
    """Hold no connection meanwhile. Raises DatabaseUnavailable if there is none afterwards."""
    async with request.state.lease.given_back():
        yield
    request.state.connection = request.state.lease.connection
