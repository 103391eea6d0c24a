"""What people do with several organisations, as one field of the Hub."""

from __future__ import annotations

from dataclasses import dataclass

from approvals_hub.decisions.my_orgs import MyOrgs
from approvals_hub.escalations.members import Members
from approvals_hub.people.make_org import MakeOrg
from approvals_hub.stepup.join_org import JoinOrg
from approvals_hub.stepup.joinings import Joinings
from approvals_hub.stepup.switch_org import SwitchOrg


@dataclass(frozen=True, slots=True)
class Organisations:
    """Making one, joining and leaving one, and going from one to another."""

    make: MakeOrg
    mine: MyOrgs
    switch: SwitchOrg
    join: JoinOrg
    joinings: Joinings
    members: Members
