"""The pictures of the screens: few and light, and each shown by the README with what is to be seen in it."""

import re

from PIL import Image

from settings import ROOT

PICTURES = ROOT / "docs/pictures"
LIMIT = 200 * 1024


def test_no_picture_is_heavy_and_the_readme_describes_each():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = {path: alt for alt, path in re.findall(r"!\[([^\]]*)\]\(([^)]+)\)", text)}
    shown |= dict(re.findall(r'<img src="([^"]+)"[^>]* alt="([^"]*)"', text))
    assert set(shown) == {f"docs/pictures/{path.name}" for path in PICTURES.iterdir()}
    assert all(len(alt) > 20 for alt in shown.values())
    for path in PICTURES.iterdir():
        assert path.stat().st_size <= LIMIT, path.name
        with Image.open(path) as picture:
            assert picture.width >= 720, f"{path.name} cannot be read"
