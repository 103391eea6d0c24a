"""The operator's own channels whose addresses come from browsers and from people: what a host of the settings leads to
is looked at where the connection is made."""

from __future__ import annotations

from pathlib import Path

from tests.contracts.channels.stage_webpush import CONTACT
from tests.contracts.channels.stage_webpush import KEY as VAPID
from tests.fakes.chat_webhook import SlackWebhook, TeamsWorkflow
from tests.fakes.push_service import PushService
from tests.fakes.tls import Authority
from tests.flows.conftest import url_of
from tests.flows.matrix_scene import add
from tests.flows.reach_scene import HERE, reachable, vendors
from tests.flows.world import TestClock

KINDS = ("webpush", "slack", "teams")


async def test_a_host_of_the_settings_that_leads_inside_is_not_reached_over_web_push_slack_or_teams(
    sqlite_path: Path, tmp_path: Path
) -> None:
    time, authority = TestClock(), Authority()
    (tmp_path / "inside.pem").write_text(authority.pem())
    push = PushService(authority, "any", now=time.clock().now())
    slack, teams = SlackWebhook(authority), TeamsWorkflow(authority)
    inside = (push, slack, teams)
    for service in inside:
        await service.open()
    try:
        # By name, as a resolver that was taken over would answer for a host that is allowed.
        hosts = {
            kind: [f"localhost:{one.base_url.rpartition(':')[2]}"] for kind, one in zip(KINDS, inside, strict=True)
        }
        tables = {kind: {"kind": kind, "ca_file": "inside.pem", "hosts": hosts[kind]} for kind in KINDS}
        tables["webpush"] |= {"private_key": VAPID, "contact": CONTACT}
        allowed = {f"{kind}_inside": {**table, **HERE} for kind, table in tables.items()}
        async with (
            vendors(tmp_path, now=time.clock().now()) as found,
            reachable(url_of(sqlite_path), tmp_path, time=time, found=found, more={**tables, **allowed}) as scene,
        ):
            owner, tried = scene.world.owner, scene.world.hub.channels.tried
            addresses = {
                "webpush": push.subscribe("anna").subscription.replace("127.0.0.1", "localhost"),
                "slack": f"https://{hosts['slack'][0]}/room",
                "teams": f"https://{hosts['teams'][0]}/room",
            }
            for number, kind in enumerate(KINDS):
                await add(scene, owner, kind, addresses[kind], source=f"dev_{number}")
                answer = await tried(scene.world.operator, kind, person_id=owner.person_id)
                assert (answer.status, "network" in (answer.said or "")) == ("permanent", True), (kind, answer)
            assert all(service.seen == [] for service in inside), "nothing came as far as a request"
            for number, kind in enumerate(KINDS):
                await add(scene, owner, f"{kind}_inside", addresses[kind], source=f"dev_{number}")
                answer = await tried(scene.world.operator, f"{kind}_inside", person_id=owner.person_id)
                assert "certificate" in (answer.said or ""), "it was called: its certificate has another name"
    finally:
        for service in inside:
            await service.close()
