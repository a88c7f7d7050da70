"""What changed while a problem is open: its page is brought up to date, or says so where somebody types."""

import re

from tests.conftest import People
from tests.journeys import ANI, CITRA, DESK, problem_in


def seen(html: str) -> str:
    found = re.search(r'id="seen" name="seen" value="([\d.]+)"', html)
    assert found
    return found[1]


async def test_a_problem_left_open_is_brought_up_to_date_by_the_beat(people: People) -> None:
    path = await problem_in(people, "reported")
    ani, desk = await people(ANI), await people(DESK)
    page = (await ani.get(path)).text
    same = await ani.post(f"{path}/presence", {"seen": seen(page)}, htmx=True)
    assert (same.status_code, same.content) == (304, b"")
    fields = {"category": "NET-WIFI", "impact": "1", "urgency": "2", "identification": "Kabel"}
    assert (await desk.submit(f"{path}/opening", f"{path}/opening", **fields)).status_code == 303
    new = await ani.post(f"{path}/presence", {"seen": seen(page)}, htmx=True)
    assert (new.headers["HX-Retarget"], new.headers["HX-Reswap"]) == ("#problem", "outerMorph")
    assert "status-open" in new.text and seen(new.text) != seen(page)
    assert (await ani.post(f"{path}/presence", {"seen": seen(new.text)}, htmx=True)).status_code == 304


async def test_who_types_is_told_once_and_nothing_moves(people: People) -> None:
    path = await problem_in(people, "reported")
    ani, desk = await people(ANI), await people(DESK)
    page = (await desk.get(path)).text
    key = (await desk.form(path, f"{path}/comments"))["key"]
    typed = {"key": key, "comment": "Saya sedang menulis"}
    assert (await desk.post(f"{path}/drafts/comment", typed, htmx=True)).status_code == 204
    await ani.submit(path, f"{path}/comments", comment="Masih mati")
    for busy in ({"beside": f"comment:{key}"}, {"doing": "opening"}, {"earlier": "51"}):
        told = await desk.post(f"{path}/presence", {"seen": seen(page)} | busy, htmx=True)
        assert "Kendala ini berubah" in told.text and "Ani Lestari" in told.text and 'id="problem"' not in told.text
        assert ("#opening-content" in told.text) is ("doing" in busy)
        again = await desk.post(f"{path}/presence", {"seen": seen(told.text)} | busy, htmx=True)
        assert "Kendala ini berubah" not in again.text
    form = (await desk.get(f"{path}/opening")).text
    await desk.submit(path, f"{path}/voiding", reason="Ganda")
    told = await desk.post(f"{path}/presence", {"seen": seen(form), "doing": "opening"}, htmx=True)
    assert "membatalkan kendala ini" in told.text and "#news" in told.text


async def test_a_list_left_open_shows_nothing_out_of_reach(people: People) -> None:
    path = await problem_in(people, "reported")
    citra, page = await people(CITRA), "/problems?year=all&shown=1.1:"
    assert "Daftar ini berubah." in (told := await citra.get(page + path.rpartition("/")[2])).text
    assert f'id="problem-{path.rpartition("/")[2]}"' not in told.text


async def test_a_list_left_open_is_brought_up_to_date_where_it_stands_and_says_what_moved(people: People) -> None:
    first, _ = await problem_in(people, "reported"), await problem_in(people, "reported")
    ani, desk = await people(ANI), await people(DESK)

    async def poll(shown: str):
        return await ani.get(f"/problems?year=all&status=reported&shown={shown}")

    def shown(html: str) -> str:
        found = re.search(r'id="shown" name="shown" value="([\d.:,]+)"', html)
        assert found
        return found[1]

    page = (await ani.get("/problems?year=all&status=reported")).text
    same = await poll(shown(page))
    assert (same.status_code, same.content) == (304, b"")
    fields = {"category": "NET-WIFI", "impact": "1", "urgency": "2", "identification": "Kabel"}
    assert (await desk.submit(f"{first}/opening", f"{first}/opening", **fields)).status_code == 303
    changed = await poll(shown(page))
    assert "HX-Push-Url" not in changed.headers and "<title>" not in changed.text
    assert shown(changed.text).partition(":")[2] == shown(page).partition(":")[2], "the rows stay where they are"
    row = changed.text.partition(f'id="problem-{first.rpartition("/")[2]}"')[2].partition("</tr>")[0]
    assert "status-open" in row and "Daftar ini berubah." in changed.text
    assert (await poll(shown(changed.text))).status_code == 304
    assert "Daftar ini berubah." not in (await ani.get("/problems?year=all&status=reported")).text
    for odd in ("x", "1:2", "1.1:a", "1.1:" + ",".join(["1"] * 51)):
        assert (await poll(odd)).status_code == 200
