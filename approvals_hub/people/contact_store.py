"""SQL of contacts. A device's counts as long as the device may sign."""

from __future__ import annotations

from approvals_hub.db.database import Row, Tx
from approvals_hub.db.sql import In
from approvals_hub.people.contact import GONE, REMOVED, REPLACED

_COLUMNS = (
    "c.id, c.person_id, c.channel, c.source, c.device_id, c.address, c.masked, c.language, c.created_at,"
    " c.registered_at, c.gone_at, c.seal_key"
)


async def add(
    tx: Tx,
    *,
    contact_id: str,
    person_id: str,
    channel: str,
    source: str,
    device_id: str | None,
    address: bytes,
    address_hash: bytes | None,
    masked: str,
    language: str,
    at: int,
    seal_key: bytes | None = None,
) -> bool:
    """Store one; False where this source has one on this channel."""
    return bool(
        await tx.execute(
            "INSERT INTO contacts (id, person_id, channel, source, device_id, address, address_hash, masked, language,"
            " created_at, registered_at, seal_key) VALUES (:id, :person, :channel, :source, :device, :address, :hash,"
            " :masked, :language, :at, :at, :seal) ON CONFLICT DO NOTHING",
            id=contact_id,
            person=person_id,
            channel=channel,
            source=source,
            device=device_id,
            address=address,
            hash=address_hash,
            masked=masked,
            language=language,
            at=at,
            seal=seal_key,
        )
    )


async def of_device(tx: Tx, person_id: str, device_id: str) -> Row | None:
    """The address of one of the person's devices, as long as it has one."""
    return await tx.row(
        f"SELECT {_COLUMNS}, c.address_hash FROM contacts c WHERE c.person_id = :person AND c.device_id = :device"
        " AND c.gone_at IS NULL",
        person=person_id,
        device=device_id,
    )


async def of_devices(tx: Tx, person_id: str) -> list[Row]:
    """The addresses that the person's devices have now."""
    return await tx.rows(
        f"SELECT {_COLUMNS} FROM contacts c WHERE c.person_id = :person AND c.device_id IS NOT NULL"
        " AND c.gone_at IS NULL ORDER BY c.id",
        person=person_id,
    )


async def known_of_devices(tx: Tx, person_id: str) -> list[Row]:
    """The addresses of a person's active devices, oldest first; with those that whoever delivers there called gone."""
    return await tx.rows(
        f"SELECT {_COLUMNS}, d.last_used_at FROM contacts c JOIN devices d ON d.id = c.device_id"
        " AND d.state = 'active' WHERE c.person_id = :person AND (c.gone_at IS NULL OR c.cause = :cause) ORDER BY c.id",
        person=person_id,
        cause=GONE,
    )


async def silent(tx: Tx, *, since: int, not_before: int, after: str, limit: int) -> list[Row]:
    """The contacts of active devices of which nothing was heard from an instant on, and something from `not_before`
    to then; those after a cursor, by id. The addresses themselves are not read."""
    return await tx.rows(
        "SELECT c.id, c.person_id, c.channel, c.registered_at, d.last_used_at FROM contacts c"
        " JOIN devices d ON d.id = c.device_id AND d.state = 'active'"
        " JOIN people p ON p.id = c.person_id AND p.state = 'active'"
        " WHERE c.gone_at IS NULL AND c.id > :after AND c.registered_at <= :since"
        " AND (d.last_used_at IS NULL OR d.last_used_at <= :since)"
        " AND (c.registered_at > :before OR d.last_used_at > :before) ORDER BY c.id LIMIT :limit",
        after=after,
        since=since,
        before=not_before,
        limit=limit,
    )


async def forgive_gone(tx: Tx, person_id: str, device_id: str) -> None:
    """The device is to be told nothing: that its address was called gone is of no interest any more."""
    await tx.execute(
        "UPDATE contacts SET cause = :removed WHERE person_id = :person AND device_id = :device AND cause = :gone",
        person=person_id,
        device=device_id,
        removed=REMOVED,
        gone=GONE,
    )


async def sources(tx: Tx, person_id: str) -> set[tuple[str, str]]:
    """What the person's contacts come from, and on which channel; those that are gone too, as none is made again."""
    rows = await tx.rows(
        "SELECT channel, source FROM contacts WHERE person_id = :person AND device_id IS NULL"
        " AND (gone_at IS NULL OR cause = :cause)",
        person=person_id,
        cause=GONE,
    )
    return {(row["channel"], row["source"]) for row in rows}


async def of_people(tx: Tx, people: list[str], *, org_id: str, since: int) -> list[Row]:
    """Where these people can be told what concerns them in an organisation, or could since an instant, oldest first;
    `gone_at` also of a revoked device.

    A mail address (`mail:`) was written down by whoever invited its person: it hears nothing of an organisation that
    the person joined, or made, with a key. One that they linked themselves does.
    """
    return await tx.rows(
        "SELECT c.id, c.person_id, c.channel, c.masked, c.created_at, c.device_id, c.registered_at, d.last_used_at,"
        " CASE WHEN c.gone_at IS NULL THEN d.revoked_at ELSE c.gone_at END AS gone_at"
        " FROM contacts c LEFT JOIN devices d ON d.id = c.device_id"
        " WHERE c.person_id IN :people AND (c.gone_at IS NULL OR c.gone_at > :since)"
        " AND NOT (c.source LIKE 'mail:%' AND (EXISTS (SELECT 1 FROM joinings j WHERE j.org_id = :org"
        " AND j.person_id = c.person_id AND j.state = 'joined')"
        " OR EXISTS (SELECT 1 FROM orgs o WHERE o.id = :org AND o.made_by = c.person_id))) ORDER BY c.id",
        people=In(people),
        org=org_id,
        since=since,
    )


