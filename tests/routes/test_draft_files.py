"""Photos of a form that is refused are kept, and go with it when it is sent again, without being sent again."""

import asyncio
import re
from uuid import UUID, uuid4

import httpx2
import pytest
from asyncpg import Connection
from starlette.applications import Starlette

from formats.picture import Picture
from formats.uploads import Upload
from forms.files import KINDS
from queries import draft_files
from queries.budgets import forget_old
from tests import images
from tests.client import Client, forms
from tests.conftest import PIN, People
from tests.journeys import ANI, BUDI, DESK, REPORT, opened, problem_in
from tests.routes.catalogue import faulty, message

RED, GREEN, BLUE = (images.png(30 + n, 20) for n in range(3))
GONE = "Lampiran yang sudah terkirim tidak tersimpan lagi. Pilih lagi lampirannya."
COUNT = "SELECT count(*) FROM photo"
HELD = "SELECT count(*) FROM draft_photo"
WIDTHS = "SELECT array_agg(width ORDER BY seq) FROM photo"


def files(*contents: bytes) -> list[tuple]:
    return [("photo", (f"foto{n}.png", content, "image/png")) for n, content in enumerate(contents, 1)]


def kept(html: str) -> list[str]:
    """The photos that a form says it has already, by their digests: those that are ticked."""
    return re.findall(r'<input type="checkbox" name="kept" value="([0-9a-f]{64})" checked>', html)


async def digests(connection: Connection) -> list[str]:
    """Of all that is kept."""
    return await connection.fetchval("SELECT array_agg(encode(digest, 'hex')) FROM draft_photo")


async def refused(client: Client, *contents: bytes, htmx: bool = False, **values: str) -> httpx2.Response:
    """A report without a title."""
    form = await client.form("/problems/new", "/problems") | REPORT | {"title": ""} | values
    answer = await client.post("/problems", form, files=files(*contents), htmx=htmx)
    assert answer.status_code == 422
    return answer


def again(answer: httpx2.Response, **values: str | list[str]) -> dict:
    """What the form that came back sends, with the title."""
    return forms(answer.text)["/problems"] | {"kept": kept(answer.text), "title": "Printer mati"} | values


@pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])
async def test_a_photo_is_sent_once(people: People, connection: Connection, htmx: bool) -> None:
    ani = await people(ANI)
    answer = await refused(ani, RED, GREEN, htmx=htmx)
    assert "Lampiran yang sudah terkirim" in answer.text and len(kept(answer.text)) == 2
    assert faulty(answer.text) == {"title"}
    for number, picture in enumerate(re.findall(r'<img src="([^"]+)"', answer.text), 1):
        assert f'alt="Foto {number} dari 2"' in answer.text
        shown = await ani.get(picture)
        assert (shown.status_code, shown.headers["Content-Type"]) == (200, "image/jpeg")
    sent = await ani.post("/problems", again(answer), htmx=htmx)
    assert sent.status_code == (200 if htmx else 303), sent.text
    assert await connection.fetchval(WIDTHS) == [30, 31]
    assert await connection.fetchval(HELD) == 0
    assert await connection.fetchval("SELECT count(DISTINCT event_seq) FROM photo WHERE event_seq = 1") == 1


async def test_what_is_not_ticked_does_not_go_with_it(people: People, connection: Connection) -> None:
    ani = await people(ANI)
    answer = await refused(ani, RED, GREEN, BLUE)
    first, _, third = kept(answer.text)
    answer = await ani.post("/problems", again(answer, title="", kept=[third, first]))
    assert kept(answer.text) == [first, third], "in the order in which they came"
    assert (await ani.post("/problems", again(answer, kept=[third]))).status_code == 303
    assert await connection.fetchval(WIDTHS) == [32]
    assert await connection.fetchval(HELD) == 0


async def test_none_ticked_is_none(people: People, connection: Connection) -> None:
    ani = await people(ANI)
    answer = await refused(ani, RED)
    answer = await ani.post("/problems", again(answer, title="", kept=[]))
    assert "Lampiran yang sudah terkirim" not in answer.text
    assert await connection.fetchval(HELD) == 0
    assert (await ani.post("/problems", again(answer))).status_code == 303
    assert await connection.fetchval(COUNT) == 0


