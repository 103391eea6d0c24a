"""Devices as they are shown."""

from __future__ import annotations

from approvals_hub.people.device import Device, device_of

ROW = {
    "id": "dev_1",
    "person_id": "per_1",
    "kind": "passkey",
    "alg": "ES256",
    "jwk": None,
    "credential_id": b"id",
    "public_key": b"key",
    "key_hash": "sha256:00",
    "sign_count": 3,
    "backup_eligible": 1,
    "backed_up": 0,
    "flagged": None,
    "name": "phone",
    "platform": None,
    "app_version": None,
    "state": "active",
    "digits": "123456",
    "created_at": 1,
    "last_used_at": 2,
}


def test_a_device_is_shown_with_booleans_for_the_stored_numbers() -> None:
    device = device_of(ROW)
    assert (device.device_id, device.backup_eligible, device.backed_up) == ("dev_1", True, False)


def test_a_shown_device_holds_no_key_and_no_digits() -> None:
    assert not {"jwk", "public_key", "credential_id", "digits", "push_address"} & set(Device.__slots__)
