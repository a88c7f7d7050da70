"""Pages and fragments: escaping, addresses, notices, and what an answer says of itself."""

import re

import pytest
from jinja2 import UndefinedError
from starlette.requests import Request

from render import (
    NOTICES,
    _templates,
    asset,
    go_to,
    local_path,
    page,
    partial,
    see_other,
    wants_partial,
)
from settings import ROOT


def request(path: str = "/", **headers: str) -> Request:
    """A request as the server hands it over."""
    raw = [(name.replace("_", "-").lower().encode(), value.encode()) for name, value in headers.items()]
    return Request(
        {"type": "http", "scheme": "http", "method": "GET", "path": path, "query_string": b"", "headers": raw}
    )


HOSTILE = "<script>alert('x')</script>&\"{{ 7*7 }}"


def test_everything_is_escaped_whatever_its_ending() -> None:
    template = _templates.from_string('<p title="{{ text }}">{{ text }}</p>')
    html = template.render(text=HOSTILE)
    assert "<script>" not in html
    assert "49" not in html
    assert html.count('"') == 2
    assert _templates.autoescape is True


def test_a_name_that_does_not_exist_is_an_error_not_a_blank() -> None:
    with pytest.raises(UndefinedError):
        _templates.from_string("{{ there_is_none }}").render()


def test_an_error_page_escapes_what_it_says() -> None:
    response = page(request(), "templates/error.html", title=HOSTILE, text=HOSTILE, code=404, status=404)
    assert response.status_code == 404
    assert b"<script>alert" not in response.body
    assert response.body.startswith(b"<!doctype html>")


def test_answers_for_one_person_are_kept_nowhere_and_vary_with_who_asks_how() -> None:
    for response in (
        page(request(), "templates/error.html", title="a", text="b", code=1),
        partial(request(), "partials/error.html", title="a", text="b"),
    ):
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["Vary"] == "HX-Request-Type, Cookie"
        assert response.headers["Content-Type"] == "text/html; charset=utf-8"


def test_a_partial_carries_its_headers_and_no_page() -> None:
    response = partial(request(), "partials/error.html", title="a", text="b", status=409, headers={"HX-Retarget": "#x"})
    assert (response.status_code, response.headers["HX-Retarget"]) == (409, "#x")
    assert b"<html" not in response.body


@pytest.mark.parametrize(
    ("headers", "partial_wanted"),
    [
        ({}, False),
        ({"HX_Request": "true"}, False),
        ({"HX_Request": "true", "HX_Request_Type": "full"}, False),
        ({"HX_Request_Type": "partial"}, True),
    ],
)
def test_who_gets_a_fragment(headers: dict[str, str], partial_wanted: bool) -> None:
    assert wants_partial(request(**headers)) is partial_wanted


# Notices ----------------------------------------------------------------------------------------------------------------


def test_a_notice_crosses_a_redirect_by_its_name_alone() -> None:
    response = see_other(request(), "/problems/1", "closed")
    assert (response.status_code, response.headers["Location"]) == (303, "/problems/1")
    cookie = response.headers["Set-Cookie"].lower()
    assert cookie.startswith("notice=closed;")
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "Set-Cookie" not in see_other(request(), "/problems/1").headers


@pytest.mark.parametrize("name", NOTICES)
def test_a_notice_is_told_once(name: str) -> None:
    response = page(request(cookie=f"notice={name}"), "templates/error.html", title="a", text="b", code=1)
    assert NOTICES[name] in response.body.decode()
    assert 'notice="";' in response.headers["Set-Cookie"]


@pytest.mark.parametrize("name", ["x", "<b>", ""])
def test_a_notice_that_there_is_not_is_not_told(name: str) -> None:
    response = page(request(cookie=f"notice={name}"), "templates/error.html", title="a", text="b", code=1)
    assert "flash success" not in response.body.decode()
    assert "Set-Cookie" not in response.headers


# Ways on ----------------------------------------------------------------------------------------------------------------


def test_a_browser_is_led_by_303_and_htmx_by_a_header() -> None:
    plain = go_to(request(), "/login")
    assert (plain.status_code, plain.headers["Location"]) == (303, "/login")
    part = go_to(request(HX_Request_Type="partial"), "/login", 401)
    assert (part.status_code, part.headers["HX-Redirect"], part.body) == (401, "/login", b"")
    assert "Location" not in part.headers


@pytest.mark.parametrize("url", ["/", "/problems?year=2026&q=a%20b", "/a//b", "/problems/1#x", "/%5Cx", "/é", "/a:b@c"])
def test_a_path_of_ours(url: str) -> None:
    assert local_path(url) == url


@pytest.mark.parametrize(
    "url",
    [
        *("", "x", "problems", "?x", "#x", ".", "..", "//x", "///x"),
        *("/\\x", "\\\\x", "/x\\y", "/\t/x", "/\n/x", "/\r/x"),
        *(" /x", "/x y", "/x\n", "\x00/", "/\x00/x", "http://x/", "HTTPS://x", "https:x", "javascript:x", "data:,x"),
        *("mailto:x", "/\x7f/x\x00", "\u2028/x"),
    ],
)
def test_no_path_of_ours(url: str) -> None:
    assert local_path(url) is None


# Static files -----------------------------------------------------------------------------------------------------------


def test_the_address_of_a_file_names_its_content() -> None:
    address = asset("app.css")
    assert re.fullmatch(r"/static/app\.css\?v=[0-9a-f]{12}", address)
    assert asset("app.css") == address != asset("icons.svg")


def test_every_icon_that_is_used_is_there() -> None:
    symbols = set(re.findall(r'<symbol[^>]* id="([a-z0-9-]+)"', (ROOT / "static/icons.svg").read_text()))
    templates = "".join(path.read_text() for path in ROOT.glob("[tp]*/**/*.html") if "tests" not in path.parts)
    named = set(re.findall(r"icon\('([a-z0-9-]+)'\)", templates))
    assert named
    assert named <= symbols
    assert {"reported", "open", "escalated", "closed", "void", "p1", "p2", "p3", "p4", "p5"} <= symbols
