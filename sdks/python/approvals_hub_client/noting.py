"""A note on disk of what an agent authorizes: after a crash the same call asks the same, and nothing is done twice.

The hub gives the same answer about the very same action for a day. A process that has died does not know any more which
action that was: a new one would be decided, counted and asked about anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from approvals_hub_client.canonical import CanonicalError, dumps, loads
from approvals_hub_client.errors import BadNote, Changed
from approvals_hub_client.private_file import is_open_to_others, write_private

EACH_TIME: Final = ("action_id", "requested_at")
"""What is another one with each new action."""


class Note:
    """One action that is asked about, and the token that its approval is spent with. Delete the file when the action is
    done, or is not to be done any more."""

    def __init__(self, path: Path | str) -> None:
        """Reads the note of an earlier run, if there is one. Raises BadNote for a file that is none, or that others may
        read."""
        self.path = Path(path)
        self.body: dict[str, Any] | None = None
        """The request that it notes."""
        self.token: str | None = None
        """The approval that was about to be spent."""
        self._read()
        self.resumed = self.body is not None
        """Whether an earlier run wrote it."""

    def begin(self, body: dict[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
        """The request to send: the one that was noted, else this one, noted now. `given` are members of the action that
        the caller chose.

        Raises Changed where the note is about something else, BadNote where it cannot be written.
        """
        if self.body is not None and self.resumed:
            if _without(self.body, given) != _without(body, given):
                raise Changed(f"{self.path} notes another action: use a note for each, and delete it when that is done")
            return self.body
        self.body = body
        self._write()
        return body

    def spends(self, token: str) -> None:
        """Note the token before it is spent: whoever has it gets the same answer again. Raises BadNote."""
        self.token = token
        self._write()

    def drop(self) -> None:
        """Forget it: the question was taken back."""
        self.path.unlink(missing_ok=True)

    def _read(self) -> None:
        try:
            if is_open_to_others(self.path):
                raise BadNote(f"{self.path} is open to others; run chmod 600 {self.path}")
            noted = loads(self.path.read_bytes())
            self.body, self.token = dict(noted["body"]), noted["approval_token"]
        except FileNotFoundError:
            return
        except OSError as error:
            raise BadNote(f"{self.path} cannot be read: {error.strerror}") from error
        except (CanonicalError, KeyError, TypeError, ValueError) as error:
            raise BadNote(f"{self.path} is no note: {type(error).__name__}") from None

    def _write(self) -> None:
        try:
            write_private(self.path, dumps({"body": self.body, "approval_token": self.token}) + b"\n")
        except OSError as error:
            raise BadNote(f"{self.path} cannot be written: {error.strerror}") from error


def _without(body: Mapping[str, Any], given: Mapping[str, Any]) -> bytes:
    """What must be the same. Not ==, for which true is 1."""
    action = {name: value for name, value in body["action"].items() if name in given or name not in EACH_TIME}
    return dumps({**body, "action": action})
