"""What stands before every door: no orders from other sites, headers on every answer, limits of size, known hosts only."""

import dataclasses
import re
from urllib.parse import urlsplit

import httpx2
import pytest
from asyncpg import Connection
from starlette.applications import Starlette

import auth
from app import create_app
from bodies import BODY_LIMIT
from render import asset
from settings import Settings
from tests.client import HTMX, Client
from tests.conftest import PIN, People
from tests.journeys import ANI, DESK, opened
from tests.routes.catalogue import CHANGES, EXAMPLES, Example, arrange, ask, contents, envelope, is_page

POSTS = [example for example in EXAMPLES if example.method == "POST"]

FOREIGN: list[dict[str, str]] = [
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "none"},
    {"Sec-Fetch-Site": ""},
    {"Sec-Fetch-Site": "same-origin, cross-site"},
    {},
    {"Origin": "null"},
    {"Origin": ""},
    {"Origin": "http://evil.example"},
    {"Origin": "http://testserver.evil.example"},
    {"Origin": "http://testserver:8080"},
    {"Origin": "http://evil.example/testserver"},
    {"Origin": "http://testserver@evil.example"},
    {"Referer": "http://testserver/problems"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "http://testserver"},
]


def browser(app: Starlette, cookies: httpx2.Cookies | None = None) -> httpx2.AsyncClient:
    """A browser that says nothing of its own accord about where a request comes from, and takes a crash for an answer."""
    transport = httpx2.ASGITransport(app, raise_app_exceptions=False)
    return httpx2.AsyncClient(transport=transport, base_url="http://testserver", cookies=cookies)


async def prepared(example: Example, people: People, connection: Connection) -> tuple[Client, str, dict[str, str]]:
    """Who sends the example, the path of its problem if it has one, and what its form would carry."""
    person, problem = await people(example.who or ANI), await arrange(example, people)
    return person, problem, dict(example.values) | (await envelope(connection, problem) if problem else {})


# Other sites ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("example", POSTS, ids=str)
async def test_an_order_from_another_site_is_refused(
    example: Example, app: Starlette, people: People, connection: Connection
) -> None:
    person, problem, fields = await prepared(example, people, connection)
    before = await contents(connection)
    outside = browser(app, person.cookies)
    for headers in FOREIGN:
        for more in ({}, HTMX):
            response = await outside.post(example.at(problem), data=fields, headers=headers | more)
            assert response.status_code == 403, headers
            assert "Permintaan itu tidak berasal dari halaman SIH." in response.text
            assert is_page(response) is not bool(more)
            assert "sih=" not in response.headers.get("Set-Cookie", "")
    for method in ("PUT", "PATCH", "DELETE", "QUERY"):
        assert (await outside.request(method, example.at(problem))).status_code == 403, method
    assert await contents(connection) == before
    assert (await person.get("/problems")).status_code == 200, "still logged in"


@pytest.mark.parametrize("example", [*CHANGES, *(e for e in POSTS if e.path in ("/login", "/logout"))], ids=str)
async def test_an_order_from_our_own_pages_passes_by_origin_alone(
    example: Example, app: Starlette, people: People, connection: Connection
) -> None:
    person, problem, fields = await prepared(example, people, connection)
    response = await browser(app, person.cookies).post(
        example.at(problem), data=fields, headers={"Origin": "http://testserver"}
    )
    assert response.status_code == 303


async def test_a_link_from_another_site_may_be_followed(app: Starlette, people: People) -> None:
    outside = browser(app, (await people(ANI)).cookies)
    for site in ("cross-site", "none"):
        assert (await outside.get("/problems", headers={"Sec-Fetch-Site": site})).status_code == 200


# Headers ----------------------------------------------------------------------------------------------------------------


def guarded(response: httpx2.Response) -> httpx2.Response:
    """Hold the answer to carry every header that keeps a browser from mischief."""
    policy = dict(part.strip().split(" ", 1) for part in response.headers["Content-Security-Policy"].split(";"))
    assert policy == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self'",
        "connect-src": "'self'",
        "form-action": "'self'",
        "manifest-src": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Referrer-Policy"] == "same-origin"
    assert response.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert response.headers["Cache-Control"]
    assert "Server" not in response.headers
    return response


