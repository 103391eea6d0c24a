"""`approvals-hub people`, `stop` and `resume`."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

import pytest

from approvals_hub.config import Settings
from approvals_hub.core.clock import to_milliseconds
from tests.fakes.bankid_scene import authorities
from tests.unit.cli.conftest import Call


@pytest.fixture
def number(settings: Settings, tmp_path: Path) -> Path:
    """A file with a personal number, beside a hub that has BankID set up."""
    files = authorities().write(tmp_path)
    lines = [f'{name} = "{path}"' for name, path in files.items() if isinstance(path, Path | str)]
    (settings.data / "hub.toml").write_text("\n".join(["[step_up.bankid]", *lines, ""]))
    (tmp_path / "number").write_text("19900101-1239\n")
    return tmp_path / "number"


def test_whose_eid_is_a_persons_is_read_from_a_file_and_not_told_again(call: Call, number: Path) -> None:
    eva = call("people", "invite", "Eva", "--json").json["person_id"]
    done = call("people", "link", eva, "--number", f"@{number}", "--json")
    assert (done.status, done.json["person_id"], done.json["method"]) == (0, eva, "bankid")
    assert "1239" not in done.out + done.err


def test_a_personal_number_on_the_command_line_which_lands_in_the_shells_history_is_refused(call: Call) -> None:
    done = call("people", "link", "per_1", "--number", "19900101-1239")
    assert (done.status, "never from an option" in done.err) == (2, True)


def test_a_mistyped_personal_number_is_refused_and_not_repeated(call: Call, number: Path) -> None:
    eva = call("people", "invite", "Eva", "--json").json["person_id"]
    number.write_text("19900101-1238\n")
    done = call("people", "link", eva, "--number", f"@{number}")
    assert (done.status, "does not fit" in done.err, "1238" in done.out + done.err) == (1, True, False)


def test_a_person_is_invited_with_roles(call: Call) -> None:
    made = call("people", "invite", "Eva", "--email", "eva@example.com", "--role", "admin", "--json").json
    assert made["url"].endswith(made["token"])
    person = call("people", "list", "--json").json["items"][1]
    assert (person["name"], person["email"], person["roles"]) == ("Eva", "eva@example.com", ["admin"])


def test_without_a_role_a_person_is_an_approver(call: Call) -> None:
    call("people", "invite", "Eva")
    assert call("people", "list", "--json").json["items"][1]["roles"] == ["approver"]


@pytest.mark.parametrize("words", [[], ["Eva", "--person", "per_1"]])
def test_an_invitation_is_for_somebody_new_or_for_a_member(call: Call, words: list[str]) -> None:
    assert call("people", "invite", *words).status == 2


def test_a_member_without_a_key_gets_a_new_link(call: Call) -> None:
    eva = call("people", "invite", "Eva", "--json").json
    again = call("people", "invite", "--person", eva["person_id"], "--json").json
    assert (again["person_id"], again["token"] != eva["token"]) == (eva["person_id"], True)


def test_a_person_is_disabled_and_enabled(call: Call) -> None:
    eva = call("people", "invite", "Eva", "--json").json["person_id"]
    assert call("people", "disable", eva).out == f"{eva} is disabled.\n"
    assert call("people", "enable", eva).out == f"{eva} is active.\n"
    assert call("people", "disable", "per_nobody").status == 1


def test_an_owner_who_never_had_a_key_is_not_recovered_but_set_up(call: Call) -> None:
    [owner] = call("people", "list", "--json").json["items"]
    refused = call("people", "recover", owner["person_id"])
    assert (refused.status, "approvals-hub init" in refused.err) == (1, True)


def test_everything_stops_and_goes_on(call: Call) -> None:
    assert "Go on with: approvals-hub resume" in call("stop").out
    assert call("resume").out == "Agents may ask again.\n"


def had_a_key(settings: Settings, person_id: str) -> None:
    """The person became a member with a key long ago."""
    with sqlite3.connect(settings.data / "hub.db") as database:
        database.execute("UPDATE memberships SET created_at = 1 WHERE person_id = ?", (person_id,))
        database.execute(
            "INSERT INTO devices (id, person_id, kind, alg, key_hash, sign_count, backup_eligible, backed_up, name,"
            " state, created_at, confirmed_at) VALUES (?, ?, 'device_key', 'EdDSA', ?, 0, 0, 0, 'old', 'active', 1, 1)",
            (f"dev_{person_id}", person_id, person_id),
        )
    database.close()


def test_the_only_owner_who_lost_every_key_gets_a_link_that_opens_in_a_day(call: Call, settings: Settings) -> None:
    [owner] = call("people", "list", "--json").json["items"]
    had_a_key(settings, owner["person_id"])
    made = call("people", "recover", owner["person_id"], "--json").json
    assert (made["way"], "/app/enrol#inv_" in made["url"]) == ("host", True)
    assert to_milliseconds(made["usable_from"]) > time.time() * 1000 + 80_000_000


def test_somebody_with_colleagues_gets_a_link_that_they_decide_about(call: Call, settings: Settings) -> None:
    [owner] = call("people", "list", "--json").json["items"]
    eva = call("people", "invite", "Eva", "--json").json["person_id"]
    for person_id in (owner["person_id"], eva):
        had_a_key(settings, person_id)
    assert "--colleagues" in call("people", "recover", eva).err
    made = call("people", "recover", eva, "--colleagues", "--json").json
    assert (made["way"], made["person_id"]) == ("colleagues", eva)


def test_how_approvers_answer_is_said_in_numbers(call: Call) -> None:
    [owner] = call("people", "measures", "--days", "7", "--json").json["items"]
    assert (owner["prompts"], owner["answered"], owner["approval_rate"]) == (0, 0, None)
    assert "Hurried" in call("people", "measures", "--plain").out
