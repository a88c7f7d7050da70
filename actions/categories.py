"""A category's page, as an admin sees it: beside the form how many problems it has, never which."""

from typing import Any

from actions.state import Request
from queries.categories import count_problems
from queries.masters import Master as Record


async def beside(request: Request, record: Record) -> dict[str, Any]:
    """How many problems have it, or one below it."""
    return {"problems": await count_problems(request.state.connection, record.code)}
