"""No secret in a repr: every type of the product that holds one is printed, and the secret is looked for."""

from __future__ import annotations

import dataclasses
import importlib
import io
import pkgutil
import re
import traceback
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from rich.console import Console
from rich.pretty import pretty_repr
from rich.traceback import Traceback

from approvals_hub.core.sealing import KeyEncryptionKeys
from approvals_hub.db.memory import Memory
from approvals_hub.keys.key import TOKEN, SigningKey
from approvals_hub_client import Credential
from approvals_hub_client.keys import Ed25519SigningKey

PACKAGES = ("approvals_hub", "identity", "notify", "web", "approvals_hub_client")
MARK = "5ecret-va1ue"

SECRET = re.compile(r"(^|_)(token|secret|seed|digits|password|api_key|match_code|invite|keks?|mac_key|data_key)$")
"""Members that are secrets by their name."""
PUBLIC = {
    "approvals_hub.api.callbacks.CallbacksView.has_secret": "whether there is one",
    "approvals_hub.notifications.callbacks.Callbacks.has_secret": "whether there is one",
    "identity.email_otp.EmailSettings.digits": "how many a code has",
    "identity.one_time_code.CodeSettings.digits": "how many a code has",
    "identity.sms_otp.SmsSettings.digits": "how many a code has",
    "approvals_hub.api.channels.ChannelView.has_secret": "whether there is one",
    "approvals_hub.notifications.channel.ShownChannel.has_secret": "whether there is one",
    "approvals_hub.api.views.EscalationView.outcome_token": "evidence of an ending: it permits nothing",
    "approvals_hub.escalations.collect.ToldAgent.outcome_token": "evidence of an ending: it permits nothing",
    "approvals_hub_client.bundle_form.Bundle.token": "what a token says, without its text",
    "approvals_hub_client.bundle_form.ProofPart.token": "a proof to be shown around: it permits nothing",
    "approvals_hub_client.chain.Hop.token": "a proof to be shown around: it permits nothing",
}
"""Members that only sound like one, and why."""
OTHERS = {
    "approvals_hub.api.call.Call.raw": "a body, with whatever was sent in it",
    "approvals_hub.api.channels.ChannelForm.settings": "secrets are among them",
    "approvals_hub.api.channels.TryForm.settings": "secrets are among them",
    "approvals_hub.api.decisions.AnswerForm.statement": "holds the match code",
    "approvals_hub.api.orgs.MemberInviteView.url": "the invitation's link",
    "approvals_hub.app.Place.database": "may hold the database's password",
    "approvals_hub.config.Database.url": "may hold the database's password",
    "approvals_hub.core.sealing.KeyEncryptionKeys.keys": "the key-encryption keys",
    "approvals_hub.decisions.answer.Answer.reason": "a person's free text, sealed where it is kept",
    "approvals_hub.decisions.answer.Answer.reason_salt": "with it the reason can be guessed from its commitment",
    "approvals_hub.decisions.answer.Answer.statement": "holds the match code",
    "approvals_hub.decisions.answer.Signed.message": "holds the match code",
    "approvals_hub.decisions.answer.Signed.statement": "holds the match code",
    "approvals_hub.escalations.nonce.Nonces.key": "makes nonces",
    "approvals_hub.cli.operate_channels.NewChannel.settings": "secrets are among them",
    "approvals_hub.notifications.attempt.Attempt.address": "where somebody is told",
    "approvals_hub.notifications.channel_form.Written.secrets": "a channel's",
    "approvals_hub.notifications.own_channels.Ready.settings": "secrets are among them",
    "approvals_hub.outbound.OwnChat.url": "whoever knows it writes there",
    "approvals_hub.outbound.OwnWebhook.secrets": "signs events",
    "approvals_hub.outbound.OwnWebhook.url": "often a secret by itself",
    "approvals_hub.people.invite.Invited.url": "the invitation's link",
    "approvals_hub.stepup.set_up.SetupLink.url": "the set-up link",
    "approvals_hub_client.question.Question.view": "the hub's answer, with the token in it",
    "identity.bankid_running.Running.proven": "what an eID signed, with the person in it",
    "identity.bankid_running.Running.return_nonce": "ties an order to the page it was started from",
    "identity.proof.Challenge.state": "what a provider must remember and nobody may see",
    "identity.proof.Factor.data": "a person's seed at a provider",
    "identity.proof.Pending.state": "what a provider must remember and nobody may see",
    "identity.proof.Proof.data": "a person's seed at a provider",
    "identity.proof.Proof.evidence": "what an eID signed, with the person in it",
    "identity.proof.Proof.subject": "a personal number",
    "notify.apns.ApnsSettings.key": "the sender's key",
    "notify.fcm.Account.private_key": "the sender's key",
    "notify.fcm.FcmSettings.service_account": "the sender's key",
    "notify.fcm_device.FcmDevice.fid": "whoever knows it and the account can write to it",
    "notify.message.Event.data": "what is said to somebody",
    "notify.message.Notice.sealed": "what only the app may open",
    "notify.message.Notice.text": "what is said to somebody",
    "notify.push_subscription.Keys.auth": "with it anybody can have a browser show anything",
    "notify.push_subscription.PushSubscription.endpoint": "whoever knows it can write to it",
    "notify.relay_device.RelayDevice.handle": "whoever knows it wakes the phone",
    "notify.relay_device.RelayDevice.topic_key": "whoever knows it can say whose a wake is",
    "notify.webhook_endpoint.WebhookEndpoint.secrets": "signs events",
    "notify.webhook_endpoint.WebhookEndpoint.url": "often a secret by itself",
    "notify.webpush.WebPushSettings.private_key": "the sender's key",
}
"""Secrets that their name does not tell."""


