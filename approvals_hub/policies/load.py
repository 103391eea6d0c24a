"""Reads a policy from YAML, strictly (docs/reference/policies.md): whatever is not understood is refused.

Documents of OpenLeash's version 1 are read as they are. A policy that is read leniently fails open: a misspelt
obligation would be none, a pattern that matches nothing a rule that never denies.
"""

from __future__ import annotations

import re
from typing import Any, Final

import msgspec

from approvals_hub.core.strict_yaml import Listed, Node, Scalar, refuse
from approvals_hub.core.yaml_fields import Fields, nearest
from approvals_hub.domain.assurance import LEVELS, SENT
from approvals_hub.domain.requirement import RISKS
from approvals_hub.policies.document import (
    CODE,
    DEFAULTS,
    DENY,
    EFFECTS,
    OBLIGATIONS,
    STEP_UP,
    Duty,
    Label,
    Limit,
    Policy,
    Rule,
)
from approvals_hub.policies.index import is_pattern
from approvals_hub.policies.labels import CRITICAL, DEFAULT, critical_within
from approvals_hub.policies.load_approval import read_approval, read_limits
from approvals_hub.policies.load_constraints import read_constraints, read_where
from approvals_hub.policies.load_when import Conditions
from approvals_hub.policies.reading import Faults, boolean, mapping, number, tree_of, value_of
from approvals_hub_client.canonical import sha256_text

VERSION: Final = 1
RULES_LIMIT: Final = 2_000
OBLIGATIONS_LIMIT: Final = 16
LABELS_LIMIT: Final = 500
ID_LIMIT: Final = 128

DOCUMENT: Final = ("version", "default", "rules", "policy", "description", "taxonomy", "labels")
RULE: Final = (
    "id",
    "effect",
    "action",
    "description",
    "when",
    "constraints",
    "requirements",
    "obligations",
    "proof",
    "where",
    "approval",
    "spend",
    "frequency",
    "counterparty_proof",
)
ONLY_ALLOWS: Final = ("approval", "spend", "frequency", "counterparty_proof")
"""Of ours, what makes no sense where nothing is allowed."""

_NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_PATTERN: Final = "'*', a kind like finance.payment, or 'finance.*'; a star anywhere else would match nothing"


def load(text: str | bytes, *, policy_id: str | None = None, version: int = 0) -> Policy:
    """The policy that is written in `text`, named by `policy_id`, else by its own `policy`, else `policy`.

    Raises Invalid (`policy_invalid`) and nothing else: its detail and `extra` name line and column of the first fault,
    `extra["errors"]` all of them, an unknown word comes with the nearest known one.
    """
    raw = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    faults = Faults()
    policy = None
    with faults.kept():
        policy = _document(tree_of(raw), faults, raw, policy_id, version)
    faults.settle()
    assert policy is not None
    return policy


def _document(node: Node, faults: Faults, raw: bytes, policy_id: str | None, version: int) -> Policy:
    fields = mapping(node, DOCUMENT, faults)
    default = DENY
    name = "policy"
    with faults.kept():
        fields.whole("version", VERSION, VERSION)
    with faults.kept():
        default = fields.choice("default", DEFAULTS)
    with faults.kept():
        name = (
            fields.text("policy", _NAME, "a name of small letters, digits, '_' and '-'")
            if fields.has("policy")
            else name
        )
    with faults.kept():
        _prose(fields, "description")
    labels: tuple[Label, ...] = ()
    with faults.kept():
        labels = _labels(fields, faults)
    rules: list[Rule] = []
    with faults.kept():
        conditions = Conditions(faults)
        for item in _list(fields, "rules", RULES_LIMIT):
            with faults.kept():
                rules.append(_rule(item, faults, conditions))
                _refuse_sent_codes(item, rules[-1], labels)
    return Policy(
        id=policy_id or name,
        version=version,
        hash=sha256_text(raw),
        default=default,
        rules=tuple(rules),
        labels=labels,
    )


def _rule(node: Node, faults: Faults, conditions: Conditions) -> Rule:
    fields = mapping(node, RULE, faults)
    found: dict[str, Any] = {"id": "", "effect": DENY, "action": "*", "line": node.place.line}
    with faults.kept():
        found["id"] = _prose(fields, "id")
    with faults.kept():
        found["effect"] = fields.choice("effect", EFFECTS)
        if found["effect"] == DENY:
            for key in ONLY_ALLOWS:
                if fields.has(key):
                    fields.refuse(key, f"{key!r} stands beside 'effect: allow': what is denied is not asked about")
    with faults.kept():
        found["action"] = _action(fields)
    if fields.has("description"):
        with faults.kept():
            found["description"] = _prose(fields, "description")
    if fields.has("when"):
        with faults.kept():
            found["when"] = conditions.read(fields.node("when"))
    if fields.has("constraints"):
        with faults.kept():
            found["constraints"] = read_constraints(fields.node("constraints"), faults)
    if fields.has("where"):
        with faults.kept():
            found["where"] = read_where(fields.node("where"), faults)
    with faults.kept():
        found.update(_requirements(fields, faults))
    with faults.kept():
        found["obligations"] = tuple(_duty(item, faults) for item in _list(fields, "obligations", OBLIGATIONS_LIMIT))
    with faults.kept():
        found.update(_proof(fields, faults))
    if fields.has("approval"):
        with faults.kept():
            found["approval"] = read_approval(fields.node("approval"), faults)
    with faults.kept():
        limits = read_limits(fields, faults)
        # A limit without a name of its own is that rule's alone.
        found["limits"] = tuple(_named(limit, found["id"]) for limit in limits)
    if fields.has("counterparty_proof"):
        with faults.kept():
            fields.choice("counterparty_proof", ("required",))
            found["counterparty_proof"] = True
    return Rule(**found)


