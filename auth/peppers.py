"""Peppers: whether those that are configured are the ones that the PINs in the database were hashed with."""

import logging
from dataclasses import asdict, dataclass

from asyncpg import Connection

from auth.pins import PinHasher
from queries.pins import count_pin_hashes

log = logging.getLogger("sih.auth")

FEW = 0.1  # of the PINs can be checked: those that were made since somebody changed the pepper


@dataclass(frozen=True)
class MissingPeppers:
    """`unchecked` PINs of active employees, of `total`, name peppers that are not configured: `missing`, by their ids."""

    unchecked: int
    total: int
    missing: list[str]
    configured: list[str]

    @property
    def is_wrong_key(self) -> bool:
        """Whether hardly anybody can log in: not some PINs were left behind, but the pepper is another one."""
        return self.total - self.unchecked < FEW * self.total

    def __str__(self) -> str:
        """For the person who starts the application."""
        missing, configured = ", ".join(self.missing), ", ".join(self.configured)
        return (
            f"pin_pepper (atau secret_key) bukan yang dipakai untuk {self.unchecked} dari {self.total} PIN: PIN yang benar pun "
            f"ditolak (wrong pepper: the PINs name {missing}, configured: {configured})"
        )


async def find_missing_peppers(connection: Connection, pins: PinHasher) -> MissingPeppers | None:
    """What PINs cannot be checked for want of their pepper; None if all can."""
    counts = await count_pin_hashes(connection)
    missing = sorted(counts.keys() - set(pins.pepper_ids))
    if not missing:
        return None
    return MissingPeppers(sum(counts[id] for id in missing), sum(counts.values()), missing, pins.pepper_ids)


async def warn_of_missing_peppers(connection: Connection, pins: PinHasher) -> None:
    """Say in the log what PINs cannot be checked, and that the pepper is wrong if they are nearly all; nothing if all can."""
    peppers = await find_missing_peppers(connection, pins)
    if peppers and peppers.is_wrong_key:
        log.critical("wrong pepper", extra=asdict(peppers))
    elif peppers:
        log.warning("pepper missing", extra=asdict(peppers))
