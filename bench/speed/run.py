"""What a run has measured of one size, as it is kept between runs."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from bench.speed.measuring import Measured


@dataclass(frozen=True)
class Run:
    """`screens` by server and name ("app year"); `pages` the bytes of pages of SIH before compression; `resident` the megabytes
    that it occupied when it was warm and at the end, after so many `answers`; `loaded_in` the seconds that loading took, and
    `gigabytes` what the database occupies."""

    problems: int
    screens: dict[str, Measured]
    pages: dict[str, int]
    resident: tuple[float, float]
    answers: int
    loaded_in: float
    gigabytes: float

    def of(self, server: str) -> dict[str, Measured]:
        """The screens of a server, by name."""
        return {
            name.removeprefix(f"{server} "): one for name, one in self.screens.items() if name.startswith(f"{server} ")
        }

    def save(self, folder: Path) -> None:
        """Keep it in the folder, in place of an earlier one of this size."""
        (folder / f"{self.problems}.json").write_text(json.dumps(asdict(self), indent=1))

    @classmethod
    def load(cls, file: Path) -> Self:
        """One that was kept."""
        kept = json.loads(file.read_text())
        screens = {name: Measured(**one) for name, one in kept.pop("screens").items()}
        return cls(**kept | {"screens": screens, "resident": tuple(kept["resident"])})
