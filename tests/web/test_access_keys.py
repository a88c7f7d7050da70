"""The access keys: each stands on the help page, and none is given twice on one page for two things."""

import re

from settings import ROOT
from tests.sources import TEMPLATES

KEY = re.compile(r"""accesskey="([a-z])"|'accesskey': '([a-z])'|\bkey='([a-z])'""")


def keys_of(text: str) -> list[str]:
    return [next(filter(None, groups)) for groups in KEY.findall(text)]


def test_the_help_page_lists_every_key_and_no_other():
    listed = re.findall(r"\{\{ key\('([A-Z])'", (ROOT / "templates/help.html").read_text(encoding="utf-8"))
    used = {key.upper() for path in TEMPLATES for key in keys_of(path.read_text(encoding="utf-8"))}
    assert sorted(listed) == sorted(used)


async def test_no_key_is_given_twice_on_a_page(people):
    desk = await people("20001")
    ani = await people("10001")
    path = (await ani.submit("/problems/new", "/problems", title="Printer", description="Mati")).headers["Location"]
    pages = ["/problems", "/problems/new", "/desk", "/help", "/views", path, f"{path}/opening"]
    for page in pages:
        # Of a modal's button and its link one is shown.
        shown = re.sub(r'<noscript>.*?</noscript>|<a class="button opens-page.*?</a>', "", (await desk.get(page)).text)
        keys = keys_of(shown)
        assert len(keys) == len(set(keys)), page
        assert {"k", "l", "m", "h"} <= set(keys), page
