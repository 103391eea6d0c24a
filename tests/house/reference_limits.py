"""The page of limits, written from the numbers in the code."""

from __future__ import annotations

from importlib import import_module

LIMITS = """# Limits

Every limit has its test. Where one is exceeded nothing has happened, and the answer says what to do next.

Written from the constants in the code by `make docs`; do not edit.

## Requests

| what | limit | beyond it |
|---|---|---|
"""

SIZES = """
## Values

| what | limit |
|---|---|
"""

LIVES = """
## Times

| what | how long |
|---|---|
"""

# What the page calls it, where it stands in the code, and what it counts.
VALUES = [
    ("action, as canonical JSON", "domain.action.MAX_BYTES", "bytes"),
    ("depth of a payload", "domain.payload.MAX_DEPTH", "levels"),
    ("members of one object", "domain.payload.MAX_MEMBERS", "members"),
    ("items of one array", "domain.payload.MAX_ITEMS", "items"),
    ("values of an action altogether", "domain.payload.MAX_VALUES", "values"),
    ("integers, in either direction", "domain.payload.MAX_INTEGER", "(2^53 − 1); larger ones are texts"),
    ("attachments named by an action", "domain.action.MAX_ATTACHMENTS", "attachments"),
    ("chain of agents in `principal`", "domain.action.MAX_CHAIN", "agents"),
    ("justification", "escalations.asked.JUSTIFICATION_LIMIT", "characters"),
    ("groups in one quorum", "domain.rule.GROUPS_LIMIT", "groups"),
    ("names of one group, or with a veto", "domain.rule.NAMES_LIMIT", "names"),
    ("approvals that one quorum takes", "domain.rule.SEATS_LIMIT", "approvals"),
    ("open questions of one agent", "escalations.escalate.OPEN_LIMIT", "questions"),
    ("reason of an answer", "escalations.refusals.REASON_LIMIT", "characters"),
    ("reason of an approval where one is asked for, at least", "escalations.refusals.REASON_LEAST", "characters"),
    ("wrong numbers that bar an approval of one question", "escalations.match_number.TRIES", "numbers"),
    ("what an executor reports", "tokens.report.DETAIL_LIMIT", "characters"),
    ("proofs of counterparties in one redemption", "tokens.counterparty.COUNTERPARTIES_LIMIT", "proofs"),
    ("one such proof", "tokens.counterparty.PROOF_LIMIT", "characters"),
    ("wakes of one handle at a push relay", "relay.wake.PER_MINUTE", "a minute"),
    ("of them under way", "relay.wake.AT_ONCE", "at a time"),
    ("wakes from one address", "relay.routes.WAKES_PER_MINUTE", "a minute"),
    ("of them for handles that are not there", "relay.routes.GUESSES_PER_MINUTE", "a minute"),
    ("handles made, renewed or ended from one address", "relay.routes.REGISTRATIONS_PER_MINUTE", "a minute"),
    ("a body at a push relay", "relay.routes.LARGEST", "bytes"),
    ("hubs that an organisation trusts", "tokens.trusted_hub.HUBS_LIMIT", "hubs"),
    ("keys of a trusted hub, ended ones too", "tokens.trusted_hub.KEYS_LIMIT", "keys"),
    (
        "relying parties in an organisation's registry",
        "policies.relying_party.PARTIES_LIMIT",
        "hosts, or `*.` and a name",
    ),
    ("signals that an organisation declares", "policies.signal.SIGNALS_LIMIT", "signals"),
    ("monitors that may set one of them", "policies.signal.MONITORS_LIMIT", "agents"),
    ("modes of an organisation", "policies.signal.MODES_LIMIT", "words"),
    ("reason of what is set", "policies.signal.REASON_LIMIT", "characters"),
    ("rules that an agent is told of in a trace", "policies.trace.OUTLINED", "rules, and the one that decides"),
    ("entries of the log in one receipt bundle", "decisions.make_bundle.MAXIMUM_ENTRIES", "entries"),
    ("name of an agent", "agents.invite.NAME_LIMIT", "characters"),
    ("name of a person", "people.person.NAME_LIMIT", "characters"),
    ("channels that an organisation sets up", "notifications.channel.CHANNELS_LIMIT", "channels"),
    ("test messages of an organisation in a minute", "notifications.try_channel.A_MINUTE", "messages"),
    ("active devices of a person", "people.device.DEVICES_LIMIT", "devices"),
    ("wrong digits before a new device is revoked", "people.device.WRONG_DIGITS_LIMIT", "tries"),
    ("answers to one step-up", "stepup.step_up.MOST_TRIES", "tries; the next one is refused even if it is right"),
    ("wrong codes of one person in an hour", "stepup.step_up.WRONG_PERSON_HOURLY", "codes"),
    ("wrong codes from one address in an hour", "stepup.step_up.WRONG_ADDRESS_HOURLY", "codes"),
    ("wrong codes of everybody in an hour", "stepup.step_up.WRONG_EVERYBODY_HOURLY", "codes"),
    ("step-ups of one person in ten minutes", "stepup.step_up.BEGUN_LIMIT", "step-ups"),
    ("of these, by mail or by SMS", "stepup.step_up.SENT_LIMIT", "messages each"),
    ("codes to one address, to link it, at once", "stepup.sending.LINK_TO.burst", "messages"),
    ("codes to one confirmed address, at once", "stepup.sending.PROVE_TO.burst", "messages"),
    ("codes of one organisation, at once", "stepup.sending.PROVE_ORG.burst", "messages"),
    ("codes of the hub, at once", "stepup.sending.PROVE_HUB.burst", "messages"),
    ("step-ups that one statement lists", "stepup.spend_step_up.MOST_LISTED", "step-ups"),
]

