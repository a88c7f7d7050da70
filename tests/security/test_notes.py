"""Notes among handlers: nothing that a reporter can ask for tells that there is one."""

import re
from difflib import unified_diff
from io import BytesIO
from urllib.parse import urlencode
from zipfile import ZipFile

import httpx2
import pytest
from asyncpg import Connection

import actions.listing
from queries.note_files import list_note_files
from queries.notes import get_last_note, list_noted, list_notes
from tests import images
from tests.client import Client, forms
from tests.conftest import People
from tests.documents import PDF, TEXT
from tests.exports import exported
from tests.journeys import (
    ADMIN_OF_THE_STORE,
    ANI,
    BUDI,
    CITRA,
    DESK,
    IDENTIFICATION,
    IDENTIFIED,
    MANAGER,
    NET,
    PIC,
    WITH_A_PHOTO,
    do,
    problem_in,
    report,
)
from tests.memberships import belong
from tests.routes.catalogue import EXAMPLES
from tests.routes.test_draft_files import kept
from tests.snapshots.pages import normalised

WORD = "Xylofon"  # which stands nowhere else
NO_FILES = ("1/files/3", "2/files/1", "x/files/1", "0/files/1", "99999999999/files/1", "1/files/2/image", "1/files/1/x")
READERS = (DESK, NET, PIC, MANAGER)
OTHERS = (ANI, BUDI, ADMIN_OF_THE_STORE, CITRA)

Answer = tuple[int, str, dict[str, str]]


@pytest.fixture
async def path(people: People, connection: Connection) -> str:
    """A problem of Ani's, with a photo; of its store is an admin too."""
    await connection.execute(
        "INSERT INTO employee (nik, name, store_code, is_admin, pin_hash) VALUES ($1, 'Kartika Sari', 'T01', true, '')",
        ADMIN_OF_THE_STORE,
    )
    path = await problem_in(people, WITH_A_PHOTO)
    await (await people(ANI)).get(path)  # who has been told what she did
    return path


async def write(
    people: People, path: str, nik: str = DESK, text: str = f"{WORD}: toko ini sering salah lapor."
) -> httpx2.Response:
    client, files = await people(nik), [("photo", ("a.png", images.png(8, 8))), ("photo", ("rahasia.pdf", PDF))]
    form = await client.form(path, f"{path}/notes")
    response = await client.post(f"{path}/notes", form | {"note": text}, files=files)
    assert response.status_code == 303, response.text
    return response


def said(response: httpx2.Response) -> Answer:
    """What an answer tells, without what differs from request to request."""
    headers = {name: value for name, value in response.headers.items() if name not in ("set-cookie", "server-timing")}
    headers.pop("content-length", "")  # of a compressed page with keys
    headers.pop("etag", "")  # which changes with the minute
    return response.status_code, _written_in(response), headers


def _written_in(response: httpx2.Response) -> str:
    """Its text; of a workbook that of its parts, but for the one that says when it was made."""
    if not response.content.startswith(b"PK\x03\x04"):
        return normalised(response.text)
    with ZipFile(BytesIO(response.content)) as book:
        return "\n".join(book.read(part).decode() for part in book.namelist() if part != "docProps/core.xml")


async def asked(client: Client, path: str) -> dict[str, Answer]:
    """What that person is answered at every door that shows something, by the beats of open pages, and to a search."""
    urls = [f"{e.at(path)}?{urlencode(e.values)}" for e in EXAMPLES if e.method == "GET" and e.path != "/login"]
    queries = ("&sort=changed", "&q=Printer", f"&q={WORD}", f"&q={WORD.lower()}", "&holder=HD")
    urls += [f"/problems?year=all{query}" for query in queries]
    urls += [
        f"{path}{more}"
        for more in ("?before=2", "?notes_before=9", "?draft=x", "/photos/2", "/photos/2/image", "/files/2")
    ]
    urls += [f"{path}/notes/1/files/{file}" for file in ("1", "1/image", "1/thumbnail", "2")]
    answers = {}
    for url in urls:
        for htmx in (False, True):
            answers[f"{url} {htmx}"] = said(await client.get(url, htmx=htmx))
    for seen in ("1.2", "1.2.0", "1.2.1", "1.1.0", "1"):
        answers[f"beat {seen}"] = said(await client.post(f"{path}/presence", {"seen": seen}, htmx=True))
    return answers


