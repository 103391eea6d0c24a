"""What a hub that lies with its own keys cannot make of people's answers; each attack is found where it is made."""

from __future__ import annotations

from typing import Any

import pytest

from approvals_hub_client.canonical import b64u, dumps, loads, sha256_text, unb64u
from approvals_hub_client.keys import Ed25519SigningKey
from approvals_hub_client.statement import signed_bytes
from tests.unit.approvals_hub_client.made_bundle import Json, lied, made, part_of, verified

FIRST, PASSKEY = 0, 1
"""The answers of the first bundle: by a device key, then by a passkey."""


def edited(kind: str, change: Any) -> Any:
    """Entries of which those of a kind are changed."""

    def entries(found: list[Json]) -> list[Json]:
        for entry in found:
            if entry["kind"] == kind:
                change(entry)
        return found

    return entries


def revoked_before_the_answers(found: list[Json]) -> list[Json]:
    enrolled = next(entry for entry in found if entry["kind"] == "device.enrolled")
    revoked = {**enrolled, "kind": "device.revoked", "id": "evt_x"}
    place = next(place for place, entry in enumerate(found) if entry["kind"] == "escalation.opened")
    return [*found[:place], revoked, *found[place:]]


def revoked_after_the_answers(found: list[Json]) -> list[Json]:
    enrolled = next(entry for entry in found if entry["kind"] == "device.enrolled")
    return [*found, {**enrolled, "kind": "device.revoked", "id": "evt_x"}]


def enrolled_after_the_answers(found: list[Json]) -> list[Json]:
    first = [entry for entry in found if not entry["kind"].startswith("device.")]
    return [*first, *(entry for entry in found if entry["kind"].startswith("device."))]


def without(kind: str) -> Any:
    return lambda found: [entry for entry in found if entry["kind"] != kind]


@pytest.mark.parametrize(
    ("entries", "part"),
    [
        (revoked_before_the_answers, "answers[0].key"),
        (enrolled_after_the_answers, "answers[0].key"),
        (without("device.enrolled"), "answers[0].key"),
        (without("decision.recorded"), "answers[0]"),
        (without("escalation.opened"), "question"),
        (lambda found: [*found, found[-1]], ""),
        (lambda found: [found[0], *found], "answers[0].key"),
        (edited("device.enrolled", lambda entry: entry.update(actor_id="per_mallory")), "answers[0].key"),
        (edited("decision.recorded", lambda entry: entry.update(actor_id="per_mallory")), "answers[0]"),
        (edited("decision.recorded", lambda entry: entry.update(decision="deny")), "answers[0]"),
        (edited("decision.recorded", lambda entry: entry.update(ts="2030-01-01T00:00:00.000Z")), "answers[0]"),
        (edited("decision.recorded", lambda entry: entry["detail"].update(key_hash="sha256:0")), "answers[0]"),
        (edited("decision.recorded", lambda entry: entry["detail"].update(statement_hash="sha256:0")), "answers[0]"),
        (edited("escalation.opened", lambda entry: entry.update(action_type="other")), "question.action_type"),
        (edited("escalation.opened", lambda entry: entry.update(agent_id="agt_other")), "question.agent_id"),
        (edited("escalation.opened", lambda entry: entry["detail"].update(revision=2)), "question.revision"),
        (edited("escalation.opened", lambda entry: entry.update(ts="2020-01-01T00:00:00.000Z")), "question.created_at"),
    ],
)
def test_a_log_that_tells_another_story_does_not_fit_the_answers(entries: Any, part: str) -> None:
    assert part_of(verified(lied(made().first, entries=entries))) == part


def test_a_key_that_was_revoked_after_the_answer_takes_nothing_back() -> None:
    assert part_of(verified(lied(made().first, entries=revoked_after_the_answers))) == ""


def test_an_answer_signed_by_an_attackers_key_does_not_fit_the_log() -> None:
    key = Ed25519SigningKey()

    def replace(bundle: Json) -> None:
        answer = bundle["answers"][FIRST]
        raw = unb64u(answer["statement"])
        answer["signature"] = b64u(key.sign(signed_bytes(raw)))
        answer["key"].update(jwk=dict(key.public.jwk), key_hash=sha256_text(dumps(key.public.jwk)))

    assert part_of(verified(lied(made().first, replace))) == "answers[0]"


@pytest.mark.parametrize(
    "name",
    ["audience", "org_id", "escalation_id", "action_hash", "presentation_hash", "requirement_hash", "approver_id"],
)
def test_a_signed_statement_about_anything_else_is_no_answer_to_this(name: str) -> None:
    def replace(bundle: Json) -> None:
        answer = bundle["answers"][FIRST]
        statement = loads(unb64u(answer["statement"]))
        value = "sha256:" + "0" * 64 if name.endswith("_hash") else "other"
        answer["statement"] = b64u(dumps({**statement, name: value}))

    assert part_of(verified(lied(made().first, replace))) == "answers[0].statement"


@pytest.mark.parametrize(
    ("change", "part"),
    [
        (lambda answer: answer.update(at="2030-01-01T00:00:00.000Z"), "answers[1]"),
        (lambda answer: answer.update(signature=b64u(bytes(64))), "answers[1]"),
        (lambda answer: answer.update(assertion=None), "answers[1]"),
        (lambda answer: answer["assertion"].update(client_data=b64u(b"{}")), "answers[1]"),
        (lambda answer: answer["assertion"].update(authenticator_data=b64u(bytes(37))), "answers[1]"),
        (lambda answer: answer["assertion"].update(signature=b64u(b"x")), "answers[1]"),
        (lambda answer: answer["assertion"].update(signature="="), "answers[1].assertion.signature"),
        (lambda answer: answer["key"].update(kind="device_key"), "answers[1].key"),
        (lambda answer: answer["key"].update(cose=b64u(b"\xa5")), "answers[1].key"),
        (lambda answer: answer["key"].update(enrolled="nowhere"), "answers[1].key.enrolled"),
        (lambda answer: answer.update(superseded_at="2027-01-15T08:00:00.000Z"), "answers[1].superseded_at"),
    ],
)
def test_an_attack_on_a_passkeys_answer_is_found(change: Any, part: str) -> None:
    attack = lied(made().first, lambda bundle: change(bundle["answers"][PASSKEY]))
    assert part_of(verified(attack)) == part


def test_a_key_that_another_organisations_log_has_the_enrolment_of_is_said_to_be_so() -> None:
    attack = lied(
        made().first,
        lambda bundle: [answer["key"].update(enrolled="elsewhere") for answer in bundle["answers"]],
        without("device.enrolled"),
    )
    assert "another organisation's log has the enrolment of" in "\n".join(verified(attack).verified)


@pytest.mark.parametrize(
    "change",
    [
        lambda shown: shown["fields"].pop(),
        lambda shown: shown["fields"].append({"path": "/x", "type": "string", "value": "x", "label": "x"}),
        lambda shown: shown.update(audience="other.example"),
        lambda shown: shown.update(revision=2),
        lambda shown: shown.update(more=1),
    ],
)
def test_a_presentation_that_is_not_the_action_is_found_though_its_hash_is_right(change: Any) -> None:
    def replace(bundle: Json) -> None:
        shown = bundle["question"]["presentation"]
        change(shown)
        bundle["question"]["presentation_hash"] = sha256_text(dumps(shown))

    assert part_of(verified(lied(made().first, replace))).startswith("question.presentation.")
