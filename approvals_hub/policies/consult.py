"""What an organisation's policies say of one action of one agent, asked inside a unit of work."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec

from approvals_hub.agents.agent import Agent
from approvals_hub.core.clock import SECOND
from approvals_hub.core.errors import Conflict, Forbidden, Invalid
from approvals_hub.core.ids import new_id
from approvals_hub.db.database import Tx
from approvals_hub.policies import relying_party_store as parties
from approvals_hub.policies import signal_store, store
from approvals_hub.policies.decision import DENY, Decision
from approvals_hub.policies.document import DEPOSIT, WINDOWS, Layer, Policy
from approvals_hub.policies.facts import Counter, Facts
from approvals_hub.policies.kept import KeptPolicy, kept_of
from approvals_hub.policies.label_agents import Labels, labels_in
from approvals_hub.policies.load import load
from approvals_hub.policies.policy import counters, decide
from approvals_hub.policies.relying_party import Trust, trust_in_action
from approvals_hub.policies.stack import Stack
from approvals_hub.policies.stand import stands_in
from approvals_hub.policies.standing import NOTHING, Standing, measured_of
from approvals_hub.policies.trace import Outlined, outline
from approvals_hub_client.canonical import dumps, sha256_text


class Asker(msgspec.Struct, frozen=True):
    """Whose action it is, and how often what decides about it had changed."""

    org_id: str
    agent_id: str
    policies_version: int


def asker_of(agent: Agent) -> Asker:
    """The same from an admitted agent."""
    return Asker(agent.org_id, agent.agent_id, agent.policies_version)


async def consult_in(
    tx: Tx,
    asker: Asker,
    action: dict[str, Any],
    now: int,
    *,
    holds: bool,
    but: str | None = None,
    counterparties: tuple[str, ...] = (),
    standing: Standing | None = None,
) -> Decision | None:
    """What the policies in force decide about these members; None where the organisation has none: then people
    are asked about everything.

    `holds`: keep the totals that the limits count from other units until this one ends, so that what is decided may be
    reserved; otherwise they are only read. `but` is a question whose own reservation is not counted against it;
    `counterparties` are those of whom a proof was verified; `standing` what this unit has read of it before.
    """
    if asker.policies_version == 0:
        return None
    kept = (await _kept_in(tx, asker)).policies
    if not kept:
        return None
    labels = await labels_in(tx, asker.agent_id)
    stack = _stack_of(kept, asker, labels)
    stands = await standing_in(tx, asker, now) if standing is None else standing
    facts = await totals_in(tx, asker, stack, action, labels, stands, now, holds=holds, but=but)
    return decide(stack, action, msgspec.structs.replace(facts, counterparties=counterparties))


async def standing_in(tx: Tx, asker: Asker, now: int, *, also: frozenset[str] = frozenset()) -> Standing:
    """Which signals stand and in which mode the organisation works, for what this agent asks now. Nothing is read
    where nobody has declared or defined any; of the hub's own those are looked at that a policy in force names, and
    `also`."""
    if asker.policies_version == 0 and not also:
        return NOTHING
    kept = await _kept_in(tx, asker)
    measured = kept.measured | also
    if not kept.told and not measured:
        return NOTHING
    return await stands_in(tx, asker.org_id, asker.agent_id, now, told=kept.told, measured=measured)


async def outline_in(
    tx: Tx,
    asker: Asker,
    action: dict[str, Any],
    standing: Standing,
    at: int,
    *,
    counterparties: tuple[str, ...] = (),
) -> list[Outlined]:
    """How the rules in force come out for these members at this time and with what stood: the same as when it was
    decided about them, as long as neither the policies nor the labels have changed. See `outline`."""
    labels = await labels_in(tx, asker.agent_id)
    stack = _stack_of((await _kept_in(tx, asker)).policies, asker, labels)
    facts = await _known_in(tx, asker, labels, standing, at)
    return outline(stack, action, msgspec.structs.replace(facts, counterparties=counterparties))


async def trust_in(tx: Tx, asker: Asker, action: Mapping[str, Any]) -> Trust | None:
    """How far the organisation trusts an action's counterparty, and what the agent says; None where there is none."""
    registry = {} if asker.policies_version == 0 else (await _kept_in(tx, asker)).registry
    return trust_in_action(action, registry)


async def layers_in(tx: Tx, asker: Asker, *, without: str | None) -> tuple[tuple[Layer, ...], Labels]:
    """The policies that hold for this agent, but the one of this name, and what is said of the agent."""
    labels = await labels_in(tx, asker.agent_id)
    teams = frozenset(labels.teams)
    return tuple(
        _layer(each)
        for each in (await _kept_in(tx, asker)).policies
        if each.name != without and each.binding.holds_for(asker.agent_id, teams)
    ), labels


async def totals_in(
    tx: Tx,
    asker: Asker,
    stack: Stack,
    action: dict[str, Any],
    labels: Labels,
    standing: Standing,
    now: int,
    *,
    holds: bool,
    but: str | None,
) -> Facts:
    """What the hub knows beside the action: labels, whom the organisation trusts, and what each total has that a limit
    counts. See `consult_in`."""
    facts = await _known_in(tx, asker, labels, standing, now)
    totals: dict[Counter, int] = {}
    # In one order everywhere, so that two units do not wait for each other.
    for counter in sorted(set(counters(stack, action, facts))):
        key = key_of(asker.org_id, counter)
        if holds:
            await store.hold_counter(tx, key, asker.org_id)
        since = now - WINDOWS[counter.window] * SECOND
        totals[counter] = await store.total(tx, key, since=since, now=now, but=but)
    return msgspec.structs.replace(facts, totals=totals)


