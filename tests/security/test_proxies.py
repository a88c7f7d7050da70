"""Between proxies and load balancers: what they say of whom they speak for, and how they ask."""

from dataclasses import replace

import pytest
from asyncpg import Connection
from starlette.applications import Starlette

from app import DOORS, create_app
from settings import Settings
from tests.client import Client
from tests.journeys import ANI
from tests.security.test_connections import ask

PROXY = "10.0.0.5"
BY_HTTPS = (
    ["https"],
    ["HTTPS"],
    ["https, https"],
    ["https,http"],  # the first proxy's word, who speaks with the browser
    ["https", "http"],
    [" https "],
)
BY_HTTP = (["http"], ["http, https"], ["HTTP", "https"], [""], ["x"], [], ["httpsx"])
HOSTS = ("testserver.", "TestServer", "testserver:8080", "testserver.:443", "[::1]", "[::1]:8080", "sih.example.com")
NOT_OURS = (
    "testserver..",
    ".",
    "",
    "testserver:",
    "testserver:x",
    "[::1",
    "evil.testserver",
    "::1",
    "sih.example.com.evil.com",
)


def behind(settings: Settings, *trusted: str) -> Starlette:
    hosts = ("testserver", "localhost", "[::1]", "sih.example.com:8443")
    return create_app(replace(settings, trusted_proxies=trusted or (PROXY,), allowed_hosts=hosts))


@pytest.mark.parametrize("believed", [True, False])
async def test_what_a_proxy_says_of_the_scheme(settings: Settings, believed: bool) -> None:
    client = Client(behind(settings), address=PROXY if believed else "10.0.0.6")
    for said, https in (*((s, True) for s in BY_HTTPS), *((s, False) for s in BY_HTTP)):
        headers = [("Host", "testserver"), *(("X-Forwarded-Proto", value) for value in said)]
        response = await client.request("GET", "http://testserver/login", headers=headers)
        assert response.status_code == (200 if https and believed else 308), said
        assert ("Strict-Transport-Security" in response.headers) is (https and believed)


@pytest.mark.parametrize(
    ("said", "address"),
    [
        (["198.51.100.7"], "198.51.100.7"),
        (["198.51.100.7:51234"], "198.51.100.7"),
        (["[2001:db8::7]:51234"], "2001:db8::/64"),
        (["2001:db8::7"], "2001:db8::/64"),
        (["evil", "198.51.100.7"], "198.51.100.7"),
        (["198.51.100.7", PROXY], "198.51.100.7"),
        (["203.0.113.9, 198.51.100.7", PROXY], "198.51.100.7"),
        ([], PROXY),
    ],
)
async def test_who_asks_by_a_proxy(settings: Settings, said: list[str], address: str, connection: Connection) -> None:
    """Whatever it adds, ports among them, somebody is one address; and nobody says by `Forwarded` to be another one."""
    app = behind(settings)
    async with app.router.lifespan_context(app):
        headers = [("X-Forwarded-For", value) for value in said]
        headers += [("Forwarded", "for=192.0.2.1;proto=http"), ("X-Forwarded-Proto", "https"), ("Host", "testserver")]
        headers += [("Sec-Fetch-Site", "same-origin"), ("Content-Type", "application/x-www-form-urlencoded")]
        await Client(app, PROXY).request("POST", "/login", content=f"nik={ANI}&pin=000001", headers=headers)
    assert await connection.fetchval("SELECT key FROM budget WHERE kind = 'address'") == address


async def test_hosts(settings: Settings) -> None:
    client = Client(behind(settings))
    for host in HOSTS:
        assert (await client.request("GET", "/login", headers={"Host": host})).status_code == 200, host
    for host in NOT_OURS:
        assert (await client.request("GET", "/login", headers={"Host": host})).status_code == 400, host


HEALTH = {
    "without a host": b"GET %b HTTP/1.0\r\n\r\n",
    "kept alive": b"GET %b HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
    "of another host": b"GET %b HTTP/1.1\r\nHost: 10.1.2.3:8080\r\nConnection: close\r\n\r\n",
    "of no host": b"GET %b HTTP/1.1\r\nHost: @@@\r\nConnection: close\r\n\r\n",
    "of two hosts": b"GET %b HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n",
    "absolute": b"GET http://sih%b HTTP/1.1\r\nHost: sih\r\nConnection: close\r\n\r\n",
    "head": b"HEAD %b HTTP/1.0\r\n\r\n",
    "with a query": b"GET %b?x=1 HTTP/1.0\r\n\r\n",
}


@pytest.mark.parametrize("how", HEALTH)
async def test_health_is_told_whoever_asks_however(how: str, port: int) -> None:
    for path in (b"/health/live", b"/health/ready"):
        answer = await ask(port, HEALTH[how] % path)
        assert answer.startswith(b"HTTP/1.1 200 OK"), path
        assert answer.endswith(b"" if how == "head" else b"\r\n\r\nok")
    for path in (b"/health/nothing", b"/health/"):
        assert (await ask(port, HEALTH[how] % path)).startswith(b"HTTP/1.1 404 "), "and what is not there is no crash"
    assert (await ask(port, HEALTH[how].replace(b"GET", b"POST") % b"/health/live"))[9:12] in (b"403", b"200")


async def test_an_old_client_gets_whole_answers(port: int) -> None:
    """HTTP/1.0 knows neither chunks nor 100 Continue; and what is kept alive, it would have to be told."""
    for door in DOORS:
        if "{" in door.path:
            continue
        path = "/static/favicon.svg" if door.path == "/static" else door.path
        head = f"GET {path} HTTP/1.0\r\nHost: localhost\r\nAccept-Encoding: gzip\r\nExpect: 100-continue\r\n\r\n"
        top, _, body = (await ask(port, head.encode())).partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in top.decode().lower().split("\r\n")[1:])
        assert " 100 " not in top.decode().split("\r\n")[0], path
        assert "transfer-encoding" not in headers, path
        assert int(headers["content-length"]) == len(body), path
        assert headers["connection"] == "close", path


async def test_an_old_client_is_not_told_to_continue(port: int) -> None:
    post = b"POST /login/nik HTTP/1.0\r\nHost: localhost\r\nSec-Fetch-Site: same-origin\r\nContent-Length: 9\r\n"
    post += b"Expect: 100-continue\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\nnik=10001"
    assert (await ask(port, post)).startswith(b"HTTP/1.1 200 OK")


async def test_a_body_that_is_refused_is_not_asked_for(port: int) -> None:
    head = (
        b"POST %b HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: %b\r\nContent-Length: %d\r\nExpect: 100-Continue\r\n"
    )
    head += b"Content-Type: application/x-www-form-urlencoded\r\nConnection: close\r\n\r\n"
    for path, site, length, status in (
        (b"/login", b"same-origin", 100_000, b"413"),
        (b"/problems", b"same-origin", 10_000_000, b"413"),
        (b"/login", b"cross-site", 100, b"403"),
        (b"/nothing", b"same-origin", 100, b"404"),
    ):
        assert (await ask(port, head % (path, site, length)))[9:12] == status
    assert (await ask(port, head % (b"/login", b"same-origin", 9) + b"nik=10001")).startswith(b"HTTP/1.1 100 Continue")


@pytest.mark.parametrize(
    "line", [b"OPTIONS *", b"CONNECT localhost:80", b"GET http://localhost", b"GET //localhost/login", b"GET login"]
)
async def test_odd_targets_are_no_crash(line: bytes, port: int) -> None:
    answer = await ask(port, line + b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    assert answer[9:12] in (b"303", b"400", b"403", b"404", b"405"), answer[:80]
