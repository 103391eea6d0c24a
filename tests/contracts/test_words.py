"""Every word the page asks for is in both languages, with the same places to fill in."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from approvals_hub.changes.policy_question import TYPES
from approvals_hub.domain.assurance import PASSKEYS, named
from approvals_hub.notifications.words import NOTICES
from approvals_hub.people.names import ANSWERING
from approvals_hub.policies.decision import STRICTNESS
from approvals_hub.policies.difference import Difference
from approvals_hub.policies.document import ALLOW as EFFECT_ALLOWS
from approvals_hub.policies.document import DENY as EFFECT_DENIES
from approvals_hub.policies.document import TIERS, WINDOWS
from approvals_hub.stepup.recovery import COMPLETED, ENDED, OPEN, WAITING
from identity.errors import Malformed, Refused, WrongAnswer
from identity.registry import PROVIDERS

ROOT = Path(__file__).parents[2]
APP = ROOT / "web" / "static" / "app"
POLICY_FIELDS = (
    *("changes", "allowed_from_now_on", "asked_from_now_on", "refused_from_now_on", "other_changes"),
    *("policy", "name", "hash", "source", "replaces_version", "replaces_hash", "holds_for", "lines_that_change"),
    *("proposed_by", "id", "kind", "owner", "whole_text"),
)
"""The members of what the hub asks about policies."""
PREFIXES = {
    "push_state": ["told", "stale", "gone"],
    "push_tried": ["delivered", "gone", "later", "settings", "refused", "permanent"],
    "answer": ["tapped", "twice", "held", "passkey", "step_up", "no_way"],
    "role": ["owner", "admin", "approver", "auditor", "developer"],
    "risk": ["low", "medium", "high", "critical"],
    "assurance": ["SUBSTANTIAL", "HIGH"],
    "reason": ["wrong_target", "too_broad", "not_now", "suspicious", "other"],
    "outcome": [
        "approved",
        "denied",
        "not_me",
        "expired_seen",
        "expired_unseen",
        "undeliverable",
        "withdrawn",
        "superseded",
    ],
    "push_is": ["off", "on", "blocked", "unsupported", "unlinked", "install"],
    "token": ["ready", "redeemed", "revoked", "expired"],
    "mine": ["approve", "deny", "not_me"],
    "named": [*ANSWERING],
    "acr": ["LOW", "SUBSTANTIAL", "HIGH"],
    "level": ["LOW", "SUBSTANTIAL", "HIGH"],
    "session_by": ["device_key", "passkey", "email_link", "invitation"],
    "way": [*PROVIDERS.keys() - {"recovery_codes"}],
    "way_how": [*PROVIDERS.keys() - {"recovery_codes"}],
    "notice": [*NOTICES],
    "recovery_is": [OPEN, WAITING, COMPLETED, ENDED],
    "policy_verb": [kind.removeprefix("hub.policy.") for kind in TYPES.values()],
    "policy_field": [*POLICY_FIELDS],
    "policy_for": [*TIERS],
    "policy_tier": [*TIERS],
    "policy_change": [*Difference.__struct_fields__],
    "policy_verdict": [*STRICTNESS],
    "policy_effect": [EFFECT_ALLOWS, EFFECT_DENIES],
    "policy_window": [*WINDOWS],
    "policy_sample": [
        *("payment", "gift_card", "transfer", "purchase", "haircut", "doctor", "mail", "personal_data", "deployment"),
        *("package", "secret_key", "table", "tax_return", "page"),
    ],
    "policy_outcome": ["true", "false", "unknown"],
    "expected_is": ["waiting", "over", "linked", "declined", "replaced"],
    "passkeys": [*PASSKEYS[1:]],
    "method": ["device_key", "copied_passkey", *(named(method) for method in PROVIDERS.keys() - {"recovery_codes"})],
    "link_how": [*PROVIDERS.keys() - {"recovery_codes", "webauthn"}],
    "prove_cause": ["other", *(kind.code for kind in (*Refused.__subclasses__(), Refused, WrongAnswer, Malformed))],
}
"""Keys that are made of a prefix and a value of the hub: every such value has words."""

pytestmark = pytest.mark.needs("node")
Words = dict[str, Any]


@pytest.fixture(scope="module")
def catalogues() -> tuple[Words, Words]:
    script = (
        "import {words as en} from './web/static/app/words.en.js';"
        "import {words as sv} from './web/static/app/words.sv.js';"
        "console.log(JSON.stringify([en, sv]))"
    )
    run = subprocess.run(
        ["node", "--input-type=module", "--eval", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    en, sv = json.loads(run.stdout)
    return en, sv


def forms(text: str | dict[str, str]) -> list[str]:
    return [text] if isinstance(text, str) else [text["one"], text["other"]]


def places(text: str | dict[str, str]) -> set[str]:
    return {name for form in forms(text) for name in re.findall(r"\{(\w+)\}", form)}


def used() -> set[str]:
    sources = [path.read_text() for path in APP.rglob("*.js") if not path.name.startswith("words.")]
    return {key for source in sources for key in re.findall(r"['\"]([a-z_]+\.[a-z_]+)['\"]", source)}


def test_both_languages_have_the_same_keys(catalogues: tuple[Words, Words]) -> None:
    en, sv = catalogues
    assert en.keys() == sv.keys()


def test_both_languages_fill_in_the_same_places(catalogues: tuple[Words, Words]) -> None:
    en, sv = catalogues
    assert [key for key in en if places(en[key]) != places(sv[key])] == []


def test_both_languages_count_the_same_things(catalogues: tuple[Words, Words]) -> None:
    en, sv = catalogues
    assert [key for key in en if isinstance(en[key], str) != isinstance(sv[key], str)] == []


def test_every_value_of_the_hub_has_words(catalogues: tuple[Words, Words]) -> None:
    wanted = [f"{prefix}.{value}" for prefix, values in PREFIXES.items() for value in values]
    assert [key for key in wanted if key not in catalogues[0]] == []


def test_no_word_is_there_that_nobody_uses(catalogues: tuple[Words, Words]) -> None:
    made = tuple(f"{prefix}." for prefix in (*PREFIXES, "warning", "type", "outcome_self", "actor", "cause", "kind"))
    asked_for = used()
    assert [key for key in catalogues[0] if key not in asked_for and not key.startswith(made)] == []


def test_every_text_ends_without_blanks(catalogues: tuple[Words, Words]) -> None:
    assert [key for words in catalogues for key in words for form in forms(words[key]) if form != form.strip()] == []