async def _known_in(tx: Tx, asker: Asker, labels: Labels, standing: Standing, now: int) -> Facts:
    return Facts(
        now=now,
        teams=frozenset(labels.teams),
        project=labels.project,
        environment=labels.environment,
        mode=standing.mode,
        signals=frozenset(standing.signals),
        registry=(await _kept_in(tx, asker)).registry,
    )


async def reserve_in(
    tx: Tx,
    org_id: str,
    decision: Decision | None,
    now: int,
    *,
    escalation_id: str | None = None,
    authorization_id: str | None = None,
) -> None:
    """Add what was decided to the totals, for one of the two; the unit has consulted with `holds`."""
    for each in () if decision is None else decision.reservations:
        await store.reserve(
            tx,
            reservation_id=new_id("rsv"),
            org_id=org_id,
            counter=key_of(org_id, each.counter),
            amount=each.amount,
            at=now,
            escalation_id=escalation_id,
            authorization_id=authorization_id,
        )


def key_of(org_id: str, counter: Counter) -> str:
    """How a total is called in the tables. A hash: the name of a vendor is none of theirs."""
    return sha256_text(dumps([org_id, *msgspec.structs.astuple(counter)[:-1], list(counter.who)]))


def refuse_denied(decision: Decision | None) -> Forbidden | None:
    """Why people are not asked about what a policy denies, or for what a deposit is owed first: the hub takes none, so
    nobody can say here that it was made."""
    if decision is None or (decision.decision != DENY and not owes_deposit(decision)):
        return None
    extra: dict[str, Any] = {"reason": decision.code, "rule_id": decision.rule_id}
    if decision.policy is not None:
        extra["policy_id"] = decision.policy.id
        extra["policy_version"] = decision.policy.version
    if decision.decision != DENY:
        return Forbidden(
            "deposit_owed",
            "the policy wants a deposit first",
            next_step="Make the deposit where the obligation says, and have the policy changed for it.",
            extra=extra,
        )
    return Forbidden(
        "policy_denies",
        decision.reason,
        next_step="Do not act. Ask for a smaller or another action, or have the policy changed.",
        extra=extra,
    )


def owes_deposit(decision: Decision) -> bool:
    """Whether a deposit holds the action back, beside whatever else does."""
    return any(each.type == DEPOSIT for each in decision.obligations)


async def denied_by_now_in(
    tx: Tx, asker: Asker, action: dict[str, Any], question: str, now: int, counterparties: tuple[str, ...]
) -> Conflict | None:
    """Why the salted action of an approved question is not done: what policies deny by now is not, whatever people
    said before."""
    members = {name: value for name, value in action.items() if name != "salt"}
    refusal = refuse_denied(
        await consult_in(tx, asker, members, now, holds=False, but=question, counterparties=counterparties)
    )
    if refusal is None:
        return None
    return Conflict(refusal.code, refusal.detail, next_step="Do not act.", extra=refusal.extra)


def policy_text(decision: Decision | None) -> str | None:
    """What is kept with a question of the policy that decided."""
    if decision is None or decision.policy is None:
        return None
    named = decision.policy
    return dumps({"id": named.id, "version": named.version, "hash": named.hash, "rule_id": decision.rule_id}).decode()


class _Kept(NamedTuple):
    """What an organisation has in force."""

    version: int
    policies: tuple[KeptPolicy, ...]
    registry: Mapping[str, str]
    told: bool
    """Whether signals are declared, or modes defined."""
    measured: frozenset[str]
    """The hub's own signals that these policies name."""


async def _kept_in(tx: Tx, asker: Asker) -> _Kept:
    """In force now; remembered by the connection, under the version that the agent's row has in this very unit."""
    memory: dict[str, _Kept] = tx.memory.get("policies", {})
    before = memory.get(asker.org_id)
    if before is not None and before.version == asker.policies_version:
        return before
    policies = tuple(kept_of(row) for row in await store.in_force(tx, asker.org_id))
    declared = await signal_store.signals(tx, asker.org_id) or await signal_store.mode(tx, asker.org_id)
    found = _Kept(
        asker.policies_version,
        policies,
        {row["domain"]: row["trust_profile"] for row in await parties.parties(tx, asker.org_id)},
        told=bool(declared),
        measured=frozenset().union(*(measured_of(policy_of(each).rules) for each in policies)),
    )
    others = {} if len(memory) >= 256 else memory
    tx.memory["policies"] = {**others, asker.org_id: found}
    return found


def _stack_of(kept: tuple[KeptPolicy, ...], asker: Asker, labels: Labels) -> Stack:
    teams = frozenset(labels.teams)
    return _stack(tuple(each for each in kept if each.binding.holds_for(asker.agent_id, teams)))


@lru_cache(maxsize=512)
def _stack(kept: tuple[KeptPolicy, ...]) -> Stack:
    return Stack([_layer(each) for each in kept])


def _layer(kept: KeptPolicy) -> Layer:
    return Layer(policy_of(kept), kept.binding.tier, kept.binding.rank)


@lru_cache(maxsize=1024)
def policy_of(kept: KeptPolicy) -> Policy:
    """A text that this version of the hub cannot read any more denies everything: it may have denied this."""
    try:
        return load(kept.text, policy_id=kept.policy_id, version=kept.version)
    except Invalid:
        return load(_UNREADABLE, policy_id=kept.policy_id, version=kept.version)


_UNREADABLE = "version: 1\ndefault: deny\nrules:\n  - {id: unreadable, effect: deny, action: '*'}\n"
