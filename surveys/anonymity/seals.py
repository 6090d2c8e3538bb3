"""Seals: keyed hashes that stand for people of an anonymous wave, under a secret that the database does not hold."""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Literal
from uuid import UUID

from surveys.tables import Wave

Secrets = Sequence[bytes]
Purpose = Literal["ballot", "former", "person", "wave secret"]
CHECKED = 8


@dataclass(frozen=True, slots=True)
class Seal:
    """The secret of an anonymous wave: who has it can tell which ballot an invitation has, and who is who over waves.

    Each hash is the beginning of an HMAC-SHA256 (RFC 2104) under a purpose of its own, and of one organisation.
    """

    secret: bytes
    organisation_id: int
    wave_key: str

    def ballot(self, invitation_id: UUID) -> UUID:
        """The id of the ballot of an invitation."""
        return UUID(bytes=_mac(self.secret, "ballot", self.organisation_id, invitation_id.bytes)[:16])

    def former(self, ref: str) -> UUID:
        """What stands for a person's ref once they are erased."""
        return UUID(bytes=_mac(self.secret, "former", self.organisation_id, ref.encode())[:16])

    def person(self, former: UUID) -> UUID:
        """What stands for a person who answered this wave; whoever has `former` alone cannot make it.

        It is another one in each wave. Were it the same, the waves somebody answered would, without the secret, be laid
        beside those each contact was asked in: after a dozen waves of random halves hardly two people are alike.
        """
        return UUID(bytes=_mac(self.secret, "person", self.organisation_id, former.bytes + self.wave_key.encode())[:16])


def check_of(secret: bytes, organisation_id: int, wave_key: str) -> bytes:
    """What a wave keeps of the secret it was opened under, so that the same is used until the end."""
    return _mac(secret, "wave secret", organisation_id, wave_key.encode())[:CHECKED]


def find(secrets: Secrets, organisation_id: int, wave_key: str, check: bytes | None) -> Seal | None:
    """The seal of a wave with this check; None where its secret is not among `secrets` any more."""
    for secret in secrets:
        if check is not None and hmac.compare_digest(check, check_of(secret, organisation_id, wave_key)):
            return Seal(secret, organisation_id, wave_key)
    return None


def of(wave: Wave, secrets: Secrets) -> Seal | None:
    """The seal of a wave; None where its secret is lost."""
    return find(secrets, wave.organisation_id, wave.key, wave.secret_check)


def _mac(secret: bytes, purpose: Purpose, organisation_id: int, named: bytes) -> bytes:
    mac = _prepared(secret, purpose).copy()
    mac.update(organisation_id.to_bytes(4, "big") + named)
    return mac.digest()


@lru_cache(maxsize=32)
def _prepared(secret: bytes, purpose: Purpose) -> hmac.HMAC:
    """The HMAC after secret and purpose, so that each hash costs its own bytes only."""
    return hmac.new(secret, purpose.encode() + b"\0", sha256)