async def test_further_ones_come_behind_them(people: People, connection: Connection) -> None:
    ani = await people(ANI)
    answer = await refused(ani, RED)
    answer = await ani.post("/problems", again(answer, title=""), files=files(GREEN, RED))
    assert len(kept(answer.text)) == 2, "the same photo chosen once more is the same"
    assert (await ani.post("/problems", again(answer), files=files(RED, BLUE))).status_code == 303
    assert await connection.fetchval(WIDTHS) == [30, 31, 32]


async def test_the_same_file_chosen_twice_is_one_photo(people: People, connection: Connection) -> None:
    ani = await people(ANI)
    form = await ani.form("/problems/new", "/problems") | REPORT
    five = [images.png(20 + n, 9) for n in range(5)]
    assert (await ani.post("/problems", form, files=files(*five, five[0], five[4]))).status_code == 303
    assert await connection.fetchval(COUNT) == 5


async def test_a_good_photo_is_kept_beside_a_bad_one(people: People, connection: Connection) -> None:
    ani = await people(ANI)
    answer = await refused(ani, RED, images.SVG, GREEN, title="Printer mati")
    assert f"Lampiran ke-2 (foto2.png) bukan {KINDS}." in answer.text
    assert faulty(answer.text) == {"photo"} and len(kept(answer.text)) == 2
    assert (await ani.post("/problems", again(answer))).status_code == 303
    assert await connection.fetchval(WIDTHS) == [30, 31]


async def test_the_limits_count_both(people: People, connection: Connection) -> None:
    ani = await people(ANI)
    answer = await refused(ani, *(images.png(20 + n, 9) for n in range(4)))
    answer = await ani.post("/problems", again(answer), files=files(RED, GREEN))
    assert answer.status_code == 422 and "Paling banyak 5 lampiran; Anda memilih 6." in answer.text
    assert len(kept(answer.text)) == 5, "as many as may be"
    assert (await ani.post("/problems", again(answer))).status_code == 303
    assert await connection.fetchval(COUNT) == 5


async def test_those_that_are_kept_alone_are_held_to_it_too(people: People, connection: Connection) -> None:
    ani = await people(ANI)
    answer = await refused(ani, *(images.png(20 + n, 9) for n in range(3)))
    await connection.execute(
        """
        INSERT INTO draft_photo
        SELECT nik, key, sha256(digest), position + 3, size, image, thumbnail, width, height FROM draft_photo
        """
    )
    answer = await ani.post("/problems", again(answer, kept=await digests(connection)))
    assert answer.status_code == 422 and "Paling banyak 5 lampiran; Anda memilih 6." in answer.text
    assert await connection.fetchval("SELECT count(*) FROM problem") == 0
    assert (await ani.post("/problems", again(answer, kept=kept(answer.text)[1:]))).status_code == 303
    assert await connection.fetchval(COUNT) == 5


async def test_the_sizes_count_both(people: People, connection: Connection) -> None:
    ani = await people(ANI)
    large = [image + bytes(9_000_000) for image in (RED, GREEN, BLUE)]  # what follows the picture is not looked at
    answer = await refused(ani, *large[:2])
    answer = await ani.post("/problems", again(answer), files=files(large[2]))
    assert answer.status_code == 422
    assert "Semua lampiran bersama paling besar 25 MB; lampiran Anda 25,8 MB." in answer.text
    assert len(kept(answer.text)) == 2


async def test_sent_twice_it_is_recorded_once(people: People, connection: Connection) -> None:
    ani = await people(ANI)
    form = again(await refused(ani, RED, GREEN))
    answers = await asyncio.gather(*(ani.post("/problems", form) for _ in range(3)))
    answers.append(await ani.post("/problems", form))
    assert [answer.headers.get("Location") for answer in answers] == ["/problems/1"] * 4
    assert await connection.fetchval(COUNT) == 2
    other = await ani.post("/problems", form | {"kept": form["kept"][:1]})
    assert other.status_code == 422 and "sudah pernah dikirim dengan isi lain" in other.text


