"""BankID's animated QR code: another text each second, made on the server (RP API, "QR codes").

The secret that makes it stays in the state: a page that had it could show the code of a stolen order for ever.
"""

from __future__ import annotations

import hashlib
import hmac

from identity.proof import State


def qr(state: State, now: int) -> str:
    """The text of the QR code at `now` (milliseconds since 1970 UTC), for the order in a challenge's state."""
    second = max(0, (now - int(state["started_at"])) // 1000)
    return qr_text(str(state["qr_start_token"]), str(state["qr_start_secret"]), second)


def qr_text(token: str, secret: str, second: int) -> str:
    """The text for one whole second after the order began: HMAC-SHA256 over the second, keyed by the secret."""
    code = hmac.new(secret.encode(), str(second).encode(), hashlib.sha256).hexdigest()
    return f"bankid.{token}.{second}.{code}"
