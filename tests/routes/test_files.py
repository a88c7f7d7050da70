"""Documents that go with a form: kept as they were sent, to be saved by whoever sees the problem, never shown."""

import re
from collections.abc import Sequence

import asyncpg
import httpx2
import pytest
from asyncpg import Connection
from starlette.applications import Starlette

from forms.files import GONE, KINDS
from routes import files as doors
from tests import documents, images
from tests.client import Client, forms
from tests.conftest import People
from tests.documents import DOCUMENTS, PDF, TEXT
from tests.journeys import ANI, BUDI, CITRA, DESK, MANAGER, REPORT, opened
from tests.routes.catalogue import faulty
from tests.routes.test_draft_files import kept

COUNT = "SELECT count(*) FROM file"


def chosen(*files: tuple[str, bytes]) -> list[tuple]:
    """As browsers send them: what they call the type counts for nothing."""
    return [("photo", (name, content, "text/html")) for name, content in files]


async def report(client: Client, *files: tuple[str, bytes], **values: str) -> httpx2.Response:
    fields = await client.form("/problems/new", "/problems")
    fields.pop("photo")
    return await client.post("/problems", fields | REPORT | values, files=chosen(*files))


async def reported(client: Client, *files: tuple[str, bytes]) -> str:
    response = await report(client, *files)
    assert response.status_code == 303, response.text
    return response.headers["Location"]


def links(html: str) -> list[tuple[str, str]]:
    """(address, name) of the documents on a page."""
    return re.findall(r'<a href="([^"]+/files/\d+)" download><bdi>([^<]+)</bdi>', html)


async def test_each_kind_is_kept_as_it_was_sent(people: People) -> None:
    ani = await people(ANI)
    for kinds in (list(DOCUMENTS)[start : start + 5] for start in range(0, len(DOCUMENTS), 5)):
        path = await reported(ani, *((f"nota.{kind}", DOCUMENTS[kind]) for kind in kinds))
        found = links((await ani.get(path)).text)
        assert found == [(f"{path}/files/{n}", f"nota.{kind}") for n, kind in enumerate(kinds, 1)]
        for (address, name), kind in zip(found, kinds, strict=True):
            answer = await ani.get(address)
            assert answer.content == DOCUMENTS[kind]
            assert answer.headers["Content-Disposition"].startswith(f'attachment; filename="{name}"')


async def test_no_browser_shows_one(people: People) -> None:
    ani = await people(ANI)
    path = await reported(ani, ("a.html", TEXT), ("b.html", PDF))
    for seq, media_type in ((1, "text/plain; charset=utf-8"), (2, "application/pdf")):
        answer = await ani.get(f"{path}/files/{seq}")
        assert answer.headers["Content-Type"] == media_type
        assert answer.headers["Content-Disposition"].startswith("attachment; ")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "Content-Disposition" not in (await ani.get(path)).headers
    assert not (await ani.get(path)).headers["Content-Security-Policy"].startswith("sandbox")


async def test_photos_and_documents_together(people: People, connection: Connection) -> None:
    ani = await people(ANI)
    path = await reported(ani, ("a.pdf", PDF), ("b.jpg", images.jpeg()), ("c.pdf", images.png()), ("d.jpg", TEXT))
    html = (await ani.get(path)).text
    assert [name for _, name in links(html)] == ["a.pdf", "d.jpg.txt"]
    assert "Foto 2 dari 2" in html and "/photos/3" not in html
    assert await connection.fetch("SELECT seq, event_seq FROM file ORDER BY seq") == [(1, 1), (2, 1)]


async def test_a_photo_of_an_iphone(people: People) -> None:
    ani = await people(ANI)
    path = await reported(ani, ("IMG_0001.HEIC", images.heic(orientation=6)))
    answer = await ani.get(f"{path}/photos/1/image")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/jpeg")
    assert not links((await ani.get(path)).text)


async def test_reach(people: People, nobody: Client) -> None:
    path = await reported(await people(ANI), ("a.pdf", PDF))
    for nik, status in ((BUDI, 200), (DESK, 200), (MANAGER, 200), (CITRA, 404), ("90001", 404)):
        assert (await (await people(nik)).get(f"{path}/files/1")).status_code == status, nik
    assert (await nobody.get(f"{path}/files/1")).headers["Location"].startswith("/login?next=")
    assert (await nobody.get(f"{path}/files/1", htmx=True)).status_code == 401