async def test_a_used_key_keeps_the_photos_under_another(people: People, connection: Connection) -> None:
    ani = await people(ANI)
    form = await ani.form("/problems/new", "/problems") | REPORT
    assert (await ani.post("/problems", form)).status_code == 303
    answer = await ani.post("/problems", form | {"title": "Kasir"}, files=files(RED))
    assert answer.status_code == 422 and len(kept(answer.text)) == 1
    assert forms(answer.text)["/problems"]["key"] != form["key"]
    assert (await ani.post("/problems", again(answer))).status_code == 303
    assert await connection.fetchval(COUNT) == 1


async def test_a_form_without_a_key_gets_one_for_its_photos(people: People, connection: Connection) -> None:
    ani = await people(ANI)
    answer = await refused(ani, RED, key="", title="Printer mati")
    assert (await ani.post("/problems", again(answer))).status_code == 303
    assert await connection.fetchval(COUNT) == 1


@pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])
async def test_of_a_comment_too(people: People, connection: Connection, htmx: bool) -> None:
    problem, desk = await problem_in(people, "reported"), await people(DESK)
    door = f"{problem}/comments"
    form = await desk.form(problem, door) | {"comment": "x" * 4001}
    answer = await desk.post(door, form, files=files(RED), htmx=htmx)
    assert answer.status_code == 422 and len(kept(answer.text)) == 1
    form = forms(answer.text)[door] | {"comment": "", "kept": kept(answer.text)}
    sent = await desk.post(door, form, htmx=htmx)
    assert sent.status_code == (200 if htmx else 303), "a photo that is kept is one: it says enough"
    assert await connection.fetch("SELECT event_seq, width FROM photo") == [(2, 30)]
    assert not kept((await desk.get(problem)).text)


async def test_a_comment_too_many_keeps_its_photos(people: People, connection: Connection) -> None:
    problem, desk = await problem_in(people, "reported"), await people(DESK)
    await connection.execute("UPDATE budget_rule SET capacity = 1, unit = '1 day' WHERE kind = 'comments of a problem'")
    for status in (303, 429):
        form = await desk.form(problem, f"{problem}/comments") | {"comment": "Sudah."}
        answer = await desk.post(f"{problem}/comments", form, files=files(RED))
        assert answer.status_code == status
    assert len(kept(answer.text)) == 1


async def test_they_stay_while_another_form_of_the_page_is_sent(people: People, connection: Connection) -> None:
    problem, ani = await problem_in(people, "closed"), await people(ANI)
    door = f"{problem}/comments"
    form = await ani.form(problem, door) | {"comment": "x" * 4001}
    key = form["key"]
    assert len(kept((await ani.post(door, form, files=files(RED), htmx=True)).text)) == 1
    other = await ani.form(problem, f"{problem}/reopening") | {"reason": "Mati", "beside": f"comment:{key}"}
    page = await ani.post(f"{problem}/reopening", other, htmx=True)
    assert page.status_code == 200 and len(kept(page.text)) == 1
    assert re.search(r'<fieldset class="kept" id="photo-kept" hx-preserve="true">', page.text), "as it was ticked"
    other = await ani.form(problem, door) | {"comment": "Lagi.", "beside": "comment:no key"}
    assert (await ani.post(door, other, htmx=True)).status_code == 200


async def test_nothing_is_kept_for_a_form_that_was_recorded(people: People, connection: Connection) -> None:
    """A refusal and the recording of the same form may cross."""
    ani = await people(ANI)
    form = await ani.form("/problems/new", "/problems") | REPORT
    assert (await ani.post("/problems", form)).status_code == 303
    photo = Upload(bytes(32), 1, Picture(b"x", b"x", 1, 1))
    await draft_files.save_draft_files(connection, ANI, UUID(form["key"]), (), [photo], 5)
    assert await connection.fetchval(HELD) == 0


# Sent without them ----------------------------------------------------------------------------------------------------

CHOSEN = {"photo": "[object File]"}  # what htmx makes of files in a form that is sent without them


