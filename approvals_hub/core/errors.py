"""One tree of refusals. `api/problems.py` alone gives them HTTP status codes.

```
HubError
├── Malformed         the bytes are no request at all
├── Invalid           a request whose `field` is wrong
├── Unauthenticated   who is calling is not proven
├── Forbidden         proven, and not allowed
├── NotFound          not there, or not yours: the same answer
├── Conflict          the present state says no; `extra` holds that state
├── Gone              it was there, and is for good no more
├── TooLarge          over a documented limit
├── UnsupportedMedia  not the media type that is read here
├── Misdirected       for a host that this hub does not serve
├── TooMany           slow down; `retry_after` says how long
└── Unavailable       the hub cannot answer safely now; nothing happened
```
"""

from __future__ import annotations

from typing import Any, TypeVar

T = TypeVar("T")


class HubError(Exception):
    """A refusal that the caller may read. `retryable` says whether the same call can succeed later."""

    retryable = False

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        next_step: str,
        field: str | None = None,
        retry_after: int | None = None,
        extra: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.next_step = next_step
        self.field = field
        self.retry_after = retry_after
        self.extra = extra or {}


class Malformed(HubError):
    """The bytes are no request at all."""


class Invalid(HubError):
    """A well-formed request with a wrong value; `field` is its path, like `$.action.payload`."""


class Unauthenticated(HubError):
    """The caller has not proven who it is."""


class Forbidden(HubError):
    """The caller is known and may not do this."""


class NotFound(HubError):
    """It does not exist, or belongs to somebody else."""


class Conflict(HubError):
    """The present state refuses; `extra` holds that state."""


class Gone(HubError):
    """It was there, or never was: it will not come back, and nobody asks for it again."""


class TooLarge(HubError):
    """A documented limit is exceeded."""


class UnsupportedMedia(HubError):
    """The body is not of the media type that this operation reads."""


class Misdirected(HubError):
    """The request names a host that this hub does not serve (DNS rebinding)."""


class TooMany(HubError):
    """A rate or a count is exceeded; `retry_after` is in seconds."""

    retryable = True


class Unavailable(HubError):
    """The hub cannot answer safely now; nothing was changed."""

    retryable = True


def settled(result: T | HubError) -> T:
    """Raise a refusal that a unit of work returned so that its audit entry was committed; give anything else back."""
    if isinstance(result, HubError):
        raise result
    return result
