"""SQL of the channels that organisations set up, of the messages that try them, and of lanes that are left alone."""

from __future__ import annotations

from approvals_hub.db.database import Row, Tx
from approvals_hub.db.sql import In

_COLUMNS = (
    "org_id, name, kind, takes, settings, secrets, fingerprint, rotated_at, recipient, public_key, language, revision,"
    " version, changed_at, changed_by"
)


async def of_org(tx: Tx, org_id: str) -> list[Row]:
    """All of an organisation, by name; there are never more than `CHANNELS_LIMIT`."""
    return await tx.rows(f"SELECT {_COLUMNS} FROM channels WHERE org_id = :org ORDER BY name", org=org_id)


async def find(tx: Tx, org_id: str, name: str) -> Row | None:
    """One of them."""
    return await tx.row(f"SELECT {_COLUMNS} FROM channels WHERE org_id = :org AND name = :name", org=org_id, name=name)


async def revisions(tx: Tx, orgs: list[str]) -> list[Row]:
    """How the channels of these organisations stand now, without what is in them."""
    return await tx.rows("SELECT org_id, name, revision FROM channels WHERE org_id IN :orgs", orgs=In(orgs))


async def put(tx: Tx, **columns: object) -> None:
    """Write one whole, new or not."""
    await tx.execute(
        f"INSERT INTO channels ({_COLUMNS}) VALUES (:org_id, :name, :kind, :takes, :settings, :secrets, :fingerprint,"
        " :rotated_at, :recipient, :public_key, :language, :revision, :version, :changed_at, :changed_by)"
        " ON CONFLICT (org_id, name) DO UPDATE SET kind = excluded.kind, takes = excluded.takes,"
        " settings = excluded.settings, secrets = excluded.secrets, fingerprint = excluded.fingerprint,"
        " rotated_at = excluded.rotated_at, recipient = excluded.recipient, public_key = excluded.public_key,"
        " language = excluded.language, revision = excluded.revision, version = excluded.version,"
        " changed_at = excluded.changed_at, changed_by = excluded.changed_by",
        **columns,
    )


async def delete(tx: Tx, org_id: str, name: str) -> None:
    """Take one away."""
    await tx.execute("DELETE FROM channels WHERE org_id = :org AND name = :name", org=org_id, name=name)


async def tests_since(tx: Tx, org_id: str, since: int) -> list[int]:
    """When messages were sent to try an organisation's channels, oldest first."""
    rows = await tx.rows(
        "SELECT at FROM channel_tests WHERE org_id = :org AND device_id IS NULL AND at > :since ORDER BY at",
        org=org_id,
        since=since,
    )
    return [row["at"] for row in rows]


async def device_tests_since(tx: Tx, person_id: str, since: int) -> list[int]:
    """When a person sent test messages to their own devices, oldest first."""
    rows = await tx.rows(
        "SELECT at FROM channel_tests WHERE person_id = :person AND device_id IS NOT NULL AND at > :since ORDER BY at",
        person=person_id,
        since=since,
    )
    return [row["at"] for row in rows]


async def count_test(
    tx: Tx, *, test_id: str, org_id: str, person_id: str, at: int, device_id: str | None = None
) -> None:
    """One more; `device_id` where a person tries a device of their own."""
    await tx.execute(
        "INSERT INTO channel_tests (id, org_id, person_id, at, device_id) VALUES (:id, :org, :person, :at, :device)",
        id=test_id,
        org=org_id,
        person=person_id,
        at=at,
        device=device_id,
    )


async def forget_tests(tx: Tx, *, before: int, limit: int) -> int:
    """Drop what is counted no more."""
    return await tx.execute(
        "DELETE FROM channel_tests WHERE id IN (SELECT id FROM channel_tests WHERE at < :before LIMIT :limit)",
        before=before,
        limit=limit,
    )


async def leave_alone(tx: Tx, *, lane: str, channel: str, since: int, until: int, said: str) -> None:
    """A process sends nothing there until then."""
    await tx.execute(
        "INSERT INTO left_alone (lane, channel, since, until, said) VALUES (:lane, :channel, :since, :until, :said)"
        " ON CONFLICT (lane) DO UPDATE SET until = excluded.until, said = excluded.said",
        lane=lane,
        channel=channel,
        since=since,
        until=until,
        said=said,
    )


async def works_again(tx: Tx, lane: str) -> None:
    """It takes messages."""
    await tx.execute("DELETE FROM left_alone WHERE lane = :lane", lane=lane)


async def no_longer_alone(tx: Tx, channel: str) -> None:
    """What was known of a channel says nothing of it as it is now."""
    await tx.execute("DELETE FROM left_alone WHERE channel = :channel", channel=channel)


async def left_alone(tx: Tx, channels: list[str]) -> list[Row]:
    """The lanes of these channels that are left alone."""
    return await tx.rows(
        "SELECT lane, channel, since, until, said FROM left_alone WHERE channel IN :channels ORDER BY lane",
        channels=In(channels),
    )
