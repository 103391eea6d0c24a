"""The way back: what a person's browser brings from the provider, `{"code", "state", "iss"?}` or `{"error", "state"}`.

Anybody can make a browser bring anything. So the first question is whether `state` is the one that was sent out with
this person; nothing else of an answer is believed before.
"""

from __future__ import annotations

from dataclasses import dataclass
from hmac import compare_digest
from typing import Any

from identity.errors import Cancelled, Malformed, Misconfigured, NotProven, ProviderDown, Refused, TooWeak, WrongAnswer
from identity.oidc_request import Sent

LONGEST = {"code": 8192, "state": 256, "iss": 2000, "error": 128}
"""Characters. Microsoft's codes have some 2,000."""
MOST_MEMBERS = 32
ENDED = ("access_denied", "user_cancelled", "user_canceled", "consent_required")
WEAK = ("unmet_authentication_requirements", "login_required", "interaction_required", "account_selection_required")
DOWN = ("server_error", "temporarily_unavailable")
OURS = (
    *("invalid_request", "unauthorized_client", "unsupported_response_type", "invalid_scope", "invalid_request_uri"),
    *("request_not_supported", "request_uri_not_supported", "registration_not_supported", "redirect_uri_mismatch"),
    *("application_suspended", "invalid_client"),
)


@dataclass(frozen=True, slots=True)
class Returned:
    """An answer to what was sent out: its `state` fits."""

    code: str | None
    issuer: str | None
    """Who says that it answers (RFC 9207)."""
    error: str | None


def returned(answer: Any, sent: Sent) -> Returned:
    """Read an answer. Raises Malformed, or WrongAnswer where it belongs to another request.

    A `state` of somebody else ends nothing: else whoever makes a browser open an address could end a step-up.
    """
    found = {name: _text(answer, name) for name in LONGEST}
    if found["state"] is None or (found["code"] is None) == (found["error"] is None):
        raise Malformed("the answer has a state, and either a code or an error")
    if not compare_digest(found["state"].encode(), sent.state.encode()):
        raise WrongAnswer("the answer belongs to another request than this step-up's")
    return Returned(found["code"], found["iss"], found["error"])


def code_of(answer: Returned, issuers: tuple[str, ...], *, sends_iss: bool) -> str:
    """The code, if it comes from one of these issuers. Raises NotProven for an error and for a mix-up.

    A mix-up (RFC 9207, section 1): a dishonest provider sends the person on to an honest one, and their code comes
    back to a client that believes to speak with the dishonest one, and would hand it over.
    """
    if (answer.issuer is None and sends_iss) or (answer.issuer is not None and answer.issuer not in issuers):
        raise Refused("the answer comes from another identity provider than the person was sent to", hint="mix_up")
    if answer.error is not None or answer.code is None:
        raise refusal(answer.error or "")
    return answer.code


def refusal(error: str) -> NotProven:
    """A provider's error (RFC 6749, 4.1.2.1; Core 1.0, 3.1.2.6) as one of ours. Unknown ones are final."""
    known = error in (*ENDED, *WEAK, *DOWN, *OURS)
    hint = error if known else None
    if error in ENDED:
        return Cancelled("the person did not sign in", hint=hint)
    if error in WEAK:
        return TooWeak("the identity provider could not let the person sign in as was asked", hint=hint)
    if error in DOWN:
        return ProviderDown(f"the identity provider says {error}", hint=hint)
    if error in OURS:
        return Misconfigured(
            f"the identity provider says {error}: client_id, return address or scope are not registered"
        )
    return Refused("the identity provider refused", hint=hint)


def _text(answer: Any, name: str) -> str | None:
    """A member of the answer: printable ASCII of bounded length, or None where it is not there. Raises Malformed."""
    if not isinstance(answer, dict) or len(answer) > MOST_MEMBERS:
        raise Malformed("the answer is none of an identity provider's")
    value = answer.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST[name] or not value.isascii():
        raise Malformed(f"the answer's {name} is none")
    return value
