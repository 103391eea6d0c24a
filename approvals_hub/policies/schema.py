"""The JSON Schema of policies, for editors. It says what the loader says, as far as a schema can. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from approvals_hub.domain.assurance import FRAUD_RISKS, LEVELS, PASSKEYS
from approvals_hub.domain.requirement import METHODS_LIMIT, NUMBERS, REASONS, RISKS
from approvals_hub.domain.rule import NAMES_LIMIT as VETO_LIMIT
from approvals_hub.policies import load, load_approval, load_constraints, load_when
from approvals_hub.policies.document import (
    ABOVE,
    DEFAULTS,
    EFFECTS,
    OBLIGATIONS,
    OPERATORS,
    ORDERED,
    PER,
    PROFILES,
    WINDOWS,
)
from approvals_hub.policies.expression import LONGEST
from approvals_hub.policies.host import LIST_LIMIT
from approvals_hub.policies.index import PATTERN_LIMIT
from approvals_hub.routing.wall_clock import WEEKDAYS
from approvals_hub_client.rule import PARTS_LIMIT as QUORUM_PARTS
from approvals_hub_client.rule import SEATS_LIMIT

ADDRESS: Final = "https://json-schema.org/draft/2020-12/schema"

_PATTERN = r"^(\*|[^\s*]+(\.\*)?)$"
_DURATION = r"^(0|[1-9][0-9]{0,6})[smhd]$"
_SECONDS: Mapping[str, Any] = {"type": "string", "pattern": _DURATION}
_NAME = r"^[a-z][a-z0-9_-]{0,39}$"
_TIME = r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$"
_SCALAR: Mapping[str, Any] = {"type": ["string", "number", "boolean", "null"]}


def schema() -> dict[str, Any]:
    """The whole schema."""
    return {
        "$schema": ADDRESS,
        "title": "A policy of Approvals Hub",
        "$defs": {"condition": _condition(), "rule": _rule(), "quorum": _quorum()},
        **_object(
            load.DOCUMENT,
            {
                "version": {"const": load.VERSION},
                "default": {"enum": list(DEFAULTS)},
                "rules": {"type": "array", "maxItems": load.RULES_LIMIT, "items": {"$ref": "#/$defs/rule"}},
                "policy": {"type": "string", "pattern": _NAME},
                "description": {"type": "string"},
                "taxonomy": {"enum": ["none", "default"]},
                "labels": {"type": "array", "maxItems": load.LABELS_LIMIT, "items": _label()},
            },
            ("version", "default", "rules"),
        ),
    }


def _rule() -> dict[str, Any]:
    rule = _object(
        load.RULE,
        {
            "id": {"type": "string", "minLength": 1, "maxLength": load.ID_LIMIT},
            "effect": {"enum": list(EFFECTS)},
            "action": _kind(),
            "description": {"type": "string"},
            "when": {"$ref": "#/$defs/condition"},
            "constraints": _constraints(),
            "requirements": _object(
                ("min_assurance_level", "credential_scheme"),
                {"min_assurance_level": {"enum": list(LEVELS)}, "credential_scheme": {"type": "string"}},
            ),
            "obligations": {"type": "array", "maxItems": load.OBLIGATIONS_LIMIT, "items": _duty()},
            "proof": _object(
                ("required", "ttl_seconds"),
                {"required": {"type": "boolean"}, "ttl_seconds": {"type": "number", "minimum": 1}},
            ),
            "where": _where(),
            "approval": _approval(),
            "spend": _one_or_more(_limit(spends=True)),
            "frequency": _one_or_more(_limit(spends=False)),
            "counterparty_proof": {"const": "required"},
        },
        ("id", "effect", "action"),
    )
    only = {"not": {"anyOf": [{"required": [key]} for key in load.ONLY_ALLOWS]}}
    return {**rule, "if": {"properties": {"effect": {"const": "deny"}}}, "then": only}


def _condition() -> dict[str, Any]:
    several = {"type": "array", "maxItems": load_when.PARTS_LIMIT, "items": {"$ref": "#/$defs/condition"}}
    expression = {"type": "string", "minLength": 1, "maxLength": LONGEST}
    kinds: dict[str, Any] = {
        "all": several,
        "any": several,
        "not": {"$ref": "#/$defs/condition"},
        "match": _match(),
        "cel": expression,
    }
    return {"oneOf": [_object((kind,), {kind: inner}, (kind,)) for kind, inner in kinds.items()]}


def _match() -> dict[str, Any]:
    lists = {"in": _SCALAR, "nin": _SCALAR, "host_in": {"type": "string"}, "host_nin": {"type": "string"}}
    whole = _object(
        ("path", "op", "value"),
        {"path": {"type": "string", "pattern": r"^\$[.\[]"}, "op": {"enum": list(OPERATORS)}, "value": {}},
        ("path", "op"),
    )
    values: list[dict[str, Any]] = [
        _when(op, {"type": "array", "maxItems": LIST_LIMIT, "items": item}) for op, item in lists.items()
    ]
    values += [_when(op, {"type": "number"}) for op in ORDERED]
    values += [_when("regex", {"type": "string"}), *(_when(op, dict(_SCALAR)) for op in ("eq", "neq"))]
    return {**whole, "allOf": values}


def _when(op: str, value: dict[str, Any]) -> dict[str, Any]:
    says = {"properties": {"op": {"const": op}}, "required": ["op"]}
    return {"if": says, "then": {"properties": {"value": value}, "required": ["value"]}}


def _constraints() -> dict[str, Any]:
    texts = {"type": "array", "maxItems": load_constraints.NAMES_LIMIT, "items": {"type": "string"}}
    hosts = {"type": "array", "maxItems": LIST_LIMIT, "items": {"type": "string"}}
    hours = _object(
        load_constraints.TIMES,
        {
            "days": _one_or_more({"enum": list(WEEKDAYS)}),
            "from": {"type": "string", "pattern": _TIME},
            "until": {"type": "string", "pattern": _TIME},
            "zone": {"type": "string"},
        },
        ("zone",),
    )
    return _object(
        load_constraints.CONSTRAINTS,
        {
            "amount_max": {"type": "number"},
            "amount_min": {"type": "number"},
            "currency": texts,
            "merchant_domain": hosts,
            "allowed_domains": hosts,
            "blocked_domains": hosts,
            "times": _one_or_more(hours),
        },
    )


def _where() -> dict[str, Any]:
    words = _one_or_more({"type": "string", "minLength": 1, "maxLength": 128})
    agents = {"type": "array", "maxItems": load_constraints.NAMES_LIMIT, "items": {"type": "string"}}
    chain = {"most": {"type": "integer", "minimum": 0, "maximum": 16}, "only": agents}
    return _object(
        load_constraints.WHERE,
        {
            **{key: dict(words) for key in ("team", "project", "environment", "mode", "signal")},
            "reversible": {"type": "boolean"},
            "risk": _one_or_more({"enum": list(RISKS)}),
            "trust_min": {"enum": list(PROFILES)},
            "chain": _object(load_constraints.CHAIN, chain),
        },
    )


def _approval() -> dict[str, Any]:
    names = {"type": "array", "minItems": 1, "maxItems": VETO_LIMIT, "items": {"type": "string"}}
    durations = ("time_lock", "expires_in", "dwell", "longest", "fresh_within", "approval_valid_for")
    number: dict[str, Any] = {"enum": [True, False, None, *NUMBERS]}
    seats = {"type": "integer", "minimum": 1, "maximum": SEATS_LIMIT}
    return _object(
        load_approval.APPROVAL,
        {
            "quorum": {"anyOf": [seats, {"$ref": "#/$defs/quorum"}, {"type": "null"}]},
            "route": {"type": "string", "pattern": _NAME},
            "approvals": seats,
            "veto": {"anyOf": [names, {"type": "null"}]},
            "min_assurance": {"enum": list(LEVELS)},
            "methods": {
                "type": "array",
                "maxItems": METHODS_LIMIT,
                "items": {"type": "string", "pattern": r"^[a-z][a-z0-9_]{0,31}$"},
            },
            "passkeys": {"enum": list(PASSKEYS)},
            "most_risk": {"enum": [*FRAUD_RISKS[:-1], None]},
            "number_match": number,
            "reason": {"enum": list(REASONS)},
            "risk": {"enum": list(RISKS)},
            "environment": {"anyOf": [{"type": "string", "minLength": 1, "maxLength": 40}, {"type": "null"}]},
            **{key: dict(_SECONDS) for key in durations},
        },
    )


def _quorum() -> dict[str, Any]:
    parts = {"type": "array", "minItems": 1, "maxItems": QUORUM_PARTS, "items": {"$ref": "#/$defs/quorum"}}
    group = {
        "of": {"type": "array", "minItems": 1, "maxItems": VETO_LIMIT, "items": {"type": "string"}},
        "approvals": {"type": "integer", "minimum": 1, "maximum": SEATS_LIMIT},
    }
    joined = [_object((kind,), {kind: parts}, (kind,)) for kind in ("all", "any", "stages")]
    return {"oneOf": [_object(tuple(group), group, ("of",)), *joined]}


def _limit(*, spends: bool) -> dict[str, Any]:
    each: dict[str, Any] = {
        "limit" if spends else "most": {"type": "integer", "minimum": 0, "maximum": 10**15},
        "window": {"enum": list(WINDOWS)},
        "per": _one_or_more({"enum": list(PER)}),
        "above": {"enum": list(ABOVE)},
        "min_assurance": {"enum": list(LEVELS)[1:]},
        "name": {"type": "string", "pattern": _NAME},
    }
    if spends:
        each["currency"] = {"type": "string", "pattern": "^[A-Z]{3,8}$"}
    keys = load_approval.LIMIT if spends else load_approval.FREQUENCY
    return _object(keys, each, ("limit", "currency", "window") if spends else ("most", "window"))


def _label() -> dict[str, Any]:
    each = {"action": _kind(), "reversible": {"type": "boolean"}, "risk": {"enum": list(RISKS)}}
    return _object(tuple(each), each, ("action",))


def _duty() -> dict[str, Any]:
    each = {"type": {"enum": list(OBLIGATIONS)}, "params": {"type": "object"}}
    return _object(tuple(each), each, ("type",))


def _kind() -> dict[str, Any]:
    return {"type": "string", "maxLength": PATTERN_LIMIT, "pattern": _PATTERN}


def _one_or_more(item: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [item, {"type": "array", "minItems": 1, "items": item}]}


def _object(keys: tuple[str, ...], members: dict[str, Any], required: tuple[str, ...] = ()) -> dict[str, Any]:
    """An object with these keys alone, in the order in which the loader knows them."""
    made = {"type": "object", "properties": {key: members[key] for key in keys}, "additionalProperties": False}
    assert set(members) == set(keys)
    return {**made, "required": list(required)} if required else made
