"""The platform: what is newer than 2023 in a style sheet or a page is known, and leaves something whole where it is missing."""

import re
from html.parser import HTMLParser
from itertools import pairwise

from settings import ROOT
from tests.sources import TEMPLATES

# Not in all of Chrome 117, Firefox 115 and Safari 17: docs/decisions/0058-newer-features.md says what there is without each.
NEWER = """
accent-color command commandfor field-sizing :has() light-dark() overscroll-behavior print-color-adjust
scrollbar-gutter scrollbar-width scripting sibling-index() user-select @view-transition ::view-transition-group()
navigation view-transition-name ::view-transition-new() ::view-transition-old()
"""
IN_PAGES = {"command", "commandfor"}  # those of them that are attributes
OLDER = """
::after ::backdrop ::before :checked :disabled :empty :first-child :focus :focus-visible :hover :is() :last-child
:modal :not() :nth-child() :placeholder-shown :root @container @import @keyframes @layer @media @page @supports attr()
calc() clamp() cubic-bezier() env() fit-content() inset() layer() max() min() minmax() repeat() scaleX() url() var()
-moz-appearance -webkit-mask -webkit-print-color-adjust align-content align-items align-self animation appearance
background border border-block border-block-color border-bottom border-bottom-color border-collapse border-color
border-left border-left-color border-left-width border-radius border-right border-top border-width bottom box-shadow
box-sizing break-after break-inside clip-path color color-scheme container container-type content cursor display fill
flex flex-basis flex-direction flex-flow flex-wrap flex-shrink font font-size font-variant-numeric font-weight
forced-colors gap grid-area grid-column grid-template grid-template-columns grid-template-rows height inset
justify-content justify-items justify-self left letter-spacing line-height list-style margin margin-block margin-bottom
margin-inline margin-left margin-right margin-top max-height max-width min-height min-width object-fit opacity order
outline outline-color outline-offset overflow overflow-wrap overflow-x overflow-y padding padding-block padding-bottom
padding-inline padding-left padding-top pointer pointer-events position prefers-contrast prefers-reduced-motion resize
scroll-padding size stroke stroke-width table-layout text-align text-decoration text-decoration-thickness text-overflow
text-underline-offset top transform transform-origin transition translate unicode-bidi vertical-align visibility
white-space width z-index ::file-selector-button ::placeholder flex-grow selector() transition-delay grid-row
padding-right place-content
"""
NAMES = re.compile(
    r"""(?P<rule>@[a-z-]+) | (?P<pseudo>::?[a-z-]+\(?)(?=[\s,{(:.\[)>+~&;]|(?<=\()) | (?<![\w-])(?P<property>-?[a-z][a-z-]*)\s*:\s
      | (?<![\w:-])(?P<function>[a-zA-Z][\w-]*\()""",
    re.VERBOSE,
)
ELEMENTS = """
a article aside b bdi body br button datalist dd defs details dialog div dl dt footer form h1 h2 h3 head header html
hx-partial input label li line link main meta nav noscript ol optgroup option p pattern rect script section select span
summary svg table tbody td textarea th thead time title tr ul use
"""
ATTRIBUTES = """
accept accesskey action autocomplete autofocus charset class content datetime defer dir enctype enterkeyhint fill
for formaction height hidden href id inputmode label lang list maxlength media method multiple name novalidate open
pattern patterntransform patternunits placeholder readonly rel role rows scope selected spellcheck src stroke
stroke-width tabindex title type value width x1 x2 y1 y2
"""
SNAPSHOTS = ROOT / "tests/snapshots/test_snapshots"
PAGES = sorted(SNAPSHOTS.glob("*.html"))  # as they are sent, but for what differs each time


def features_of_style(text: str) -> set[str]:
    """The at-rules, pseudo-classes, properties, media features and functions in a style sheet; functions end in ()."""
    text = re.sub(r'/\*.*?\*/|"[^"]*"', "", text, flags=re.DOTALL)
    found = (match[match.lastgroup or 0] for match in NAMES.finditer(text))
    return {name + ")" * name.endswith("(") for name in found}


class Page(HTMLParser):
    """The elements of a page in order, each with its attributes and the text that follows its start."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str], str]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}, ""))

    def handle_data(self, data: str) -> None:
        if self.elements:
            tag, attributes, text = self.elements[-1]
            self.elements[-1] = (tag, attributes, text + data.strip())


def test_a_style_sheet_uses_nothing_newer_that_is_not_known():
    sheets = [path.read_text(encoding="utf-8") for path in (ROOT / "static").rglob("*.css")]
    assert sheets
    assert set.union(*map(features_of_style, sheets)) == {*OLDER.split(), *NEWER.split()} - IN_PAGES


def test_a_page_uses_nothing_newer_that_is_not_known():
    pages = [Page(path.read_text(encoding="utf-8")) for path in PAGES]
    elements = [element for page in pages for element in page.elements]
    assert {tag for tag, _, _ in elements} == {*ELEMENTS.split()}
    attributes = {name for _, attributes, _ in elements for name in attributes}
    ours = {name for name in attributes if not name.startswith(("hx-", "aria-", "data-"))}
    assert ours == {*ATTRIBUTES.split()} | IN_PAGES


def test_a_modal_is_a_link_to_its_page_too():
    """In every page: the link stands before the button, says the same and leads to what the modal fetches."""
    opened = 0
    for path in PAGES:
        elements = Page(path.read_text(encoding="utf-8")).elements
        fetched = {at.get("hx-target"): at.get("hx-get") for _, at, _ in elements}
        for before, (_, button, label) in pairwise(elements):
            if button.get("command") != "show-modal":
                continue
            tag, link, text = before
            assert (tag, text) == ("a", label), path.name
            assert link["href"] == fetched[f"#{button['commandfor']}-content"], path.name
            assert link.get("accesskey") == button.get("accesskey"), path.name
            assert "opens-page" in link["class"].split() and "opens-modal" in button["class"].split(), path.name
            opened += 1
    assert opened


def test_each_newer_feature_has_its_line_in_the_decision():
    decision = (ROOT / "docs/decisions/0058-newer-features.md").read_text(encoding="utf-8")
    assert [name for name in NEWER.split() if f"`{name}" not in decision] == []


def test_modals_are_made_in_one_place():
    assert [path.name for path in TEMPLATES if "show-modal" in path.read_text(encoding="utf-8")] == ["modal.html"]
