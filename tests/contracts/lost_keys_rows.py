"""One well-formed request for every row about lost keys."""

from __future__ import annotations

from tests.contracts.row import Asked, Row, plain
from tests.contracts.scene import Scene


async def recovery_codes(scene: Scene) -> Asked:
    return "/v1/recovery-codes", {"fresh": await scene.fresh()}


async def recover_by_code(scene: Scene) -> Asked:
    made = await scene.ada.call("POST", "/v1/recovery-codes", {"fresh": await scene.ada.fresh()})
    return "/v1/recoveries", {"code": made["codes"][0], "person_id": scene.ada.person_id, "transport": "bearer"}


async def cancel_recovery(scene: Scene) -> Asked:
    return f"/v1/recoveries/{await scene.recovery()}", None


async def recover_by_link(scene: Scene) -> Asked:
    body = {"person_id": (await scene.lost()).person_id, "fresh": await scene.fresh()}
    return f"/v1/orgs/{scene.world.org_id}/recoveries", body


async def ask_break_glass(scene: Scene) -> Asked:
    body = {"recovery_id": await scene.recovery(), "reason": "payroll", "fresh": await scene.fresh()}
    return f"/v1/orgs/{scene.world.org_id}/break-glass", body


async def join_break_glass(scene: Scene) -> Asked:
    glass = await scene.break_glass()
    return f"/v1/orgs/{scene.world.org_id}/break-glass/{glass}/agreement", {"fresh": await scene.fresh()}


async def end_break_glass(scene: Scene) -> Asked:
    return f"/v1/orgs/{scene.world.org_id}/break-glass/{await scene.break_glass()}", None


LOST_KEYS: dict[str, Row] = {
    "GET /v1/recovery-codes": plain("/v1/recovery-codes"),
    "POST /v1/recovery-codes": recovery_codes,
    "POST /v1/recoveries": recover_by_code,
    "GET /v1/recoveries": plain("/v1/recoveries"),
    "DELETE /v1/recoveries/{id}": cancel_recovery,
    "GET /v1/orgs/{org}/recoveries": plain("/v1/orgs/{org}/recoveries"),
    "POST /v1/orgs/{org}/recoveries": recover_by_link,
    "GET /v1/orgs/{org}/break-glass": plain("/v1/orgs/{org}/break-glass"),
    "POST /v1/orgs/{org}/break-glass": ask_break_glass,
    "POST /v1/orgs/{org}/break-glass/{id}/agreement": join_break_glass,
    "DELETE /v1/orgs/{org}/break-glass/{id}": end_break_glass,
}
