"""Static files and compression: what is joined, what is sent to whom, and what a first view weighs on the wire."""

import gzip
import re

import brotli
import pytest
import zstandard
from starlette.datastructures import Headers

from tests.client import Client
from web.assets import ASSETS, PARTS, STATIC, asset, join_sheet
from web.compression import choose_coding

BROWSER = {"Accept-Encoding": "gzip, deflate, br, zstd"}


def test_the_address_of_a_file_names_its_content() -> None:
    address = asset("app.css")
    assert re.fullmatch(r"/static/app\.css\?v=[0-9a-f]{12}", address)
    assert asset("app.css") == address != asset("icons.svg")


def test_a_style_sheet_is_joined_in_its_layers() -> None:
    """Each part once, in the order of its sheet; and nothing that a browser would have to fetch, or to skip."""
    texts = {name: (STATIC / name).read_text() for name in ("app.css", "pages.css")}
    imported = {
        name: re.findall(r'@import "css/([a-z]+\.css)" layer\(([a-z]+)\)', text) for name, text in texts.items()
    }
    assert sorted(name for parts in imported.values() for name, _ in parts) == sorted(
        path.name for path in PARTS.iterdir()
    )
    layers = re.search(r"^@layer (.+);", texts["app.css"], re.MULTILINE)[1].split(", ")
    for sheet, parts in imported.items():
        assert [layer for _, layer in parts] == sorted((layer for _, layer in parts), key=layers.index)
        joined = join_sheet(STATIC / sheet)
        places = [joined.index(f"@layer {layer} {{\n{(PARTS / name).read_text()}}}") for name, layer in parts]
        assert places == sorted(places)
        sent = ASSETS[sheet].bodies["identity"].decode()
        assert "@import" not in sent and "/*" not in sent and "\n" not in sent


@pytest.mark.parametrize("name", ["vendor/README.md", "vendor/SHA256SUMS", "css/base.css", "nothing.css", ""])
async def test_nothing_else_is_sent(nobody: Client, name: str) -> None:
    assert (await nobody.get(f"/static/{name}")).status_code == 404


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip, deflate", "gzip"),
        ("", "identity"),
        ("identity", "identity"),
        ("*", "br"),
        ("gzip;q=0", "identity"),
        ("gzip;q=0.0, br;q=0.000", "identity"),
        ("br;q=0, *", "gzip"),
        ("*;q=0", "identity"),
        ("*;q=0, gzip", "gzip"),
        ("br;q=0.4, gzip;q=0.5", "gzip"),
        ("br ; Q=0.4,GZIP ; q=1.000", "gzip"),
        ("gzip;q=0.5, identity", "identity"),
        ("gzip;q=2", "identity"),
        ("gzip;level=1", "identity"),
        ("gzipped, xgzip", "identity"),
    ],
)
def test_the_coding_that_is_liked_best(accepted: str, coding: str) -> None:
    assert choose_coding(Headers({"Accept-Encoding": accepted}), ["br", "gzip"]) == coding


def test_several_headers_are_one_list() -> None:
    headers = Headers(raw=[(b"accept-encoding", b"deflate"), (b"accept-encoding", b"gzip")])
    assert choose_coding(headers, ["br", "gzip"]) == "gzip"


@pytest.mark.parametrize(
    ("accepted", "coding", "unpack"),
    [("gzip, br", "br", brotli.decompress), ("gzip", "gzip", gzip.decompress), ("gzip;q=0", None, bytes)],
)
async def test_a_file_is_sent_as_it_is_wanted(nobody: Client, accepted: str, coding: str | None, unpack) -> None:
    """And what is kept of one coding is not taken for another."""
    kept = set()
    for address in (asset("app.css"), asset("vendor/htmx.min.js")):
        async with nobody.stream("GET", address, headers={"Accept-Encoding": accepted}) as response:
            body = b"".join([part async for part in response.aiter_raw()])
        assert response.headers.get("Content-Encoding") == coding
        assert response.headers["Vary"] == "Accept-Encoding"
        assert int(response.headers["Content-Length"]) == len(body)
        name = address.removeprefix("/static/").partition("?")[0]
        assert unpack(body) == ASSETS[name].bodies["identity"]
        kept.add(response.headers["ETag"])
        for other in ("gzip, br", "gzip", "identity"):
            request = {"Accept-Encoding": other, "If-None-Match": response.headers["ETag"]}
            again = await nobody.request("GET", address, headers=request)
            assert (again.status_code == 304) == (again.headers["ETag"] in kept)


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip", "gzip"),
        ("gzip;q=0", None),
        ("*;q=0", None),
        ("br, gzip;q=0.1", "gzip"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("zstd;q=0.2, gzip", "gzip"),
    ],
)
async def test_a_page_is_sent_as_it_is_wanted(nobody: Client, accepted: str, coding: str | None) -> None:
    response = await nobody.request("GET", "/login", headers={"Accept-Encoding": accepted})
    assert response.headers.get("Content-Encoding") == coding
    plain = (
        zstandard.ZstdDecompressor().decompressobj().decompress(response.content)
        if coding == "zstd"
        else response.content
    )
    assert b"Sistem Informasi Helpdesk" in plain
    assert "Accept-Encoding" in response.headers["Vary"]


async def test_the_first_view_is_light(nobody: Client) -> None:
    """HTML, style sheet and htmx over the wire: what has to be there before the first page is."""
    wire = 0
    for path in ("/login", asset("app.css"), asset("vendor/htmx.min.js")):
        response = await nobody.request("GET", path, headers=BROWSER)
        wire += int(response.headers["Content-Length"])
    assert wire <= 20 * 1024
