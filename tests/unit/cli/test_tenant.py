"""Which organisation a command is about."""

from __future__ import annotations

from pathlib import Path

import pytest

from approvals_hub.app import OpenHub, Place
from approvals_hub.cli.tenant import the_org
from approvals_hub.core.errors import NotFound
from approvals_hub.core.sealing import create_key_file
from approvals_hub.db.database import Tx
from approvals_hub.domain.requirement import Requirement
from approvals_hub.hub import Hub
from approvals_hub.orgs import store as orgs


async def add(hub: Hub, *ids: str) -> None:
    async def work(tx: Tx) -> None:
        for org_id in ids:
            await orgs.add(tx, org_id=org_id, name=f"{org_id} AB", requirement=Requirement().text().decode(), at=1)

    await hub.db.run(work)


def place(folder: Path) -> Place:
    create_key_file(folder / "kek")
    return Place(
        public_url="http://localhost:8420",
        key_file=folder / "kek",
        checkpoints=folder / "checkpoints",
        database=f"sqlite:{folder}/hub.db",
    )


async def test_the_only_organisation_needs_no_name(tmp_path: Path) -> None:
    async with OpenHub(place(tmp_path)) as hub:
        await add(hub, "org_1")
        assert await the_org(hub, None) == "org_1"


async def test_one_of_several_must_be_named(tmp_path: Path) -> None:
    async with OpenHub(place(tmp_path)) as hub:
        await add(hub, "org_1", "org_2")
        assert await the_org(hub, "org_2") == "org_2"
        with pytest.raises(NotFound, match="org_1 AB"):
            await the_org(hub, None)


async def test_a_hub_without_any_says_how_to_make_one(tmp_path: Path) -> None:
    async with OpenHub(place(tmp_path)) as hub:
        with pytest.raises(NotFound) as refusal:
            await the_org(hub, None)
    assert "approvals-hub init" in refusal.value.next_step
