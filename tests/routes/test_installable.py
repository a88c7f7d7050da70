"""The application can be installed from the browser's menu: its manifest, its icons, and what allows them."""

import json
import struct
from pathlib import Path

STATIC = Path(__file__).parents[2] / "static"
ANI = "10001"


async def test_the_manifest_and_all_that_it_names(nobody):
    response = await nobody.get("/static/manifest.webmanifest")
    assert response.status_code == 200
    assert response.headers["Content-Type"].startswith("application/manifest+json")
    assert "manifest-src 'self'" in response.headers["Content-Security-Policy"]
    manifest = json.loads(response.text)
    assert manifest["lang"] == "id" and manifest["start_url"] == "/problems"
    for icon in manifest["icons"]:
        response = await nobody.get(icon["src"])
        assert (response.status_code, response.headers["Content-Type"].partition(";")[0]) == (200, icon["type"])
        if icon["type"] == "image/png":
            width, height = struct.unpack(">II", response.content[16:24])
            assert icon["sizes"] == f"{width}x{height}"
    assert {"any", "192x192", "512x512"} <= {icon["sizes"] for icon in manifest["icons"]}
    assert any(icon.get("purpose") == "maskable" for icon in manifest["icons"])


async def test_pages_name_it_once_somebody_is_logged_in(people, nobody):
    assert 'rel="manifest"' in (await (await people(ANI)).get("/problems")).text
    assert 'rel="manifest"' not in (await nobody.get("/login")).text


async def test_titles_say_where_one_is(people):
    desk = await people("20001")
    for path, title in (
        ("/desk", "Papan Meja Bantuan · SIH"),
        ("/help", "Bantuan · SIH"),
        ("/views", "Tampilan saya · SIH"),
        (
            "/problems?year=all&status=open&holder=HD&q=kabel",
            "Daftar Kendala semua tahun, Dibuka, HD — Meja Bantuan, “kabel” · SIH",
        ),
        ("/problems/openings", "Galat: Buka Kendala sekaligus · SIH"),
    ):
        assert f"<title>{title}</title>" in (await desk.get(path)).text, path
    assert (
        "<title>Daftar Kendala semua tahun, Selesai · SIH</title>"
        in (await desk.get("/problems?year=all&status=closed", htmx=True)).text
    )
