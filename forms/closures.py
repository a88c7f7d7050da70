"""Closing, reopening and voiding a problem."""

from collections.abc import Mapping

from forms.form import Field, Form, read

SOLUTION = Field("solution", "Solusi", 4000)
VOIDING_REASON = Field("reason", "Alasan", 2000)
REOPENING_REASON = Field("reason", "Alasan", 2000, required=False)


def read_closure(raw: Mapping[str, str]) -> Form:
    """The form of a closure, with its solution."""
    return read(raw, (SOLUTION,))


def read_voiding(raw: Mapping[str, str]) -> Form:
    """The form of a voiding, with its reason."""
    return read(raw, (VOIDING_REASON,))


def read_reopening(raw: Mapping[str, str]) -> Form:
    """Why it is not solved may be left out: saying that it is not must cost no more than one tap."""
    return read(raw, (REOPENING_REASON,))
