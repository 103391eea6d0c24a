"""What a provider says is checked before anything follows from it: a plug-in is a stranger's code."""

from __future__ import annotations

import re
from math import isfinite
from typing import Any, Final

import msgspec

from approvals_hub_client.canonical import CanonicalError, dumps
from identity.errors import NotProven, ProviderDown
from identity.proof import Binding, Challenge, Pending, Proof

LONGEST_PAUSE: Final = 10.0
"""The most seconds between two questions about the same order, whatever its provider says."""
SHORTEST_PAUSE: Final = 0.5
_WORD = re.compile(r"[a-z][a-z0-9_.+-]{0,63}")
_MOST_WORDS = 16
_LONGEST_TEXT = 1024


class NotSaid(Exception):
    """It is nothing that a provider may say. The text names the member and holds nothing of its value."""


def checked(method: str, said: Any, kinds: tuple[type, ...]) -> Any:
    """The same Challenge, Pending, Proof or None, where it is one of these `kinds` and every member can be kept.

    Raises NotSaid.
    """
    if type(said) not in kinds:
        raise NotSaid(f"an answer of the type {type(said).__name__}")
    if isinstance(said, Challenge | Pending):
        _require("state", is_json(said.state))
        _require("shown", is_json(said.shown))
        _require("collect_every", said.collect_every is None or _is_number(said.collect_every))
    if isinstance(said, Proof):
        _check_proof(method, said)
    return said


def checked_refusal(error: NotProven) -> NotProven:
    """The same error, where its code and hint can be kept and told. Raises NotSaid."""
    _require("code", _is_word(error.code))
    _require("hint", error.hint is None or is_text(error.hint))
    _require("final", type(error.final) is bool)
    _require("retry_after", not isinstance(error, ProviderDown) or _is_number(error.retry_after))
    return error


def pause(seconds: float | None) -> int | None:
    """How long to leave an order alone, in milliseconds; None where nobody asks about it."""
    return None if seconds is None else int(min(max(seconds, SHORTEST_PAUSE), LONGEST_PAUSE) * 1000)


def _check_proof(method: str, proof: Proof) -> None:
    # A proof in the name of a stronger way is refused here, although the level is never read from it.
    _require("method", proof.method == method)
    _require("amr", _is_list(proof.amr) and all(map(_is_word, proof.amr)))
    _require("binding", isinstance(proof.binding, Binding))
    _require("at", type(proof.at) is int)
    _require("subject", proof.subject is None or is_text(proof.subject))
    _require("identified", proof.identified in (None, "eid", "idp"))
    _require("acr_reported", proof.acr_reported is None or is_text(proof.acr_reported))
    _require("once", _is_list(proof.once) and all(map(is_text, proof.once)))
    _require("data", proof.data is None or _is_canonical(proof.data))
    _require("evidence", _is_evidence(proof.evidence))
    _require("auth_ref", proof.auth_ref is None or is_text(proof.auth_ref))
    _require("facts", _is_canonical(proof.facts))


def _require(member: str, holds: bool) -> None:
    if not holds:
        raise NotSaid(f"a {member} that cannot be kept")


def _is_word(value: Any) -> bool:
    return isinstance(value, str) and _WORD.fullmatch(value) is not None


def is_text(value: Any) -> bool:
    """Whether it is a line of text that can be kept: printable, and of bounded length."""
    return isinstance(value, str) and 0 < len(value) <= _LONGEST_TEXT and value.isprintable()


def _is_list(value: Any) -> bool:
    return isinstance(value, tuple | list) and len(value) <= _MOST_WORDS


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value) and value >= 0


def _is_evidence(value: Any) -> bool:
    try:
        return all(_is_word(name) and isinstance(octets, bytes) for name, octets in value.items())
    except AttributeError:
        return False


def is_json(value: Any) -> bool:
    """Whether it is a JSON object: what is kept is read again by the next call."""
    try:
        return isinstance(msgspec.json.decode(msgspec.json.encode(dict(value))), dict)
    except (TypeError, ValueError, msgspec.MsgspecError, RecursionError):
        return False


def _is_canonical(value: Any) -> bool:
    try:
        dumps(dict(value))
    except (TypeError, ValueError, CanonicalError, RecursionError):
        return False
    return True