# Milliseconds in the code.
TIMES = [
    ("a signal or mode stands at most, unless a person says otherwise", "policies.signal.LONGEST"),
    ("age of an action (`requested_at`)", "domain.action.MAX_AGE"),
    ("`requested_at` ahead of the hub's clock", "domain.action.MAX_AHEAD"),
    ("window of an agent's signature, in either direction", "agents.agent.WINDOW"),
    ("nonce of a signed request is remembered", "agents.agent.NONCE_LIFE"),
    ("idempotency key is remembered", "escalations.escalate.IDEMPOTENCY_LIFE"),
    ("what a view gives for signing", "escalations.nonce.LIFE"),
    ("approval token, from each collection", "tokens.token.APPROVAL_LIFE"),
    ("age of the proof of possession at redemption", "tokens.possession.POP_WINDOW"),
    ("the winner of a token gets its answer again", "tokens.redeem.REPEAT_LIFE"),
    ("proof token", "tokens.token.PROOF_LIFE"),
    ("outcome token", "tokens.token.OUTCOME_LIFE"),
    ("new token key is published before it signs", "keys.rotate.PUBLISHED_AHEAD"),
    ("token key that was replaced still verifies", "keys.key.OVERLAP"),
    ("oldest unsealed entry of the log before approvals stop", "audit.watch.LIMIT"),
    ("set-up link of a new hub", "people.person.SETUP_LIFE"),
    ("invitation of a person, unless said otherwise", "people.person.INVITE_LIFE"),
    ("invitation of an agent, unless said otherwise", "agents.invite.INVITE_LIFE"),
    ("invitation of an agent, at most", "agents.invite.LONGEST_INVITE_LIFE"),
    ("challenge of a sign-in or an enrolment", "stepup.challenge.CHALLENGE_LIFE"),
    ("step-up, and its question's end if that is sooner", "stepup.step_up.LIFE"),
    ("proof of a step-up waits for its signature", "stepup.settle_step_up.PROOF_LIFE"),
    ("session without use", "people.session.IDLE_LIMIT"),
    ("session at most", "people.session.ABSOLUTE_LIMIT"),
    ("session for enrolment alone", "people.session.ENROLMENT_LIMIT"),
]

UNITS = [("day", 86_400_000), ("hour", 3_600_000), ("minute", 60_000), ("second", 1000)]


def limits_page() -> str:
    """Limits of requests as the HTTP interface lists them, of values, and of times."""
    from approvals_hub.api.limits import LIMITS as REQUESTS

    requests = [f"| {what} | {number:,} {unit} | {beyond} |\n" for what, (number, unit, beyond) in REQUESTS.items()]
    values = [f"| {what} | {constant(where):,} {unit} |\n" for what, where, unit in VALUES]
    shortest, longest = (constant(f"domain.requirement.{name}") * 1000 for name in ("SHORTEST_LIFE", "LONGEST_LIFE"))
    times = [f"| escalation | {spoken(shortest)} to {spoken(longest)} |\n"]
    times += [f"| {what} | {spoken(constant(where))} |\n" for what, where in TIMES]
    return "".join([LIMITS, *requests, SIZES, *values, LIVES, *times])


def constant(where: str) -> int:
    """A number of the code by its place below `approvals_hub`."""
    module, name = where.removesuffix(".burst").rsplit(".", 1)
    value = getattr(import_module(f"approvals_hub.{module}"), name)
    value = value.burst if where.endswith(".burst") else value
    assert isinstance(value, int)
    return value


def spoken(milliseconds: int) -> str:
    """A time in its largest whole unit."""
    unit, size = next((unit, size) for unit, size in UNITS if milliseconds % size == 0)
    number = milliseconds // size
    return f"{number} {unit}{'s' if number != 1 else ''}"
