"""What is known of some OpenID providers beforehand."""

from __future__ import annotations

from typing import Any

import pytest

from identity.errors import Misconfigured
from identity.oidc_presets import PRESETS, settings_of

CLIENT = {"client_id": "hub", "client_secret": "a secret of the hub"}
TENANT = "72f988bf-86f1-41af-91ab-2d7cd011db47"
NEEDED: dict[str, dict[str, Any]] = {
    "criipto": {"issuer": "https://acme.criipto.id"},
    "signicat": {"issuer": "https://acme.app.signicat.com/auth/open"},
    "company": {"issuer": "https://id.example.se/realms/acme"},
    "google": {},
    "microsoft": {"tenants": [TENANT]},
}


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_needs_a_client_and_what_is_the_operators_own(preset: str) -> None:
    assert settings_of({"preset": preset, **NEEDED[preset], **CLIENT}).client_id == "hub"


@pytest.mark.parametrize("preset", ["google", "microsoft"])
def test_accounts_that_anybody_can_have_prove_no_decisions(preset: str) -> None:
    assert settings_of({"preset": preset, **NEEDED[preset], **CLIENT}).decisions is False


@pytest.mark.parametrize("preset", ["criipto", "signicat"])
def test_a_broker_of_eids_knows_people_by_their_eid(preset: str) -> None:
    found = settings_of({"preset": preset, **NEEDED[preset], **CLIENT})
    assert (found.identified, found.freshness, found.decisions) == ("eid", "auth_time", True)


def test_microsofts_many_tenants_must_be_named() -> None:
    with pytest.raises(Misconfigured, match="tenants"):
        settings_of({"preset": "microsoft", **CLIENT})


def test_the_operators_own_settings_win() -> None:
    found = settings_of({"preset": "criipto", **NEEDED["criipto"], **CLIENT, "message_hint": False, "skew": 5})
    assert (found.message_hint, found.skew) == (False, 5)


def test_who_asks_for_something_else_does_not_accept_what_the_preset_asks_for() -> None:
    danish = settings_of(
        {"preset": "criipto", **NEEDED["criipto"], **CLIENT, "acr_values": ["urn:grn:authn:dk:mitid:high"]}
    )
    assert (danish.acr_values, danish.acr_accepted) == (("urn:grn:authn:dk:mitid:high",), ())
    norwegian = settings_of({"preset": "signicat", **NEEDED["signicat"], **CLIENT, "acr_values": ["idp:nbid"]})
    assert norwegian.required_claims == {}


def test_without_a_preset_it_is_a_companys_own() -> None:
    assert settings_of({**NEEDED["company"], **CLIENT}) == settings_of(
        {"preset": "company", **NEEDED["company"], **CLIENT}
    )


def test_the_eid_that_signicat_is_asked_for_is_worth_what_it_is_at_criipto() -> None:
    signicat, criipto = [settings_of({"preset": name, **NEEDED[name], **CLIENT}) for name in ("signicat", "criipto")]
    assert (signicat.level_claim, signicat.levels["sbid"]) == ("idp", criipto.levels[criipto.acr_values[0]])
    assert set(criipto.acr_accepted) <= set(criipto.levels)


def test_the_levels_of_eidas_are_known_to_brokers() -> None:
    levels = settings_of({"preset": "signicat", **NEEDED["signicat"], **CLIENT}).levels
    assert levels["http://eidas.europa.eu/LoA/high"] == "HIGH"


@pytest.mark.parametrize("table", [{"preset": "facebook"}, {"preset": "google"}, {**CLIENT}, {**CLIENT, "isuer": "x"}])
def test_a_table_that_lacks_something_is_refused_without_quoting_it(table: dict[str, Any]) -> None:
    with pytest.raises(Misconfigured) as refusal:
        settings_of(table)
    assert CLIENT["client_secret"] not in str(refusal.value)