def _differing(then: Answer, now: Answer) -> list[str]:
    """The lines in which two answers differ, and what else does."""
    lines = list(unified_diff(then[1].splitlines(), now[1].splitlines(), lineterm="", n=0))
    return [*lines, *(f"{was} {is_}" for was, is_ in zip(then, now, strict=True) if was != is_ and not lines)]


async def shown_in_list(client: Client) -> str:
    found = re.search(r'name="shown" value="([^"]+)"', (await client.get("/problems?year=all")).text)
    assert found
    return found[1]


async def test_nothing_tells_of_a_note_to_who_reads_none(people: People, path: str) -> None:
    clients = [await people(nik) for nik in OTHERS]
    before = [await asked(client, path) for client in clients]
    lists = [await shown_in_list(client) for client in clients]
    for nik in (DESK, NET):
        await write(people, path, nik)
    for client, then, shown in zip(clients, before, lists, strict=True):
        now = await asked(client, path)
        for url, answer in now.items():
            assert _differing(then[url], answer) == [], url
        assert (await shown_in_list(client)).partition(".")[0] == shown.partition(".")[0], (
            "not even by the moment of a change"
        )


async def test_a_page_stays_the_same_after_a_note_for_who_reads_none(people: People, path: str) -> None:
    clients = [await people(nik) for nik in OTHERS]

    async def tags() -> list[str | None]:
        return [(await client.get(url)).headers.get("ETag") for client in clients for url in ("/problems", path)]

    for minute in range(2):  # which may turn meanwhile, but not twice
        before = await tags()
        await write(people, path, text=f"{WORD} {minute}")
        if (after := await tags()) == before:
            break
    assert after == before and any(after)


async def test_a_comment_after_a_note_is_numbered_as_if_there_were_none(people: People, path: str) -> None:
    await write(people, path)
    budi = await people(BUDI)
    await budi.submit(path, f"{path}/comments", comment="Masih mati")
    page = (await budi.get(path)).text
    assert re.findall(r'id="event-(\d+)"', page) == ["1", "2", "3"] and "Foto 1 dari 1" in page
    assert 'name="seen" value="1.3"' in page and "atatan" not in page


async def test_handlers_and_managers_read_it_and_only_handlers_write(people: People, path: str) -> None:
    await write(people, path)
    for nik in READERS:
        client = await people(nik)
        page = (await client.get(path)).text
        assert WORD in page and "Pelapor dan tokonya tidak melihatnya." in page
        assert (f'action="{path}/notes"' in page) is (nik != MANAGER)
        told = await client.post(f"{path}/presence", {"seen": "1.2.0"}, htmx=True)
        assert WORD in told.text and told.headers["HX-Reswap"] == "outerMorph"
        busy = await client.post(f"{path}/presence", {"seen": "1.2.0", "doing": "opening"}, htmx=True)
        assert "menulis catatan internal." in busy.text and WORD not in busy.text and 'value="1.2.1"' in busy.text
    for nik in (*OTHERS, MANAGER):
        refused = await (await people(nik)).press(f"{path}/notes", {"note": "Halo", "version": "1"})
        assert refused.status_code == (404 if nik == CITRA else 403)


async def test_only_readers_are_answered(people: People, path: str, connection: Connection) -> None:
    """Whoever forgets to ask whether somebody reads notes is told of none."""
    await write(people, path)
    for nik in (*READERS, *OTHERS):
        assert (
            bool(await list_notes(connection, nik, 1))
            is bool(await get_last_note(connection, nik, 1))
            is (nik in READERS)
        )


