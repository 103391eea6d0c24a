"""Codes of an authenticator app (RFC 6238: HMAC-SHA-1, six digits, steps of 30 seconds).

`LINK` makes a key and shows it, as text and as a QR code, to the person alone; it counts once a code of it was typed.
A code is taken for its time step once: the proof names the step, and the caller keeps the name and refuses a second.
Nothing in a code is about what is approved, so the binding is `server`.
"""

from __future__ import annotations

import secrets
from base64 import b32encode
from collections.abc import Iterator
from hashlib import sha256
from typing import Annotated, Any, Literal

import msgspec

from identity.attempt import begun, digits_in, require_open, same, wrong_try
from identity.errors import Refused
from identity.proof import Binding, Challenge, Factor, Pending, Proof, Purpose, State, StepUp

STEP = 30_000
"""Milliseconds of one time step (RFC 6238 section 4.1)."""
DIGITS = 6
"""Apps ignore another number, and another hash than SHA-1, in the URI or refuse it."""
KEY_BYTES = 20
"""As long as the hash (RFC 4226 section 4, R6)."""


class TotpSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What can be set."""

    issuer: Annotated[str, msgspec.Meta(pattern=r"^[^:\n]{1,64}\Z")] = "Approvals Hub"
    """Whose code it is, as the app lists it; without a colon, which parts it from the account's name."""
    steps_off: Literal[0, 1] = 0
    """How many steps the app's clock may be off, either way. 0: a code lives for 30 seconds (OWASP ASVS 6.5.5)."""


class Totp:
    """The provider `totp`. `Factor.data` is `{"secret": base32}`; for `LINK` it may hold `account`, a name to list."""

    name = "totp"
    proofs_expire = True

    def __init__(self, settings: TotpSettings | None = None) -> None:
        self._settings = settings or TotpSettings()

    async def begin(self, factor: Factor, step_up: StepUp) -> Challenge:
        """Start; for `LINK` with a new key. Raises Refused where the person has no authenticator app."""
        if step_up.purpose is Purpose.LINK:
            secret = b32encode(secrets.token_bytes(KEY_BYTES)).decode()
            state = begun(step_up, step_up.expires_at, secret=secret, account=_account(factor, step_up))
        elif not factor.data.get("secret"):
            raise Refused("no authenticator app is tied to this person")
        else:
            state = begun(step_up, step_up.expires_at)
        return Challenge(state, self._shown(state), step_up.expires_at)

    async def collect(self, factor: Factor, step_up: StepUp, state: State, *, now: int) -> Pending:
        """Always Pending: only the person's code completes it."""
        return Pending(state, self._shown(state))

    async def complete(self, factor: Factor, step_up: StepUp, state: State, answer: Any, *, now: int) -> Proof:
        """Take `{"code": "123456"}`. Raises WrongTry, Malformed and what `require_open` raises."""
        require_open(state, step_up, answer, now=now)
        code = digits_in(answer, length=DIGITS)
        is_link = step_up.purpose is Purpose.LINK
        secret = state.get("secret") if is_link else factor.data.get("secret")
        if not isinstance(secret, str):
            raise Refused("no authenticator app is tied to this person any more")
        step = self._step_of(secret, code, now)
        if step is None:
            raise wrong_try(state)
        return Proof(
            method=self.name,
            amr=("otp",),
            binding=Binding.SERVER,
            at=now,
            once=(f"step:{_fingerprint(secret)}:{step}",),
            data={"secret": secret} if is_link else None,
            facts={"steps_off": step - now // STEP},
        )

    async def cancel(self, state: State) -> None:
        """Nothing runs anywhere."""

    def _step_of(self, secret: str, code: str, now: int) -> int | None:
        """The time step that the code is of. Every allowed step is computed, so that the time tells nothing."""
        off = self._settings.steps_off
        present = now // STEP
        steps = range(present - off, present + off + 1)
        matching = [step for step, right in zip(steps, _codes(secret, steps), strict=True) if same(right, code)]
        return matching[-1] if matching else None

    def _shown(self, state: State) -> dict[str, Any]:
        """For `LINK` the new key: the one secret that a person must see, on their own page, until it is confirmed."""
        shown: dict[str, Any] = {"digits": DIGITS}
        if "secret" in state:
            secret = state["secret"]
            uri = otpauth_uri(secret, account=state["account"], issuer=self._settings.issuer)
            grouped = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
            shown |= {"key": grouped, "uri": uri, "qr": qr_svg(uri)}
        return shown


def _fingerprint(secret: str) -> str:
    """Which key a step is of: a person who links a new app within the same step uses up nothing of the old one's."""
    return sha256(secret.encode()).hexdigest()[:16]


def otpauth_uri(secret: str, *, account: str, issuer: str) -> str:
    """What the QR code says: `otpauth://totp/…`, the Key URI Format of Google Authenticator's wiki."""
    import pyotp

    return str(pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=issuer))


def qr_svg(text: str) -> str:
    """The text as a QR code: one `<svg>` element, black on white also on a dark page, as scanners want it."""
    import segno  # a tenth of a second, for enrolment alone

    return str(segno.make(text, error="m", micro=False).svg_inline(scale=4, dark="#000", light="#fff"))


def _codes(secret: str, steps: range) -> Iterator[str]:
    import pyotp

    generator = pyotp.TOTP(secret, digits=DIGITS)
    return (generator.generate_otp(step) for step in steps)


def _account(factor: Factor, step_up: StepUp) -> str:
    """What the app lists the key as, below the issuer."""
    named = factor.data.get("account")
    account = named if isinstance(named, str) and named else step_up.organisation or "approver"
    return account[:254].replace(":", " ")
