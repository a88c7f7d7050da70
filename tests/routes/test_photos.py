"""Photos that go with a report or a comment, from the post to the page."""

import asyncio
import re
from io import BytesIO

import asyncpg
import pytest
from asyncpg import Connection
from PIL import Image

from tests import images
from tests.client import Client, forms
from tests.routes.catalogue import faulty, message

ANI, BUDI, CITRA, DESK = "10001", "10002", "10003", "20001"
TEXTS = {"title": "Printer mati", "description": "Tidak menyala\nsejak pagi."}


def files(*contents: bytes) -> list[tuple]:
    return [("photo", (f"foto{n}.jpg", content, "image/jpeg")) for n, content in enumerate(contents, 1)]


async def report(client: Client, *contents: bytes, **values: str):
    fields = await client.form("/problems/new", "/problems")
    fields.pop("photo")
    return await client.post("/problems", fields | TEXTS | values, files=files(*contents))


async def reported(client: Client, *contents: bytes) -> str:
    response = await report(client, *contents)
    assert response.status_code == 303, response.text
    return response.headers["Location"]


async def test_photos_are_shown_with_the_problem(people, connection: Connection):
    ani = await people(ANI)
    path = await reported(ani, images.jpeg(4000, 3000), images.png(), images.webp())
    html = (await ani.get(path)).text
    links = re.findall(r'<a href="([^"]+)"><img src="([^"]+)" width="(\d+)" height="(\d+)" [^>]*alt="([^"]+)"', html)
    assert [link[0] for link in links] == [f"{path}/photos/{n}" for n in (1, 2, 3)]
    assert [link[4] for link in links] == ["Foto 1 dari 3", "Foto 2 dari 3", "Foto 3 dari 3"]
    assert links[0][2:4] == ("1600", "1200")
    assert await connection.fetchval("SELECT count(*) FROM photo WHERE event_seq = 1") == 3


async def test_headers_and_content(people):
    ani = await people(ANI)
    path = await reported(ani, images.jpeg())
    for door, side in ((f"{path}/photos/1/image", 640), (f"{path}/photos/1/thumbnail", 240)):
        response = await ani.get(door)
        assert response.status_code == 200
        assert response.headers["Content-Type"] == "image/jpeg"
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert "private" in response.headers["Cache-Control"] and "immutable" in response.headers["Cache-Control"]
        assert "Cookie" in response.headers["Vary"], "another person on the same phone gets nothing out of its cache"
        assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert Image.open(BytesIO(response.content)).width == side
        assert images.SECRET not in response.content


@pytest.mark.parametrize("door", ["photos/1", "photos/1/image", "photos/1/thumbnail"])
async def test_reach(people, nobody, door: str):
    path = await reported(await people(ANI), images.jpeg())
    for nik, status in ((BUDI, 200), (DESK, 200), ("40001", 200), (CITRA, 404), ("90001", 404)):
        assert (await (await people(nik)).get(f"{path}/{door}")).status_code == status, nik
    response = await nobody.get(f"{path}/{door}")
    assert response.status_code == 303 and response.headers["Location"].startswith("/login?next=")
    response = await nobody.get(f"{path}/{door}", htmx=True)
    assert response.status_code == 401


@pytest.mark.parametrize("seq", ["0", "2", "-1", "2147483648", "x", "1x", "²", "99999999999999999999", "1%00"])
async def test_bad_number(people, seq: str):
    ani = await people(ANI)
    path = await reported(ani, images.jpeg())
    for picture in ("", "/image", "/thumbnail"):
        assert (await ani.get(f"{path}/photos/{seq}{picture}")).status_code == 404


async def test_one_transaction(people, connection: Connection):
    """Neither the problem without its photos, nor the photos without their problem."""
    await connection.execute("ALTER TABLE photo ADD CHECK (width <> 300)")
    fields = await (await people(ANI)).form("/problems/new", "/problems")
    with pytest.raises(asyncpg.CheckViolationError):
        await (await people(ANI)).post("/problems", fields | TEXTS, files=files(images.jpeg(), images.png()))
    assert await connection.fetchval("SELECT count(*) FROM problem") == 0
    assert await connection.fetchval("SELECT count(*) FROM photo") == 0
    assert await connection.fetchval("SELECT count(*) FROM submission") == 0


