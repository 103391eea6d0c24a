"""Signing in by passkey and by device key."""

from __future__ import annotations

import pytest

from approvals_hub_client.keys import Ed25519SigningKey, Es256SigningKey, SigningKey
from tests.fakes.front_door import FrontDoor, credential_of
from tests.fakes.soft_authenticator import EDDSA, ES256, SoftAuthenticator

KEYS = {
    "Ed25519 device key": Ed25519SigningKey,
    "ES256 device key": Es256SigningKey,
    "ES256 passkey": lambda: SoftAuthenticator(ES256),
    "EdDSA passkey": lambda: SoftAuthenticator(EDDSA),
}


@pytest.fixture(params=list(KEYS))
def key(request: pytest.FixtureRequest) -> SigningKey | SoftAuthenticator:
    made: SigningKey | SoftAuthenticator = KEYS[request.param]()
    return made


async def test_an_owner_signs_in_with_the_first_key(door: FrontDoor, key: SigningKey | SoftAuthenticator) -> None:
    _, phone = await door.owner(key)
    signed_in = await door.signed_in(phone)
    session = await door.current_session(credential_of(signed_in.session.token))
    assert (session.person_id, session.scope, session.device_id) == (phone.person_id, "full", phone.device_id)
