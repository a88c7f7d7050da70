"""Phone numbers, as people write them."""

import pytest

from formats.phones import international, phone_link, whatsapp_link


@pytest.mark.parametrize(
    ("written", "digits"),
    [
        ("0812-3456-7890", "6281234567890"),
        ("(0812) 3456 7890", "6281234567890"),
        ("+62 812 3456 7890", "6281234567890"),
        ("+62 (0)812 3456 7890", "6281234567890"),
        ("62812.3456.7890", "6281234567890"),
        ("0062 812 3456 7890", "6281234567890"),
        ("812 3456 7890", "6281234567890"),
        ("０８１２–３４５６–７８９０", "6281234567890"),
        ("021 555 0100", "62215550100"),
        ("+65 6123 4567", "6561234567"),
    ],
)
def test_what_people_write(written: str, digits: str) -> None:
    assert international(written) == digits
    assert phone_link(written) == f"tel:+{digits}"


@pytest.mark.parametrize(
    "written", [None, "", "-", "tidak ada", "0812", "+62", "0812345678901234567", "0812x3456789", "+0812345678"]
)
def test_what_is_no_number(written: str | None) -> None:
    assert international(written) is phone_link(written) is whatsapp_link(written, "K-1") is None


def test_a_message_begins_with_what_it_is_about() -> None:
    assert whatsapp_link("0812-3456-7890", "Kendala K-1: ") == "https://wa.me/6281234567890?text=Kendala%20K-1%3A%20"
    assert whatsapp_link("+65 6123 4567", "K-1") == "https://wa.me/6561234567?text=K-1"
    assert whatsapp_link("021-5550100", "K-1") is None, "a landline"
