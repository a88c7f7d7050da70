"""What stands before every door: limits of size and known hosts; and what is asked of the whole from outside."""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator

import httpx2
import pytest
from asyncpg import Connection
from starlette.applications import Starlette

from tests.client import HTMX, Client
from tests.conftest import People
from tests.journeys import ANI, BUDI, DESK
from tests.routes.catalogue import envelope, is_page
from tests.security.test_headers import assert_headers
from web.bodies import BODY_LIMIT, PUBLIC_BODY_LIMIT
from web.fairness import OF_A_PERSON
from web.middleware import RefuseUnreadable


def browser(app: Starlette, cookies: httpx2.Cookies | None = None) -> httpx2.AsyncClient:
    """A browser that says nothing of its own accord about where a request comes from, and takes a crash for an answer."""
    transport = httpx2.ASGITransport(app, raise_app_exceptions=False)
    return httpx2.AsyncClient(transport=transport, base_url="http://testserver", cookies=cookies)


async def test_the_addresses_of_static_files_change_with_their_content(nobody: Client) -> None:
    page = (await nobody.get("/login")).text
    addresses = re.findall(r'(?:href|src)="(/static/[^"#]+)', page)
    assert len(addresses) >= 3
    for address in addresses:
        assert re.search(r"\?v=[0-9a-f]{12}$", address)
        assert (await nobody.get(address)).status_code == 200
    assert not re.search(r'(?:href|src|action)="(?:https?:)?//', page), "nothing comes from elsewhere"


# Limits -----------------------------------------------------------------------------------------------------------------


LARGE = (("/login", PUBLIC_BODY_LIMIT), ("/problems", BODY_LIMIT))
LARGE_OF_ANI = ("/login", "/login/nik", "/problems", "/problems/1/comments", "/logout")


async def test_a_body_that_is_too_large_is_refused(app: Starlette, people: People) -> None:
    nobody, ani = browser(app), browser(app, (await people(ANI)).cookies)
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}

    async def in_pieces(limit: int) -> AsyncIterator[bytes]:
        for _ in range(limit // 1024 + 1):
            yield b"x" * 1024

    asked = [(nobody, *large) for large in LARGE] + [(ani, path, BODY_LIMIT) for path in LARGE_OF_ANI]
    for client, path, limit in asked:
        for body in (b"x=" + b"x" * limit, in_pieces(limit)):
            response = await client.post(path, content=body, headers=headers)
            assert response.status_code == 413, path
            assert "melebihi batas" in response.text
            assert_headers(response)
        response = await client.post(path, content=b"x=" + b"x" * limit, headers=headers | HTMX)
        assert response.status_code == 413
        assert not is_page(response)


async def test_a_body_that_says_it_is_too_large_is_not_waited_for(app: Starlette) -> None:
    async def never():
        pytest.fail("it was read")
        yield b""

    headers = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
    for length in (str(BODY_LIMIT + 1), "9" * 30, "-1", "1e3"):
        response = await browser(app).post("/login", content=never(), headers=headers | {"Content-Length": length})
        assert response.status_code == 413, length


@pytest.mark.parametrize(
    ("count", "size", "status"), [(4, BODY_LIMIT // 7, 413), (1, BODY_LIMIT // 2, 413), (2, 1000, 422)]
)
async def test_the_room_for_photos_is_not_for_text(people: People, count: int, size: int, status: int) -> None:
    ani = await people(ANI)
    parts = {f"field{n}": (None, "\u00ad" * size) for n in range(count)}
    response = await ani.request("POST", "/problems", files=parts)
    assert response.status_code == status
    assert "Lampiran terlalu besar" not in response.text


async def test_the_longest_form_that_is_allowed_is_no_body_too_large(people: People, connection: Connection) -> None:
    desk, form = await people(DESK), {"title": "😀" * 120, "description": "😀" * 4000, "asset": "😀" * 120}
    assert (await desk.submit("/problems/new", "/problems", **form)).status_code == 303
    fields = await envelope(connection, "/problems/1") | {"category": "NET-WIFI", "impact": "1", "urgency": "1"}
    response = await desk.post("/problems/1/opening", fields | {"identification": "😀" * 4000})
    assert response.status_code == 303


# Health -----------------------------------------------------------------------------------------------------------------


async def test_health(nobody: Client, connection: Connection) -> None:
    assert (await nobody.get("/health/live")).text == "ok"
    assert (await nobody.get("/health/ready")).text == "ok"
    await connection.execute("ALTER TABLE schema_version RENAME TO gone")
    response = await nobody.get("/health/ready")
    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")


@pytest.mark.parametrize("quoted", [b'a="' + b"\\" * 7000 + b'"', b'a="\\;\\"', b"a=\\"])
async def test_a_cookie_that_has_to_be_unquoted_is_none(quoted: bytes) -> None:
    """Older Pythons take time with the square of its length (CVE-2024-7592); what stands beside it is read."""
    seen = []

    async def note(scope, receive, send) -> None:
        seen.append(dict(scope["headers"])[b"cookie"])

    scope = {"type": "http", "path": "/", "query_string": b"", "method": "GET"}
    for cookies in (quoted + b"; b=1", b"b=1; " + quoted):
        headers = [(b"host", b"testserver"), (b"cookie", cookies)]
        await RefuseUnreadable(note, ["testserver"], note)({**scope, "headers": headers}, None, None)
    assert [cookies.strip(b"; ") for cookies in seen] == [b"b=1", b"b=1"]


async def test_one_person_does_not_fill_the_worker(app: Starlette, people: People) -> None:
    ani, budi = await people(ANI), await people(BUDI)
    answers = await asyncio.gather(*(ani.get("/problems") for _ in range(2 * OF_A_PERSON)), budi.get("/problems"))
    statuses = Counter(answer.status_code for answer in answers[:-1])
    assert statuses.keys() == {200, 503} and statuses[200] >= OF_A_PERSON
    assert answers[-1].status_code == 200, "nobody else waits for that"
    assert (await ani.get("/problems")).status_code == 200
