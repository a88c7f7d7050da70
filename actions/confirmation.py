"""Confirmation: what cannot be taken back asks first, saying what follows, on a page of its own that a dialog may show."""

from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from actions.state import Request
from web.render import page, partial, wants_partial


@dataclass(frozen=True)
class Confirmation:
    """What is asked before something is done: its `title`, the partial that says what `follows`, and what stands on the `button`s
    that ask and do it, if that is not the title."""

    title: str
    follows: str
    button: str = ""

    @property
    def sends(self) -> str:
        return self.button or self.title


def ask(
    request: Request, confirmation: Confirmation, back: tuple[str, str], status: int = 200, **context: Any
) -> Response:
    """The question, whose answer is posted to the same address; `back` is the page it is asked on, and what that is called. A
    `form` of the context is filled in with it.
    """
    context |= {"confirmation": confirmation, "url": request.url.path, "back": back}
    if wants_partial(request):
        return partial(request, "partials/confirmation/question.html", status=status, **context)
    return page(request, "templates/confirmation.html", status=status, **context)
