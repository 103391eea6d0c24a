"""A fake hub that listens, and an agent that is enrolled there."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from approvals_hub_client import AsyncHub, Credential
from approvals_hub_client.keys import Ed25519SigningKey
from tests.fakes.hub import ISSUER, FakeHub
from tests.fakes.hub_server import serving


@pytest.fixture
async def fake() -> AsyncIterator[FakeHub]:
    """A listening hub."""
    async with serving() as hub:
        yield hub


@pytest.fixture
def credential(fake: FakeHub) -> Credential:
    """An agent that the hub knows."""
    key = Ed25519SigningKey()
    fake.enrol(key)
    return Credential(fake.url, ISSUER, "agt_1", "org_1", "key_1", key.seed)


@pytest.fixture
async def hub(credential: Credential) -> AsyncIterator[AsyncHub]:
    """The agent's client."""
    async with AsyncHub(credential) as client:
        yield client
