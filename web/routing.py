"""Which route a path leads to: by a tree of its parts (trie), not by asking one route after the other."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from starlette.routing import BaseRoute, Route, Router
from starlette.types import Lifespan, Receive, Scope, Send

_PARAMETER = re.compile(r"\{\w+\}")


@dataclass(frozen=True)
class _Node:
    """Where a path has come so far: what follows by a fixed part, and by any other; and the routes for a path that ends here."""

    fixed: dict[str, "_Node"]
    other: "_Node | None"
    here: Router


class TreeRouter(Router):
    """Starlette's router, that has only those of its routes looked at that fit the fixed parts of the path best: what one names
    to the letter is not another one's, whatever the method.

    What comes of them (404, 405, HEAD, parameters) is Starlette's to say. A path that the tree has not, as one below a Mount, is
    looked for among all routes.
    """

    def __init__(self, routes: Sequence[BaseRoute], lifespan: Lifespan[Any] | None = None) -> None:
        super().__init__(routes, redirect_slashes=False, lifespan=lifespan)  # an address is right or it does not exist
        self._root = _grow([(route.path.split("/"), route) for route in routes if isinstance(route, Route)], 0)

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The router's ASGI application."""
        router = self._find(scope["path"]) if scope["type"] == "http" else None
        if router is None:
            await super().app(scope, receive, send)
        else:
            await router.app(scope, receive, send)

    def _find(self, path: str) -> Router | None:
        node = self._root
        for part in path.split("/"):
            following = node.fixed.get(part, node.other)
            if following is None:
                return None
            node = following
        return node.here if node.here.routes else None


def _grow(routes: list[tuple[list[str], Route]], depth: int) -> _Node:
    """The node at `depth` parts. A parameter may be what another route has for a fixed part: it stands below both."""
    longer = [(parts, route) for parts, route in routes if len(parts) > depth]
    varying = [(parts, route) for parts, route in longer if _is_parameter(parts[depth])]
    words = {parts[depth] for parts, _ in longer if not _is_parameter(parts[depth])}
    fixed = {
        word: _grow(
            [(parts, route) for parts, route in longer if parts[depth] == word or _is_parameter(parts[depth])],
            depth + 1,
        )
        for word in words
    }
    ends = [route for parts, route in routes if len(parts) == depth]
    best = min(ends, key=lambda route: len(route.param_convertors)).path if ends else ""
    here = Router([route for route in ends if route.path == best], redirect_slashes=False)
    return _Node(fixed, _grow(varying, depth + 1) if varying else None, here)


def _is_parameter(part: str) -> bool:
    return _PARAMETER.fullmatch(part) is not None
