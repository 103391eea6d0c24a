"""`approvals-hub relying-parties`: how far an organisation trusts those whom its agents deal with."""

from __future__ import annotations

from tests.unit.cli.conftest import Call


def test_a_counterparty_is_trusted_listed_and_removed(call: Call) -> None:
    assert "everybody is trusted LOW" in call("relying-parties", "list").err
    assert call("relying-parties", "put", "*.Example.com", "HIGH").out == "*.example.com is trusted HIGH.\n"
    [party] = call("relying-parties", "list", "--json").json["items"]
    assert (party["domain"], party["trust_profile"], party["changed_at"][-1]) == ("*.example.com", "HIGH", "Z")
    assert call("relying-parties", "put", "*.co.uk", "HIGH").status != 0
    assert call("relying-parties", "put", "a.example", "SOME").status == 2
    assert call("relying-parties", "remove", "*.example.com", "--yes").out == "*.example.com is in the list no more.\n"
    assert call("relying-parties", "list", "--json").json["items"] == []
