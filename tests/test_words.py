"""What people read is Indonesian, and formal: no English word, and nobody is called "kamu"."""

import ast
import re

from tests.sources import MODULES, TEMPLATES, name_of, room_of

# Words that no Indonesian sentence of ours has; "form", "status", "server" and the like are Indonesian by now.
ENGLISH = re.compile(
    r"\b(the|and|is|are|was|not|with|for|from|of|to|or|your?|please|error|failed|failure|invalid|required|missing|token|issue|"
    r"problems?|done|fixed|store|submit|save|saved|cancel|close|closed|open|opened|search|loading|back|next|previous|page|"
    r"password|username|user|name|view|update|delete|edit|new|sign|log ?in|log ?out|yes|no|reset|retry|try|again|too|many|"
    r"select|choose|upload|photo|draft|comment|history|help|home|settings|welcome|hello|sorry|ok)\b",
    re.IGNORECASE,
)
INFORMAL = re.compile(r"\b(kamu|kau|engkau|lo|gue|aku|silahkan)\b|\banda\b(?<!Anda)")
# To the letter as the paper has it, and what is a name.
ALLOWED = ("Data User", "Wi-Fi", "SIH", "Escape", "Tab", "Enter", "Alt", "Shift", "Control", "Option")

SHOWN = r'(?:aria-label|title|placeholder|alt|data-label|content)="([^"{]*)"'


def words_of(template: str) -> list[str]:
    """What of a template is shown: text, attributes that are read, and the texts within its tags."""
    template = re.sub(r"\{#.*?#\}", "", template, flags=re.DOTALL)
    spoken = [
        text
        for code in re.findall(r"\{[{%].*?[}%]\}", template, re.DOTALL)
        for text in re.findall(r"'([^']*)'", code)
        if " " in text
        and not re.search(
            r"[/=<>{]|^partials|^templates|^(closest|find|next|previous) [\w.#]+$|^[a-z]+-[a-z-]+( [a-z-]+)+$", text
        )
    ]
    html = re.sub(r"\{[{%].*?[}%]\}", "\x00", template, flags=re.DOTALL)
    html = re.sub(r'\shx-[\w:-]+="[^"]*"', "", html)  # which may hold the > of a selector
    html = re.sub(r"<(script|style)\b.*?</\1>|<(meta|link)\b[^>]*>", "", html, flags=re.DOTALL)
    # Attributes that stand alone, as macros make them, are no text.
    texts = [re.sub(r'[a-z-]+="[^"]*"', "", text) for text in re.findall(r">([^<]+)", f">{html}")]
    return [*spoken, *re.findall(SHOWN, html), *texts]


def sentences_of(source: str) -> list[str]:
    """The texts of a module that are sentences of ours: neither docstrings, SQL, headers nor messages to who runs it."""
    tree = ast.parse(source)
    described = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    docstrings = {ast.get_docstring(node, clean=False) for node in ast.walk(tree) if isinstance(node, described)}
    texts = [n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
    return [text for text in texts if text not in docstrings and re.search(r"[A-Z][a-z]+ .*[.!?]$", text)]


def faults(texts: list[str]) -> list[str]:
    found = []
    for text in texts:
        rest = text
        for name in ALLOWED:
            rest = rest.replace(name, "")
        found += [
            f"{match[0]!r} in {text.strip()!r}" for match in (ENGLISH.search(rest), INFORMAL.search(rest)) if match
        ]
    return found


def test_templates_speak_indonesian() -> None:
    for path in TEMPLATES:
        assert faults(words_of(path.read_text())) == [], name_of(path)


def test_modules_speak_indonesian() -> None:
    for path in MODULES:
        if room_of(path) == "demo":  # whose texts are tested where they are loaded
            continue
        assert faults(sentences_of(path.read_text())) == [], name_of(path)


def test_the_words_are_found() -> None:
    """The lint itself: what it has to see, and what it must not."""
    template = """<p title="Save it">{{ 'Please wait' if a else b }} kamu</p>{# the comment #}<a href="/problems/new">Baru</a>"""
    assert len(faults(words_of(template))) == 3
    assert faults(words_of("<p>Periksa isian anda</p>")) and not faults(words_of("<p>Periksa isian Anda</p>"))
    assert faults(sentences_of('"""The docs."""\nX = "Please try again."')) == ["'Please' in 'Please try again.'"]
