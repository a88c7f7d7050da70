"""Every form sent as it must not be: 422, the focus in the summary, a link to each field at fault, and what was typed kept."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import pytest
from playwright.async_api import expect

from tests.journeys import ANI, DESK, NET
from tests.person import PHONE, Person

LONG = "x" * 4001


@dataclass(frozen=True)
class Faulty:
    """A form: who sends it, what makes its problem, the page or the modal it is in, what is typed, and which button sends it.

    `at_fault` is how many fields are.
    """

    who: str | None
    button: str
    at_fault: int
    page: str = "{problem}"
    made: str = ""
    modal: str = ""
    typed: dict[str, str] = field(default_factory=dict)
    chosen: dict[str, str] = field(default_factory=dict)
    unfold: str = ""


FORMS = {
    "report": Faulty(ANI, "Kirim Laporan", 1, page="/problems/new", typed={"Uraian": "Sejak pagi", "Barang": "Printer"}),
    "report, too long": Faulty(ANI, "Kirim Laporan", 1, page="/problems/new", typed={"Judul": "Mati", "Uraian": LONG}),
    "comment": Faulty(ANI, "Kirim Komentar", 1, made="reported", typed={"Komentar": LONG}),
    "opening": Faulty(
        DESK, "Simpan", 3, made="reported", modal="Buka Kendala",
        typed={"Identifikasi masalah": "Kabel"}, chosen={"Kategori": ""},
    ),
    "escalation": Faulty(
        DESK, "Penyelesaian>>", 1, made="opened", modal="Penyelesaian",
        chosen={"Jenis penyelesaian": "other"}, typed={"Alasan": ""},
    ),
    "return": Faulty(NET, "Kembalikan", 1, made="escalated", typed={"Alasan": LONG}, unfold="Kembalikan"),
    "closure": Faulty(DESK, "Simpan", 1, made="opened", modal="Tutup Kendala", typed={"Solusi": LONG}),
    "reopening": Faulty(ANI, "Belum beres", 1, made="closed", typed={"Alasan": LONG}),
    "voiding": Faulty(
        DESK, "Batalkan Kendala", 1, made="reported", typed={"Alasan": LONG}, unfold="Batalkan Kendala"
    ),
    "several opened": Faulty(
        DESK, "Simpan", 3, page="/problems/openings?problem={id}:1", made="reported",
        typed={"Identifikasi masalah": "Kabel"},
    ),
    "several passed on": Faulty(
        DESK, "Penyelesaian>>", 1, page="/problems/escalations?problem={id}:2", made="opened", typed={"Alasan": "Ahli"}
    ),
    "several voided": Faulty(
        DESK, "Batalkan Kendala", 1, page="/problems/voidings?problem={id}:1", made="reported", typed={"Alasan": LONG}
    ),
    "a view": Faulty(ANI, "Simpan tampilan", 1, page="/views?status=open", typed={"Nama": " "}),
}  # fmt: skip


@pytest.mark.parametrize("name", FORMS)
async def test_a_form_at_fault(name: str, crowd: Callable[..., Awaitable[Person]], made) -> None:
    faulty = FORMS[name]
    problem = await getattr(made, faulty.made)() if faulty.made else ""
    person = await crowd(faulty.who, size=PHONE)
    await person.go(faulty.page.format(problem=problem, id=problem.rpartition("/")[2]))
    if faulty.unfold:
        await person.press(person.page.locator("summary", has_text=faulty.unfold))
    if faulty.modal:
        await person.form_of(faulty.modal)
    form = person.page.locator("form", has=person.button(faulty.button))
    for label, value in faulty.chosen.items():
        await person.field(label, form).select_option(value)
    for label, value in faulty.typed.items():
        await person.field(label, form).fill(value)
    person.watch.expect(422)
    assert (await person.send(person.button(faulty.button, form))).status == 422

    form = person.page.locator("form", has=person.button(faulty.button))
    summary = form.get_by_role("alert")
    await expect(summary).to_be_focused()
    await expect(summary.get_by_role("heading")).not_to_be_empty()
    wrong = form.locator("[aria-invalid=true]")
    await expect(wrong).to_have_count(faulty.at_fault)
    links = await summary.get_by_role("link").all()
    assert len(links) == faulty.at_fault
    for link in links:
        await person.press(link)
        target = person.page.locator(await link.get_attribute("href"))
        await expect(target).to_be_focused()
        await expect(target).to_have_attribute("aria-invalid", "true")
        described = await target.get_attribute("aria-describedby")
        says = person.page.locator(f"#{described.split()[0]}")
        await expect(says).to_have_text(await link.inner_text())
    for label, value in faulty.typed.items():
        await expect(person.field(label, form)).to_have_value(value.strip())
    if faulty.page != "{problem}":
        assert (await person.page.title()).startswith("Galat: ")
