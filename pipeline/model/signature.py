"""Short keyed signatures for what this installation prints and later reads again: separator sheets, labels.

HMAC-SHA-256 (RFC 2104), cut to 80 bits, the least that RFC 2104 (section 5) advises: 16 signs of Base32 (RFC 4648), which
are signs of QR's alphanumeric mode. Whoever has the key can sign and verify; `preservation.signing_key` keeps the key.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass, field

KEY_BYTES = 32
SIGNATURE_BYTES = 10
SIGNATURE_SIGNS = SIGNATURE_BYTES * 8 // 5  # of Base32: five bits each


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs with one secret key. A signature holds for one purpose only."""

    key: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.key) != KEY_BYTES:
            raise ValueError(f"a key has {KEY_BYTES} bytes, not {len(self.key)}")

    def sign(self, purpose: str, payload: str) -> str:
        """The signature: `SIGNATURE_SIGNS` signs of A-Z and 2-7. Raises `ValueError` for a purpose with NUL in it."""
        if not purpose or "\0" in purpose:
            raise ValueError("a purpose is a word")
        signed = (
            purpose.encode() + b"\0" + payload.encode("utf-8", "surrogatepass")
        )  # no purpose begins with another's end
        return base64.b32encode(hmac.digest(self.key, signed, hashlib.sha256)[:SIGNATURE_BYTES]).decode("ascii")

    def verify(self, purpose: str, payload: str, signature: str) -> bool:
        """Whether this key signed the payload for the purpose. Takes the same time wherever a wrong signature differs."""
        expected = self.sign(purpose, payload).encode("ascii")
        return hmac.compare_digest(expected, signature.encode("utf-8", "surrogatepass"))
