"""The access keys: each stands on the help page, and none is given twice on one page for two things."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
FILES = [path for folder in ("templates", "partials") for path in (ROOT / folder).rglob("*.html")]
KEY = re.compile(r"""accesskey="([a-z])"|'accesskey': '([a-z])'|\bkey='([a-z])'""")


def keys_of(text: str) -> list[str]:
    return [next(filter(None, groups)) for groups in KEY.findall(text)]


def test_the_help_page_lists_every_key_and_no_other():
    listed = re.findall(r"\{\{ key\('([A-Z])'", (ROOT / "templates/help.html").read_text(encoding="utf-8"))
    used = {key.upper() for path in FILES for key in keys_of(path.read_text(encoding="utf-8"))}
    assert sorted(listed) == sorted(used)


async def test_no_key_is_given_twice_on_a_page(people):
    desk = await people("20001")
    ani = await people("10001")
    path = (await ani.submit("/problems/new", "/problems", title="Printer", description="Mati")).headers["Location"]
    pages = ["/problems", "/problems/new", "/desk", "/help", "/views", path, f"{path}/opening"]
    for page in pages:
        keys = keys_of(re.sub(r"<noscript>.*?</noscript>", "", (await desk.get(page)).text))
        assert len(keys) == len(set(keys)), page
        assert {"k", "l", "m", "h"} <= set(keys), page
