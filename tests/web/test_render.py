"""Pages and fragments: escaping, addresses, notices, and what an answer says of itself."""

import re
from http.cookies import SimpleCookie
from types import SimpleNamespace

import pytest
from jinja2 import UndefinedError
from markupsafe import escape
from starlette.requests import Request

from settings import ROOT
from tests.sources import TEMPLATES
from web.render import (
    _templates,
    go_to,
    local_path,
    page,
    partial,
    render_text,
    see_other,
    wants_partial,
)


def request(path: str = "/", **headers: str) -> Request:
    """A request as the server hands it over."""
    raw = [(name.replace("_", "-").lower().encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "scheme": "http", "method": "GET", "path": path, "query_string": b"", "headers": raw}
    app = SimpleNamespace(state=SimpleNamespace(settings=SimpleNamespace(secret_keys=("a key for tests",))))
    return Request(scope | {"app": app})


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


def test_a_template_renders_without_a_request_and_knows_nothing_but_what_it_is_given() -> None:
    text = render_text("partials/error.html", {"title": HOSTILE, "text": "b"})
    assert "&lt;script&gt;alert" in text
    assert "<script>" not in text
    with pytest.raises(UndefinedError, match="'text' is undefined"):
        render_text("partials/error.html", {"title": "a"})


# Notices ----------------------------------------------------------------------------------------------------------------


def test_a_notice_crosses_a_redirect_in_a_cookie() -> None:
    response = see_other(request(), "/problems/1", "Kendala ditutup.")
    assert (response.status_code, response.headers["Location"]) == (303, "/problems/1")
    cookie = response.headers["Set-Cookie"].lower()
    assert cookie.startswith("notice=")
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "Set-Cookie" not in see_other(request(), "/problems/1").headers


def left(notice: str, url: str = "/problems/1?year=all") -> str:
    """The cookie that a browser keeps of an answer that leads to `url` with a notice."""
    cookie = SimpleCookie(see_other(request(), url, notice).headers["Set-Cookie"])
    return f"notice={cookie['notice'].coded_value}"


@pytest.mark.parametrize("notice", ["Kendala ditutup.", "Nama “Ani” — é 😀; a=b", "<b>"])
def test_a_notice_is_told_once_on_the_page_that_it_is_for(notice: str) -> None:
    response = page(request("/problems/1", cookie=left(notice)), "templates/error.html", title="a", text="b", code=1)
    assert str(escape(notice)) in response.body.decode()
    assert 'notice="";' in response.headers["Set-Cookie"]
    elsewhere = page(request("/problems/2", cookie=left(notice)), "templates/error.html", title="a", text="b", code=1)
    assert "flash success" not in elsewhere.body.decode()
    assert "Set-Cookie" not in elsewhere.headers, "it waits for the page that it is for"


@pytest.mark.parametrize("value", ["x", "<b>", "", "WyIvIiwiaGFsbG8iXQ.c2lnbmVk", "closed", "e30.x"])
def test_a_notice_that_is_not_ours_is_not_told(value: str) -> None:
    response = page(request(cookie=f"notice={value}"), "templates/error.html", title="a", text="b", code=1)
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


def test_every_icon_that_is_used_is_there() -> None:
    symbols = set(re.findall(r'<symbol[^>]* id="([a-z0-9-]+)"', (ROOT / "static/icons.svg").read_text()))
    templates = "".join(path.read_text() for path in TEMPLATES)
    named = set(re.findall(r"icon\('([a-z0-9-]+)'\)", templates))
    assert named
    assert named <= symbols
    assert {"reported", "open", "escalated", "closed", "void", "p1", "p2", "p3", "p4", "p5"} <= symbols
