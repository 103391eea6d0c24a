"""What a provider tells about a person beside who they are. It proves nothing; roles are the caller's to give."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

AMR = frozenset(
    (
        *("face", "fpt", "geo", "hwk", "iris", "kba", "mca", "mfa", "otp", "pin", "pop", "pwd", "rba", "retina"),
        *("sc", "sms", "swk", "tel", "user", "vbm", "wia"),
    )
)
"""Words of RFC 8176, section 2."""
FEDERATED = ("fed",)
"""What stands for a provider that does not tell how people prove themselves; Entra ID's word, none of RFC 8176."""
MOST_GROUPS = 500
LONGEST_GROUP, LONGEST_NAME, LONGEST_EMAIL = 256, 200, 254
UNSHOWABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Claims:
    """Personal data: sealed by the caller, never logged."""

    email: str | None = None
    email_verified: bool = False
    """Whether the provider vouches for the address. Without, an address is what somebody typed: it names nobody."""
    name: str | None = None
    groups: tuple[str, ...] | None = ()
    """None where the provider has groups to tell and left them out of the id_token: that is not the same as none."""

    def kept(self) -> dict[str, Any]:
        """JSON values."""
        return {**asdict(self), "groups": None if self.groups is None else list(self.groups)}


def claims_of(
    token: Mapping[str, Any],
    *,
    groups_claim: str,
    email_is_verified: bool,
    group_claim: str | None = None,
    vouches_with: str | None = None,
    vouches_for: tuple[str, ...] = (),
) -> Claims:
    """The claims of a verified id_token. What has not the form it should have is left out."""
    email = text_of(token.get("email"), LONGEST_EMAIL)
    if email is not None and email.count("@") != 1:
        email = None
    # Only the value true: Entra ID lets any customer write any address, and says nothing about it.
    verified = email is not None and (token.get("email_verified") is True or email_is_verified)
    if email is not None and vouches_with is not None and text_of(token.get(vouches_with), LONGEST_GROUP) is None:
        # Google: an address of somebody else's domain was its holder's when the account was made, maybe never since.
        verified = verified and email.rpartition("@")[2].lower() in vouches_for
    groups = _groups(token, groups_claim, group_claim)
    return Claims(email, verified, text_of(token.get("name"), LONGEST_NAME), groups)


def _groups(token: Mapping[str, Any], groups_claim: str, group_claim: str | None) -> tuple[str, ...] | None:
    groups, elsewhere = token.get(groups_claim), token.get("_claim_names")
    if groups is None and isinstance(elsewhere, dict) and groups_claim in elsewhere:
        # Core 1.0, section 5.6.2. Entra ID does so with more than 200 groups, and anybody may found groups there.
        return None
    entries = groups[:MOST_GROUPS] if isinstance(groups, list) else []
    if group_claim is not None:
        entries = [*entries, token.get(group_claim)]
    return tuple(group for entry in entries if (group := text_of(entry, LONGEST_GROUP)) is not None)


def amr_of(token: Mapping[str, Any], otherwise: tuple[str, ...]) -> tuple[str, ...]:
    """How the person proved themselves: the known words of `amr`, else what the settings say, else `fed`."""
    told = token.get("amr")
    words = [word for word in told if isinstance(word, str) and word in AMR] if isinstance(told, list) else []
    return tuple(dict.fromkeys(words)) or otherwise or FEDERATED


def text_of(value: Any, longest: int) -> str | None:
    """A text that can be shown, or None."""
    if not isinstance(value, str) or not 0 < len(value) <= longest or UNSHOWABLE.search(value):
        return None
    return value