async def test_a_form_that_is_sent_without_its_photos_leaves_them_chosen(
    people: People, connection: Connection
) -> None:
    ani = await people(ANI)
    answer = await refused(ani, RED)
    form = again(answer, title="") | CHOSEN
    answer = await ani.post("/problems", form, htmx=True)
    assert answer.status_code == 422 and faulty(answer.text) == {"title"}
    assert re.search(r'<input id="photo"[^>]* hx-preserve="true"', answer.text)
    assert len(kept(answer.text)) == 1
    answer = await ani.post("/problems", form | {"title": "Printer mati"}, htmx=True)
    assert answer.status_code == 422 and message(answer.text) == "Lampiran belum terkirim. Silakan kirim sekali lagi."
    assert await connection.fetchval("SELECT count(*) FROM problem") == 0
    assert (await ani.post("/problems", again(answer), files=files(GREEN))).status_code == 303
    assert await connection.fetchval(WIDTHS) == [30, 31]
    assert "hx-preserve" not in (await refused(ani, RED)).text, "those that were sent are chosen no more"


# Whose they are --------------------------------------------------------------------------------------------------------


async def test_only_ones_own(people: People, nobody: Client, connection: Connection) -> None:
    ani, budi, desk = await people(ANI), await people(BUDI), await people(DESK)
    answer = await refused(ani, RED)
    picture = re.findall(r'<img src="([^"]+)"', answer.text)[0]
    for person in (budi, desk):
        assert (await person.get(picture)).status_code == 404
    assert (await nobody.get(picture)).headers["Location"].startswith("/login")
    theirs = again(answer) | {"token": ""}
    sent = await budi.post("/problems", theirs)
    assert sent.status_code == 422 and GONE in sent.text and not kept(sent.text)
    assert await connection.fetch("SELECT nik FROM draft_photo") == [(ANI,)]
    assert (await ani.post("/problems", again(answer))).status_code == 303


@pytest.mark.parametrize(
    "path", ["{key}/photos/" + "0" * 64, "no-key/photos/{digest}", "{key}/photos/x", "{other}/photos/{digest}"]
)
async def test_no_such_photo(people: People, path: str) -> None:
    ani = await people(ANI)
    answer = await refused(ani, RED)
    names = {"key": forms(answer.text)["/problems"]["key"], "digest": kept(answer.text)[0], "other": uuid4()}
    assert (await ani.get("/drafts/" + path.format(**names))).status_code == 404
    assert (await ani.get("/drafts/{key}/photos/{digest}".format(**names))).status_code == 200


async def test_those_of_another_form_are_not_taken(people: People, connection: Connection) -> None:
    ani = await people(ANI)
    first, second = await refused(ani, RED), await refused(ani, GREEN)
    sent = await ani.post("/problems", again(second, kept=kept(first.text) + kept(second.text)))
    assert sent.status_code == 422 and GONE in sent.text
    assert len(kept(sent.text)) == 1
    assert await connection.fetchval(HELD) == 2


async def test_sent_by_somebody_else_they_are_kept_for_the_author(app: Starlette, connection: Connection) -> None:
    browser = Client(app)
    await browser.post("/login", {"nik": ANI, "pin": PIN})
    form = await browser.form("/problems/new", "/problems") | REPORT
    browser.cookies.clear()
    await browser.post("/login", {"nik": BUDI, "pin": PIN})
    answer = await browser.post("/problems", form, files=files(RED))
    assert answer.status_code == 409
    assert await connection.fetch("SELECT nik FROM draft_photo") == [(ANI,)]
    browser.cookies.clear()
    await browser.post("/login", {"nik": ANI, "pin": PIN})
    found = await browser.get(f"/problems/new?draft={form['key']}")
    assert len(kept(found.text)) == 1 and "Lampiran tidak ikut tersimpan." not in found.text
    assert (await browser.post("/problems", again(found))).status_code == 303
    assert await connection.fetchval(COUNT) == 1


