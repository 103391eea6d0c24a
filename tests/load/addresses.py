"""The channels of the bench: their tables in the settings, and an address on each, at the vendors of `vendor.py`."""

from __future__ import annotations

import json
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from tests.contracts.channels.stage_apns import PEM
from tests.contracts.channels.stage_fcm import FID
from tests.contracts.channels.stage_relay import device as woken
from tests.contracts.channels.stage_sms import tables
from tests.contracts.channels.stage_webhook import SECRET
from tests.contracts.channels.stage_webpush import CONTACT
from tests.contracts.channels.stage_webpush import KEY as VAPID
from tests.fakes.apns_server import KEY_ID, TEAM_ID, TOPIC
from tests.fakes.google_push import service_account
from tests.fakes.push_service import Browser
from tests.fakes.sendgrid import KEY as SENDGRID
from tests.load.vendor import HOST

CHANNELS = ("webpush", "apns", "fcm", "relay", "smtp", "sendgrid", "sms", "webhook", "slack", "teams")
ROOMS = ("webhook", "slack", "teams")
"""Those that tell an organisation's room, and no person: it sets them up itself."""
FROM = "hub@example.com"
INNER = {"webpush": {"private_networks": [f"{HOST}/32"]}}
"""What a hub's own settings say besides: its vendors are on this machine."""
_KEY = ec.generate_private_key(ec.SECP256R1())


def settings(ports: dict[str, int]) -> dict[str, dict[str, Any]]:
    """Channel → its table, as an operator writes it."""
    http = {name: f"http://{HOST}:{port}" for name, port in ports.items()}
    hosts = [f"{HOST}:{ports['webpush']}", f"{HOST}:{ports['silent']}", f"{HOST}:{ports['closed']}"]
    apple = {"key": PEM, "key_id": KEY_ID, "team_id": TEAM_ID, "topic": TOPIC}
    return {
        "webpush": {"private_key": VAPID, "contact": CONTACT, "hosts": hosts},
        "apns": {**apple, "host": "localhost", "port": ports["apns"]},
        "fcm": {"service_account": service_account(http["fcm"]), "base_url": http["fcm"]},
        "relay": {"url": http["relay"]},
        "smtp": {"host": HOST, "port": ports["smtp"], "tls": "none", "sender": FROM},
        "sendgrid": {"api_key": SENDGRID, "sender": FROM, "base_url": http["sendgrid"]},
        "slack": {"hosts": [f"{HOST}:{ports['slack']}"]},
        "teams": {"hosts": [f"{HOST}:{ports['teams']}"]},
        "sms": {"sender": "Acme", "gateway": {"kind": "46elks", **tables(http["sms"])["46elks"]}},
    }


def room(channel: str, ports: dict[str, int]) -> dict[str, Any]:
    """The settings of a channel of `ROOMS`, as an organisation writes them."""
    address = addresses(ports)[channel]
    if channel == "webhook":
        return dict(json.loads(address))
    return {"url": address, **settings(ports)[channel]}


def browser(port: int, name: str = "anna") -> str:
    """A subscription of a browser at a push service on this port."""
    return Browser(f"https://{HOST}:{port}/push/{name}", _KEY, name.encode().ljust(16)[:16]).subscription


def addresses(ports: dict[str, int]) -> dict[str, str]:
    """Channel → somebody's address there."""
    return {
        "webpush": browser(ports["webpush"]),
        "apns": json.dumps({"token": "a1" * 32, "registered_at": 1}),
        "fcm": json.dumps({"fid": FID}),
        "relay": woken(f"http://{HOST}:{ports['relay']}"),
        "smtp": "anna@example.com",
        "sendgrid": "anna@example.com",
        "sms": "+46701234567",
        "webhook": json.dumps({"url": f"http://{HOST}:{ports['webhook']}/hook", "secrets": [SECRET]}),
        "slack": f"https://{HOST}:{ports['slack']}/services/T0ACME000/B0OPS0000/f3a1c0dewebhook000000Ops",
        "teams": f"https://{HOST}:{ports['teams']}/workflows/0a1b2c/triggers/manual/paths/invoke?sig=f3a1-c0de_Ops",
    }
