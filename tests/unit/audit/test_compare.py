"""Start-up: the database's logs against the checkpoints outside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from approvals_hub.audit.compare import LogCutBack, refuse_smaller_tree
from approvals_hub.db.database import Database
from approvals_hub_client import checkpoint
from approvals_hub_client.checkpoint import Checkpoint
from tests.unit.audit.log_in_use import ORG, Log, signer, verifier


@pytest.fixture
async def log(database: Database, tmp_path: Path) -> Log:
    log = Log(database, tmp_path)
    await log.grow(300)
    return log


async def start(log: Log) -> None:
    await refuse_smaller_tree(log.db, log.outside, lambda org_id: [verifier(org_id)])


async def test_a_hub_whose_log_is_the_one_outside_starts(log: Log) -> None:
    await start(log)


async def test_a_hub_whose_log_grew_past_the_one_outside_starts(log: Log) -> None:
    kept = log.outside.read(ORG)
    await log.grow(300, first=300)
    log.outside.write(ORG, kept or "")
    await start(log)


async def test_a_database_cut_back_to_an_earlier_state_is_refused(log: Log) -> None:
    kept = (await log.head()).note
    await log.attack("DELETE FROM audit_checkpoints")
    log.outside.write(ORG, kept)
    with pytest.raises(LogCutBack, match="has 0 sealed entries, but 300 were signed"):
        await start(log)


async def test_a_database_with_another_history_is_refused(log: Log) -> None:
    log.outside.write(ORG, checkpoint.sign(Checkpoint(f"hub.example/{ORG}", 200, bytes(32)), signer()))
    with pytest.raises(LogCutBack, match="differs from its signed checkpoint of 200 entries"):
        await start(log)


async def test_a_database_without_its_tiles_is_refused(log: Log) -> None:
    await log.attack("DELETE FROM audit_tiles")
    with pytest.raises(LogCutBack, match="differs"):
        await start(log)


async def test_a_checkpoint_outside_that_nobody_signed_is_refused(log: Log) -> None:
    log.outside.write(ORG, "hub.example/org_1\n1\nAAAA\n")
    with pytest.raises(LogCutBack, match="cannot be read"):
        await start(log)