@pytest.mark.parametrize("statement", ["UPDATE photo SET width = 1", "DELETE FROM photo", "TRUNCATE photo"])
async def test_append_only(people, connection: Connection, statement: str):
    await reported(await people(ANI), images.jpeg())
    with pytest.raises(asyncpg.IntegrityConstraintViolationError):
        await connection.execute(statement)


async def test_sent_again_it_is_recorded_once(people, connection: Connection):
    ani = await people(ANI)
    fields = await ani.form("/problems/new", "/problems") | TEXTS
    sent = [ani.post("/problems", fields, files=files(images.jpeg(), images.png())) for _ in range(3)]
    first, *others = [r.headers.get("Location") for r in await asyncio.gather(*sent)]
    assert first and others == [first] * 2
    assert await connection.fetchval("SELECT count(*) FROM problem") == 1
    assert await connection.fetchval("SELECT count(*) FROM photo") == 2


@pytest.mark.parametrize(
    "contents", [(), (images.png(),), (images.jpeg(), images.jpeg()), (images.png(), images.jpeg())]
)
async def test_the_same_key_with_other_photos_is_refused(people, connection: Connection, contents: tuple[bytes, ...]):
    ani = await people(ANI)
    fields = await ani.form("/problems/new", "/problems") | TEXTS
    assert (await ani.post("/problems", fields, files=files(images.jpeg(), images.png()))).status_code == 303
    response = await ani.post("/problems", fields, files=files(*contents))
    assert response.status_code == 422
    assert "sudah pernah dikirim dengan isi lain" in response.text
    assert await connection.fetchval("SELECT count(*) FROM photo") == 2


@pytest.mark.parametrize(
    ("contents", "message"),
    [
        ((images.jpeg(), images.SVG), "Lampiran ke-2 (foto2.jpg) bukan foto"),
        ((images.HTML,), "Lampiran ke-1 (foto1.jpg) bukan foto"),
        ((images.AVIF,), "berformat AVIF"),
        ((images.bomb(),), "terlalu besar: paling banyak 50 juta piksel"),
        ((images.jpeg()[:-400],), "tidak terkirim utuh"),
        (tuple(images.png(9 + n, 9) for n in range(6)), "Paling banyak 5 lampiran; Anda memilih 6."),
        (tuple(bytes(n) for n in range(21)), "Paling banyak 5 lampiran; Anda memilih 21."),
        (tuple(bytes([n]) * (12 << 20) for n in range(5)), "Lampiran ke-5 (foto5.jpg) lebih besar dari 10 MB: 12 MB."),
        ((b"\xff\xd8" + bytes(10 * 1024 * 1024),), "lebih besar dari 10 MB: 10,1 MB."),
        (
            tuple(bytes([n]) * 9_000_000 for n in range(3)),
            "Semua lampiran bersama paling besar 25 MB; lampiran Anda 25,8 MB.",
        ),
    ],
    ids=["svg", "html", "avif", "bomb", "truncated", "six", "21", "5 of 12 MB", "large", "all"],
)
async def test_a_photo_at_fault(people, connection: Connection, contents: tuple[bytes, ...], message: str):
    response = await report(await people(ANI), *contents)
    assert response.status_code == 422
    assert message in response.text
    assert "<title>Galat: Lapor Kendala" in response.text
    assert '<a href="#photo">' in response.text
    assert re.search(r'<input id="photo"[^>]*aria-invalid="true"', response.text)
    kept = forms(response.text)["/problems"]
    assert (kept["title"], kept["description"]) == (TEXTS["title"], TEXTS["description"])
    assert await connection.fetchval("SELECT count(*) FROM problem") == 0


async def test_a_name_is_data(people):
    ani = await people(ANI)
    fields = await ani.form("/problems/new", "/problems") | TEXTS
    sent = [("photo", ('<img src="x">.jpg', b"no\x00", "image/jpeg"))]
    response = await ani.post("/problems", fields, files=sent)
    assert response.status_code == 422
    assert '<img src="x">' not in response.text and "&lt;img" in response.text


