"""What the log vouches for: nothing is believed that is not under a root which its key signed."""

from __future__ import annotations

from typing import Any

import pytest

from approvals_hub_client.canonical import dumps, loads
from tests.unit.approvals_hub_client.made_bundle import Json, changed, lied, made, part_of, verified


def first_entry(change: Any) -> Any:
    def entries(found: list[Json]) -> list[Json]:
        change(found[0])
        return found

    return entries


@pytest.mark.parametrize(
    "change",
    [
        lambda entry: entry.update(org_id="org_other"),
        lambda entry: entry.update(escalation_id="esc_other"),
        lambda entry: entry.update(kind="agent.registered"),
        lambda entry: entry.update(detail=None),
        lambda entry: entry.pop("ts"),
    ],
)
def test_an_entry_of_somebody_elses_is_found_though_the_log_has_it(change: Any) -> None:
    assert part_of(verified(lied(made().first, entries=first_entry(change)))) == "log.entries[0]"


@pytest.mark.parametrize(
    "change",
    [
        lambda entry: entry.update(entry=dumps({**loads(entry["entry"]), "decision": "deny"}).decode()),
        lambda entry: entry.update(index=entry["index"] + 1),
        lambda entry: entry.update(index=-1),
        lambda entry: entry.update(index=2**53 - 1),
        lambda entry: entry["proof"].pop(),
        lambda entry: entry["proof"].append("0" * 64),
        lambda entry: entry.update(proof=["0" * 64] * 65),
        lambda entry: entry.update(proof=["zz" * 32]),
        lambda entry: entry.update(proof=[entry["proof"][0].upper(), *entry["proof"][1:]]),
    ],
)
def test_an_entry_that_the_log_does_not_have_is_found(change: Any) -> None:
    attack = changed(made().first, lambda bundle: change(bundle["log"]["entries"][0]))
    assert part_of(verified(attack)) == "log.entries[0]"


@pytest.mark.parametrize(
    "change",
    [
        lambda hub: hub.update(origin="other.example/" + hub["org_id"]),
        lambda hub: hub.update(log_keys=[]),
        lambda hub: hub.update(log_keys=hub["token_keys"]),
        lambda hub: hub["log_keys"][0].update(compromised_at="2026-01-01T00:00:00.000Z"),
        lambda hub: hub["log_keys"][0].update(kid="k4.pid.x"),
        lambda hub: hub.update(org_id="org_other"),
        lambda hub: hub.update(origin="a b"),
    ],
)
def test_a_log_whose_key_cannot_be_believed_is_found(change: Any) -> None:
    attack = changed(made().first, lambda bundle: change(bundle["hub"]))
    assert part_of(verified(attack)) in ("hub.log_keys", "log.checkpoint")
