"""`approvals-hub signals`: declared, set for a while or until cleared, listed and removed."""

from __future__ import annotations

from tests.unit.cli.conftest import Call


def test_a_signal_is_declared_set_listed_cleared_and_removed(call: Call) -> None:
    none = call("signals", "list")
    assert "None is declared" in none.err
    assert "the hub, by measuring" in none.out
    key = call("agents", "api-key", "probe", "--role", "monitor", "--json").json
    declare = ("signals", "declare", "incident", "--about", "Something burns", "--monitor", key["agent_id"])
    assert call(*declare).out == "incident is declared; policies may select by it.\n"
    made = call("signals", "set", "incident", "--reason", "5xx", "--for", "4h", "--json").json
    assert (made["stands"], made["settings"][0]["reason"]) == (True, "5xx")
    longer = call("signals", "set", "incident", "--reason", "5xx", "--stays")
    assert longer.out == "incident is set until somebody ends it.\n"
    assert "people" in call("signals", "list").out
    assert call("signals", "clear", "incident", "--yes").out == "incident is clear.\n"
    signal, *measured = call("signals", "list", "--json").json["items"]
    assert [each["measured"] for each in measured] == [True] * 4
    assert (signal["stands"], signal["monitors"], signal["changed_at"][-1]) == (False, [key["agent_id"]], "Z")
    assert call("signals", "set", "incident", "--reason", "x", "--for", "soon").status == 2
    assert call("signals", "set", "incident", "--reason", "x").status != 0
    assert call("signals", "set", "incidnt", "--reason", "x", "--stays").status != 0
    assert call("signals", "remove", "incident").out == "incident is declared no more.\n"