async def test_every_answer_carries_the_headers(
    app: Starlette, people: People, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, open_problem = await people(DESK), await opened(people)
    inside, nobody, outside = browser(app, desk.cookies), browser(app), browser(app)
    for client in (inside, nobody):
        client.headers["Sec-Fetch-Site"] = "same-origin"
    too_big = {"solution": "x" * BODY_LIMIT}
    new = await envelope(connection, open_problem)
    seen = [
        (200, await inside.get("/problems")),
        (200, await nobody.get("/static/app.css")),
        (303, await nobody.get("/problems")),
        (304, await nobody.get("/static/app.css", headers={"If-Modified-Since": "Fri, 31 Dec 2100 00:00:00 GMT"})),
        (400, await nobody.get("/login", headers={"Host": "evil.example"})),
        (400, await inside.post(f"{open_problem}/closure", files={"solution": b"x"})),
        (401, await nobody.get("/problems", headers=HTMX)),
        (403, await outside.post("/login")),
        (403, await inside.post(f"{open_problem}/reopening")),
        (404, await inside.get("/problems/999")),
        (404, await nobody.get("/static/nothing.css")),
        (405, await inside.put("/problems")),
        (409, await inside.get(f"{open_problem}/opening")),
        (413, await inside.post(f"{open_problem}/closure", data=too_big)),
        (422, await inside.post(f"{open_problem}/closure", data=new)),
    ]
    for _ in range(6):
        wrong = await nobody.post("/login", data={"nik": ANI, "pin": "000000"})
    seen.append((429, wrong))

    async def crash(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(auth, "get_viewer", crash)
    seen.append((500, await nobody.get("/problems")))
    for status, response in seen:
        assert response.status_code == status
        guarded(response)


async def test_a_database_that_is_away_takes_no_header_with_it(settings: Settings) -> None:
    application = create_app(dataclasses.replace(settings, database_url="postgresql://sih@127.0.0.1:1/sih"))
    async with application.router.lifespan_context(application):
        assert guarded(await browser(application).get("/problems")).status_code == 503


async def test_a_crash_says_nothing_of_itself(app: Starlette, monkeypatch: pytest.MonkeyPatch) -> None:
    async def crash(*_: object) -> None:
        raise ZeroDivisionError("kenari rahasia")

    monkeypatch.setattr(auth, "get_viewer", crash)
    for headers in ({}, HTMX):
        response = await browser(app).get("/problems", headers=headers)
        assert response.status_code == 500
        assert is_page(response) is not bool(headers)
        assert "Kesalahan ini sudah dicatat." in response.text
        assert "kenari" not in response.text
        assert "Traceback" not in response.text


async def test_what_is_personal_is_kept_nowhere_and_what_is_static_for_ever(people: People, nobody: Client) -> None:
    desk = await people(DESK)
    problem = await opened(people)
    for example in EXAMPLES:
        if example.method == "GET" and example.path not in ("/problems/new", "/", "/health/live", "/health/ready"):
            response = await ask(desk, example, problem)
            assert response.headers["Cache-Control"] == "no-store", example
    page = await nobody.get("/login")
    assert {"HX-Request-Type", "Cookie"} <= set(page.headers["Vary"].replace(" ", "").split(","))
    for name in ("app.css", "vendor/htmx.min.js", "icons.svg"):
        response = await nobody.get(asset(name))
        assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"


async def test_the_addresses_of_static_files_change_with_their_content(nobody: Client) -> None:
    page = (await nobody.get("/login")).text
    addresses = re.findall(r'(?:href|src)="(/static/[^"#]+)', page)
    assert len(addresses) >= 3
    for address in addresses:
        assert re.search(r"\?v=[0-9a-f]{12}$", address)
        assert (await nobody.get(address)).status_code == 200
    assert not re.search(r'(?:href|src|action)="(?:https?:)?//', page), "nothing comes from elsewhere"


# Limits -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/login", "/login/nik", "/problems", "/problems/1/comments", "/logout"])
async def test_a_body_that_is_too_large_is_refused(path: str, app: Starlette, people: People) -> None:
    client = browser(app, (await people(ANI)).cookies)
    client.headers["Sec-Fetch-Site"] = "same-origin"
    kind = {"Content-Type": "application/x-www-form-urlencoded"}

    async def in_pieces():
        for _ in range(300):
            yield b"x" * 1024

    for body in (b"x=" + b"x" * BODY_LIMIT, in_pieces()):
        response = await client.post(path, content=body, headers=kind)
        assert response.status_code == 413
        assert "melebihi batas" in response.text
    response = await client.post(path, content=b"x=" + b"x" * BODY_LIMIT, headers=kind | HTMX)
    assert response.status_code == 413
    assert not is_page(response)


@pytest.mark.parametrize(
    ("count", "size", "status"), [(4, BODY_LIMIT // 7, 413), (1, BODY_LIMIT // 2, 413), (2, 1000, 422)]
)
async def test_the_room_for_photos_is_not_for_text(people: People, count: int, size: int, status: int) -> None:
    ani = await people(ANI)
    parts = {f"field{n}": (None, "\u00ad" * size) for n in range(count)}
    assert (await ani.request("POST", "/problems", files=parts)).status_code == status


async def test_the_longest_form_that_is_allowed_is_no_body_too_large(people: People, connection: Connection) -> None:
    desk, form = await people(DESK), {"title": "😀" * 120, "description": "😀" * 4000, "asset": "😀" * 120}
    assert (await desk.submit("/problems/new", "/problems", **form)).status_code == 303
    fields = await envelope(connection, "/problems/1") | {"category": "NET-WIFI", "impact": "1", "urgency": "1"}
    response = await desk.post("/problems/1/opening", fields | {"identification": "😀" * 4000})
    assert response.status_code == 303


@pytest.mark.parametrize("host", ["evil.example", "testserver.evil.example", "", "evil.example:80", "127.0.0.2"])
async def test_an_unknown_host_is_refused(host: str, app: Starlette) -> None:
    for path in ("/", "/login", "/problems", "/health/live", "/static/app.css"):
        response = await browser(app).get(path, headers={"Host": host})
        assert response.status_code == 400


@pytest.mark.parametrize("host", ["testserver", "testserver:8080", "localhost:8080", "127.0.0.1"])
async def test_a_known_host_is_answered(host: str, app: Starlette) -> None:
    client = browser(app)
    assert (await client.get("/login", headers={"Host": host})).status_code == 200
    response = await client.post(
        "/login", data={"nik": ANI, "pin": PIN}, headers={"Host": host, "Origin": f"http://{host}"}
    )
    assert response.status_code == 303
    assert not urlsplit(response.headers["Location"]).netloc


# Health -----------------------------------------------------------------------------------------------------------------


async def test_health(nobody: Client, connection: Connection) -> None:
    assert (await nobody.get("/health/live")).text == "ok"
    assert (await nobody.get("/health/ready")).text == "ok"
    await connection.execute("ALTER TABLE schema_version RENAME TO gone")
    response = await nobody.get("/health/ready")
    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
