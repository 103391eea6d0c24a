"""How many codes are sent: to one address, for one organisation, by the hub. Each costs money or somebody's patience.

A message that ties an address to somebody is counted apart from one that proves somebody at an address which they have
confirmed. Anybody with an account can have the first kind sent to any address, so whoever burns those buckets keeps
others from linking for a while, and nobody from proving who they are. The second kind is sent to an address only for
the person who confirmed it, and one person's own limit (`refuse_many_in`) is far below an organisation's. So nobody
burns alone what others need, and what is burnt comes back steadily, not at the next full hour.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from approvals_hub.core.errors import TooMany
from approvals_hub.db.database import Tx
from approvals_hub.domain.allowance import Bucket
from approvals_hub.stepup import sending_store as store
from approvals_hub.stepup.methods import Methods
from approvals_hub.stepup.step_up import LINK, SENDS

LINK_TO: Final = Bucket(4, 8)
"""Messages to one address that tie it to somebody."""
LINK_ORG: Final = Bucket(60, 240)
LINK_HUB: Final = Bucket(600, 2400)
PROVE_TO: Final = Bucket(24, 60)
"""Messages to one confirmed address."""
PROVE_ORG: Final = Bucket(600, 2400)
PROVE_HUB: Final = Bucket(6000, 24_000)


async def take_message_in(
    tx: Tx, methods: Methods, method: str, purpose: str, address: Any, org_id: str, now: int
) -> TooMany | None:
    """Count a message that is about to be sent; the refusal where there were too many, which says not of what.

    None, and nothing counted, for ways that send nothing.
    """
    if method not in SENDS:
        return None
    return await _take_in(tx, _buckets(methods, method, purpose, address, org_id), now, "too_many_step_ups")


async def take_invitation_in(tx: Tx, methods: Methods, address: str, org_id: str, now: int) -> TooMany | None:
    """Count a mail with an invitation that is about to be sent to any address that an inviter typed."""
    to = methods.subject_hash("sent:invitation", address.strip().lower()).hex()
    names = (f"invite:to:{to}", f"invite:org:{org_id}", "invite:hub")
    sizes = dict(zip(names, (LINK_TO, LINK_ORG, LINK_HUB), strict=True))
    return await _take_in(tx, sizes, now, "too_many_invitations")


async def _take_in(tx: Tx, buckets: Mapping[str, Bucket], now: int, code: str) -> TooMany | None:
    taken: list[tuple[str, Bucket]] = []
    for bucket_id, bucket in buckets.items():
        if await store.take(tx, bucket_id, each=bucket.each, span=bucket.span, at=now):
            taken.append((bucket_id, bucket))
            continue
        for name, other in taken:
            await store.give_back(tx, name, each=other.each)
        wait = await store.full_at(tx, bucket_id) - bucket.span - now
        return TooMany(
            code,
            "too many were begun",
            next_step="Wait, then begin one.",
            retry_after=max(1, -(-wait // 1000)),
        )
    return None


def sends_again(shown: Mapping[str, Any], answer: Any, now: int) -> bool:
    """Whether this answer has a further code sent: one that comes too early or too often sends nothing."""
    if not isinstance(answer, dict) or answer.get("resend") is not True:
        return False
    return int(shown.get("resends_left", 0)) > 0 and now >= int(shown.get("resend_at", 0))


def _buckets(methods: Methods, method: str, purpose: str, address: Any, org_id: str) -> dict[str, Bucket]:
    """In one order, the narrowest first, so that two units never wait for each other."""
    to = methods.subject_hash(f"sent:{method}", str(address).strip().lower()).hex()
    kind = "link" if purpose == LINK else "prove"
    sizes = (LINK_TO, LINK_ORG, LINK_HUB) if purpose == LINK else (PROVE_TO, PROVE_ORG, PROVE_HUB)
    return dict(zip((f"{kind}:to:{to}", f"{kind}:org:{org_id}", f"{kind}:hub"), sizes, strict=True))
