"""The one who carries the action out: spends the approval token, once, and says afterwards what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Literal

from approvals_hub_client.assurance import NOTHING, Proven
from approvals_hub_client.errors import BadAnswer
from approvals_hub_client.keys import Ed25519Key
from approvals_hub_client.paseto import BadToken, kid_of
from approvals_hub_client.proof import BadProof, proof_hash, trusted_keys, verify_proof_offline
from approvals_hub_client.question import SKEW
from approvals_hub_client.times import to_milliseconds
from approvals_hub_client.transport import Transport

Status = Literal["done", "failed", "unknown"]
"""What an executor reports: `unknown` where it cannot tell, never a guess."""

_refetch_after = 5.0  # seconds: a token with an invented kid must not make this client hammer the hub


@dataclass(frozen=True, slots=True)
class Redemption:
    """The permission, spent: the one moment at which to act."""

    jti: str
    escalation_id: str
    redeemed_at: int
    """Milliseconds since 1970."""
    proof_token: str = field(repr=False)
    proof: dict[str, Any]
    """The claims of the proof token, verified."""
    repeated: bool
    """Whether the hub gave this answer before, for the same idempotency key: then somebody may have acted already."""


class PublishedKeys:
    """The hub's token keys, fetched when first needed and again when a token names one that is not known yet."""

    def __init__(self, transport: Transport) -> None:
        """Nothing is fetched before the first question."""
        self._transport = transport
        self._published: dict[str, Any] = {"keys": []}
        self._fetched: float | None = None

    async def for_token(self, token: str) -> dict[str, Ed25519Key]:
        """The keys to trust now, by kid. Raises Unreachable and Refused."""
        keys = trusted_keys(self._published, self._transport.clock())
        try:
            known = kid_of(token) in keys
        except BadToken:
            return keys
        stale = self._fetched is None or monotonic() - self._fetched > _refetch_after
        if not known and stale:
            published = await self._transport.call("GET", "/v1/public-keys", anonymous=True)
            if not isinstance(published.get("keys"), list):
                raise BadAnswer("the hub published no keys")
            self._published, self._fetched = published, monotonic()
            keys = trusted_keys(published, self._transport.clock())
        return keys


class AsyncExecutor:
    """Redeems what agents hand over. `audience` is the executor's own name, as actions write it (`relying_party`)."""

    def __init__(self, transport: Transport, audience: str | None, keys: PublishedKeys | None = None) -> None:
        """With `audience` None the executor is the agent itself and takes the audience that its approval names.

        Raises ValueError for an empty one: a setting that was forgotten would redeem what is meant for others.
        """
        if audience is not None and not audience:
            raise ValueError("audience is the executor's own name, or None where the agent itself redeems")
        self._transport = transport
        self._audience = audience
        self._keys = keys or PublishedKeys(transport)

    async def redeem(
        self,
        handed_over: Mapping[str, Any],
        action: Mapping[str, Any] | None = None,
        *,
        counterparty_proofs: Sequence[str] = (),
        within: float = 30.0,
    ) -> Redemption:
        """Spend the token. `action` is what this executor will do: its own reading of the request, where it has one.
        `counterparty_proofs` are proof tokens of the other parties, the oldest first: the hub verifies them against the
        keys that the organisation trusts, takes each once, and names their hashes in `prev` of its own proof.

        Raises Refused (Conflict: spent, revoked, paused … with `next_step`), Unreachable when no answer came in
        `within` seconds: then nothing may be done, and the same call may be made again. Raises BadAnswer when
        the proof does not fit, and for a hand-over that is for somebody else.
        """
        audience = self._audience or handed_over["audience"]
        if handed_over["audience"] != audience:
            raise BadAnswer("the approval was handed to another executor")
        doing = dict(handed_over["action"] if action is None else action)
        body = {**handed_over, "action": doing}
        if counterparty_proofs:
            body["counterparty_proofs"] = list(counterparty_proofs)
        answer = await self._transport.call("POST", "/v1/tokens/redeem", body=body, anonymous=True, within=within)
        try:
            proof_token = answer["proof_token"]
            keys = await self._keys.for_token(proof_token)
            now = self._transport.clock()
            proof = verify_proof_offline(proof_token, keys, audience, doing, now=now, leeway=SKEW)
            if answer["repeated"] is False and proof.get("prev", []) != list(map(proof_hash, counterparty_proofs)):
                raise BadProof("prev", "the proof does not name the proofs that it was given")
            return Redemption(
                jti=answer["jti"],
                escalation_id=answer["escalation_id"],
                redeemed_at=to_milliseconds(answer["redeemed_at"]),
                proof_token=proof_token,
                proof=proof,
                repeated=answer["repeated"] is not False,
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise BadAnswer(f"the hub's answer proves no redemption: {error}") from error

    async def report(
        self, redemption: Redemption, status: Status, detail: str | None = None, *, within: float = 30.0
    ) -> None:
        """Say what came of it; the same report may be made again. `detail` is cut at 1000 characters."""
        body = {"status": status, "proof_token": redemption.proof_token}
        if detail is not None:
            body["detail"] = detail[:1000]
        path = f"/v1/redemptions/{redemption.jti}/report"
        await self._transport.call("POST", path, body=body, anonymous=True, within=within)

    async def verify_proof(
        self,
        token: str,
        audience: str | None = None,
        action: Mapping[str, Any] | None = None,
        *,
        proven: Proven = NOTHING,
    ) -> dict[str, Any]:
        """Ask the hub what a proof token says. Raises BadProof when it proves nothing, Refused, Unreachable.

        Whether its people have `proven` what is asked is checked here.
        """
        body: dict[str, Any] = {"token": token}
        body |= {} if audience is None else {"audience": audience}
        body |= {} if action is None else {"action": dict(action)}
        answer = await self._transport.call("POST", "/v1/tokens/verify", body=body, anonymous=True)
        claims = answer.get("claims")
        if answer.get("valid") is not True or not isinstance(claims, dict):
            raise BadProof(str(answer.get("code")), f"the hub says that this proves nothing: {answer.get('reason')}")
        lacking = proven.lacking(claims)
        if lacking is not None:
            raise BadProof(lacking.reason, lacking.message)
        return claims