async def find(tx: Tx, contact_id: str) -> Row | None:
    """One that takes messages: it is not gone, and its device may sign."""
    return await tx.row(
        f"SELECT {_COLUMNS} FROM contacts c LEFT JOIN devices d ON d.id = c.device_id JOIN people p"
        " ON p.id = c.person_id AND p.state = 'active'"
        " WHERE c.id = :id AND c.gone_at IS NULL AND (c.device_id IS NULL OR d.state = 'active')",
        id=contact_id,
    )


async def removed(tx: Tx, person_id: str, *, since: int) -> list[Row]:
    """What the person took away from an instant on: there it is said once more that it was taken away."""
    return await tx.rows(
        "SELECT c.id, c.person_id, c.channel, c.masked FROM contacts c WHERE c.person_id = :person AND c.cause = :cause"
        " AND c.gone_at >= :since AND c.address <> :nothing ORDER BY c.id",
        person=person_id,
        cause=REMOVED,
        since=since,
        nothing=b"",
    )


async def find_removed(tx: Tx, contact_id: str) -> Row | None:
    """One of these, until it was told; nobody's who is disabled."""
    return await tx.row(
        f"SELECT {_COLUMNS} FROM contacts c JOIN people p ON p.id = c.person_id AND p.state = 'active'"
        " WHERE c.id = :id AND c.cause = :cause AND c.address <> :nothing",
        id=contact_id,
        cause=REMOVED,
        nothing=b"",
    )


async def forget_removed(tx: Tx, *, before: int, limit: int) -> int:
    """Drop addresses that were taken away by then."""
    return await tx.execute(
        "UPDATE contacts SET address = :nothing WHERE id IN (SELECT id FROM contacts WHERE cause = :cause"
        " AND gone_at < :before AND address <> :nothing LIMIT :limit)",
        cause=REMOVED,
        before=before,
        limit=limit,
        nothing=b"",
    )


async def renew(tx: Tx, contact_id: str, *, address: bytes, language: str, seal_key: bytes | None, at: int) -> None:
    """The device says that it still has this address, and to which key it has words sealed."""
    await tx.execute(
        "UPDATE contacts SET address = :address, language = :language, seal_key = :seal, registered_at = :at"
        " WHERE id = :id AND gone_at IS NULL",
        id=contact_id,
        address=address,
        language=language,
        seal=seal_key,
        at=at,
    )


async def end_of_device(tx: Tx, person_id: str, device_id: str, *, cause: str, at: int) -> bool:
    """Forget the address of a person's device."""
    return bool(
        await tx.execute(
            "UPDATE contacts SET gone_at = :at, cause = :cause, address = :nothing, address_hash = NULL"
            " WHERE person_id = :person AND device_id = :device AND gone_at IS NULL",
            person=person_id,
            device=device_id,
            cause=cause,
            at=at,
            nothing=b"",
        )
    )


async def end_elsewhere(tx: Tx, address_hash: bytes, *, but: str, at: int) -> None:
    """One push address is one device's: whoever had it before has handed the browser or phone on."""
    await tx.execute(
        "UPDATE contacts SET gone_at = :at, cause = :cause, address = :nothing, address_hash = NULL"
        " WHERE address_hash = :hash AND gone_at IS NULL AND (device_id IS NULL OR device_id <> :but)",
        hash=address_hash,
        but=but,
        cause=REPLACED,
        at=at,
        nothing=b"",
    )


async def end_sources(tx: Tx, person_id: str, *, channels: list[str], but: list[str], at: int) -> None:
    """What a person's addresses on these channels came from is not theirs any more, except these. The addresses stay
    for a while, sealed: whoever took one away that was not theirs to take is told of there.

    Other channels are those of other organisations, which see to theirs.
    """
    await tx.execute(
        "UPDATE contacts SET gone_at = :at, cause = :cause"
        " WHERE person_id = :person AND device_id IS NULL AND gone_at IS NULL AND source NOT IN :but"
        " AND channel IN :channels",
        person=person_id,
        channels=In(channels),
        but=In(but),
        cause=REMOVED,
        at=at,
    )


async def forget_gone(tx: Tx, contact_id: str, *, registered_at: int, at: int) -> bool:
    """Nothing arrives there any more: forget it, unless its device has said since that it still has it."""
    return bool(
        await tx.execute(
            "UPDATE contacts SET gone_at = :at, cause = :cause, address = :nothing, address_hash = NULL"
            " WHERE id = :id AND gone_at IS NULL AND registered_at = :registered",
            id=contact_id,
            registered=registered_at,
            cause=GONE,
            at=at,
            nothing=b"",
        )
    )


async def gone_since(tx: Tx, person_id: str, device_id: str, since: int, *, but: str) -> bool:
    """Whether another address of this device of the person was called gone from an instant on."""
    row = await tx.row(
        "SELECT 1 AS one FROM contacts WHERE person_id = :person AND device_id = :device AND id <> :but"
        " AND cause = :gone AND gone_at >= :since LIMIT 1",
        person=person_id,
        device=device_id,
        but=but,
        gone=GONE,
        since=since,
    )
    return row is not None


async def end_channel(tx: Tx, channel: str, *, at: int) -> None:
    """Nobody has an address there any more: the channel is gone, or is another one."""
    await tx.execute(
        "UPDATE contacts SET gone_at = :at, cause = :cause, address = :nothing, address_hash = NULL"
        " WHERE channel = :channel AND gone_at IS NULL",
        channel=channel,
        cause=REMOVED,
        at=at,
        nothing=b"",
    )
