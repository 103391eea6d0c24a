"""A way to sign in beside passkeys: which organisation it belongs to, and what its groups mean there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

INVITED: Final = "invited"
"""Only whom somebody invited, or who linked their account, gets in."""
MAPPED: Final = "mapped"
"""Whoever comes with a group that means a role is made a member."""


@dataclass(frozen=True, slots=True)
class SignInWay:
    """One way, as the settings say."""

    method: str
    """The provider's name."""
    title: str
    """What the page calls it."""
    org_id: str | None = None
    """The one organisation that it signs people in to; None: any that the person is in and linked it for."""
    roles: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """What each group of the provider means. Roles that stand here are given and taken away by it, no others."""
    join: str = INVITED

    def mapped(self, groups: tuple[str, ...]) -> frozenset[str]:
        """The roles that these groups mean."""
        return frozenset().union(*(self.roles.get(group, frozenset()) for group in groups))

    def remapped(self, present: frozenset[str], groups: tuple[str, ...], *, is_last_owner: bool) -> frozenset[str]:
        """The roles of a member who comes with these groups now. The last owner stays one, whatever the groups say."""
        managed = frozenset().union(*self.roles.values())
        roles = (present - managed) | self.mapped(groups)
        return roles | (present & {"owner"}) if is_last_owner else roles
