"""Every number that bounds a request, in one place. `LIMITS` is what the documentation prints."""

from __future__ import annotations

from typing import Final

BODY: Final = 256 * 1024 + 16 * 1024
"""Bytes: an action of 256 KiB, and room for what stands around it."""
DEPTH: Final = 32
"""Arrays and objects within each other."""
HEADERS: Final = 64
HEADER: Final = 8190
"""Bytes of one header, and of the request line."""
MESSAGE: Final = 64 * 1024
"""Bytes of one message that an agent sends on its socket."""
MESSAGES_PER_MINUTE: Final = 600
"""Messages an agent may send on one socket."""
VERSIONS: Final = 5_000
"""Escalations that a client may name when it resumes."""
RESUME: Final = 10
"""Seconds within which a socket's client says what it has."""

LONGEST_WAIT: Final = 60
"""Seconds."""
DEFAULT_WAIT: Final = 25
"""Seconds, when only `since` is given."""
WAITERS_OF_AGENT: Final = 2_500
"""Long-polls and sockets of one agent at a time."""
WAITERS_OF_PERSON: Final = 16
"""Waiting inboxes of one session at a time."""

OPENINGS_PER_MINUTE: Final = 600
"""Challenges, sign-ins, accepted invitations and registrations from one address."""
CLAIMS_PER_MINUTE: Final = 10
"""Levels claimed of oneself with one session or key that are recorded; those on top are counted."""
SOURCES: Final = 20_000
"""Addresses remembered for counting; the least recent one makes room."""

PAGE: Final = 50
LONGEST_PAGE: Final = 200

RETRY_AFTER_STOP: Final = 1
"""Seconds after which a waiter may come back to a hub that was stopping."""

LIMITS: Final[dict[str, tuple[int, str, str]]] = {
    "body": (BODY, "bytes", "413 body_too_large"),
    "depth of JSON": (DEPTH, "levels", "400 malformed_json"),
    "headers of a request": (HEADERS, "headers", "400 malformed_request"),
    "one header, or the request line": (HEADER, "bytes", "400 malformed_request"),
    "longest wait": (LONGEST_WAIT, "seconds", "422 invalid_request"),
    "long-polls and sockets of an agent": (WAITERS_OF_AGENT, "at a time", "429 too_many_waiters"),
    "waiting inboxes of a session": (WAITERS_OF_PERSON, "at a time", "429 too_many_waiters"),
    "challenges, sign-ins, registrations": (OPENINGS_PER_MINUTE, "a minute and address", "429 too_many_attempts"),
    "items of a list": (LONGEST_PAGE, "a page", "422 invalid_request"),
    "message on a socket": (MESSAGE, "bytes", "closed with 1009"),
    "questions named at a resume": (VERSIONS, "questions", "closed with 1008"),
    "messages on a socket": (MESSAGES_PER_MINUTE, "a minute", "closed with 1008"),
}