async def test_its_files_are_told_to_readers_only(people: People, path: str, connection: Connection) -> None:
    """A picture is shown, a document saved; a note may be of files alone."""
    await write(people, path, text="")
    doors = [f"{path}/notes/1/files/{file}" for file in ("1", "1/image", "1/thumbnail", "2")]
    for nik in (*READERS, *OTHERS):
        client, reads = await people(nik), nik in READERS
        shown, picture, thumbnail, document = answers = [await client.get(door) for door in doors]
        assert [answer.status_code for answer in answers] == [200 if reads else 404] * 4, nik
        assert bool(await list_note_files(connection, nik, 1, [1])) is reads
        if reads:
            assert f'src="{doors[1]}"' in shown.text and "Foto 1 dari 1" in shown.text
            for sent in (picture, thumbnail):
                assert "Content-Disposition" not in sent.headers and sent.headers["Content-Type"] == "image/jpeg"
                assert sent.headers["Cache-Control"].startswith("private, ") and sent.headers["Vary"] == "Cookie"
                assert sent.headers["Content-Security-Policy"].startswith("default-src 'none'")
            assert document.headers["Content-Disposition"].startswith("attachment; ") and document.content == PDF
            assert document.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
            page = (await client.get(path)).text
            assert f'src="{doors[2]}"' in page and f'href="{doors[3]}" download' in page and "rahasia.pdf" in page
    for wrong in NO_FILES:
        assert (await (await people(DESK)).get(f"{path}/notes/{wrong}")).status_code == 404
    assert await connection.fetchval("SELECT text FROM note") is None


async def test_files_of_a_refused_note_are_kept(people: People, path: str, connection: Connection) -> None:
    desk, door = await people(DESK), f"{path}/notes"
    files = [("photo", ("a.png", images.png(8, 8))), ("photo", ("rahasia.pdf", PDF))]
    form = await desk.form(path, door)
    refused = await desk.post(door, form | {"note": "x" * 4001}, files=files)
    assert refused.status_code == 422 and len(kept(refused.text)) == 2
    sent = forms(refused.text)[door] | {"note": WORD, "kept": kept(refused.text)}
    answer = await desk.post(door, sent, files=[("photo", ("b.txt", TEXT))])
    assert answer.status_code == 303, answer.text
    found = await connection.fetch("SELECT seq, kind, name FROM note_file ORDER BY seq")
    assert found == [(1, "jpg", None), (2, "pdf", "rahasia.pdf"), (3, "txt", "b.txt")]
    for table in ("draft_photo", "draft_file"):
        assert await connection.fetchval(f"SELECT count(*) FROM {table}") == 0


async def test_words_of_notes_are_searched_by_readers_only(people: People, path: str, connection: Connection) -> None:
    """Of several notes, and beside those of the problem."""
    await write(people, path)
    await write(people, path, NET, text="Vendornya Zebratama.")
    for nik in (*READERS, *OTHERS):
        client = await people(nik)
        for q, found in (
            (WORD, True),
            ("zebratama xylofon", True),
            ("zebra printer", True),
            (f"{WORD} tidakada", False),
        ):
            page = (await client.get(f"/problems?{urlencode({'year': 'all', 'q': q})}")).text
            shown = 'id="problem-1"' in page, "<span>Semua</span> <b>1</b>" in page
            assert shown == (found and nik in READERS,) * 2, f"{nik}: {q}"
        assert bool(await list_noted(connection, nik, [f"%{WORD.lower()}%"], None)) is (nik in READERS)
    await do(people, path, *IDENTIFIED)
    await connection.execute("UPDATE store SET name = 'Toko Bumi Serpong' WHERE code = 'T01'")
    page = (await (await people(DESK)).get(f"/problems?q={WORD}+serpong+{IDENTIFICATION['category']}")).text
    assert 'id="problem-1"' in page, "the words of the problem are those of now"


async def test_the_page_says_that_older_notes_may_have_the_words_and_an_export_has_them(
    people: People, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions.listing, "NOTED", 2)
    desk, said = await people(DESK), "hanya 2 kendala terbaru yang ikut ditemukan"
    paths = [path, *[await report(people) for _ in range(2)]]
    for found, each in enumerate(paths, start=1):
        await write(people, each)
        page = (await desk.get(f"/problems?q={WORD}")).text
        assert (said in page, page.count('id="problem-')) == (
            found >= 2,
            min(found, 2) + 1,
        )  # the list itself among them
    assert [row["Nomor"] for row in await exported(desk, q=WORD)] == ["K-3", "K-2", "K-1"]


async def test_a_note_says_something(people: People, path: str, connection: Connection) -> None:
    with pytest.raises(Exception, match="a note without text and file"):
        await connection.execute("INSERT INTO note (problem_id, author_nik) VALUES (1, '20001')")


