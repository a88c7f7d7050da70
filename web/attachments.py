"""Files as they are sent: to be saved, never shown by a browser (Content-Disposition: attachment)."""

from collections.abc import AsyncIterator

from starlette.responses import Response, StreamingResponse

from formats.documents import disposition

# Should a browser show it all the same, it has no origin, and may do nothing (sandbox).
POLICY = "sandbox; default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


def send_attachment(method: str, name: str, media_type: str, size: int, parts: AsyncIterator[bytes]) -> Response:
    """A file of `size` bytes, which are read as they are fetched; to HEAD, what is said of it."""
    headers = {
        "Content-Length": str(size),
        "Content-Disposition": disposition(name),
        "Content-Security-Policy": POLICY,
    }
    if method == "HEAD":
        return Response(headers=headers, media_type=media_type)
    return StreamingResponse(parts, headers=headers, media_type=media_type)