async def test_photos_alone_are_kept_for_the_author_too(app: Starlette, connection: Connection, people: People) -> None:
    problem, browser = await problem_in(people, "reported"), Client(app)
    door = f"{problem}/comments"
    await browser.post("/login", {"nik": ANI, "pin": PIN})
    form = await browser.form(problem, door)
    browser.cookies.clear()
    await browser.post("/login", {"nik": BUDI, "pin": PIN})
    assert (await browser.post(door, form, files=files(images.SVG))).status_code == 409
    assert await connection.fetchval("SELECT count(*) FROM draft") == 0, "nothing came with it that could be kept"
    assert (await browser.post(door, form, files=files(RED))).status_code == 409
    browser.cookies.clear()
    await browser.post("/login", {"nik": ANI, "pin": PIN})
    offered = re.findall(r'href="([^"]+)"[^>]*>Lanjutkan draf', (await browser.get(problem)).text)
    found = await browser.get(offered[0])
    assert len(kept(found.text)) == 1 and "dipulihkan" in found.text
    assert (await browser.post(door, forms(found.text)[door] | {"kept": kept(found.text)})).status_code == 303
    assert await connection.fetchval(WIDTHS) == [30]


async def test_with_what_somebody_else_adds_it_is_no_more_than_a_form_may_bring(
    app: Starlette, connection: Connection
) -> None:
    browser = Client(app)
    await browser.post("/login", {"nik": ANI, "pin": PIN})
    answer = await refused(browser, *(images.png(20 + n, 9) for n in range(4)))
    browser.cookies.clear()
    await browser.post("/login", {"nik": BUDI, "pin": PIN})
    added = files(*(images.png(30 + n, 9) for n in range(5)))
    assert (await browser.post("/problems", again(answer), files=added)).status_code == 409
    browser.cookies.clear()
    await browser.post("/login", {"nik": ANI, "pin": PIN})
    found = await browser.get(f"/problems/new?draft={forms(answer.text)['/problems']['key']}")
    assert len(kept(found.text)) == 5
    assert (await browser.post("/problems", again(found))).status_code == 303
    assert await connection.fetchval(WIDTHS) == [20, 21, 22, 23, 30]


# How long, how many ----------------------------------------------------------------------------------------------------


async def test_they_come_and_go_with_the_draft(people: People, connection: Connection) -> None:
    ani = await people(ANI)
    answer = await refused(ani, RED)
    form = forms(answer.text)["/problems"]
    await ani.post("/drafts/report", form)
    found = await ani.get(f"/problems/new?draft={form['key']}")
    assert len(kept(found.text)) == 1
    await ani.post("/drafts/report", form | {"description": "", "title": ""})
    assert await connection.fetchval(HELD) == 1, "a text that is emptied is no reason"
    await ani.post("/drafts/report/discarding", {"draft": form["key"]})
    assert await connection.fetchval(HELD) == 0


async def test_what_is_dropped_is_told_when_it_is_sent_again(people: People, connection: Connection) -> None:
    ani = await people(ANI)
    answer = await refused(ani, RED, GREEN)
    await connection.execute("DELETE FROM draft_photo WHERE width = 30")
    sent = await ani.post("/problems", again(answer))
    assert sent.status_code == 422 and GONE in sent.text and len(kept(sent.text)) == 1
    assert message(sent.text)


def dropped(monkeypatch: pytest.MonkeyPatch, answer: httpx2.Response) -> None:
    """What a form has kept is there when that is asked, and no more when it is taken."""

    async def found(*_: object) -> list[draft_files.DraftFile]:
        return [draft_files.DraftFile(bytes.fromhex(digest), 1, 1, 1, None) for digest in kept(answer.text)]

    monkeypatch.setattr("actions.uploads.list_draft_files", found)


@pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])
async def test_what_is_dropped_while_it_is_sent_again_is_told(
    people: People, connection: Connection, monkeypatch: pytest.MonkeyPatch, htmx: bool
) -> None:
    ani = await people(ANI)
    answer = await refused(ani, RED, GREEN)
    await connection.execute("DELETE FROM draft_photo WHERE width = 30")
    dropped(monkeypatch, answer)
    sent = await ani.post("/problems", again(answer, title="Kasir gelap"), htmx=htmx)
    assert sent.status_code == 422 and faulty(sent.text) == {"photo"} and GONE in sent.text
    assert forms(sent.text)["/problems"]["title"] == "Kasir gelap" and len(kept(sent.text)) == 1
    assert await connection.fetchval("SELECT count(*) FROM problem") == 0
    monkeypatch.undo()
    assert (await ani.post("/problems", again(sent))).status_code == 303
    assert await connection.fetchval(WIDTHS) == [31]


@pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])
async def test_so_is_what_was_to_go_with_a_comment(
    people: People, connection: Connection, monkeypatch: pytest.MonkeyPatch, htmx: bool
) -> None:
    problem, ani = await problem_in(people, "reported"), await people(ANI)
    door = f"{problem}/comments"
    form = await ani.form(problem, door) | {"comment": "x" * 4001}
    answer = await ani.post(door, form, files=files(RED), htmx=htmx)
    await connection.execute("DELETE FROM draft_photo")
    dropped(monkeypatch, answer)
    form = forms(answer.text)[door] | {"comment": "Masih gelap.", "kept": kept(answer.text)}
    sent = await ani.post(door, form, htmx=htmx)
    assert sent.status_code == 422 and faulty(sent.text) == {"photo"} and GONE in sent.text
    assert forms(sent.text)[door]["comment"] == "Masih gelap." and not kept(sent.text)
    assert await connection.fetchval("SELECT count(*) FROM event WHERE cause = 'commented'") == 0


async def test_they_end_as_drafts_do(people: People, connection: Connection) -> None:
    ani = await people(ANI)
    old, new = await refused(ani, RED), await refused(ani, GREEN)
    key = forms(old.text)["/problems"]["key"]
    await connection.execute(
        "UPDATE draft_photo SET made_at = now() - interval '30 days' - interval '1 second' WHERE key = $1::text::uuid",
        key,
    )
    sent = await ani.post("/problems", again(old))
    assert sent.status_code == 422 and GONE in sent.text
    await forget_old(connection)
    assert await connection.fetch("SELECT width FROM draft_photo") == [(31,)]
    assert len(kept((await ani.post("/problems", again(new, title=""))).text)) == 1


async def test_not_before_the_draft_that_is_still_written_in(people: People, connection: Connection) -> None:
    ani = await people(ANI)
    answer = await refused(ani, RED)
    await ani.post("/drafts/report", forms(answer.text)["/problems"])
    await connection.execute("UPDATE draft_photo SET made_at = now() - interval '40 days'")
    await forget_old(connection)
    assert (await ani.post("/problems", again(answer))).status_code == 303
    assert await connection.fetchval(WIDTHS) == [30]


@pytest.mark.parametrize(("most", "bytes_"), [(2, 10**9), (10**9, 2500)])
async def test_of_one_person_few_are_kept_and_the_oldest_go(
    people: People, connection: Connection, monkeypatch: pytest.MonkeyPatch, most: int, bytes_: int
) -> None:
    monkeypatch.setattr(draft_files, "COUNT_LIMIT", most)
    monkeypatch.setattr(draft_files, "PHOTOS_LIMIT", bytes_)
    ani, budi = await people(ANI), await people(BUDI)
    await refused(budi, RED)
    size = "SELECT max(octet_length(image) + octet_length(thumbnail)) FROM draft_photo"
    assert 834 < await connection.fetchval(size) <= 1250, "two of them fit"
    for content in (RED, GREEN, BLUE):
        await refused(ani, content)
    held = await connection.fetch("SELECT nik, width FROM draft_photo ORDER BY nik, width")
    assert held == [(ANI, 31), (ANI, 32), (BUDI, 30)]


async def test_a_draft_that_makes_room_takes_its_photos_along(people: People, connection: Connection) -> None:
    ani = await people(ANI)
    for content in (RED, GREEN, BLUE, *(images.png(40 + n, 20) for n in range(3))):
        answer = await refused(ani, content)
        await ani.post("/drafts/report", forms(answer.text)["/problems"])
    assert await connection.fetchval("SELECT min(width) FROM draft_photo") == 31


async def test_other_forms_keep_none(people: People, connection: Connection) -> None:
    """What a draft or a form without photos says of them is nothing."""
    problem, desk = await opened(people), await people(DESK)
    form = await desk.form(f"{problem}/escalation", f"{problem}/escalation")
    answer = await desk.post(f"{problem}/escalation", form | {"kept": "0" * 64, "reason": ""})
    assert answer.status_code == 422 and GONE not in answer.text
    assert (await desk.post("/drafts/report", form | {"kept": "0" * 64})).status_code == 204
