"""`approvals-hub people pending|confirm|remove`."""

from __future__ import annotations

from tests.unit.cli.conftest import Call


def test_nobody_waits_wrong_ids_are_refused_and_a_member_is_taken_out(call: Call) -> None:
    assert "Nobody waits" in call("people", "pending", "--plain").err
    assert call("people", "confirm", "joi_nobody", "123456").status == 1
    assert call("people", "confirm", "dev_nobody", "123456").status == 1
    ada = call("people", "invite", "Ada", "--json").json["person_id"]
    assert f"{ada} is no member" in call("people", "remove", ada, "--yes", "--plain").out
    assert call("people", "remove", ada, "--yes").status == 1
