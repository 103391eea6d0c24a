"""The provider `webauthn`: a passkey signs the step-up's challenge, with the person verified by the authenticator.

The challenge is a hash over the step-up's id and the intent's hash, so what was signed is about this intent alone and
anybody who has the credential's public key can verify it later: that is the proof's evidence.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode
from collections.abc import Mapping
from hmac import compare_digest
from typing import Any

import msgspec

from identity.attempt import begun, require_open, wrong_try
from identity.errors import CopiedPasskey, Malformed, OtherIntent, Refused, TooWeak
from identity.proof import Binding, Challenge, Factor, Pending, Proof, Purpose, State, StepUp
from identity.webauthn import BadPasskey, Known, RelyingParty, credential_named, request_options, verify_assertion


class PasskeySettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Nothing can be set: which passkeys count is each question's own (`StepUp.passkeys`)."""


class PasskeyStepUp:
    """The provider `webauthn`. `Factor.data` is `{"credentials": [{id, public_key, sign_count, backup_eligible,
    backed_up}]}`.

    `id` and `public_key` are base64url. Passkeys are registered as devices, not here: `LINK` is Refused.
    """

    name = "webauthn"
    proofs_expire = True

    def __init__(self, relying_party: RelyingParty) -> None:
        self._relying_party = relying_party

    async def begin(self, factor: Factor, step_up: StepUp) -> Challenge:
        """Options for the browser. Raises Refused without a passkey, TooWeak with none that counts."""
        if step_up.purpose is Purpose.LINK:
            raise Refused("a passkey is registered as a device")
        if not _credentials(factor):
            raise Refused("no passkey is known of this person")
        if not _usable(factor, step_up):
            raise TooWeak("every passkey of this person is, or may be, on other devices too")
        return Challenge(begun(step_up, step_up.expires_at), self._shown(factor, step_up), step_up.expires_at)

    async def collect(self, factor: Factor, step_up: StepUp, state: State, *, now: int) -> Pending:
        """Always Pending: only the browser's answer completes it."""
        return Pending(state, self._shown(factor, step_up))

    async def complete(self, factor: Factor, step_up: StepUp, state: State, answer: Any, *, now: int) -> Proof:
        """Take an AuthenticationResponseJSON.

        Raises OtherIntent for a genuine signature over another challenge, TooWeak for a copied passkey where those do
        not count, WrongTry for what does not verify, Malformed, and what `require_open` raises.
        """
        require_open(state, step_up, answer, now=now)
        try:
            named, _ = credential_named(answer)
        except BadPasskey as error:
            raise Malformed("not a credential's JSON form") from error
        known = _known(_credentials(factor).get(named))
        if known is None:
            # Nobody is proven by it, as its key is not known: so it is a wrong answer, not a wrong person.
            raise wrong_try(state, "the passkey is none of this person's")
        signed = _challenge_in(answer)
        try:
            found = verify_assertion(self._relying_party, answer, challenge=signed, known=known)
        except BadPasskey as error:
            raise wrong_try(state, "the passkey's answer does not verify") from error
        # Only now: a challenge that nobody signed says nothing, and must not end what the person is about to do.
        if not compare_digest(signed, step_up.challenge):
            raise OtherIntent("the passkey signed another challenge")
        if not _counts(step_up, backup_eligible=known.backup_eligible, backed_up=found.backed_up):
            raise CopiedPasskey(
                "the passkey is, or may be, on other devices too",
                public_key=known.public_key,
                backed_up=found.backed_up,
            )
        return Proof(
            method=self.name,
            amr=("pop", "user", "mfa"),
            binding=Binding.NONCE,
            at=now,
            once=(f"challenge:{step_up.id}",),
            data=_counted(factor, known, found.sign_count),
            evidence=_evidence(answer, known),
            facts={
                "backup_eligible": known.backup_eligible,
                "backed_up": found.backed_up,
                "counter_regressed": found.counter_regressed,
            },
        )

    async def cancel(self, state: State) -> None:
        """The browser's dialogue is the page's to close."""

    def _shown(self, factor: Factor, step_up: StepUp) -> dict[str, Any]:
        options = request_options(self._relying_party, challenge=step_up.challenge, allow=_usable(factor, step_up))
        return {"options": options}


def _usable(factor: Factor, step_up: StepUp) -> list[bytes]:
    """The credentials that count, as far as is known before the authenticator says how it is now."""
    return [
        named
        for named, kept in _credentials(factor).items()
        if _counts(step_up, backup_eligible=kept["backup_eligible"], backed_up=kept["backed_up"])
    ]


def _counts(step_up: StepUp, *, backup_eligible: bool, backed_up: bool) -> bool:
    taken = {"any": True, "not_synced": not backed_up, "device_bound": not backup_eligible}
    return taken.get(step_up.passkeys, False)


def _credentials(factor: Factor) -> dict[bytes, Mapping[str, Any]]:
    return {_bytes(kept["id"]): kept for kept in factor.data.get("credentials", ())}


def _known(kept: Mapping[str, Any] | None) -> Known | None:
    if kept is None:
        return None
    return Known(_bytes(kept["id"]), _bytes(kept["public_key"]), kept["sign_count"], kept["backup_eligible"])


def _challenge_in(answer: Any) -> bytes:
    """The challenge that the client data names, not verified yet. Raises Malformed."""
    try:
        client_data = msgspec.json.decode(_bytes(answer["response"]["clientDataJSON"]))
        return _bytes(client_data["challenge"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Malformed("clientDataJSON holds no challenge") from error


def _counted(factor: Factor, known: Known, sign_count: int) -> State:
    """The person's credentials with the counter that was seen; one that went back leaves the higher one in place."""
    counted = {"sign_count": max(known.sign_count, sign_count)}
    return {
        **factor.data,
        "credentials": [
            {**kept, **counted} if _bytes(kept["id"]) == known.credential_id else dict(kept)
            for kept in factor.data["credentials"]
        ],
    }


def _evidence(answer: Any, known: Known) -> dict[str, bytes]:
    """What verifies by itself (WebAuthn section 7.2): the key, and the three parts of the assertion."""
    response = answer["response"]
    return {
        "public_key": known.public_key,
        "client_data": _bytes(response["clientDataJSON"]),
        "authenticator_data": _bytes(response["authenticatorData"]),
        "signature": _bytes(response["signature"]),
    }


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text.encode() + b"==")