def _refuse_sent_codes(node: Node, rule: Rule, labels: tuple[Label, ...]) -> None:
    """Codes by mail or SMS approve nothing critical: a rule that is about nothing else would ask nobody, ever."""
    if rule.approval is None:
        return
    sent = [method for method in rule.approval.members.get("methods", ()) if method in SENT]
    selects = rule.where is not None and rule.where.risk == (CRITICAL,)
    if sent and (selects or critical_within(rule.action, labels)[0]):
        detail = f"{sent[0]} can be read by others on its way, and what this rule is about is labelled critical"
        refuse(CODE, node.place, f"{detail}: name passkey, an eID or totp instead")


def _action(fields: Fields) -> str:
    node = fields.node("action")
    found = value_of(node)
    if type(found) is not str or not is_pattern(found):
        refuse(CODE, node.place, f"an action is {_PATTERN}")
    return found


def _requirements(fields: Fields, faults: Faults) -> dict[str, Any]:
    if not fields.has("requirements"):
        return {}
    wanted = mapping(fields.node("requirements"), ("min_assurance_level", "credential_scheme"), faults)
    found: dict[str, Any] = {}
    if wanted.has("min_assurance_level"):
        found["min_assurance"] = wanted.choice("min_assurance_level", tuple(LEVELS))
    if wanted.has("credential_scheme"):
        found["credential_scheme"] = _prose(wanted, "credential_scheme")
    return found


def _duty(node: Node, faults: Faults) -> Duty:
    fields = mapping(node, ("type", "params"), faults)
    kind = fields.choice("type", OBLIGATIONS)
    params: Any = {}
    if fields.has("params"):
        at = fields.node("params")
        params = value_of(at)
        if type(params) is not dict:
            refuse(CODE, at.place, "'params' is a mapping")
        level = params.get("min_assurance_level")
        if kind == STEP_UP and level is not None and level not in LEVELS:
            refuse(
                CODE, at.place, f"{str(level)[:40]!r} is no level of assurance; {nearest(str(level), tuple(LEVELS))}"
            )
    return Duty(kind, params)


def _proof(fields: Fields, faults: Faults) -> dict[str, Any]:
    if not fields.has("proof"):
        return {}
    wanted = mapping(fields.node("proof"), ("required", "ttl_seconds"), faults)
    ttl = number(wanted, "ttl_seconds")
    if ttl is not None and ttl < 1:
        wanted.refuse("ttl_seconds", "'ttl_seconds' is from 1 on; no proof lives longer than 3600")
    return {"proof": boolean(wanted, "required"), "proof_ttl": ttl}


def _labels(fields: Fields, faults: Faults) -> tuple[Label, ...]:
    """The document's own first: of two equally narrow patterns the first one counts."""
    found = []
    for item in _list(fields, "labels", LABELS_LIMIT):
        with faults.kept():
            each = mapping(item, ("action", "reversible", "risk"), faults)
            found.append(
                Label(
                    action=_action(each),
                    reversible=boolean(each, "reversible") if each.has("reversible") else None,
                    risk=each.choice("risk", RISKS) if each.has("risk") else None,
                )
            )
    if fields.choice("taxonomy", ("none", "default"), "none") == "default":
        found += DEFAULT
    return tuple(found)


def _list(fields: Fields, key: str, most: int) -> tuple[Node, ...]:
    """The items of a list, which may be empty. Only `rules` must be written."""
    if not fields.has(key) and key != "rules":
        return ()
    node = fields.node(key)
    if not isinstance(node, Listed) or len(node.items) > most:
        refuse(CODE, node.place, f"{key!r} is a list of at most {most}")
    return node.items


def _prose(fields: Fields, key: str) -> str:
    if not fields.has(key) and key == "description":
        return ""
    node = fields.node(key)
    if not isinstance(node, Scalar):
        refuse(CODE, node.place, f"{key!r} is a text")
    # What is a number or yes to some readers is refused here too: `id: 010` would be 8 in a proof.
    found = value_of(node)
    if type(found) is not str or (key == "id" and not 1 <= len(found) <= ID_LIMIT):
        refuse(CODE, node.place, f"{key!r} is a text, in quotes where it looks like something else")
    return found


def _named(limit: Limit, rule_id: str) -> Limit:
    return limit if limit.name else msgspec.structs.replace(limit, name=rule_id)
