"""PINs: their hashes, and new ones."""

import hashlib
import hmac
import os
import secrets
from collections.abc import Sequence
from datetime import date

import anyio
import anyio.to_thread
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from forms.pins import LENGTH, weakness

# OWASP Password Storage Cheat Sheet: argon2id with 19 MiB, 2 passes, 1 lane. More would not save a PIN of six digits from
# whoever has the table and the pepper; without the pepper, which is not in the database, there is nothing to try.
_argon2 = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


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
        self._nobody = self.hash(secrets.token_urlsafe())

    def hash(self, pin: str) -> str:
        """The hash of `pin`. Takes tens of milliseconds of a core."""
        return f"{self._newest}:{_argon2.hash(self._peppered(self._newest, pin))}"

    async def hash_apart(self, pin: str) -> str:
        """The same, in a thread."""
        return await anyio.to_thread.run_sync(self.hash, pin, limiter=self._limit)

    async def matches(self, pin_hash: str | None, pin: str) -> bool:
        """Whether `pin` is the one that was hashed; None stands for nobody's. Always one computation, in a thread."""
        return await anyio.to_thread.run_sync(self._matches, pin_hash, pin, limiter=self._limit)

    def is_outdated(self, pin_hash: str) -> bool:
        """Whether the PIN should be hashed anew, now that it is known: with the newest pepper and today's parameters."""
        name, _, phc = pin_hash.partition(":")
        return name != self._newest or _argon2.check_needs_rehash(phc)

    def _matches(self, pin_hash: str | None, pin: str) -> bool:
        name, _, phc = (pin_hash or "").partition(":")
        if name not in self._keys or not phc.startswith("$argon2id$"):
            name, _, phc = self._nobody.partition(":")
        return self._verify(phc, self._peppered(name, pin))

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
