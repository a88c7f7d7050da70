"""Password hashing of PINs (argon2id with a pepper), and initial PINs."""

import hashlib
import hmac
import logging
import os
import secrets
import time
from base64 import b64encode
from collections.abc import Sequence
from datetime import date

import anyio
import anyio.to_thread
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from forms.pins import LENGTH, weakness

log = logging.getLogger("sih.auth")

COMPLAINT_PAUSE = 60  # seconds between two lines about a pepper that is unknown: whoever asks for them gets no more

# OWASP Password Storage Cheat Sheet: argon2id with 19 MiB, 2 passes, 1 lane. More would not save a PIN of six digits from
# whoever has the table and the pepper; without the pepper, which is not in the database, there is nothing to try.
_argon2 = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def pepper_of(pin_hash: str) -> str | None:
    """The id of the pepper that a hash was made with; None for what is the hash of no PIN, with which nobody gets in."""
    pepper, _, phc = pin_hash.partition(":")
    return pepper if phc.startswith("$argon2id$") else None


class PinHasher:
    """Hashes PINs with a pepper, and checks them. The last of `peppers` is used for new hashes, all are accepted.

    A hash names its pepper, so that checking one costs one computation however many peppers there are.
    """

    def __init__(self, peppers: Sequence[str]) -> None:
        keys = [hmac.digest(pepper.encode(), b"sih.pin", "sha256") for pepper in peppers]
        self._keys = {hashlib.sha256(key).hexdigest()[:8]: key for key in keys}
        self._newest = list(self._keys)[-1]
        # No more at once than there are cores: each takes 19 MiB, and more would only make all of them slower.
        self._limit = anyio.CapacityLimiter(os.cpu_count() or 1)
        # Checked in place of a hash where there is none, so that an unknown NIK takes as long as a known one.
        self._nobody = f"{self._newest}:{_hash_of_nothing()}"
        self._complain_after = 0.0

    def hash(self, pin: str) -> str:
        """The hash of `pin`. Takes tens of milliseconds of a core."""
        return f"{self._newest}:{_argon2.hash(self._peppered(self._newest, pin))}"

    async def hash_apart(self, pin: str) -> str:
        """The same, in a thread."""
        return await anyio.to_thread.run_sync(self.hash, pin, limiter=self._limit)

    async def matches(self, pin_hash: str | None, pin: str) -> bool:
        """Whether `pin` is the one that was hashed; None stands for nobody's. Always one computation, in a thread.

        Under a pepper that is unknown every PIN is wrong, and a line in the log says so: the person is told no more.
        """
        pepper = pepper_of(pin_hash) if pin_hash else None
        if pepper is not None and pepper not in self._keys:
            self._complain(pepper)
        return await anyio.to_thread.run_sync(self._matches, pin_hash, pin, limiter=self._limit)

    @property
    def pepper_ids(self) -> list[str]:
        """What the peppers are called in the hashes made with them."""
        return list(self._keys)

    def is_outdated(self, pin_hash: str) -> bool:
        """Whether the PIN should be hashed anew, now that it is known: with the newest pepper and today's parameters."""
        return pepper_of(pin_hash) != self._newest or _argon2.check_needs_rehash(pin_hash.partition(":")[2])

    def _matches(self, pin_hash: str | None, pin: str) -> bool:
        if pin_hash is None or pepper_of(pin_hash) not in self._keys:
            pin_hash = self._nobody
        name, _, phc = pin_hash.partition(":")
        return self._verify(phc, self._peppered(name, pin))

    def _complain(self, pepper: str) -> None:
        now = time.monotonic()
        if now >= self._complain_after:
            self._complain_after = now + COMPLAINT_PAUSE
            log.error("unknown pepper", extra={"missing": [pepper], "configured": self.pepper_ids})

    @staticmethod
    def _verify(phc: str, peppered: str) -> bool:
        try:
            return _argon2.verify(phc, peppered)
        except (VerificationError, InvalidHashError):
            return False

    def _peppered(self, name: str, pin: str) -> str:
        return hmac.new(self._keys[name], pin.encode(), "sha256").hexdigest()


def new_initial_pin(nik: str, birth_date: date | None = None) -> str:
    """A random PIN for `nik` that nobody would be refused for choosing."""
    while True:
        pin = "".join(secrets.choice("0123456789") for _ in range(LENGTH))
        if not weakness(pin, nik, birth_date):
            return pin


def _hash_of_nothing() -> str:
    """What looks like a hash of ours and is none: checking it costs as much, making it nothing."""
    salt, digest = (b64encode(secrets.token_bytes(length)).decode().rstrip("=") for length in (16, 32))
    return f"$argon2id$v=19$m={_argon2.memory_cost},t={_argon2.time_cost},p={_argon2.parallelism}${salt}${digest}"
