"""An agent's request as its bytes and headers, for tests that send it their own way."""

from __future__ import annotations

import json
import time
from typing import Any

from approvals_hub_client.credential import Credential
from approvals_hub_client.request_signature import sign


def proven(
    credential: Credential, method: str, path: str, body: dict[str, Any] | None = None, key: str = ""
) -> tuple[dict[str, str], bytes]:
    """The headers, with the agent's proof for the hub's public URL, and the body's bytes."""
    raw = b"" if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json"} if raw else {}
    headers |= {"Idempotency-Key": key} if key else {}
    if credential.key is None:
        return {**headers, "Authorization": f"Bearer {credential.api_key}"}, raw
    url, created = credential.hub + path, int(time.time())
    proof = sign(credential.key, credential.key_id, method, url, headers=headers, body=raw, created=created)
    return headers | proof, raw
