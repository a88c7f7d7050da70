"""What the snapshots need to know of HTML: what varies in it, what is wrong with it, and its skeleton."""

import re
from html.parser import HTMLParser

# What is different in every run, or with every change of a static file, and what stands in its place. A snapshot lies three
# folders deep, so that opened from there it finds the style sheet.
VARIES = [
    (r'name="key" value="[0-9a-f-]{36}"', 'name="key" value="00000000-0000-4000-8000-000000000000"'),
    (r'(name="beside" value="\w+):[0-9a-f-]{36}"', r'\1:00000000-0000-4000-8000-000000000000"'),
    (r"(SIH-Key):[0-9a-f-]{36}", r"\1:00000000-0000-4000-8000-000000000000"),
    (r'name="token" value="[^"]+"', 'name="token" value="karcis"'),
    (r'(name="shown" value=")[\d.]+:', r"\g<1>0:"),
    (r'"/static/([^"?]+)\?v=[0-9a-f]{12}', r'"../../../static/\1'),
    (
        r'<time datetime="[^"]+([+]\d\d:00)">\d+ \w+ \d{4} \d\d\.\d\d (WIB|WITA|WIT)',
        r'<time datetime="2026-11-24T14:05:00\1">24 November 2026 14.05 \2',
    ),
    (
        r'<time datetime="[^"]+([+]\d\d:00)">\d+ \w{3}( \d{4})? \d\d\.\d\d (WIB|WITA|WIT)</time>',
        r'<time datetime="2026-11-24T14:05:00\1">24 Nov 14.05 \3</time>',
    ),
    (
        r'<time datetime="[^"]+([+]\d\d:00)" title="[^"]+">\d+ \w{3}( \d{4})? \d\d\.\d\d</time>',
        r'<time datetime="2026-11-24T14:05:00\1" title="24 November 2026 14.05 WIB">24 Nov 14.05</time>',
    ),
    (r"(WIB|WITA|WIT) \([^()]*\d\d\.\d\d (WIB|WITA|WIT) di toko\)</time>", r"\1 (15.05 \2 di toko)</time>"),
    (r"hari ini (libur|[\d.–, ]+ (WIB|WITA|WIT))", "hari ini libur"),
    (r"sisa (kurang dari semenit|\d+ (hari|jam|menit)( \d+ (jam|menit))?)", "sisa 1 hari"),
    (r"kurang dari semenit|\d+ menit(?! \d)", "1 menit"),
    (r'(?<=[>"=])20\d\d(?=["<&])', "2026"),
]
HEAD = '<!doctype html>\n<meta charset="utf-8">\n<title>Bagian</title>\n<link rel="stylesheet" href="../../../static/app.css">\n'

VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})
# Attributes that name ids, one or several, of the same document.
REFERENCES = frozenset({"for", "list", "form", "commandfor", "aria-describedby", "aria-labelledby", "aria-controls"})


def normalised(html: str) -> str:
    """The HTML with VARIES in place of what varies; a fragment with a head, so that it can be opened."""
    for pattern, replacement in VARIES:
        html = re.sub(pattern, replacement, html)
    return html if html.startswith("<!doctype") else HEAD + html


def faults(html: str) -> list[str]:
    """What is wrong with a page or fragment: tags that do not match, ids twice, references to ids that are not there."""
    document = _Document(html)
    wrong = list(document.faults)
    wrong += [f"<{tag}> is never closed" for tag in document.open]
    wrong += [f"id {id} twice" for id in sorted(set(document.ids)) if document.ids.count(id) > 1]
    wrong += [f"{what} leads nowhere" for what, id in document.references if id not in document.ids]
    return wrong


def skeleton(html: str) -> list[tuple[str, ...]]:
    """The elements of a page in their order, each with the names of its attributes: all that text must not change."""
    return _Document(html).skeleton


def says(html: str) -> list[str]:
    """All texts and attribute values of a page, as a browser reads them."""
    return _Document(html).says


class _Document(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.faults: list[str] = []
        self.open: list[str] = []
        self.ids: list[str] = []
        self.references: list[tuple[str, str]] = []
        self.skeleton: list[tuple[str, ...]] = []
        self.says: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        self.skeleton.append((tag, *names))
        self.faults += [f"<{tag}> has {name} twice" for name in sorted(set(names)) if names.count(name) > 1]
        for name, value in attrs:
            self.says.append(value or "")
            if name == "id":
                self.ids.append(value or "")
            elif name in REFERENCES:
                self.references += [(f'<{tag} {name}="{value}">', id) for id in (value or "").split()]
            elif name == "href" and (value or "").startswith("#"):
                self.references.append((f'<{tag} href="{value}">', value[1:]))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self.open and self.open[-1] == tag:
            self.open.pop()
        else:
            self.faults.append(f"</{tag}> closes <{self.open[-1] if self.open else ''}>")

    def handle_data(self, data: str) -> None:
        self.says.append(data)
