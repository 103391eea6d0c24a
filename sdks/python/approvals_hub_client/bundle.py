"""Verifies a receipt bundle: without the hub, without a network, in one pass. Pure.

Trust goes from the log's key to the checkpoint, from there to the entries, and from these to the question, its answers
and their keys, the token and the proof; the seal covers the rest. The first thing that does not hold is named.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from approvals_hub_client.bundle_answers import check_answers, check_question
from approvals_hub_client.bundle_form import BadBundle, Bundle, check_seal, read_bundle
from approvals_hub_client.bundle_log import Log, verify_log
from approvals_hub_client.bundle_tokens import check_outcome, check_proof
from approvals_hub_client.trust import Trust, read_trust


class Bad(msgspec.Struct, frozen=True):
    """The first thing that does not hold. `part` is the member of the bundle."""

    part: str
    why: str


class BundleReport(msgspec.Struct, frozen=True, kw_only=True):
    """What was verified, in words, as far as it was looked at.

    `pinned` says whether the log's key came from elsewhere, as this hub's or this log's; otherwise whose it is, is the
    bundle's word: with a bare key of somebody whom you trust, or with a self-declared one, which shows accidents and
    changes by others than the key's owner. `keys` are the log's.
    """

    ok: bool
    escalation_id: str
    outcome: str
    origin: str
    keys: list[str]
    pinned: bool
    verified: list[str]
    first_bad: Bad | None


def verify_bundle(data: bytes, *, trust: Trust | Iterable[bytes | str] = ()) -> BundleReport:
    """Verify a bundle. Opens no socket and no file.

    `trust` are keys known from elsewhere: texts (`ISSUER=k4.public.…`, a log's verifier key, or a bare
    `k4.public.…`, which says nothing about whose it is) or bytes (the answer of
    `/v1/public-keys`, or a key in each line). Raises ValueError for what is no key; everything about the bundle is
    in the report.
    """
    believed = trust if isinstance(trust, Trust) else read_trust(trust)
    verified: list[str] = []
    try:
        bundle = read_bundle(data)
    except BadBundle as bad:
        return _report(None, None, verified, bad)
    log = None
    try:
        log = verify_log(bundle, believed)
        verified.append(
            f"{len(log.entries)} entries are in the log {bundle.hub.origin}, under a signed checkpoint of {log.size}"
            + ("" if bundle.log.whole else "; refusals and reads, of which there were too many, are left out")
        )
        check_question(bundle, log)
        verified.append("the action, what people were shown of it and what was required are those that were asked")
        check_answers(bundle, log)
        verified += map(_answered, bundle.answers)
        check_outcome(bundle, log)
        verified.append(f"it ended {bundle.question.outcome}" + _approved_by(bundle))
        vouched = check_proof(bundle, log, believed)
        if vouched is not None:
            verified.append(f"it was redeemed once, and the proof token says so {_BY[vouched]}")
        check_seal(bundle, *log.verifiers)
        verified.append("nothing was changed, added or left out since the hub sealed the bundle")
    except BadBundle as bad:
        return _report(bundle, log, verified, bad)
    return _report(bundle, log, verified, None)


_BY = {
    "pinned": "under a key that you trust",
    "log": "under a key that the log vouches for",
    "declared": "under a self-declared key",
}


def _answered(answer: msgspec.Struct) -> str:
    said = msgspec.to_builtins(answer)
    with_what = "passkey" if said["key"]["kind"] == "passkey" else "device key"
    late = "" if said["superseded_at"] is None else ", and took it back later"
    where = "" if said["key"]["enrolled"] == "here" else ", which another organisation's log has the enrolment of"
    return f"{said['approver_id']} signed {said['decision']} at {said['at']} with a {with_what}{where}{late}"


def _approved_by(bundle: Bundle) -> str:
    if bundle.token is None:
        return ""
    named = [one["person_id"] for one in bundle.token.claims["approvers"]]
    return f" by {', '.join(named)}, at the level {bundle.token.claims['acr']}"


def _report(bundle: Bundle | None, log: Log | None, verified: list[str], bad: BadBundle | None) -> BundleReport:
    return BundleReport(
        ok=bad is None,
        escalation_id="" if bundle is None else bundle.question.escalation_id,
        outcome="" if bundle is None else bundle.question.outcome,
        origin="" if bundle is None else bundle.hub.origin,
        keys=[] if log is None else [str(verifier) for verifier in log.verifiers],
        pinned=log is not None and log.pinned,
        verified=verified,
        first_bad=None if bad is None else Bad(bad.part, str(bad)),
    )