async def test_a_comment_with_photos(people, connection: Connection):
    ani = await people(ANI)
    path = await reported(ani, images.jpeg())
    desk = await people(DESK)
    fields = await desk.form(path, f"{path}/comments")
    response = await desk.post(
        f"{path}/comments",
        fields | {"comment": "Sesudah dibersihkan"},
        files=files(images.png(), images.webp()),
        htmx=True,
    )
    assert response.status_code == 200, response.text
    assert [photo in response.text for photo in ("/photos/1/t", "/photos/2/t", "/photos/3/t")] == [True] * 3
    assert "Foto 3 dari 3" in response.text
    assert await connection.fetch("SELECT seq, event_seq FROM photo ORDER BY seq") == [(1, 1), (2, 2), (3, 2)]


@pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])
async def test_a_photo_alone_is_a_comment(people, connection: Connection, htmx: bool):
    desk = await people(DESK)
    path = await reported(await people(ANI))
    fields = await desk.form(path, f"{path}/comments") | {"comment": " "}
    response = await desk.post(f"{path}/comments", fields, files=files(images.png()), htmx=htmx)
    assert response.status_code == (200 if htmx else 303), response.text
    assert await connection.fetchval("SELECT note IS NULL FROM event WHERE seq = 2")
    line = (await desk.get(path)).text.partition('data-kind="commented"')[2].partition("</li>\n</ol>")[0]
    assert "/photos/1/thumbnail" in line and "event-note" not in line, "and no empty paragraph"


@pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])
async def test_neither_text_nor_photo_is_no_comment(people, connection: Connection, htmx: bool):
    ani = await people(ANI)
    path = await reported(ani)
    fields = await ani.form(path, f"{path}/comments")
    response = await ani.post(f"{path}/comments", fields, htmx=htmx)
    assert response.status_code == 422
    assert message(response.text) == "Harap isi form kosong!" and "Komentar belum diisi." in response.text
    assert faulty(response.text) == {"comment"}
    assert await connection.fetchval("SELECT count(*) FROM event") == 1


async def test_a_comment_with_a_photo_at_fault(people, connection: Connection):
    ani = await people(ANI)
    path = await reported(ani, images.jpeg())
    fields = await ani.form(path, f"{path}/comments")
    response = await ani.post(f"{path}/comments", fields | {"comment": "Lihat"}, files=files(images.SVG), htmx=True)
    assert response.status_code == 422
    assert "Lampiran ke-1 (foto1.jpg) bukan foto" in response.text
    assert forms(response.text)[f"{path}/comments"]["comment"] == "Lihat"
    assert await connection.fetchval("SELECT count(*) FROM event") == 1


async def test_other_doors_take_no_files(people):
    ani, desk = await people(ANI), await people(DESK)
    path = await reported(ani)
    fields = await desk.form(f"{path}/opening", f"{path}/opening")
    response = await desk.post(f"{path}/opening", fields, files=files(images.jpeg()))
    assert response.status_code == 400


async def test_beyond_the_body_limit(people):
    ani = await people(ANI)
    response = await ani.post("/problems", TEXTS, files=files(*[bytes(16_000_000)] * 5))
    assert response.status_code == 413
    assert "Semua lampiran bersama paling besar 25 MB, masing-masing 10 MB." in response.text


async def test_nobody_makes_the_server_decode(nobody, monkeypatch):
    monkeypatch.setattr("actions.uploads.decode", lambda file: pytest.fail("decoded for nobody"))
    response = await nobody.post("/problems", TEXTS, files=files(images.jpeg()))
    assert response.status_code == 303 and response.headers["Location"].startswith("/login")
    response = await nobody.post("/problems", TEXTS, files=files(bytes(300_000)))
    assert response.status_code == 303 and response.headers["Location"].startswith("/login")


async def test_an_empty_choice_is_none(people, connection: Connection):
    ani = await people(ANI)
    fields = await ani.form("/problems/new", "/problems") | TEXTS
    fields.pop("photo")
    response = await ani.post("/problems", fields, files=[("photo", ("", b"", "application/octet-stream"))])
    assert response.status_code == 303, response.text
    assert await connection.fetchval("SELECT count(*) FROM photo") == 0


async def test_every_shape_is_kept(people, connection: Connection):
    shapes = [images.saved(Image.new("1", size)) for size in ((1600, 2), (1, 1), (20_000, 1), (1080, 12_000))]
    await reported(await people(ANI), *shapes)
    assert await connection.fetchval("SELECT min(width) FROM photo WHERE height > 1600") >= 400
    assert await connection.fetchval("SELECT count(*) FROM photo") == 4
