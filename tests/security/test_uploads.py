"""Large posts: of whom they are is asked before they are read, few are read at once, and what is not wanted is not kept."""

import asyncio
from collections.abc import AsyncIterator
from urllib.parse import quote

import httpx2
import pytest
from asyncpg import Connection
from starlette.applications import Starlette
from starlette.datastructures import UploadFile

from actions import uploads
from actions.uploads import UPLOADS
from tests.client import HTMX, Client, forms
from tests.conftest import PIN, People, end_sessions
from tests.images import png
from tests.journeys import ANI, BUDI, REPORT, problem_in
from web import bodies
from web.bodies import BODY_LIMIT

TYPE = {"Content-Type": "multipart/form-data; boundary=x"}
FILE = b'--x\r\nContent-Disposition: form-data; name="photo"; filename="a.png"\r\nContent-Type: image/png\r\n\r\n'
TEXT = b'--x\r\nContent-Disposition: form-data; name="description"\r\n\r\n'


class Slow:
    """A post that has begun and goes on until it is told to end."""

    def __init__(self, client: Client) -> None:
        self._ending = asyncio.Event()
        self.began = asyncio.Event()
        self.answer = asyncio.create_task(client.post("/problems", content=self._parts(), headers=TYPE))

    async def _parts(self) -> AsyncIterator[bytes]:
        yield FILE + b"x"
        self.began.set()
        await self._ending.wait()
        yield b"\r\n--x--\r\n"

    async def end(self) -> httpx2.Response:
        self._ending.set()
        return await self.answer


async def test_of_a_person_few_are_read_at_once(people: People) -> None:
    ani, budi = await people(ANI), await people(BUDI)
    slow = [Slow(ani) for _ in range(uploads.OF_A_PERSON)]
    for one in slow:
        await one.began.wait()
    for headers in ({}, HTMX):
        refused = await ani.post("/problems", content=Slow(ani)._parts(), headers=TYPE | headers)
        assert (refused.status_code, refused.headers["Retry-After"]) == (429, "10")
        assert "Unggahan lain masih berjalan" in refused.text
    fields = await ani.form("/problems/new", "/problems") | REPORT
    assert (await ani.post("/problems", fields)).status_code == 303, "a form without files is none of them"
    photo = {"photo": ("a.png", png(8, 8), "image/png")}
    fields = await budi.form("/problems/new", "/problems") | REPORT
    assert (await budi.post("/problems", fields, files=photo)).status_code == 303, "nobody else waits"
    for one in slow:
        assert (await one.end()).status_code == 422
    fields = await ani.form("/problems/new", "/problems") | REPORT | {"description": "x" * 4000}
    large = {"photo": ("a.png", png(8, 8) + b"\0" * BODY_LIMIT, "image/png")}
    assert (await ani.post("/problems", fields, files=large)).status_code in (303, 422), "their places are free again"


async def test_in_all_too(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "IN_ALL", 1)
    slow = Slow(await people(ANI))
    await slow.began.wait()
    refused = await (await people(BUDI)).post("/problems", content=Slow(await people(BUDI))._parts(), headers=TYPE)
    assert (refused.status_code, "Server sedang sibuk" in refused.text) == (503, True)
    assert (await slow.end()).status_code == 422


