"""Notices (flash messages): what the next page says of what was just done; a signed cookie carries one across the redirect.

It names the page that it is for: another tab that is loaded meanwhile does not show it.
"""

import hashlib
from urllib.parse import urlsplit

from itsdangerous import BadData, URLSafeSerializer
from starlette.responses import Response

from web.cookies import NOTICE, drop_cookie, read_cookie, set_cookie
from web.requests import Request

LASTS = 30  # seconds


def leave_notice(request: Request, response: Response, url: str, text: str) -> None:
    """Have the page at `url` say `text`, once."""
    set_cookie(request, response, NOTICE, _serializer(request).dumps([urlsplit(url).path, text]), max_age=LASTS)


def read_notice(request: Request) -> str | None:
    """What the page of this request is to say, if anything."""
    said = read_cookie(request, NOTICE)
    if not said:
        return None
    try:
        path, text = _serializer(request).loads(said)
    except (BadData, ValueError, TypeError):
        return None
    return text if path == request.url.path else None


def drop_notice(request: Request, response: Response) -> None:
    """It has been said."""
    drop_cookie(request, response, NOTICE)


def _serializer(request: Request) -> URLSafeSerializer:
    keys = list(request.app.state.settings.secret_keys)
    return URLSafeSerializer(keys, salt="sih.notice", signer_kwargs={"digest_method": hashlib.sha256})
