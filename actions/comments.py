"""What is said about a problem: comments to all who see it, and notes among those who handle it."""

from actions.action import Action
from forms.files import FILES
from forms.problems import COMMENT as COMMENT_TEXT
from forms.problems import NOTE as NOTE_TEXT
from forms.problems import check_comment, check_note
from queries.budgets import COMMENTS
from queries.events import insert_comment
from queries.notes import insert_note

COMMENT = Action(
    "comment",
    title="Komentar",
    cause="commented",
    sentence="berkomentar:",
    notice="Komentar terkirim.",
    fields=(COMMENT_TEXT, FILES),
    check=check_comment,
    verb=insert_comment,
    path="comments",
    place="history",
    section="partials/events/comment.html",
    sends="Kirim Komentar",
    key="o",
    every_version=True,
    budget=COMMENTS,
)
NOTE = Action(
    "note",
    title="Catatan internal",
    cause="noted",
    sentence="menulis catatan internal.",
    notice="Catatan tersimpan.",
    fields=(NOTE_TEXT, FILES),
    check=check_note,
    verb=insert_note,
    path="notes",
    place="notes",
    section="partials/notes/form.html",
    sends="Simpan Catatan",
    every_version=True,
    budget=COMMENTS,
)
