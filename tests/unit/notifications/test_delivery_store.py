"""The delivery log, read and counted."""

from __future__ import annotations

from typing import Any

from approvals_hub.db.database import Tx
from approvals_hub.notifications import delivery_store as store
from approvals_hub.notifications.telling_store import keep_attempt
from tests.unit.hub_fixture import StaffedHub

NOTHING: dict[str, Any] = {
    "escalation_id": None,
    "person_id": None,
    "channels": None,
    "status": None,
    "since": None,
    "until": None,
}


async def test_attempts_are_found_by_what_they_are_about_newest_first(house: StaffedHub) -> None:
    async def work(tx: Tx) -> list[list[str]]:
        for number, (status, channel) in enumerate((("delivered", "phone"), ("later", "org_1/ops"), ("gone", "phone"))):
            await keep_attempt(
                tx,
                id=f"dlv_{number}",
                org_id="org_1",
                telling_id="tel_1",
                escalation_id=f"esc_{number}",
                person_id="per_1",
                at=number,
                channel=channel,
                recipient="…",
                attempt=1,
                status=status,
                provider_id=None,
                latency_ms=1,
                said=None,
            )

        async def ids(org: str = "org_1", limit: int = 9, before: str | None = None, **wanted: Any) -> list[str]:
            rows = await store.page(tx, org_id=org, before=before, limit=limit, **{**NOTHING, **wanted})
            return [row["id"] for row in rows]

        return [
            await ids(),
            await ids(limit=1),
            await ids(before="dlv_2"),
            await ids(escalation_id="esc_1"),
            await ids(channels=("phone", "org_1/phone")),
            await ids(channels=("ops", "org_1/ops")),
            await ids(status="gone"),
            await ids(since=1, until=2),
            await ids(org="org_2"),
            [str(await store.last_success(tx, "org_1", "phone")), str(await store.rate(tx, "org_1", "phone", -1))],
            [str((await store.last_error(tx, "org_1", "org_1/ops") or {"at": None})["at"])],
        ]

    assert await house.hub.db.run(work) == [
        ["dlv_2", "dlv_1", "dlv_0"],
        ["dlv_2"],
        ["dlv_1", "dlv_0"],
        ["dlv_1"],
        ["dlv_2", "dlv_0"],
        ["dlv_1"],
        ["dlv_2"],
        ["dlv_1"],
        [],
        ["0", "(2, 0)"],
        ["1"],
    ]