async def test_of_nobody_only_the_text_is_read(
    people: People, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whose session has ended finds it again; the files are dropped as they come, and few are read at once."""
    ani = await people(ANI)
    fields = await ani.form("/problems/new", "/problems") | REPORT
    await end_sessions(connection)

    async def refuse(*_: object) -> None:
        pytest.fail("a file was kept")

    monkeypatch.setattr(UploadFile, "write", refuse)
    large = {"photo": ("a.png", b"x" * 2 * BODY_LIMIT, "image/png")}
    answer = await ani.post("/problems", fields, files=large)
    assert answer.headers["Location"].startswith("/login")
    assert await connection.fetchval("SELECT fields ->> 'title' FROM draft") == REPORT["title"]
    monkeypatch.setattr(uploads, "OF_NOBODY", 0)
    refused = await ani.post("/problems", fields, files=large)
    assert (refused.status_code, "Unggahan lain" in refused.text) == (503, False), "the others' are none of theirs"


@pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])
@pytest.mark.parametrize("size", [1000, 672_000, UPLOADS.total - 1000], ids=["small", "a phone's", "all that may be"])
@pytest.mark.parametrize("form", ["report", "comment"])
async def test_of_whom_no_session_is_named_the_text_is_kept(
    people: People, connection: Connection, monkeypatch: pytest.MonkeyPatch, form: str, size: int, htmx: bool
) -> None:
    """Whatever the size of the photos: they are dropped as they come, and where the text is found again it says so."""
    ani = await people(ANI)
    problem = await problem_in(people, "reported")
    page, path, text = {
        "report": ("/problems/new", "/problems", "description"),
        "comment": (problem, f"{problem}/comments", "comment"),
    }[form]
    fields = await ani.form(page, path) | {"title": "Kasir", text: "Layarnya gelap"}
    ani.cookies.clear()

    async def refuse(*_: object) -> None:
        pytest.fail("a file was kept")

    with monkeypatch.context() as patched:
        patched.setattr(UploadFile, "write", refuse)
        answer = await ani.post(path, fields, files={"photo": ("a.jpg", b"x" * size, "image/jpeg")}, htmx=htmx)
    back = f"{page}?draft={fields['key']}"
    assert answer.status_code == (401 if htmx else 303)
    assert answer.headers["HX-Redirect" if htmx else "Location"] == f"/login?next={quote(back, safe='/')}"
    assert "Isian Anda tersimpan" in (await ani.get("/login", params={"next": back})).text
    await ani.post("/login", {"nik": ANI, "pin": PIN})
    found = (await ani.get(back)).text
    assert forms(found)[path][text] == "Layarnya gelap" and "Lampiran tidak ikut tersimpan." in found


@pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])
async def test_of_strangers_no_more_than_a_form_may_bring_is_read(app: Starlette, htmx: bool) -> None:
    stranger, sent = Client(app), 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        yield FILE
        while True:
            sent += BODY_LIMIT
            yield b"a" * BODY_LIMIT

    for more in ({}, {"Content-Length": str(UPLOADS.total + 2 * BODY_LIMIT)}):
        sent = 0
        answer = await stranger.post("/problems", content=endless(), headers=TYPE | more, htmx=htmx)
        assert answer.status_code == 413
        assert (
            "Lampiran terlalu besar" in answer.text
            and "lagi tanpa lampiran" in answer.text
            and "Anda masuk" in answer.text
        )
        assert "Ringkas" not in answer.text
        assert sent <= (0 if more else UPLOADS.total + 2 * BODY_LIMIT)


async def test_strangers_take_no_place_of_those_whose_session_has_ended(
    app: Starlette, people: People, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "OF_NOBODY", 1)
    ani = await people(ANI)
    await end_sessions(connection)
    large = {"photo": ("a.png", b"x" * 2 * BODY_LIMIT, "image/png")}
    slow = Slow(Client(app))
    await slow.began.wait()
    assert (await Client(app).post("/problems", files=large)).status_code == 503
    assert (await ani.post("/problems", REPORT, files=large)).status_code == 303
    assert (await slow.end()).status_code == 303


@pytest.mark.parametrize("size", [1000, 2 * BODY_LIMIT])
async def test_a_small_post_of_a_stranger_has_the_time_of_a_text(
    app: Starlette, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    """Beyond that few are read at once."""
    monkeypatch.setattr(bodies, "BODY_TIMEOUT", 0.01)

    async def dripping() -> AsyncIterator[bytes]:
        yield FILE
        await asyncio.sleep(0.2)
        yield b"x" * (size - len(FILE) - 9) + b"\r\n--x--\r\n"

    answer = await Client(app).post("/problems", content=dripping(), headers=TYPE | {"Content-Length": str(size)})
    assert answer.status_code == (408 if size < BODY_LIMIT else 303)


@pytest.mark.parametrize(
    "part",
    [
        TEXT,
        b'--x\r\nContent-Disposition: form-data; name="',
        b'--x\r\nContent-Disposition: form-data; name="photo"; filename="a.png"\r\nX-Long: ',
        b"--x\r\nX-",
        FILE + b"x\r\n" + TEXT,
    ],
    ids=["a text", "a name", "a header of a file", "a header's name", "after a file"],
)
async def test_what_is_held_in_memory_is_bounded_as_it_comes(part: bytes, app: Starlette, people: People) -> None:
    ani, sent = await people(ANI), 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        yield part
        while sent < 10 * BODY_LIMIT:
            sent += 16384
            yield b"a" * 16384

    answer = await ani.post("/problems", content=endless(), headers=TYPE)
    assert answer.status_code in (400, 413)
    assert sent <= BODY_LIMIT + 2 * 16384


async def test_of_a_person_few_wait_for_their_photos(people: People) -> None:
    """A small file may be large once it is decoded: many small posts of one person are refused as large ones are."""
    ani = await people(ANI)
    forms = [await ani.form("/problems/new", "/problems") | REPORT for _ in range(uploads.OF_A_PERSON + 3)]
    photo = {"photo": ("a.png", png(8, 8), "image/png")}
    answers = await asyncio.gather(*(ani.post("/problems", form, files=photo) for form in forms))
    statuses = [answer.status_code for answer in answers]
    assert statuses.count(303) >= uploads.OF_A_PERSON and set(statuses) == {303, 429}
