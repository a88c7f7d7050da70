"""Every answer, whatever its status, carries the headers; nothing of ours can be kept by a cache, framed, or sent elsewhere."""

import re
from dataclasses import replace

import anyio
import pytest
from starlette.applications import Starlette
from starlette.requests import Request

from app import DOORS, create_app
from doors import PUBLIC, Door
from tests.client import HTMX, Client
from tests.conftest import People
from tests.house import House
from tests.journeys import ADMIN, CITRA, DESK, opened
from tests.routes.catalogue import address, is_page
from web import attachments, middleware
from web.assets import asset

CSP = "Content-Security-Policy"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
MULTIPART = "multipart/form-data; boundary=x"
PART = b'--x\r\nContent-Disposition: form-data; name="nik"\r\n\r\n10001\r\n'


def assert_headers(response, *, https: bool = False) -> None:
    headers = response.headers
    expected = middleware.HEADERS | ({CSP: attachments.POLICY} if "Content-Disposition" in headers else {})
    for name, value in expected.items():
        assert headers.get_list(name) == [value], f"{name} on {response.status_code}"
    assert headers.get_list("Strict-Transport-Security") == ([middleware.HSTS] if https else [])
    assert headers["Cache-Control"]
    assert "Server" not in headers and "X-Powered-By" not in headers
    assert "Traceback" not in response.text and 'File "' not in response.text
    if response.status_code >= 400 and response.request.method != "HEAD" and "HX-Redirect" not in headers:
        assert response.headers["Content-Type"].startswith("text/html; charset=utf-8") and "</" in response.text


def test_what_the_headers_say() -> None:
    policy = dict(part.strip().split(" ", 1) for part in middleware.HEADERS["Content-Security-Policy"].split(";"))
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
    assert middleware.HEADERS["X-Content-Type-Options"] == "nosniff"
    assert middleware.HEADERS["Referrer-Policy"] == "same-origin"
    assert middleware.HEADERS["Cross-Origin-Opener-Policy"] == "same-origin"
    assert middleware.HEADERS["Cross-Origin-Resource-Policy"] == "same-origin"


async def test_every_door_with_every_method(house: House) -> None:
    statuses, problem = set(), house.problems["open at IT-NET"]
    for client in (house.nobody, await house.people(DESK), await house.people(CITRA)):
        for door in DOORS:
            for method in ("GET", "HEAD", "POST", "OPTIONS", "PUT"):
                if door.path == "/logout" and method == "POST":
                    continue
                for headers in ({}, HTMX):
                    response = await client.request(method, address(door.path, problem), headers=headers)
                    is_photo = response.headers.get("Content-Type") == "image/jpeg"
                    assert_headers(response)
                    statuses.add(response.status_code)
                    if is_photo:
                        assert response.headers["Cache-Control"].startswith("private, ")
                    elif response.status_code != 404 and door.path != "/static" and not door.path.startswith("/health"):
                        # The form of a report is kept, for Back to show it with what was typed.
                        kept = "private, no-cache" if door.path in ("/problems", "/problems/new") else ""
                        assert response.headers["Cache-Control"] in ("no-store", kept), door.path
    assert {200, 303, 401, 403, 404, 405, 422} <= statuses
    page = await house.nobody.get("/login")
    assert {"HX-Request-Type", "Cookie"} <= set(page.headers["Vary"].replace(" ", "").split(","))


async def test_a_conflict_and_a_wait(people: People, nobody: Client) -> None:
    conflict = await (await people(DESK)).get(f"{await opened(people)}/opening")
    assert conflict.status_code == 409
    assert_headers(conflict)
    for _ in range(6):
        wait = await nobody.post("/login", {"nik": "10001", "pin": "000000"})
    assert wait.status_code == 429
    assert_headers(wait)