@pytest.mark.parametrize("seq", ["0", "2", "-1", "2147483648", "x", "²", "99999999999999999999", "1%00", "1/x"])
async def test_bad_number(people: People, seq: str) -> None:
    ani = await people(ANI)
    path = await reported(ani, ("a.pdf", PDF))
    assert (await ani.get(f"{path}/files/{seq}")).status_code == 404
    other = await reported(ani)
    assert (await ani.get(f"{other}/files/1")).status_code == 404, "that of another problem"


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.pdf", images.HTML, f"Lampiran ke-1 (a.pdf) bukan {KINDS}."),
        ("a.txt", images.SVG, f"Lampiran ke-1 (a.txt) bukan {KINDS}."),
        ("a.docx", documents.zipped({"a": b"x"}), f"Lampiran ke-1 (a.docx) bukan {KINDS}."),
        ("a.docm", documents.open_xml("word/document.xml", **{"word/vbaProject.bin": b"x"}), "tanpa makro"),
        ("a.txt", b"", f"Lampiran ke-1 (a.txt) kosong. Pilih {KINDS}."),
        ("a.pdf", PDF.ljust((10 << 20) + 1), "Lampiran ke-1 (a.pdf) lebih besar dari 10 MB: 10,1 MB."),
    ],
)
async def test_what_is_refused_names_the_kinds_or_the_limit(
    people: People, connection: Connection, name: str, content: bytes, said: str
) -> None:
    answer = await report(await people(ANI), (name, content))
    assert answer.status_code == 422 and said in answer.text
    assert faulty(answer.text) == {"photo"}
    assert forms(answer.text)["/problems"]["description"] == REPORT["description"]
    assert await connection.fetchval("SELECT count(*) FROM problem") == 0


async def test_exactly_as_much_as_may_be(people: People) -> None:
    """In two parts and one byte more; who asks only for the head is told its length."""
    ani = await people(ANI)
    content = PDF.ljust(10 << 20, b"\n")
    path = await reported(ani, ("a.pdf", content))
    assert (await ani.get(f"{path}/files/1")).content == content
    head = await ani.head(f"{path}/files/1")
    assert (head.headers["Content-Length"], head.content) == (str(10 << 20), b"")


