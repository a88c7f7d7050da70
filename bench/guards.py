"""Mutation testing by hand: take each guard of SIH away, one at a time, and see its tests go red.

    python bench/guards.py                         all of bench/guards/*.toml
    python bench/guards.py --only reach --only may those whose name contains one of the words
    python bench/guards.py --list                  only whether each guard's text is still where it was

A guard is a text that stands once in a file, what is put in its place, and the tests that are to fail then. It works on a copy
of the committed tree in a temporary folder, with the packages of the Python that runs it; the exit status is 1 unless all are
green before and red after. Red is a test that failed, which is named; one that could not be set up, or took too
long, has shown nothing.
"""

import argparse
import re
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LISTS = ROOT / "bench" / "guards"
GREEN, RED = 0, 1  # of pytest: all passed, some failed; anything else is neither
FAILED = re.compile(r"^FAILED .*", re.MULTILINE)  # of its summary; what failed beside the test itself is an ERROR
# What says that the text put in its place cannot run: whatever test it fails, it is not for want of the guard.
BROKEN = re.compile(
    r"^.*(?:SyntaxError|NameError|ImportError|UndefinedColumnError|IndeterminateDatatypeError|the server expects \d+ arg).*",
    re.MULTILINE,
)
PATIENCE = 300  # seconds for the tests of one guard


@dataclass(frozen=True)
class Guard:
    """One that can be taken away: `text`, which stands once in `file`, is replaced by `instead`; then one of `tests` fails."""

    name: str
    file: str
    text: str
    instead: str
    tests: tuple[str, ...]

    def is_there(self, tree: Path) -> bool:
        file = tree / self.file
        return file.exists() and file.read_text(encoding="utf-8").count(self.text) == 1

    @contextmanager
    def removed(self, tree: Path) -> Iterator[None]:
        file = tree / self.file
        whole = file.read_text(encoding="utf-8")
        file.write_text(whole.replace(self.text, self.instead), encoding="utf-8")
        try:
            yield
        finally:
            file.write_text(whole, encoding="utf-8")


def read_guards(words: Sequence[str]) -> list[Guard]:
    """Those of all lists, or whose name contains one of `words`."""
    guards = []
    for path in sorted(LISTS.glob("*.toml")):
        for name, guard in tomllib.loads(path.read_text(encoding="utf-8")).items():
            tests = tuple(guard["tests"])
            guards.append(Guard(f"{path.stem}: {name}", guard["file"], guard["text"], guard["instead"], tests))
    return [guard for guard in guards if not words or any(word in guard.name for word in words)]


@contextmanager
def copied_tree() -> Iterator[Path]:
    """The committed tree, in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="guards-") as folder:
        tree = Path(folder) / "tree"
        subprocess.run(["git", "worktree", "add", "--quiet", "--detach", tree, "HEAD"], cwd=ROOT, check=True)  # noqa: S607
        try:
            yield tree
        finally:
            subprocess.run(["git", "worktree", "remove", "--force", tree], cwd=ROOT, check=True)  # noqa: S607


def run(tree: Path, tests: Sequence[str], seconds: float | None = None) -> subprocess.CompletedProcess[str]:
    """Run tests until the first one fails, `seconds` at most."""
    apart = ["-p", "no:cacheprovider", f"--basetemp={tree.parent / 'run'}"]  # from other runs on this machine
    command = [sys.executable, "-m", "pytest", "-x", "-q", "--no-header", *apart, *tests]
    return subprocess.run(command, cwd=tree, capture_output=True, text=True, timeout=seconds)


def judge(tree: Path, guard: Guard) -> tuple[bool, str]:
    """Whether it is red without the guard, and which test is, or what is wrong instead."""
    if not guard.is_there(tree):
        return False, f"its text does not stand once in {guard.file}"
    with guard.removed(tree):
        try:
            done = run(tree, guard.tests, PATIENCE)
        except subprocess.TimeoutExpired:
            return False, f"no answer in {PATIENCE} s"
    if done.returncode == GREEN:
        return False, "green without it"
    if broken := BROKEN.search(done.stdout):
        return False, f"broken without it: {broken.group()}"
    if done.returncode == RED and (failed := FAILED.search(done.stdout)):
        return True, failed.group()
    return False, f"pytest ended with {done.returncode}: {done.stdout[-2000:]}{done.stderr[-500:]}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", action="append", default=[], metavar="WORD")
    parser.add_argument("--list", action="store_true")
    options = parser.parse_args()
    guards = read_guards(options.only)
    if options.list:
        lost = [guard for guard in guards if not guard.is_there(ROOT)]
        print(*(f"{'LOST' if guard in lost else 'there'}  {guard.name}" for guard in guards), sep="\n")
        return int(bool(lost))
    faults = 0
    with copied_tree() as tree:
        whole = run(tree, sorted({test for guard in guards for test in guard.tests}))
        if whole.returncode != GREEN:
            print(f"not green with all guards in place:\n{whole.stdout[-5000:]}")
            return 1
        for guard in guards:
            began = time.monotonic()
            red, reason = judge(tree, guard)
            faults += not red
            took = time.monotonic() - began
            print(f"{'red' if red else 'FAULT':5}  {guard.name}  ({took:.1f} s) {reason}", flush=True)
    print(f"{len(guards)} guards, {faults} at fault")
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main())