def holders() -> Iterator[type]:
    """Every dataclass and struct of the product."""
    for package in map(importlib.import_module, PACKAGES):
        for found in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
            if found.name.endswith("__main__"):
                continue
            module = importlib.import_module(found.name)
            for kind in vars(module).values():
                if isinstance(kind, type) and kind.__module__ == found.name and members(kind):
                    yield kind


def members(kind: type) -> tuple[str, ...]:
    if issubclass(kind, msgspec.Struct):
        return kind.__struct_fields__
    return tuple(field.name for field in dataclasses.fields(kind)) if dataclasses.is_dataclass(kind) else ()


def filled(kind: Any) -> Any:
    """An instance with a mark in every member, whatever its type is."""
    marks = {name: f"<{name}:{MARK}>" for name in members(kind)}
    try:
        made = kind.__new__(kind)
    except TypeError:
        # A struct that inherits members is made by its constructor alone, which looks at no type.
        return kind(**marks)
    put = msgspec.structs.force_setattr if issubclass(kind, msgspec.Struct) else object.__setattr__
    for name, mark in marks.items():
        put(made, name, mark)
    return made


def is_secret(kind: type, name: str) -> bool:
    path = f"{kind.__module__}.{kind.__qualname__}.{name}"
    return path in OTHERS or (SECRET.search(name) is not None and path not in PUBLIC)


SECRETIVE = [kind for kind in holders() if any(is_secret(kind, name) for name in members(kind))]


@pytest.mark.parametrize("kind", SECRETIVE, ids=lambda kind: f"{kind.__module__}.{kind.__qualname__}")
def test_a_type_that_holds_a_secret_is_printed_without_it(kind: type) -> None:
    made = filled(kind)
    shown = repr(made) + pretty_repr(made, max_width=10_000)
    assert [name for name in members(kind) if is_secret(kind, name) and f"<{name}:{MARK}>" in shown] == []


def test_what_is_named_here_is_there() -> None:
    known = {f"{kind.__module__}.{kind.__qualname__}.{name}" for kind in holders() for name in members(kind)}
    assert {*PUBLIC, *OTHERS} - known == set()
    assert len(SECRETIVE) > 30


def fails(signer: SigningKey, credential: Credential, keks: KeyEncryptionKeys, memory: Memory) -> None:
    raise LookupError(f"{signer.kid} of {credential.agent_id} {len(keks.keys)} {len(memory)}")


def test_a_traceback_with_the_values_of_its_variables_shows_no_key() -> None:
    seed, kek, data_key = b"sssssssssssssssssssssssssssssss1", b"kkkk-key-encryption", b"dddd-data-key"
    public = Ed25519SigningKey(seed).public
    signer = SigningKey(kid="k", purpose=TOKEN, public=public, seed=seed, created_at=0, active_from=0)
    memory = Memory()
    memory["data-key:org_1"] = data_key
    written = io.StringIO()
    try:
        fails(signer, Credential("https://hub.example", seed=seed), KeyEncryptionKeys({"kek_1": kek}), memory)
    except LookupError as error:
        laid_out = Traceback.from_exception(type(error), error, error.__traceback__, show_locals=True)
        # The test's own frame holds the raw keys; what the code below was given is what counts.
        laid_out.trace.stacks[0].frames[:] = laid_out.trace.stacks[0].frames[1:]
        Console(file=written, width=500).print(laid_out)
        told = traceback.TracebackException.from_exception(error, capture_locals=True)
        assert told.stack[1].locals is not None
        written.write(repr(told.stack[1].locals))
    text = written.getvalue()
    assert "data-key:org_1" in text, "no variables were shown"
    assert [key for key in (seed, kek, data_key) if key.decode() in text] == []
