"""A further key of the owner, let in by the key of their phone."""

from __future__ import annotations

from approvals_hub.stepup.passkey import thumbprint
from approvals_hub_client.canonical import b64u, unb64u
from approvals_hub_client.statement import further_key_bytes
from tests.fakes.soft_authenticator import SoftAuthenticator
from tests.flows.world import World


async def further_passkey(world: World) -> SoftAuthenticator:
    """A passkey, which counts at once."""
    owner = world.owner
    key = SoftAuthenticator(rp_id="localhost", origin=world.base_url)
    challenge = await owner.call("POST", "/v1/challenges", {"purpose": "enrol"})
    message = further_key_bytes(
        challenge=challenge["challenge"], key_thumbprint=thumbprint(key.credential_id), person_id=owner.person_id
    )
    body = {
        "kind": "passkey",
        "challenge_id": challenge["challenge_id"],
        "credential": key.create(unb64u(challenge["challenge"])),
        "name": "passkey",
        "existing": {"device_id": owner.device_id, "signature": b64u(owner.key.sign(message))},
    }
    assert (await owner.call("POST", "/v1/devices", body))["device"]["state"] == "active"
    return key
