"""From a completed order to a Proof: the right person, over what was asked, with no more risk than is accepted."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from typing import TYPE_CHECKING

from identity.bankid_api import RISKS, Completion
from identity.bankid_evidence import Asked, require_same_person, verify
from identity.bankid_order import asks_risk, hidden_data, kind_of, visible_data
from identity.bankid_running import Running
from identity.bankid_settings import BankIDSettings
from identity.errors import TooRisky, TooWeak, WrongPerson
from identity.proof import Binding, Factor, Proof, Purpose, StepUp

if TYPE_CHECKING:
    from cryptography.x509 import Certificate


def proof_of(
    settings: BankIDSettings,
    roots: Sequence[Certificate],
    factor: Factor,
    step_up: StepUp,
    running: Running,
    completion: Completion,
    *,
    now: int,
) -> Proof:
    """What a completed order proves. Raises Refused: WrongPerson, OtherIntent, TooRisky, TooWeak.

    `now` is when it is looked at; the proof is of when it was looked at first.
    """
    at = now if running.proven is None else int(running.proven["at"])
    asked = Asked(
        kind=kind_of(step_up),
        visible=visible_data(step_up),
        hidden=hidden_data(step_up),
        policies=settings.certificate_policies,
        not_before=step_up.began_at,
    )
    evidence = verify(completion.signature, completion.ocsp, asked, roots=roots, now=at)
    require_same_person(evidence, completion.personal_number)
    if not factor.is_mine(evidence.personal_number):
        raise WrongPerson("somebody else signed with their BankID")
    _require_low_risk(settings, step_up, completion)
    if settings.mrtd and completion.mrtd is not True:
        raise TooWeak("no travel document was scanned", hint="mrtd")
    # The hub keeps a keyed hash of the number; the number itself only where the settings say so.
    kept = {"personal_number": evidence.personal_number if settings.keep_personal_number else None}
    return Proof(
        method="bankid",
        amr=("pop", "mfa"),
        binding=Binding.SIGNED,
        at=at,
        subject=evidence.personal_number,
        identified="eid",
        once=(f"bankid:{running.order_ref}",),
        data=kept if step_up.purpose is Purpose.LINK else None,
        evidence={"signature": evidence.signature, "ocsp": evidence.ocsp},
        auth_ref=running.order_ref,
        facts=_facts(step_up, running, completion),
    )


def _require_low_risk(settings: BankIDSettings, step_up: StepUp, completion: Completion) -> None:
    if not asks_risk(settings, step_up):
        return
    if completion.risk is None:
        # The operator's setting is for questions without a limit of their own.
        if step_up.most_risk is not None or not settings.accept_missing_risk:
            raise TooRisky("BankID did not say how risky it takes the order to be", hint="risk_missing")
        return
    most = step_up.most_risk or "moderate"
    if most not in RISKS or RISKS.index(completion.risk) > RISKS.index(most):
        raise TooRisky(f"BankID sees a {completion.risk} risk", hint="risk")


def _facts(step_up: StepUp, running: Running, completion: Completion) -> dict[str, str | int | bool]:
    """What a policy may ask about; no name, number or address."""
    return {
        "risk": completion.risk or "unknown",
        "same_device": running.return_nonce is not None,
        "same_address": _is_same_address(completion.address, step_up.client.address),
        "mrtd": completion.mrtd is True,
    }


def _is_same_address(told: str | None, seen: str) -> bool:
    try:
        return told is not None and ipaddress.ip_address(told) == ipaddress.ip_address(seen)
    except ValueError:
        return False
