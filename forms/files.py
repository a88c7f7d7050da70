"""Files that go with a form, photos and documents: how many, how large, and what is wrong with one of them."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from formats.documents import MEDIA_TYPES
from formats.indonesian import file_size, number
from formats.picture import PIXELS, Damaged, NotAPicture, NotReadableYet, TooHeavy, TooManyPixels, Truncated
from formats.text import clean
from formats.uploads import Sent, Upload
from forms.fields import Files
from forms.form import Form

COUNT = 5
MEGABYTE = 1024 * 1024
FILE_LIMIT = 10 * MEGABYTE
TOTAL_LIMIT = 25 * MEGABYTE

KINDS = "foto (JPEG, PNG, WebP, HEIC), PDF, dokumen Office tanpa makro, atau teks"
FILES = Files(
    "photo",  # as it was called before there were documents
    "Lampiran",
    hint=f"Foto, PDF, dokumen Office, atau teks. Paling banyak {COUNT}, masing-masing {FILE_LIMIT // MEGABYTE} MB, "
    f"bersama {TOTAL_LIMIT // MEGABYTE} MB.",
    accept=",".join(("image/*", ".heic", ".heif", *(f".{kind}" for kind in MEDIA_TYPES), ".csv", ".log")),
)

KEPT = "kept"  # the field that says which files, kept since the form was sent before, are still to go with it
HELD_BACK = "Lampiran belum terkirim. Silakan kirim sekali lagi."
GONE = "Lampiran yang sudah terkirim tidak tersimpan lagi. Pilih lagi lampirannya."

# What may be wrong with a file, and is then said of it.
FAULTS = (NotAPicture, TooManyPixels, TooHeavy, Damaged)


@dataclass(frozen=True)
class Attached:
    """What came of the files that were sent: those that can be kept, and what is wrong with the others.

    `kept` are the digests of files that came with the same form before, and are still to go with it. `digests` (hex) are those
    of all files that were sent now, in their order: they tell whether the same form is sent again. `tables` are those that are
    taken as they are, to be read where they are recorded.
    """

    good: tuple[Upload, ...] = ()
    kept: tuple[bytes, ...] = ()
    digests: tuple[str, ...] = ()
    tables: tuple[Sent, ...] = ()
    errors: tuple[str, ...] = ()


def with_files(form: Form, attached: Attached) -> Form:
    """The form, with its files, if it has any, and what is wrong with them: also that they were left out for a fault that there
    is none of."""
    if FILES not in form.fields:
        return form
    data = {FILES.name: tuple(upload.made for upload in attached.good), KEPT: attached.kept}
    form = replace(form, data={**form.data, **data})
    if form.values[FILES.name] and form.valid:
        return form.with_message(HELD_BACK)
    return form.with_error(FILES.name, " ".join(attached.errors)) if attached.errors else form


def read_kept(values: Iterable[str]) -> tuple[bytes, ...]:
    """The digests that were posted as KEPT, each once; what is none is left out."""
    return tuple(dict.fromkeys(bytes.fromhex(value) for value in values if re.fullmatch(r"[0-9a-f]{64}", value)))


def wrong_amount(sizes: Sequence[int], attached: Sequence[int] = ()) -> tuple[list[int], list[str]]:
    """Which of files of these sizes (bytes) are taken, as positions from 0, beside those of other sizes that are `attached`
    already; and what is said of the others."""
    errors, taken, total, room = [], [], sum(attached), COUNT - len(attached)
    if len(sizes) > room:
        errors.append(f"Paling banyak {COUNT} lampiran; Anda memilih {number(len(sizes) + len(attached))}.")
    if (size := sum((*sizes, *attached))) > TOTAL_LIMIT:
        errors.append(f"Semua lampiran bersama paling besar {file_size(TOTAL_LIMIT)}; lampiran Anda {file_size(size)}.")
    for position, size in enumerate(sizes):
        if len(taken) < room and size <= FILE_LIMIT and total + size <= TOTAL_LIMIT:
            taken.append(position)
            total += size
    return taken, errors


def wrong_size(position: int, name: str, size: int) -> str:
    """What is said of a file that is too large, or empty; nothing of others."""
    if size > FILE_LIMIT:
        return f"{_name(position, name)} lebih besar dari {file_size(FILE_LIMIT)}: {file_size(size)}."
    return "" if size else f"{_name(position, name)} kosong. Pilih {KINDS}."


def wrong_content(position: int, name: str, fault: Exception) -> str:
    """What is said of a file that is neither a document nor a picture, or none that can be kept."""
    return f"{_name(position, name)} {_reason(fault)}"


def _name(position: int, name: str) -> str:
    return f"Lampiran ke-{position + 1} ({clean(name)[-60:]})"


def _reason(fault: Exception) -> str:
    if isinstance(fault, NotReadableYet):
        return f"berformat {fault}, yang belum dapat dibaca. Simpan sebagai JPEG, atau ambil lagi dengan kamera."
    if isinstance(fault, NotAPicture):
        return f"bukan {KINDS}."
    if isinstance(fault, TooManyPixels):
        return f"terlalu besar: paling banyak {number(PIXELS // 1_000_000)} juta piksel."
    if isinstance(fault, TooHeavy):
        return "terlalu berat untuk diolah. Simpan ulang sebagai JPEG, lalu kirim lagi."
    if isinstance(fault, Truncated):
        return "tidak terkirim utuh: berkasnya terpotong. Kirim lagi."
    return "rusak. Pilih yang lain, atau ambil lagi fotonya."
