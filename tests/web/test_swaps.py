"""Every answer of ours names how htmx is to swap it; to who did not ask, none does."""

import pytest
from starlette.applications import Starlette
from starlette.requests import Request

from app import DOORS
from doors import Door
from routes import errors
from tests.client import HTMX
from tests.conftest import People
from tests.journeys import ANI, DESK, report
from web.swaps import STYLES, WANTED


async def test_every_door_names_the_swap_that_was_asked_for(people: People) -> None:
    """Whatever its status."""
    await report(people)
    desk, statuses = await people(DESK), set()
    for door in DOORS:
        if isinstance(door, Door) and door.path != "/logout":
            path = door.path.replace("{id}", "1").replace("{seq}", "1").replace("{form}", "comment")
            for method in ("GET", "POST", "PUT"):
                headers = HTMX | {WANTED: "outerMorph", "Sec-Fetch-Site": "same-origin"}
                response = await desk.request(method, path, headers=headers)
                statuses.add(response.status_code)
                if "HX-Redirect" not in response.headers:
                    assert response.headers["HX-Reswap"] in STYLES | {"afterbegin"}, (method, path)
                assert "HX-Reswap" not in (await desk.request(method, path)).headers or response.status_code == 204
    assert {200, 204, 404, 405, 422} <= statuses


async def test_what_says_that_nothing_changed_empties_nothing(people: People) -> None:
    desk = await people(DESK)
    headers = HTMX | {WANTED: "innerMorph"}
    first = await desk.request("GET", "/desk", headers=headers)
    assert first.headers["HX-Reswap"] == "innerMorph"
    again = await desk.request("GET", "/desk", headers=headers | {"HX-PTag": first.headers["HX-PTag"]})
    assert (again.status_code, again.headers["HX-Reswap"]) == (304, "none")


async def test_an_unknown_style_is_not_repeated(people: People) -> None:
    for style in ("", "delete", "innerHTML target:body", "x\x7f"):
        response = await (await people(ANI)).request("GET", "/problems", headers=HTMX | {WANTED: style})
        assert response.status_code == 200 and "HX-Reswap" not in response.headers


@pytest.mark.parametrize(
    ("headers", "swap", "target"),
    [
        ({WANTED: "outerHTML", "HX-Source": "form#report-form"}, "innerHTML", "find .network"),
        ({WANTED: "outerMorph", "HX-Source": "select#kind"}, "afterbegin", None),
        ({WANTED: "none", "HX-Source": "input"}, "none", None),
    ],
)
async def test_a_message_leaves_what_is_on_the_page(app: Starlette, headers, swap: str, target: str | None) -> None:
    """In the place that a form has for it, on top of anything else; a draft hears that it was not kept."""
    sent = [(name.lower().encode(), value.encode()) for name, value in (HTMX | headers).items()]
    scope = {"type": "http", "app": app, "method": "POST", "scheme": "http", "path": "/", "headers": sent, "state": {}}
    for response in (
        await errors.busy(Request(scope)),
        await errors.crash(Request(scope | {"query_string": b"", "server": ("testserver", 80)}), Exception()),
    ):
        assert response.status_code in (500, 503) and b'class="flash error"' in response.body
        assert (response.headers["HX-Reswap"], response.headers.get("HX-Retarget")) == (swap, target)
        assert response.headers.get("HX-Trigger") == ("htmx:error" if swap == "none" else None)