UNREADABLE = {
    400: [
        ("POST", "/login/nik", b"", {"Content-Type": "multipart/form-data"}),
        ("POST", "/login/nik", b"garbage", {"Content-Type": MULTIPART}),
        ("POST", "/login/nik", PART * 51 + b"--x--\r\n", {"Content-Type": MULTIPART}),
        ("POST", "/login/nik", b"a=&" * 60, FORM),
        (
            "POST",
            "/login/nik",
            PART.replace(b'"nik"', b'"nik"; filename="a"') + b"--x--\r\n",
            {"Content-Type": MULTIPART},
        ),
        ("POST", "/login/nik", PART.replace(b'; name="nik"', b"") + b"--x--\r\n", {"Content-Type": MULTIPART}),
        ("GET", "/login", b"", {"Host": "evil.example"}),
        ("GET", "/login", b"", {"Host": "testserver:["}),
        ("GET", "/login", b"", {"Host": "testserver evil"}),
        ("GET", "/login", b"", {"Host": ""}),
        ("GET", "/login", b"", {"Host": "testserver.evil.example"}),
        ("GET", "/", b"", {"Host": "evil.example:80"}),
        ("GET", "/problems", b"", {"Host": "127.0.0.2"}),
        ("GET", "/static/app.css", b"", {"Host": "evil.example"}),
    ],
    404: [
        ("GET", path, b"", {}) for path in ("/nothing", "/problems/", "/static/", "/static/../app.py", "/.git/config")
    ]
    + [("GET", path, b"", {}) for path in ("/static/%2e%2e/app.py", "/static/%00", "/static/" + "a" * 5000, "/static")],
    415: [
        ("POST", "/login", b"{}", {"Content-Type": "application/json"}),
        ("POST", "/login", b"x", {"Content-Type": "text/plain"}),
        ("POST", "/login", PART + b"--x--\r\n", {"Content-Type": f"{MULTIPART}; charset=undefined"}),
        ("POST", "/login", PART + b"--x--\r\n", {"Content-Type": f"{MULTIPART}; charset=punycode"}),
        ("POST", "/login", PART + b"--x--\r\n", {"Content-Type": f"{MULTIPART}; Charset*=unicode_escape"}),
        ("POST", "/login", b"nik=1", {"Content-Type": "application/x-www-form-urlencoded; charset=utf-16"}),
    ],
}


@pytest.mark.parametrize("status", UNREADABLE)
async def test_what_no_browser_sends_is_answered_by_a_page(nobody: Client, status: int) -> None:
    for method, path, body, headers in UNREADABLE[status]:
        content = _chunks(body) if isinstance(body, list) else body
        response = await nobody.request(method, path, content=content, headers=headers)
        assert response.status_code == status, (path[:60], headers)
        assert response.headers["Content-Type"].startswith("text/html"), (path[:60], len(body))
        assert_headers(response)


async def _chunks(parts: list[bytes]):
    for part in parts:
        yield part


async def test_a_query_that_is_no_utf8_is_400(app: Starlette) -> None:
    """Not even sent by an HTTP client: asked of the application as a server would."""
    for headers in ([(b"host", b"testserver")], [(b"host", b"testserver"), (b"host", b"evil.example")], []):
        sent = []
        scope = {
            "type": "http", "http_version": "1.1", "method": "GET", "scheme": "http",
            "path": "/problems", "raw_path": b"/problems",
            "query_string": b"q=\xff" if len(headers) == 1 else b"", "headers": headers, "client": ("127.0.0.1", 1),
            "server": ("testserver", 80), "root_path": "", "state": {},
        }  # fmt: skip
        await app(scope, _nothing, _collector(sent))
        assert sent[0]["status"] == 400
        assert (b"x-content-type-options", b"nosniff") in sent[0]["headers"]


async def _nothing():
    return {"type": "http.request", "body": b"", "more_body": False}


def _collector(sent: list):
    async def send(message):
        sent.append(message)

    return send


async def test_a_crash_says_nothing_and_carries_the_headers(settings, monkeypatch: pytest.MonkeyPatch) -> None:
    async def crash(request: Request):
        raise RuntimeError("secret 10001")

    monkeypatch.setattr("app.DOORS", [Door("/crash", PUBLIC, get=crash)])
    client = Client(create_app(settings))
    client._transport.raise_app_exceptions = False
    for url, https in (("http://testserver/crash", False), ("https://testserver/crash", True)):
        for htmx in (False, True):
            response = await client.get(url, htmx=htmx)
            assert response.status_code == 500 and "secret" not in response.text
            assert "Kesalahan ini sudah dicatat." in response.text and is_page(response) is not htmx
            assert_headers(response, https=https)


