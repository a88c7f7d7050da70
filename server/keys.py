"""The keys that go with the embedded database: made once, kept beside it."""

import secrets
from pathlib import Path


def generated_key(file: Path) -> str:
    """The key in `file`, for sessions or PINs; made now if there is none yet."""
    if not file.exists():
        unfinished = file.with_suffix(".new")
        unfinished.touch(mode=0o600)
        unfinished.write_text(secrets.token_urlsafe(32))
        unfinished.rename(file)  # whole or not at all
    return file.read_text()
