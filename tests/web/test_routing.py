"""The tree of the doors leads where Starlette's router leads, which asks one after the other."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Match, Mount, Route, Router

from app import DOORS
from doors import Door
from web.routing import TreeRouter


async def told(request: Request) -> Response:
    return JSONResponse({"route": request.scope["route"].path, **request.path_params})


ROUTES = [
    *(Route(door.path, told, methods=list(door.endpoints)) for door in DOORS if isinstance(door, Door)),
    Route("/problems/new", told, methods=["PUT"]),
    Route("/problems/{id}", told, methods=["POST"]),
    Mount("/static", Route("/{name:path}", told)),
]


def best_for(path: str) -> list[BaseRoute]:
    """The routes of the pattern that fits with the fewest parameters; all, where none fits."""
    scope = {"type": "http", "method": "GET", "path": path, "headers": []}
    fit = [route for route in ROUTES if isinstance(route, Route) and route.matches(scope)[0] != Match.NONE]
    best = min(fit, key=lambda route: len(route.param_convertors)).path if fit else None
    return [route for route in ROUTES if best in (None, getattr(route, "path", ""))]


async def answer_of(router: Router, method: str, path: str) -> list[dict]:
    sent = []

    async def send(message) -> None:
        sent.append(message)

    await router({"type": "http", "method": method, "path": path, "headers": []}, None, send)
    return sent


async def test_every_path_leads_where_starlettes_router_leads() -> None:
    """Also where what stands for a parameter is a word that another path has there, or nothing."""
    paths = {"", "/", "//", "/nothing", "/static", "/static/", "/static/vendor/htmx.min.js", "/problems/"}
    split = [route.path.split("/") for route in ROUTES]
    for parts in split:
        words = [
            {other[i] for other in split if len(other) > i} | {"", "7"} if "{" in part else {part}
            for i, part in enumerate(parts)
        ]
        first = ["/".join([*parts[:i], word, *parts[i + 1 :]]) for i, part in enumerate(parts) for word in words[i]]
        paths |= {*first, "/".join(parts) + "/", "/".join(parts) + "/more", "/".join(parts).upper()}
    tree = TreeRouter(ROUTES)
    for path in paths:
        row = Router(best_for(path), redirect_slashes=False)
        for method in ("GET", "HEAD", "POST", "PUT"):
            assert await answer_of(tree, method, path) == await answer_of(row, method, path), (method, path)
