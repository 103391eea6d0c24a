"""Why a person could not be proven to be who they should be.

```
NotProven
├── Refused                  final for this challenge: begin a new one, or choose another way
│   ├── WrongPerson          somebody else proved themselves
│   ├── OtherIntent          the proof is about something else than was asked
│   ├── TooWeak              proven, but not as strongly, or not as recently, as was asked
│   ├── TooRisky             the provider sees more risk than is accepted
│   ├── Cancelled            the person, or whoever began it, ended it
│   └── TimedOut             nobody proved anything in time
├── WrongAnswer              a code or an answer that does not fit; the challenge stays open
├── Malformed                what came back is nothing that this provider sends; the challenge stays open
├── ProviderDown             the provider cannot be asked now; trying again helps, nothing is lost
└── Misconfigured            the provider refuses us; an operator has to look at the settings
```
"""

from __future__ import annotations


class NotProven(Exception):
    """The tree's root. `code` is one word for programs; the text is for a log and names no person, code or secret."""

    code = "not_proven"
    final = False
    """Whether the challenge has ended: what is left of it must be forgotten."""

    def __init__(self, why: str, *, hint: str | None = None) -> None:
        """`hint` is the provider's own word for it (a BankID hint code), where it has one."""
        super().__init__(why)
        self.hint = hint


class Refused(NotProven):
    """Final for this challenge."""

    code = "step_up_refused"
    final = True


class WrongPerson(Refused):
    """Somebody proved who they are, and it is not who was asked."""

    code = "wrong_person"


class OtherIntent(Refused):
    """The proof is about another statement than the one that was to be proven."""

    code = "other_intent"


class TooWeak(Refused):
    """The proof is not as strong, or not as fresh, as was asked for."""

    code = "too_weak"


class CopiedPasskey(TooWeak):
    """A passkey did sign, and says that it is, or may be, on other devices too, which was not to count."""

    def __init__(self, why: str, *, public_key: bytes, backed_up: bool) -> None:
        """`public_key`: which one (COSE). `backed_up`: what its authenticator signed about copies just now."""
        super().__init__(why)
        self.public_key = public_key
        self.backed_up = backed_up


class TooRisky(Refused):
    """The provider reports more risk than is accepted."""

    code = "too_risky"


class Cancelled(Refused):
    """The person, or whoever began it, ended it."""

    code = "cancelled"


class TimedOut(Refused):
    """Nobody proved anything in time."""

    code = "timed_out"


class WrongAnswer(NotProven):
    """The answer does not fit. The caller counts it; the challenge stays open until too many were counted."""

    code = "wrong_answer"


class Malformed(NotProven):
    """The client's answer has not the form that this provider asks for."""

    code = "malformed"


class ProviderDown(NotProven):
    """The provider did not answer, or said that it cannot now. The challenge is as it was."""

    code = "provider_down"

    def __init__(self, why: str, *, retry_after: float = 2.0, hint: str | None = None) -> None:
        """`retry_after`: seconds."""
        super().__init__(why, hint=hint)
        self.retry_after = retry_after


class Misconfigured(NotProven):
    """The provider refuses us, not the person: certificates, keys or settings are wrong."""

    code = "provider_misconfigured"
