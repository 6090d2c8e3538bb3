"""Signatures: Ed25519 keys made from the service's secrets, and what anybody needs to check what they signed."""

import base64
import hmac
import json
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

PURPOSE = b"statement"


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key with its public half as a JSON Web Key (RFC 8037)."""

    private: Ed25519PrivateKey
    public: dict[str, str]

    @property
    def thumbprint(self) -> str:
        """What the key is called: RFC 7638."""
        return self.public["kid"]

    def sign(self, signed: bytes) -> bytes:
        """The signature, 64 bytes (RFC 8032)."""
        return self.private.sign(signed)


@lru_cache(maxsize=32)
def signer(secret: bytes) -> Signer:
    """The key of a secret: always the same, and of no use for anything else that is made from the secret.

    Its seed is the HMAC-SHA256 (RFC 2104) of nothing but the purpose.
    """
    private = Ed25519PrivateKey.from_private_bytes(hmac.new(secret, PURPOSE + b"\0", sha256).digest())
    members = {"crv": "Ed25519", "kty": "OKP", "x": text_of(private.public_key().public_bytes_raw())}
    thumbprint = text_of(sha256(canonical(members)).digest())
    return Signer(private, members | {"kid": thumbprint, "alg": "EdDSA", "use": "sig"})


def canonical(content: dict[str, Any]) -> bytes:
    """JSON of text, whole numbers, booleans and nulls in the one form that is signed (RFC 8785)."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def text_of(raw: bytes) -> str:
    """Base64url without padding (RFC 7515)."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
