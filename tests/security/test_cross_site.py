"""No order from another site: every unsafe door, and every sign of one."""

import httpx2
import pytest

from app import DOORS
from tests.client import HTMX, Client
from tests.conftest import People
from tests.house import House
from tests.journeys import ANI, DESK, problem_in
from tests.routes.catalogue import address, is_page

OURS = "http://testserver"
FOREIGN = {
    "same-site": {"Sec-Fetch-Site": "same-site"},
    "cross-site": {"Sec-Fetch-Site": "cross-site"},
    "cross-site, our origin": {"Sec-Fetch-Site": "cross-site", "Origin": OURS},
    "none": {"Sec-Fetch-Site": "none"},
    "two of them": [("Sec-Fetch-Site", "same-origin"), ("Sec-Fetch-Site", "cross-site")],
    "in capitals": {"Sec-Fetch-Site": "Same-Origin"},
    "a list": {"Sec-Fetch-Site": "same-origin, same-origin"},
    "a list of two": {"Sec-Fetch-Site": "same-origin, cross-site"},
    "empty": {"Sec-Fetch-Site": ""},
    "empty, but our origin": {"Sec-Fetch-Site": "", "Origin": OURS},
    "same-origin, foreign origin": {"Sec-Fetch-Site": "same-origin", "Origin": "https://evil.example"},
    "cross-site, null origin": {"Sec-Fetch-Site": "cross-site", "Origin": "null"},
    "same-origin, null and foreign origin": [
        *(("Sec-Fetch-Site", "same-origin"), ("Origin", "null"), ("Origin", "https://evil.example"))
    ],
    "no header": {},
    "empty origin": {"Origin": ""},
    "null origin": {"Origin": "null"},
    "foreign origin": {"Origin": "https://evil.example"},
    "other scheme": {"Origin": "https://testserver"},
    "other port": {"Origin": "http://testserver:8080"},
    "default port, which browsers leave out": {"Origin": "http://testserver:80"},
    "below": {"Origin": "http://testserver.evil.example"},
    "above": {"Origin": "http://evil.testserver"},
    "user": {"Origin": "http://testserver@evil.example"},
    "path": {"Origin": "http://testserver/"},
    "foreign path": {"Origin": "http://evil.example/testserver"},
    "no scheme": {"Origin": "//testserver"},
    "two origins": [("Origin", OURS), ("Origin", "https://evil.example")],
    "unreadable": {"Origin": "http://["},
    "only a referrer": {"Referer": f"{OURS}/problems"},
    "htmx": HTMX,
}
UNSAFE = [(door, method) for door in DOORS for method in ("POST", "PUT", "PATCH", "DELETE", "TRACE", "QUERY")]
# Doors to send every sign to: what stands before them is the same for all.
SAMPLES = ("/login", "/logout", "/problems", "/problems/1/comments", "/nothing")


async def assert_refused(client: Client, method: str, path: str, sign: str) -> None:
    signs = FOREIGN[sign]
    signs = signs if isinstance(signs, list) else list(signs.items())
    for htmx in ({}, HTMX):
        request = client.build_request(method, path, data={"key": "x"})
        del request.headers["Sec-Fetch-Site"]
        for name, value in [*signs, *htmx.items()]:
            request.headers._list.append((name.encode(), name.lower().encode(), value.encode()))
        response = await client.send(request)
        assert response.status_code == 403, f"{sign}: {method} {path}"
        assert "Permintaan itu tidak berasal dari halaman SIH." in response.text
        assert is_page(response) is not bool(htmx or sign == "htmx")
        assert "sih" not in response.headers.get("Set-Cookie", "")


async def test_every_unsafe_door_refuses(house: House) -> None:
    desk = await house.people(DESK)
    for door, method in UNSAFE:
        for sign in ("cross-site", "foreign origin", "no header"):
            await assert_refused(desk, method, address(door.path), sign)
    assert (await desk.get("/problems")).status_code == 200, "still logged in"


async def test_every_sign_of_another_site_is_seen(house: House) -> None:
    for client in (house.nobody, await house.people(DESK)):
        for sign in FOREIGN:
            for path in SAMPLES:
                await assert_refused(client, "POST", path, sign)


@pytest.mark.parametrize(
    "signs",
    [
        {"Sec-Fetch-Site": "same-origin"},
        {"Origin": OURS},
        {"Origin": "HTTP://TestServer"},
        {"Origin": OURS, "Host": "testserver:80"},
        # Behind a proxy, of which the browser knows nothing: it sends no referrer, ends https, listens elsewhere.
        {"Sec-Fetch-Site": "same-origin", "Origin": "null"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "https://testserver"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "https://testserver", "Host": "testserver:443"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "https://testserver", "Host": "testserver:8080"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "https://testserver.", "Host": "testserver."},
    ],
)
async def test_a_page_of_ours_is_let_through(nobody: Client, people: People, signs: dict[str, str]) -> None:
    ani = await people(ANI)
    path = await problem_in(people, "reported")
    fields = await ani.form(path, f"{path}/comments") | {"comment": "Masih mati."}
    for client in (nobody, ani):
        del client.headers["Sec-Fetch-Site"]
    assert (await nobody.post("/login/nik", {"nik": ANI}, headers=signs)).status_code == 200
    sent = await ani.post(f"{path}/comments", fields, headers=signs)
    assert (sent.status_code, sent.headers["Location"]) == (303, path), "of whichever host it was asked"
    assert (await ani.post("/logout", headers=signs)).status_code == 303


async def test_a_link_from_another_site_may_be_followed(people: People) -> None:
    outside: httpx2.AsyncClient = await people(ANI)
    for site in ("cross-site", "none"):
        response = await outside.request("GET", "/problems", headers={"Sec-Fetch-Site": site})
        assert response.status_code == 200
