"""What SIH is made of is pinned by hash, listed, and what it says it is."""

import hashlib
import importlib.metadata
import importlib.util
import json
import re
from importlib.machinery import SourceFileLoader
from types import ModuleType

import pytest

from settings import ROOT

LOCKS = ("requirements.lock", "requirements-test.lock", "requirements-check.lock", "requirements-uv.lock")


def program(name: str) -> ModuleType:
    """A program of bin/, as a module."""
    loader = SourceFileLoader(name, str(ROOT / "bin" / name))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(name, loader))
    loader.exec_module(module)
    return module


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_is_pinned_by_hash(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    blocks = re.split(r"\n(?=[a-z0-9])", text[text.index("\n", 5) :])
    packages = [block for block in blocks if not block.lstrip().startswith("#") and block.strip()]
    assert len(packages) > 10 or lock == "requirements-uv.lock"
    for block in packages:
        assert re.match(r"\n?[a-z0-9-]+==[0-9]", block), block[:60]
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", block), block[:60]
    assert "--index-url" not in text and "--extra-index-url" not in text and "git+" not in text and "://" not in text
    assert not re.search(r"(^|\s)[/~]", text), "a path of a machine"


def test_the_bill_of_materials_is_that_of_the_lock() -> None:
    sbom = program("sbom")
    text = (ROOT / "sbom.json").read_text(encoding="utf-8")
    assert text == sbom.make_sbom() == sbom.make_sbom(), "run make sbom"
    document = json.loads(text)
    assert (document["bomFormat"], document["specVersion"]) == ("CycloneDX", "1.6")
    locked = re.findall(r"^([a-z0-9-]+)==([^ ;\\]+)", (ROOT / "requirements.lock").read_text(encoding="utf-8"), re.M)
    assert {(c["name"], c["version"]) for c in document["components"]} == {
        *(*locked, ("htmx.org", "4.0.1"), ("lucide-static", "1.62.0"))
    }
    references = {component["bom-ref"] for component in document["components"]} | {"sih"}
    assert {entry["ref"] for entry in document["dependencies"]} == references
    needed = {ref for entry in document["dependencies"] for ref in entry["dependsOn"]}
    assert needed == references - {"sih"}, "something is locked that nothing needs"


def test_what_runs_is_what_is_locked() -> None:
    locked = re.findall(r"^([a-z0-9-]+)==(\S+) \\$", (ROOT / "requirements.lock").read_text(encoding="utf-8"), re.M)
    for name, version in locked:
        assert importlib.metadata.version(name) == version, name


def test_vendored_files_are_those_that_were_published() -> None:
    vendor = ROOT / "static" / "vendor"
    sums = dict(line.split()[::-1] for line in (vendor / "SHA256SUMS").read_text(encoding="utf-8").splitlines())
    files = [*vendor.glob("*.js"), *vendor.glob("lucide/*.svg")]
    assert set(sums) == {path.relative_to(vendor).as_posix() for path in files}
    for name, digest in sums.items():
        assert hashlib.sha256((vendor / name).read_bytes()).hexdigest() == digest
        # Where the hash stands a second time, so that a changed file and a changed sum do not vouch for each other.
        assert digest in (ROOT / "sbom.json").read_text(encoding="utf-8")


def test_no_script_but_the_vendored_one_and_none_from_elsewhere() -> None:
    assert {path.parent.name for path in (ROOT / "static").rglob("*.js")} == {"vendor"}
    for path in [*ROOT.glob("templates/**/*.html"), *ROOT.glob("partials/**/*.html")]:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"""(src|href|action)=["'](https?:)?//""", text), path.name
        assert [*re.findall(r"<script[^>]*>", text)] in (
            [],
            ["<script src=\"{{ asset('vendor/htmx.min.js') }}\" defer>"],
            ["<script src=\"{{ asset('vendor/hx-ptag.min.js') }}\" defer>"],
        )


@pytest.mark.parametrize(
    ("packages", "required", "status", "said"),
    [
        ([{"name": "a", "version": "1", "vulns": []}], False, 0, "nothing is known against its 1 packages"),
        (
            [{"name": "a", "version": "1", "vulns": [{"id": "CVE-1", "fix_versions": ["2"]}]}],
            False,
            1,
            "CVE-1, fixed in 2",
        ),
        ([{"name": "a", "skip_reason": "not found"}], False, 0, "NOT AUDITED: 1 of 1"),
        ([{"name": "a", "skip_reason": "not found"}], True, 2, "NOT AUDITED"),
        ([], True, 2, "NOT AUDITED"),
    ],
)
def test_the_audit_never_takes_not_looked_for_as_fine(packages, required, status, said, monkeypatch, capsys) -> None:
    monkeypatch.setenv("AUDIT", "required" if required else "")
    assert program("audit").judge("requirements.lock", packages) == status
    assert said in capsys.readouterr().err


def test_the_sprite_is_made_of_the_vendored_icons_and_of_all_of_them() -> None:
    icons = program("icons")
    assert (ROOT / "static/icons.svg").read_text(encoding="utf-8") == icons.make_sprite(), "run bin/icons"
    assert {f"{name}.svg" for name in {**icons.BADGES, **icons.UI}.values()} == {
        path.name for path in icons.LUCIDE.glob("*.svg")
    }
