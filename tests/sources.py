"""The sources of the application, for the tests that read them."""

from pathlib import Path

from settings import ROOT

ROOMS = {"driver", "web", "auth", "actions", "routes", "forms", "queries", "formats", "server", "jobs", "demo"}
MODULES = sorted(
    path for path in ROOT.glob("**/*.py") if path.relative_to(ROOT).parts[0] in ROOMS or path.parent == ROOT
)
TEMPLATES = sorted([*ROOT.glob("templates/**/*.html"), *ROOT.glob("partials/**/*.html")])


def name_of(path: Path) -> str:
    """What a file is called from the root on."""
    return str(path.relative_to(ROOT))


def room_of(path: Path) -> str:
    """The room that a module is in, or which it is."""
    return path.relative_to(ROOT).parts[0].removesuffix(".py")