async def test_too_many_at_once_is_said_at_once(settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.IN_FLIGHT", 0)
    response = await Client(create_app(settings)).get("/login")
    assert response.status_code == 503 and response.headers["Retry-After"] and "sibuk" in response.text
    assert_headers(response)


async def test_a_body_that_does_not_arrive_is_408(nobody: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    async def slowly():
        yield b"nik="
        await anyio.sleep(5)

    monkeypatch.setattr("web.bodies.BODY_TIMEOUT", 0.05)
    response = await nobody.request("POST", "/login", content=slowly(), headers=FORM)
    assert response.status_code == 408
    assert_headers(response)


async def test_https_adds_what_only_https_can_hold(app: Starlette) -> None:
    client = Client(app)
    for path in ("https://testserver/login", "https://testserver/nothing", "https://testserver/static/app.css"):
        assert_headers(await client.get(path), https=True)


async def test_cookies_are_bound_to_this_host(app: Starlette, people) -> None:
    """Under https a cookie that a neighbouring site sets for us is not read: theirs cannot have the prefix."""
    ani = Client(app)
    ani.base_url = "https://testserver"
    login = await ani.post("/login", {"nik": "10001", "pin": "482913"})
    fields = await ani.form("/problems/new", "/problems")
    reported = await ani.post("/problems", fields | {"title": "x", "description": "x"})
    for response in (login, reported):
        for cookie in response.headers.get_list("Set-Cookie"):
            assert cookie.startswith("__Host-") and "Secure" in cookie and "HttpOnly" in cookie
            assert (
                re.search("samesite=(lax|strict)", cookie, re.IGNORECASE)
                and "Domain" not in cookie
                and "Path=/" in cookie
            )
    ani.cookies.clear()
    page = await ani.request("GET", "/login", headers={"Cookie": "notice=closed; sih=x"})
    assert "Kendala ditutup" not in page.text


async def test_static_files_are_kept_only_under_their_own_address(nobody: Client) -> None:
    """A version that is served under the address of another, while SIH is renewed, must not be kept for a year."""
    right = await nobody.get(asset("app.css"))
    assert "immutable" in right.headers["Cache-Control"]
    for wrong in ("/static/app.css", "/static/app.css?v=0123456789ab", asset("app.css") + "&x=1"):
        response = await nobody.get(wrong)
        assert response.headers["Cache-Control"] == "no-cache"
        again = await nobody.request("GET", wrong, headers={"If-None-Match": response.headers["ETag"]})
        assert again.status_code == 304
        assert_headers(again)
    ranged = await nobody.request("GET", asset("app.css"), headers={"Range": "bytes=0-0,1-1,5-2"})
    assert ranged.status_code == 200


async def test_nothing_typed_becomes_a_header(house: House) -> None:
    desk, admin = await house.people(DESK), await house.people(ADMIN)
    for evil in ("a\r\nX-Evil: 1", "a\nSet-Cookie: sih=1", "☃\u2028x", "\x85", "%0d%0aX-Evil:1"):
        for htmx in (False, True):
            response = await desk.request("GET", "/problems", params={"q": evil}, headers=HTMX if htmx else {})
            assert response.status_code == 200
            assert "X-Evil" not in response.headers and "sih=" not in response.headers.get("Set-Cookie", "")
            assert_headers(response)
        for current in (f"http://testserver/problems?q={evil}", "http://[", "//evil.example/x"):
            value = current.replace("\r", "").replace("\n", "").encode("utf-8").decode("latin-1")
            refused = await house.nobody.request(
                "GET", "/problems", headers=HTMX | {"HX-Current-URL": value.encode("latin-1")}
            )
            assert refused.status_code == 401
            assert re.fullmatch(r"/login\?next=/[!-~]*", refused.headers["HX-Redirect"])
            for person, path in ((desk, "/problems"), (admin, "/admin/employees")):
                shown = await person.request("GET", path, headers=HTMX | {"HX-Current-URL": value.encode("latin-1")})
                assert shown.status_code == 200, (path, current)
                assert shown.headers["HX-Push-Url"].startswith(path)
                assert_headers(shown)


@pytest.mark.parametrize(
    ("allowed", "host", "status"),
    [
        (("testserver", "localhost", "127.0.0.1"), "testserver", 200),
        (("testserver", "localhost", "127.0.0.1"), "testserver:8080", 200),
        (("testserver", "localhost", "127.0.0.1"), "127.0.0.1", 200),
        (("localhost", "[::1]"), "LOCALHOST:8080", 200),
        (("localhost", "[::1]"), "[::1]:8080", 200),
        (("*.toko.example",), "sih.toko.example", 200),
        (("*.toko.example",), "toko.example", 400),
        (("*.toko.example",), "eviltoko.example", 400),
        (("localhost",), "localhost.", 200),
        (("localhost",), "localhost.evil.example", 400),
        (("localhost",), "evil@localhost", 400),
        (("localhost",), "localhost:80:80", 400),
        (("localhost",), "localhost/x", 400),
        (("*",), "what.ever", 200),
    ],
)
async def test_hosts(settings, allowed: tuple[str, ...], host: str, status: int) -> None:
    client = Client(create_app(replace(settings, allowed_hosts=allowed)))
    response = await client.request("GET", "/login", headers={"Host": host})
    assert response.status_code == status
    assert_headers(response)
