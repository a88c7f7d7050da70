"""What is said of files that are too many, too large, or no pictures: of each limit its own."""

import pytest

from formats.picture import Damaged, NotAPicture, NotReadableYet, TooHeavy, TooManyPixels, Truncated
from forms.files import FILE_LIMIT, KINDS, MEGABYTE, read_kept, wrong_amount, wrong_content, wrong_size


@pytest.mark.parametrize(
    ("sizes", "attached", "taken", "said"),
    [
        ([1] * 5, [], [0, 1, 2, 3, 4], []),
        ([1] * 6, [], [0, 1, 2, 3, 4], ["Paling banyak 5 lampiran; Anda memilih 6."]),
        ([1] * 21, [], [0, 1, 2, 3, 4], ["Paling banyak 5 lampiran; Anda memilih 21."]),
        ([1] * 3, [1] * 3, [0, 1], ["Paling banyak 5 lampiran; Anda memilih 6."]),
        ([9 * MEGABYTE] * 3, [], [0, 1], ["Semua lampiran bersama paling besar 25 MB; lampiran Anda 27 MB."]),
        ([9 * MEGABYTE], [9 * MEGABYTE] * 2, [], ["Semua lampiran bersama paling besar 25 MB; lampiran Anda 27 MB."]),
        ([FILE_LIMIT + 1, 9], [], [1], []),
    ],
)
def test_what_does_not_fit_is_told_and_what_fits_is_taken(sizes, attached, taken, said):
    assert wrong_amount(sizes, attached) == (taken, said)


def test_what_is_no_digest_names_no_photo():
    one = "ab" * 32
    assert read_kept([one, "", "ab", one, "AB" * 32, "zz" * 32, f"{one}\n", "cd" * 32]) == (
        bytes.fromhex(one),
        bytes.fromhex("cd" * 32),
    )


def test_each_fault_is_its_own():
    assert wrong_size(0, "a.jpg", FILE_LIMIT) == ""
    assert wrong_size(0, "a.jpg", 12 * MEGABYTE) == "Lampiran ke-1 (a.jpg) lebih besar dari 10 MB: 12 MB."
    assert wrong_size(1, "a.jpg", 0) == f"Lampiran ke-2 (a.jpg) kosong. Pilih {KINDS}."
    faults = (
        NotAPicture(),
        NotReadableYet("AVIF"),
        TooManyPixels(),
        TooHeavy(),
        Damaged(),
        Truncated(),
    )
    said = [wrong_content(0, "a.jpg", fault) for fault in faults]
    assert len(set(said)) == len(said)
    for text, word in zip(said, ("bukan", "AVIF", "50 juta piksel", "berat", "rusak", "terpotong"), strict=True):
        assert word in text
