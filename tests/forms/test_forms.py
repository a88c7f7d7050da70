"""Login, opening, escalation and closure: what each of them accepts."""

import pytest

from actions.registry import (
    ACTIONS,
    CLOSURE,
    ESCALATION,
    OPENING,
    RECALL,
    REOPENING,
    RESTORATION,
    RETURN,
    TAKEOVER,
    VOIDING,
)
from actions.registry import PIC as PIC_CHOICE
from forms.escalations import HELD, KINDS, check_target, offer_pics
from forms.fields import texts_of
from forms.form import EMPTY, INVALID, Form, read, typed_only
from forms.login import FIELDS, MALFORMED, WRONG, read_login, read_nik, too_many
from forms.openings import group_categories
from queries.escalations import OtherDivision

PICS = [("MNT", "Maintenance", "30001", "Gita", 1), ("PRC", "Procurement", "30002", "Hadi", 0)]

# Login ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["10001", " 10001\n", "1.0001", "10-001", "1 0 0 0 1", "10\u00a0001"])
def test_a_nik(typed: str) -> None:
    assert read_nik({"nik": typed}) == Form(FIELDS, {"nik": "10001"})


@pytest.mark.parametrize("typed", ["", "123", "1" * 17, "abcd", "12a4", "１２３a", "Ⅻ٢٢٢", "1234;", "-1234x"])
def test_no_nik_is_kept_as_typed(typed: str) -> None:
    assert read_nik({"nik": typed}) == Form(FIELDS, {"nik": typed}, {"nik": MALFORMED}, MALFORMED)


def test_a_nik_in_another_field() -> None:
    assert read_nik({"reporter": "1.0001"}, "reporter") == Form(FIELDS, {"reporter": "10001"})
    assert set(read_nik({}, "reporter").errors) == {"reporter"}


@pytest.mark.parametrize(("nik", "pin"), [("10001", ""), ("10001", "  "), ("10001", "x" * 65), ("", "1"), ("abc", "1")])
def test_what_cannot_be_right_is_as_wrong_as_what_is_not(nik: str, pin: str) -> None:
    form = read_login({"nik": nik, "pin": pin})
    assert (set(form.errors), form.message) == ({"pin"}, WRONG)
    assert "pin" not in form.values, "a wrong PIN is not carried on"


def test_a_login() -> None:
    values = {"nik": "10001", "pin": "482913", "personal": ""}
    assert read_login({"nik": "1.0001", "pin": " 482913 "}).values == values
    assert read_login({"nik": "10001", "pin": "482913", "personal": "yes"}).values == values | {"personal": "yes"}


@pytest.mark.parametrize(("seconds", "minutes"), [(1, 1), (30, 1), (60, 1), (61, 2), (900, 15)])
def test_a_wait_is_said_in_whole_minutes(seconds: int, minutes: int) -> None:
    assert too_many(seconds) == f"Terlalu banyak percobaan. Coba lagi dalam {minutes} menit."


# Opening ----------------------------------------------------------------------------------------------------------------

CHOICES = {
    "category": group_categories(
        [("Jaringan", "NET-WIFI", "Wi-Fi"), ("Kasir", "POS-PC", "PC"), ("Jaringan", "NET-LAN", "LAN")]
    )
}
IDENTIFIED = {"category": "NET-WIFI", "impact": "1", "urgency": "3", "identification": "Kabel"}


def test_what_an_opening_offers() -> None:
    jaringan = ("Jaringan", [("NET-WIFI", "NET-WIFI — Wi-Fi"), ("NET-LAN", "NET-LAN — LAN")])
    by_name = [("NET-LAN", "LAN — NET-LAN"), ("POS-PC", "PC — POS-PC"), ("NET-WIFI", "Wi-Fi — NET-WIFI")]
    kasir = ("Kasir", [("POS-PC", "POS-PC — PC")])
    assert CHOICES["category"] == [jaringan, kasir, ("Menurut nama", by_name)]
    assert texts_of(CHOICES["category"])["NET-LAN"] == "NET-LAN — LAN"


def read_opening(raw: dict[str, str]) -> Form:
    return read(raw, OPENING.fields, OPENING.message, CHOICES)


def test_an_opening() -> None:
    form = read_opening(IDENTIFIED)
    assert form.data == {"category": "NET-WIFI", "impact": 1, "urgency": 3, "identification": "Kabel"}
    assert form.typed[0] == ("Kategori", "NET-WIFI — Wi-Fi"), "what was chosen is told as it was shown"


