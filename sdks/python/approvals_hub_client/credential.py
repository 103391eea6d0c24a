"""Who an agent is: its ids and its private key, which is made here and never leaves this machine."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from approvals_hub_client.canonical import CanonicalError, b64u, dumps, loads, unb64u
from approvals_hub_client.errors import BadCredential
from approvals_hub_client.keys import BadKey, Ed25519SigningKey
from approvals_hub_client.private_file import is_open_to_others, write_private

_members = ("hub", "issuer", "agent_id", "org_id", "key_id")


@dataclass(frozen=True)
class Credential:
    """An agent's identity at one hub: a signing key, or an API key at lower trust. Neither is ever printed."""

    hub: str
    """The hub's public URL, without a slash at its end."""
    issuer: str = ""
    """`iss` of this hub's tokens."""
    agent_id: str = ""
    org_id: str = ""
    key_id: str = ""
    seed: bytes | None = field(default=None, repr=False)
    api_key: str | None = field(default=None, repr=False)

    @cached_property
    def key(self) -> Ed25519SigningKey | None:
        """The signing key; None where there is an API key only."""
        return None if self.seed is None else Ed25519SigningKey(self.seed)

    def registered(self, *, issuer: str, agent_id: str, org_id: str, key_id: str) -> Credential:
        """The same key with the ids that the hub gave it."""
        return replace(self, issuer=issuer, agent_id=agent_id, org_id=org_id, key_id=key_id)

    def save(self, path: Path | str) -> None:
        """Write the file for its owner alone (0600), whole or not at all.

        Raises BadCredential when the file cannot be written.
        """
        path = Path(path)
        members = {name: getattr(self, name) for name in _members}
        secret = {"api_key": self.api_key} if self.seed is None else {"seed": b64u(self.seed)}
        try:
            write_private(path, dumps({**members, **secret}) + b"\n")
        except OSError as error:
            raise BadCredential(f"{path} cannot be written: {error.strerror}") from error

    @classmethod
    def load(cls, path: Path | str) -> Credential:
        """Read the file that `save` wrote. Raises BadCredential when it is missing, open to others, or damaged."""
        path = Path(path)
        try:
            if is_open_to_others(path):
                raise BadCredential(f"{path} is open to others; run chmod 600 {path}")
            members = loads(path.read_bytes())
            seed = unb64u(members.pop("seed")) if "seed" in members else None
            if seed is not None:
                Ed25519SigningKey(seed)
            return cls(seed=seed, **members)
        except FileNotFoundError:
            raise BadCredential(f"{path} is not there; register the agent first") from None
        except OSError as error:
            raise BadCredential(f"{path} cannot be read: {error.strerror}") from error
        except (CanonicalError, BadKey, TypeError, AttributeError) as error:
            raise BadCredential(f"{path} is damaged: {type(error).__name__}") from None
