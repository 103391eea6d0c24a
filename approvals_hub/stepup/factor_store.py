"""SQL of factors: what is kept of a person for one way to prove who they are."""

from __future__ import annotations

from approvals_hub.db.database import Row, Tx

_COLUMNS = "id, person_id, method, name, subject_hash, sealed, created_at, created_by, last_used_at, removed_at"


async def add(
    tx: Tx,
    *,
    factor_id: str,
    person_id: str,
    method: str,
    name: str,
    subject_hash: bytes | None,
    sealed: bytes,
    at: int,
    by: str,
) -> bool:
    """Store one; False where the person has one of this method, or somebody has this subject."""
    return bool(
        await tx.execute(
            "INSERT INTO factors (id, person_id, method, name, subject_hash, sealed, created_at, created_by)"
            " VALUES (:id, :person, :method, :name, :subject, :sealed, :at, :by) ON CONFLICT DO NOTHING",
            id=factor_id,
            person=person_id,
            method=method,
            name=name,
            subject=subject_hash,
            sealed=sealed,
            at=at,
            by=by,
        )
    )


async def of_person(tx: Tx, person_id: str) -> list[Row]:
    """A person's factors, oldest first."""
    return await tx.rows(
        f"SELECT {_COLUMNS} FROM factors WHERE person_id = :person AND removed_at IS NULL ORDER BY id", person=person_id
    )


async def of_method(tx: Tx, person_id: str, method: str) -> Row | None:
    """The person's factor of one method."""
    return await tx.row(
        f"SELECT {_COLUMNS} FROM factors WHERE person_id = :person AND method = :method AND removed_at IS NULL",
        person=person_id,
        method=method,
    )


async def of_subject(tx: Tx, method: str, subject_hash: bytes) -> Row | None:
    """Whose this is: the factor with the provider's name for a person, as its keyed hash."""
    return await tx.row(
        f"SELECT {_COLUMNS} FROM factors WHERE method = :method AND subject_hash = :subject AND removed_at IS NULL",
        method=method,
        subject=subject_hash,
    )


async def find(tx: Tx, factor_id: str) -> Row | None:
    """One factor, a removed one too."""
    return await tx.row(f"SELECT {_COLUMNS} FROM factors WHERE id = :id", id=factor_id)


async def keep_data(tx: Tx, factor_id: str, *, sealed: bytes | None, at: int) -> None:
    """It was used; its data is replaced where it changed. A factor that was removed meanwhile stays without any."""
    await tx.execute(
        "UPDATE factors SET last_used_at = :at, sealed = COALESCE(CAST(:sealed AS BLOB), sealed)"
        " WHERE id = :id AND removed_at IS NULL",
        id=factor_id,
        sealed=sealed,
        at=at,
    )


async def remove(tx: Tx, factor_id: str, *, at: int) -> bool:
    """Take it away, its data too; once."""
    return bool(
        await tx.execute(
            "UPDATE factors SET removed_at = :at, sealed = :nothing WHERE id = :id AND removed_at IS NULL",
            id=factor_id,
            nothing=b"",
            at=at,
        )
    )
