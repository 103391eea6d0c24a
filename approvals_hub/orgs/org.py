"""Roles and what each may do. What is not listed is refused."""

from __future__ import annotations

from enum import StrEnum, unique


@unique
class Permission(StrEnum):
    """One thing a role may allow."""

    ANSWER = "answer"
    READ_ESCALATIONS = "read_escalations"
    INVITE_PEOPLE = "invite_people"
    GOVERN_PEOPLE = "govern_people"
    INVITE_AGENTS = "invite_agents"
    READ_AGENTS = "read_agents"
    GOVERN_AGENTS = "govern_agents"
    RECALL = "recall"
    STOP = "stop"
    READ_NOTICES = "read_notices"
    READ_AUDIT = "read_audit"
    EXPORT_AUDIT = "export_audit"
    SET_REQUIREMENT = "set_requirement"
    READ_ROUTES = "read_routes"
    GOVERN_ROUTES = "govern_routes"
    READ_CHANNELS = "read_channels"
    GOVERN_CHANNELS = "govern_channels"
    READ_DELIVERIES = "read_deliveries"
    READ_POLICIES = "read_policies"
    GOVERN_POLICIES = "govern_policies"


P = Permission

PERMISSIONS: dict[str, frozenset[Permission]] = {
    "owner": frozenset(Permission),
    "admin": frozenset(Permission),
    "approver": frozenset({P.ANSWER}),
    "auditor": frozenset(
        {P.READ_ESCALATIONS, P.READ_AGENTS, P.READ_AUDIT, P.EXPORT_AUDIT, P.READ_ROUTES, P.READ_CHANNELS}
        | {P.READ_DELIVERIES, P.READ_POLICIES}
    ),
    "developer": frozenset({P.READ_AGENTS, P.INVITE_AGENTS, P.READ_POLICIES}),
}

ROLES = tuple(PERMISSIONS)


def permissions(roles: frozenset[str]) -> frozenset[Permission]:
    """Everything these roles allow together; an unknown role allows nothing."""
    return frozenset().union(*(PERMISSIONS.get(role, frozenset()) for role in roles))


def may_grant(granter: frozenset[str], roles: frozenset[str]) -> bool:
    """Whether somebody with `granter` may give `roles`: only an owner makes an owner or an admin."""
    if not roles or not roles <= set(ROLES):
        return False
    if "owner" in granter:
        return True
    return "admin" in granter and not roles & {"owner", "admin"}
