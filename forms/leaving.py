"""Where what somebody leaves goes."""

from forms.fields import Choice

HEIR = Choice(
    "heir",
    "Dialihkan ke",
    placeholder=None,
    hint="Yang menunggu jawaban tetap menunggu di sana; di meja bantuan langsung dibuka.",
)
FIELDS = (HEIR,)