@pytest.mark.parametrize("name", IDENTIFIED)
@pytest.mark.parametrize("wrong", ["", "0", "4", "x" * 4001])
def test_a_mistake_in_an_opening_has_one_message(name: str, wrong: str) -> None:
    form = read_opening(IDENTIFIED | {name: wrong})
    if name == "identification" and wrong in ("0", "4"):
        assert form.valid
    else:
        assert (set(form.errors), form.message) == ({name}, INVALID)


# Escalation -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "errors", "message"),
    [
        ({"kind": "it", "division": "IT-NET", "reason": "x"}, set(), ""),
        ({"kind": "other", "reason": "x"}, set(), ""),
        ({"kind": "department", "reason": "x"}, set(), ""),
        ({"kind": "other", "division": "XX", "reason": "x"}, set(), ""),  # what the kind does not ask is not looked at
        ({}, {"kind", "reason"}, EMPTY),
        ({"kind": "it"}, {"division", "reason"}, EMPTY),
        ({"kind": "it", "division": "HD", "reason": "x"}, {"division"}, INVALID),
        ({"kind": "IT", "reason": "x"}, {"kind"}, INVALID),
        ({"kind": "other", "reason": "x" * 2001}, {"reason"}, INVALID),
        ({"kind": " it ", "division": "IT-NET", "reason": "x"}, set(), ""),
    ],
)
def test_the_first_step_of_an_escalation(raw: dict[str, str], errors: set[str], message: str) -> None:
    form = read(raw, ESCALATION.fields, offer={"division": [("IT-NET", "IT-NET — Jaringan")]})
    assert (set(form.errors), form.message) == (errors, message)
    if not errors and form.values["kind"] == "it":
        assert form.values["division"] == "IT-NET", "an escalation to an IT division names one"


@pytest.mark.parametrize("held", [False, True])
def test_a_division_that_has_the_problem_is_no_target(held: bool) -> None:
    offer = {"other_division": OtherDivision("GA", "Umum", held)}
    form = check_target(read({"kind": "other", "reason": "x"}, ESCALATION.fields, offer=offer))
    assert form.errors == ({"kind": HELD} if held else {})


def test_fields_are_kept_and_not_judged() -> None:
    form = typed_only({"kind": "nonsense", "reason": "x" * 2001, "more": "y"}, ESCALATION.fields)
    assert form.valid
    assert form.values == {"kind": "nonsense", "division": "", "reason": "x" * 2001}
    assert [kind for kind, _ in KINDS] == ["it", "other", "department"]


@pytest.mark.parametrize(
    ("raw", "errors"),
    [
        ({"pic": "30001", "reason": "x"}, set()),
        ({"pic": "30001", "department": "MNT", "reason": "x"}, set()),
        ({"pic": "30001", "department": "PRC", "reason": "x"}, {"pic"}),
        ({"pic": "30001", "department": "XX", "reason": "x"}, {"department"}),
        ({"pic": "10001", "reason": "x"}, {"pic"}),
        ({"department": "MNT", "reason": "x"}, {"pic"}),
        ({"pic": "30001"}, {"reason"}),
        ({}, {"pic", "reason"}),
    ],
)
def test_the_second_step_of_an_escalation(raw: dict[str, str], errors: set[str]) -> None:
    offer = offer_pics(PICS, raw.get("department", ""))
    assert set(read(raw, PIC_CHOICE.fields, offer=offer).errors) == errors


def test_without_any_pic_none_can_be_chosen() -> None:
    assert set(read({"pic": "30001", "reason": "x"}, PIC_CHOICE.fields, offer=offer_pics([], "")).errors) == {"pic"}


# Texts ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "name", "length", "required"),
    [
        (RETURN, "reason", 2000, True),
        (CLOSURE, "solution", 4000, True),
        (VOIDING, "reason", 2000, True),
        (REOPENING, "reason", 2000, True),
        (RECALL, "reason", 2000, True),
        (TAKEOVER, "reason", 2000, True),
        (RESTORATION, "reason", 2000, False),
    ],
)
def test_forms_of_one_text(action, name: str, length: int, required: bool) -> None:
    assert read({name: "😀" * length}, action.fields).valid
    assert read({name: "😀" * (length + 1)}, action.fields).message == INVALID
    assert read({name: " \n"}, action.fields).message == (EMPTY if required else "")
    assert read({}, action.fields).values == {f.name: "" for f in action.fields}


def test_every_action_is_called_otherwise_and_sent_elsewhere() -> None:
    for what in ("name", "path"):
        assert len({getattr(action, what) for action in ACTIONS}) == len(ACTIONS)