async def test_who_fetches_slowly_holds_no_connection(
    app: Starlette, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor more than a part in memory: each is asked for when it can be sent."""
    monkeypatch.setattr(doors, "PART", 10)
    asked, get_part = [], doors.get_part

    async def watched(*arguments, start: int, **more) -> bytes:
        asked.append(start)
        return await get_part(*arguments, start=start, **more)

    monkeypatch.setattr(doors, "get_part", watched)
    ani = await people(ANI)
    path = await reported(ani, ("a.txt", TEXT))
    assert (await ani.get(f"{path}/files/1")).content == TEXT
    assert asked == [*range(0, len(TEXT), 10)]
    pool = app.state.database._backend._pool
    assert pool.get_idle_size() == pool.get_size()


async def test_one_transaction(people: People, connection: Connection) -> None:
    await connection.execute("ALTER TABLE file ADD CHECK (name <> 'b.pdf')")
    with pytest.raises(asyncpg.CheckViolationError):
        await report(await people(ANI), ("a.pdf", PDF), ("b.pdf", PDF + b"\n"))
    for table in ("problem", "file", "submission"):
        assert await connection.fetchval(f"SELECT count(*) FROM {table}") == 0


@pytest.mark.parametrize("statement", ["UPDATE file SET name = 'x'", "DELETE FROM file", "TRUNCATE file"])
async def test_append_only(people: People, connection: Connection, statement: str) -> None:
    await reported(await people(ANI), ("a.pdf", PDF))
    with pytest.raises(asyncpg.IntegrityConstraintViolationError):
        await connection.execute(statement)


@pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])
async def test_a_document_alone_is_a_comment(people: People, htmx: bool) -> None:
    ani = await people(ANI)
    path = await reported(ani, ("a.pdf", PDF))
    fields = await ani.form(path, f"{path}/comments")
    answer = await ani.post(f"{path}/comments", fields, files=chosen(("b.txt", TEXT)), htmx=htmx)
    assert answer.status_code == (200 if htmx else 303), answer.text
    event = (await ani.get(path)).text.partition('data-kind="commented"')[2]
    assert links(event) == [(f"{path}/files/2", "b.txt")]


@pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])
async def test_files_go_with_a_closure(people: People, connection: Connection, htmx: bool) -> None:
    path, desk = await opened(people), await people(DESK)
    door = f"{path}/closure"
    files = chosen(("berita acara.pdf", PDF), ("a.jpg", images.jpeg()))
    empty = await desk.post(door, await desk.form(door, door), files=files, htmx=htmx)
    assert empty.status_code == 422 and len(kept(empty.text)) == 2 and faulty(empty.text) == {"solution"}
    assert "berita acara.pdf" in empty.text
    sent = forms(empty.text)[door] | {"kept": kept(empty.text), "solution": "Kabel diganti"}
    answer = await desk.post(door, sent, files=chosen(("c.txt", TEXT)), htmx=htmx)
    assert answer.status_code == (200 if htmx else 303), answer.text
    event = (await (await people(ANI)).get(path)).text.partition('data-kind="closed"')[2]
    assert [name for _, name in links(event)] == ["berita acara.pdf", "c.txt"]
    assert f"{path}/photos/1/thumbnail" in event
    assert await connection.fetchval("SELECT count(*) FROM draft_file") == 0


def again(answer: httpx2.Response, names: Sequence[str] | None = None) -> dict:
    """What a form that came back sends, with a title; of what it has only these."""
    digests = dict(re.findall(r'value="([0-9a-f]{64})" checked><span><bdi>([^<]+)</bdi>', answer.text))
    ticked = [digest for digest, name in digests.items() if names is None or name in names]
    return forms(answer.text)["/problems"] | {"kept": ticked, "title": "Printer mati"}


async def test_a_document_is_sent_once(people: People, connection: Connection) -> None:
    """Of what came with a form that was refused it says the names; what is not ticked does not go with it."""
    ani = await people(ANI)
    answer = await report(ani, ("a.pdf", PDF), ("b.txt", TEXT), title="")
    assert answer.status_code == 422 and len(kept(answer.text)) == 2
    assert (await ani.post("/problems", again(answer, ["b.txt"]))).status_code == 303
    assert await connection.fetch("SELECT name, content FROM file") == [("b.txt", TEXT)]
    assert await connection.fetchval("SELECT count(*) FROM draft_file") == 0


async def test_the_limits_count_all_kinds_together(people: People, connection: Connection) -> None:
    ani = await people(ANI)
    answer = await report(ani, ("a.pdf", PDF), *((f"{n}.png", images.png(20 + n, 9)) for n in range(3)), title="")
    sent = again(answer) | {"kept": kept(answer.text)}
    answer = await ani.post("/problems", sent, files=chosen(("b.txt", TEXT), ("c.txt", TEXT + b"!")))
    assert answer.status_code == 422 and "Paling banyak 5 lampiran; Anda memilih 6." in answer.text
    assert len(kept(answer.text)) == 5, "as many as may be"
    nine = [(f"{n}.pdf", PDF.ljust(9 << 20, b"%d" % n)) for n in range(3)]
    answer = await report(ani, *nine)
    assert answer.status_code == 422 and "Semua lampiran bersama paling besar 25 MB" in answer.text


async def test_what_is_kept_is_its_senders_and_goes_as_drafts_do(people: People, connection: Connection) -> None:
    ani, budi = await people(ANI), await people(BUDI)
    answer = await report(ani, ("a.pdf", PDF), title="")
    stolen = await budi.form("/problems/new", "/problems") | {"key": forms(answer.text)["/problems"]["key"]}
    taken = await budi.post("/problems", stolen | REPORT | {"kept": kept(answer.text)})
    assert taken.status_code == 422 and await connection.fetchval(COUNT) == 0
    assert GONE in taken.text and "a.pdf" not in taken.text
    discarded = {"draft": forms(answer.text)["/problems"]["key"]}
    await ani.press("/drafts/report/discarding", discarded)
    assert await connection.fetchval("SELECT count(*) FROM draft_file") == 0


async def test_of_one_person_few_are_kept(people: People, connection: Connection) -> None:
    """What one form may bring always fits; the oldest goes for more."""
    ani = await people(ANI)
    for n in range(2):
        files = [(f"{m}.txt", (b"%d %d " % (n, m)).ljust(9_000_000, b"x")) for m in range(2)]
        assert len(kept((await report(ani, *files, title="")).text)) == 2
    assert await connection.fetchval("SELECT sum(octet_length(content)) FROM draft_file") == 27_000_000