async def test_a_handler_reads_the_notes_on_what_they_reported_themselves(people: People) -> None:
    path = "/problems/1"
    pic = await people(PIC)
    await pic.submit("/problems/new", "/problems", title="Printer mati", description="Tidak menyala.")
    await write(people, path)
    assert WORD in (await pic.get(path)).text


async def test_who_is_no_handler_any_more_reads_none(people: People, path: str, connection: Connection) -> None:
    await write(people, path, NET)
    await belong(connection, NET)
    await connection.execute("UPDATE employee SET store_code = 'T01' WHERE nik = $1", NET)
    people = People(people._app)
    page = (await (await people(NET)).get(path)).text
    assert "Printer" in page and WORD not in page and "/notes" not in page


async def test_a_note_may_follow_the_end_and_is_no_conflict_for_a_form(people: People) -> None:
    path = await problem_in(people, "closed")
    ani = await people(ANI)
    form = await ani.form(path, f"{path}/confirmation")
    await write(people, path)
    assert (await ani.post(f"{path}/confirmation", form)).status_code == 303
    await write(people, path)


async def test_an_empty_and_a_too_long_note_are_refused_and_kept(
    people: People, path: str, connection: Connection
) -> None:
    desk = await people(DESK)
    for text, said in (("", ">Catatan internal belum diisi.<"), ("x" * 4001, "4.000")):
        refused = await desk.submit(path, f"{path}/notes", note=text)
        assert refused.status_code == 422 and said in refused.text and f"{text}</textarea>" in refused.text
    assert await connection.fetchval("SELECT count(*) FROM note") == 0


async def test_a_draft_of_a_note_is_its_authors_and_goes_with_it(
    people: People, path: str, connection: Connection
) -> None:
    desk = await people(DESK)
    form = await desk.form(path, f"{path}/notes")
    saved = await desk.post(f"{path}/drafts/note", form | {"note": f"{WORD} lagi"}, htmx=True)
    assert saved.status_code == 204
    assert f"draft={form['key']}" in (await desk.get(path)).text
    for nik in (*OTHERS[:3], NET, MANAGER):
        for url in (path, f"{path}?draft={form['key']}"):
            page = (await (await people(nik)).get(url)).text
            assert WORD not in page and "Lanjutkan draf" not in page
    assert (await desk.post(f"{path}/notes", form | {"note": f"{WORD} lagi"})).status_code == 303
    assert await connection.fetchval("SELECT count(*) FROM draft") == 0


async def test_one_person_does_not_fill_the_notes(people: People, path: str, connection: Connection) -> None:
    await connection.execute("UPDATE budget_rule SET capacity = 1 WHERE kind = 'comments of a problem'")
    await write(people, path)
    refused = await (await people(DESK)).submit(path, f"{path}/notes", note="Sekali lagi")
    assert refused.status_code == 429 and "Sekali lagi</textarea>" in refused.text
    await write(people, path, NET)


async def test_many_notes_are_shown_in_parts(people: People, path: str, connection: Connection) -> None:
    await connection.execute(
        "INSERT INTO note (problem_id, author_nik, text) SELECT 1, '20001', n FROM generate_series(1, 60) n"
    )
    desk = await people(DESK)
    for htmx in (False, True):
        page = (await desk.get(path, htmx=htmx)).text
        assert "10 catatan sebelumnya" in page and len(re.findall(r'id="note-\d', page)) == 50
        earlier = (await desk.get(f"{path}?notes_before=11", htmx=htmx)).text
        assert re.findall(r'id="note-(\d+)"', earlier) == [str(n) for n in range(1, 11)]
        assert earlier.lstrip().startswith("<li") is htmx


async def test_a_note_is_never_changed(people: People, path: str, connection: Connection) -> None:
    await write(people, path)
    for statement in ("UPDATE note SET text = 'x'", "DELETE FROM note", "TRUNCATE note, note_file"):
        with pytest.raises(Exception, match="refused"):
            await connection.execute(statement)
    for statement in ("UPDATE note_file SET content = 'x'", "DELETE FROM note_file", "TRUNCATE note_file"):
        with pytest.raises(Exception, match="refused"):
            await connection.execute(statement)
