"""Making a hub, and what a newcomer reads then."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from approvals_hub.cli.init import announce, begin, link_of, program_name
from approvals_hub.cli.opening import locked, opened
from approvals_hub.cli.output import Output
from approvals_hub.config import Settings, load
from tests.unit.cli.conftest import Call

LINK = {
    "url": "http://localhost:8420/app/enrol#inv_x",
    "token": "inv_x",
    "expires_at": "T",
    "hub": "http://localhost:8420",
}


async def test_a_new_place_becomes_a_hub(tmp_path: Path) -> None:
    settings = load(None, {}, {"data": tmp_path / "new"})
    await begin(settings)
    async with locked(settings), opened(settings) as hub:
        link = await link_of(hub)
    assert link is not None
    assert link["url"] == f"http://localhost:8420/app/enrol#{link['token']}"


def test_making_it_again_changes_the_link_alone(call: Call) -> None:
    first, second = call("init", "--json").json, call("init", "--json").json
    assert first.keys() == second.keys()
    assert [name for name in first if first[name] != second[name]] == ["url", "token", "expires_at"]


def test_the_first_organisation_and_its_owner_have_names(free_call: Call, tmp_path: Path) -> None:
    words = ["--data", str(tmp_path / "new")]
    assert free_call("init", "--org-name", "Example AB", "--owner-name", "Åsa", *words).status == 0
    assert "Åsa" in free_call("people", "list", *words).out


def test_on_this_computer_the_way_to_a_phone_is_told(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    announce(Output(), LINK, settings, made=True)
    told = capsys.readouterr().out
    assert f"A new hub is in {settings.data}." in told
    assert "before this one" not in told
    assert "docs/howto/reach_a_phone.md" in told
    assert "http://localhost:8420/app/enrol#inv_x" in told


def test_behind_https_the_link_is_for_the_phone(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    url = "https://approvals.example.com"
    announce(Output(), {**LINK, "url": f"{url}/app/enrol#inv_x", "hub": url}, settings, made=False)
    told = capsys.readouterr().out
    assert "Open it on your phone" in told
    assert "A link that was printed before this one opens nothing any more." in told
    assert "reach_a_phone" not in told


def test_the_usual_folder_is_not_named_in_what_people_paste(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    announce(Output(), LINK, settings, made=False)
    assert f"--data {settings.data}" in capsys.readouterr().out
    announce(Output(), LINK, msgspec.structs.replace(settings, data=Path("data").absolute()), made=False)
    assert "--data" not in capsys.readouterr().out


def test_the_program_is_named_as_it_can_be_called_from_here() -> None:
    assert program_name().endswith("approvals-hub")
