"""`approvals-hub orgs`, and who waits to be let in."""

from __future__ import annotations

from tests.unit.cli.conftest import Call


def test_an_organisation_is_made_with_a_link_for_its_owner_and_listed(call: Call) -> None:
    made = call("orgs", "create", "Second", "--owner", "Siv", "--json").json
    assert made["url"].endswith(f"#{made['token']}")
    assert "Second" in call("orgs", "list", "--plain").out
    assert "It is shown this once" in call("orgs", "create", "Third", "--owner", "Tor", "--plain").out
    assert call("orgs", "create", "", "--owner", "Siv").status == 1
    assert call("people", "list", "--org", made["org_id"], "--plain").status == 0
