"""No order from another site: every unsafe door, with every sign of one."""

import pytest

from app import DOORS
from tests.client import HTMX, Client
from tests.security.world import NIKS

OURS = "http://testserver"
FOREIGN = {
    "same-site": {"Sec-Fetch-Site": "same-site"},
    "cross-site": {"Sec-Fetch-Site": "cross-site"},
    "none": {"Sec-Fetch-Site": "none"},
    "two of them": [("Sec-Fetch-Site", "same-origin"), ("Sec-Fetch-Site", "cross-site")],
    "in capitals": {"Sec-Fetch-Site": "Same-Origin"},
    "a list": {"Sec-Fetch-Site": "same-origin, same-origin"},
    "empty": {"Sec-Fetch-Site": ""},
    "empty, but our origin": {"Sec-Fetch-Site": "", "Origin": OURS},
    "same-origin, foreign origin": {"Sec-Fetch-Site": "same-origin", "Origin": "https://evil.example"},
    "same-origin, null origin": {"Sec-Fetch-Site": "same-origin", "Origin": "null"},
    "no header": {},
    "null origin": {"Origin": "null"},
    "foreign origin": {"Origin": "https://evil.example"},
    "other scheme": {"Origin": "https://testserver"},
    "other port": {"Origin": "http://testserver:8080"},
    "default port, which browsers leave out": {"Origin": "http://testserver:80"},
    "below": {"Origin": "http://testserver.evil.example"},
    "above": {"Origin": "http://evil.testserver"},
    "user": {"Origin": "http://testserver@evil.example"},
    "path": {"Origin": "http://testserver/"},
    "no scheme": {"Origin": "//testserver"},
    "two origins": [("Origin", OURS), ("Origin", "https://evil.example")],
    "unreadable": {"Origin": "http://["},
    "only a referrer": {"Referer": f"{OURS}/problems"},
    "htmx": HTMX,
}
ANY = {"id": 1, "nik": "10001", "session": 1}
UNSAFE = [(door, method) for door in DOORS for method in ("POST", "PUT", "PATCH", "DELETE", "TRACE", "QUERY")]


@pytest.mark.parametrize("sign", FOREIGN)
async def test_every_unsafe_door_refuses(people, sign: str) -> None:
    client = await people(NIKS["desk"])
    signs = FOREIGN[sign]
    signs = signs if isinstance(signs, list) else list(signs.items())
    for door, method in UNSAFE:
        for htmx in ({}, HTMX):
            request = client.build_request(method, door.path.format(**ANY), data={"key": "x"})
            del request.headers["Sec-Fetch-Site"]
            for name, value in [*signs, *htmx.items()]:
                request.headers._list.append((name.encode(), name.lower().encode(), value.encode()))
            response = await client.send(request)
            assert response.status_code == 403, f"{sign}: {method} {door.path}"
            assert "tidak berasal dari halaman SIH" in response.text


@pytest.mark.parametrize(
    "signs", [{"Sec-Fetch-Site": "same-origin"}, {"Origin": OURS}, {"Origin": "HTTP://TestServer"}]
)
async def test_a_page_of_ours_is_let_through(nobody: Client, signs: dict[str, str]) -> None:
    del nobody.headers["Sec-Fetch-Site"]
    assert (await nobody.post("/login/nik", {"nik": "10001"}, headers=signs)).status_code == 200


async def test_other_methods_are_refused_after_that(nobody: Client) -> None:
    for door in DOORS:
        for method in ("PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"):
            path = "/static/app.css" if door.path == "/static" else door.path.format(**ANY)
            response = await nobody.request(method, path)
            assert response.status_code == 405, door.path
            assert response.headers["Allow"]
            assert "Access-Control-Allow-Origin" not in response.headers
