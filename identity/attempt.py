"""One attempt to prove something: what its state always holds, and what every answer may say.

Shared by the providers that keep no vendor's order: codes and passkeys.
"""

from __future__ import annotations

from hmac import compare_digest
from typing import Any

from identity.errors import Cancelled, Malformed, OtherIntent, Refused, TimedOut, WrongAnswer
from identity.proof import State, StepUp

MOST_WRONG = 5
"""Wrong answers that one challenge bears (OWASP ASVS 6.6.3; five is also the limit of PSD2's RTS, article 4(3)(b))."""
LONGEST = 64
"""The most characters of a typed code, before its spaces and hyphens are taken away."""


class WrongTry(WrongAnswer):
    """A wrong answer that was counted: `state` is to replace what was kept.

    A caller that drops `state` has only its own count of wrong answers; one that keeps it has two.
    """

    def __init__(self, why: str, state: State) -> None:
        super().__init__(why)
        self.state = state


def begun(step_up: StepUp, expires_at: int, **own: Any) -> dict[str, Any]:
    """The state of a new attempt: which step-up it is for, until when (milliseconds), and the provider's `own`."""
    return {"step_up": step_up.id, "intent": step_up.intent_hash, "expires_at": expires_at, "wrong": 0, **own}


def require_open(state: State, step_up: StepUp, answer: Any, *, now: int) -> None:
    """Raise OtherIntent, TimedOut, Cancelled (the answer `{"cancel": true}`), or Refused after too many wrong ones."""
    if state.get("step_up") != step_up.id or state.get("intent") != step_up.intent_hash:
        raise OtherIntent("the challenge was begun for another step-up")
    if now >= min(state["expires_at"], step_up.expires_at):
        raise TimedOut("nobody answered in time")
    if wishes(answer, "cancel"):
        raise Cancelled("the person ended it")
    if state["wrong"] >= MOST_WRONG:
        # Also for a right answer: the sixth guess must not be told from the others.
        raise Refused("too many wrong answers; begin a new one")


def wishes(answer: Any, word: str) -> bool:
    """Whether the answer says `{word: true}` instead of proving anything."""
    return isinstance(answer, dict) and answer.get(word) is True


def wrong_try(state: State, why: str = "the code is wrong") -> WrongTry:
    """The error for a wrong answer, with the state that counts it."""
    return WrongTry(why, {**state, "wrong": state["wrong"] + 1})


def code_in(answer: Any) -> str:
    """The code of `{"code": "…"}` without its ASCII spaces and hyphens. Raises Malformed unless the rest is ASCII.

    Nothing else is forgiven: full-width or Arabic digits, or other spaces, come from no field of this product.
    """
    text = answer.get("code") if isinstance(answer, dict) else None
    if not isinstance(text, str) or len(text) > LONGEST or not text.isascii():
        raise Malformed("the answer holds no code")
    return text.replace(" ", "").replace("-", "")


def digits_in(answer: Any, *, length: int) -> str:
    """The code, of exactly `length` digits. Raises Malformed."""
    code = code_in(answer)
    if len(code) != length or not code.isdigit():
        raise Malformed(f"the code has {length} digits")
    return code


def same(one: str, other: str) -> bool:
    """Whether two texts are equal, in a time that does not tell where they differ."""
    return compare_digest(one.encode(), other.encode())
