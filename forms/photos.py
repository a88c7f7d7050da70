"""Photos that go with a report or a comment: how many, how large, and what is wrong with one of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from forms.form import Form, clean
from indonesian import number
from pictures import PIXELS, Damaged, NotAPicture, NotReadableYet, Picture, TooManyPixels, digest, make_picture

COUNT = 5
MEGABYTE = 1024 * 1024
FILE_LIMIT = 10 * MEGABYTE
TOTAL_LIMIT = 25 * MEGABYTE

AGAIN = "Pilih lagi semua foto: peramban tidak menyimpan pilihan Anda."


@dataclass(frozen=True)
class Upload:
    """A file as it was sent."""

    name: str
    content: bytes


@dataclass(frozen=True)
class Photos:
    """What came of the files that were sent: pictures, or, if anything is wrong with one of them, what that is.

    `digests` are those of the files, in their order: they tell whether the same form is sent again.
    """

    pictures: tuple[Picture, ...] = ()
    digests: tuple[str, ...] = ()
    error: str = ""


def read_photos(uploads: Sequence[Upload]) -> Photos:
    """Make pictures of what was sent. Takes up to a second of a core for each: call it in a thread."""
    digests = tuple(digest(upload.content) for upload in uploads)
    if error := _wrong_amount(uploads):
        return Photos(digests=digests, error=error)
    pictures = []
    for position, upload in enumerate(uploads, start=1):
        try:
            pictures.append(make_picture(upload.content))
        except (NotAPicture, TooManyPixels, Damaged) as error:
            return Photos(digests=digests, error=f"{_name(position, upload)} {_reason(error)}")
    return Photos(tuple(pictures), digests)


def with_photos(form: Form, photos: Photos) -> Form:
    """The form, with what is wrong with its photos."""
    return form.with_error("photo", photos.error) if photos.error else form


def note_for(form: Form, photos: Photos) -> str:
    """What a form that is shown again says about the photos that were sent with it: no browser chooses them by itself."""
    return AGAIN if photos.digests and not form.valid else ""


def _wrong_amount(uploads: Sequence[Upload]) -> str:
    if len(uploads) > COUNT:
        return f"Paling banyak {COUNT} foto; Anda memilih {len(uploads)}."
    for position, upload in enumerate(uploads, start=1):
        if len(upload.content) > FILE_LIMIT:
            return f"{_name(position, upload)} lebih besar dari {FILE_LIMIT // MEGABYTE} MB."
    if sum(len(upload.content) for upload in uploads) > TOTAL_LIMIT:
        return f"Semua foto bersama paling besar {TOTAL_LIMIT // MEGABYTE} MB."
    return ""


def _name(position: int, upload: Upload) -> str:
    return f"Foto ke-{position} ({clean(upload.name)[-60:]})"


def _reason(error: Exception) -> str:
    if isinstance(error, NotReadableYet):
        return "berformat HEIC, yang belum dapat dibaca. Simpan sebagai JPEG, atau ambil lagi dengan kamera."
    if isinstance(error, NotAPicture):
        return "bukan gambar JPEG, PNG, atau WebP."
    if isinstance(error, TooManyPixels):
        return f"terlalu besar: paling banyak {number(PIXELS // 1_000_000)} juta piksel."
    return "rusak atau tidak terkirim utuh."
