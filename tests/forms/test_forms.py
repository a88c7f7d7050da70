"""Login, opening, escalation and closure: what each of them accepts."""

import pytest

from forms.closures import read_closure, read_reopening, read_voiding
from forms.escalations import KINDS, read_escalation, read_fields, read_pic, read_return
from forms.form import EMPTY, INVALID, Form, with_texts
from forms.login import MALFORMED, WRONG, read_login, read_nik, too_many
from forms.openings import offer_identification, read_opening

PICS = {"30001": "MNT", "30002": "PRC"}


# Login ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["10001", " 10001\n", "1.0001", "10-001", "1 0 0 0 1", "10\u00a0001"])
def test_a_nik(typed: str) -> None:
    assert read_nik({"nik": typed}) == Form({"nik": "10001"})


@pytest.mark.parametrize("typed", ["", "123", "1" * 17, "abcd", "12a4", "１２３４", "٢٢٢٢", "1234;", "-1234x"])
def test_no_nik_is_kept_as_typed(typed: str) -> None:
    assert read_nik({"nik": typed}) == Form({"nik": typed}, {"nik": MALFORMED}, MALFORMED)


def test_a_nik_in_another_field() -> None:
    assert read_nik({"reporter": "1.0001"}, "reporter") == Form({"reporter": "10001"})
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

CHOICES = offer_identification(
    [("Jaringan", "NET-WIFI", "Wi-Fi"), ("Kasir", "POS-PC", "PC"), ("Jaringan", "NET-LAN", "LAN")]
)
OPENING = {"category": "NET-WIFI", "impact": "1", "urgency": "3", "identification": "Kabel"}


def test_what_an_opening_offers() -> None:
    jaringan = ("Jaringan", [("NET-WIFI", "NET-WIFI — Wi-Fi"), ("NET-LAN", "NET-LAN — LAN")])
    assert CHOICES["category"] == [jaringan, ("Kasir", [("POS-PC", "POS-PC — PC")])]
    assert with_texts(CHOICES["category"])["NET-LAN"] == "NET-LAN — LAN"


def test_an_opening() -> None:
    assert read_opening(OPENING, CHOICES) == Form(OPENING)


@pytest.mark.parametrize("name", OPENING)
@pytest.mark.parametrize("wrong", ["", "0", "4", "x" * 4001])
def test_a_mistake_in_an_opening_has_one_message(name: str, wrong: str) -> None:
    form = read_opening(OPENING | {name: wrong}, CHOICES)
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
    form = read_escalation(raw, {"division": [("IT-NET", "IT-NET — Jaringan")]})
    assert (set(form.errors), form.message) == (errors, message)
    if not errors and form.values["kind"] == "it":
        assert form.values["division"] == "IT-NET", "an escalation to an IT division names one"


def test_fields_are_kept_and_not_judged() -> None:
    form = read_fields({"kind": "nonsense", "reason": " x\n", "more": "y"})
    assert form.valid
    assert form.values == {"kind": "nonsense", "division": "", "reason": " x\n", "department": "", "pic": ""}
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
    assert set(read_pic(raw, PICS).errors) == errors


def test_without_any_pic_none_can_be_chosen() -> None:
    assert set(read_pic({"pic": "30001", "reason": "x"}, {}).errors) == {"pic"}


# Texts ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("read", "name", "length", "required"),
    [
        (read_return, "reason", 2000, True),
        (read_closure, "solution", 4000, True),
        (read_voiding, "reason", 2000, True),
        (read_reopening, "reason", 2000, False),
    ],
)
def test_forms_of_one_text(read, name: str, length: int, required: bool) -> None:
    assert read({name: "😀" * length}).valid
    assert read({name: "😀" * (length + 1)}).message == INVALID
    assert read({name: " \n"}).message == (EMPTY if required else "")
    assert read({}).values == {name: ""}
