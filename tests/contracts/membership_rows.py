"""One well-formed request for every row about people with several organisations."""

from __future__ import annotations

from approvals_hub.core.ids import new_id
from approvals_hub.db.database import Tx
from approvals_hub.people import joinings_store
from tests.contracts.row import Asked, Row, plain
from tests.contracts.scene import Scene

DIGITS = "123456"


async def make(scene: Scene) -> Asked:
    return "/v1/orgs", {"name": "Of one's own", "fresh": await scene.fresh()}


async def look(scene: Scene) -> Asked:
    return "/v1/invitations", {"token": await third_org(scene)}


async def join(scene: Scene) -> Asked:
    return "/v1/joinings", {"token": await third_org(scene), "fresh": await scene.fresh()}


async def own(scene: Scene) -> Asked:
    return f"/v1/joinings/{await joining(scene)}", None


async def confirm(scene: Scene) -> Asked:
    path = f"/v1/orgs/{scene.world.org_id}/joinings/{await joining(scene)}/confirmation"
    return path, {"digits": DIGITS, "fresh": await scene.fresh()}


async def refuse(scene: Scene) -> Asked:
    return f"/v1/orgs/{scene.world.org_id}/joinings/{await joining(scene)}", None


async def remove(scene: Scene) -> Asked:
    gone = await scene.world.invited("Gone")
    return f"/v1/orgs/{scene.world.org_id}/members/{gone.person_id}", {}


async def third_org(scene: Scene) -> str:
    """The token of an invitation into an organisation in which nobody of the table is."""
    made = await scene.world.hub.orgs.make.by_operator("Third", "Somebody")
    assert made.owner is not None
    return made.owner.token


async def joining(scene: Scene) -> str:
    """Somebody of another organisation waits to be compared."""
    world, joining_id = scene.world, new_id("joi")
    made, invited = await world.hub.orgs.make.by_operator("Third", "Somebody"), await world.invited("Guest")
    assert made.owner is not None
    person_id, now = made.owner.person_id, world.hub.clock.now()

    async def work(tx: Tx) -> None:
        await joinings_store.add(
            tx,
            joining_id=joining_id,
            org_id=world.org_id,
            invite_id=invited.invite_id,
            invited_id=invited.person_id,
            person_id=person_id,
            digits=DIGITS,
            at=now,
            expires_at=now + 60_000,
        )

    await world.hub.db.run(work)
    return joining_id


MEMBERSHIPS: dict[str, Row] = {
    "GET /v1/orgs": plain("/v1/orgs"),
    "POST /v1/orgs": make,
    # Named: one in which the caller is not. Carried out, it would end the session of the rows after it.
    "POST /v1/sessions/in-another-org": plain(
        "/v1/sessions/in-another-org", {"org_id": "org_06h1hqovptb1hg3l7fpea7hmis"}
    ),
    "POST /v1/invitations": look,
    "POST /v1/joinings": join,
    # Somebody else's: there is none of this id for anybody but whoever joins.
    "GET /v1/joinings/{id}": own,
    "GET /v1/orgs/{org}/joinings": plain("/v1/orgs/{org}/joinings"),
    "POST /v1/orgs/{org}/joinings/{id}/confirmation": confirm,
    "DELETE /v1/orgs/{org}/joinings/{id}": refuse,
    "DELETE /v1/orgs/{org}/members/{person}": remove,
}
