"""What whoever writes a requirement is warned of, and what is refused."""

from __future__ import annotations

from itertools import combinations

import pytest

from approvals_hub.core.errors import Invalid
from approvals_hub.domain.advice import CODES, advice, codes_alone, refusal_of_codes, refuse_sent_codes
from approvals_hub.domain.assurance import LEVELS, PASSKEYS, named
from approvals_hub.domain.requirement import RISKS, Requirement
from approvals_hub.stepup.offer import worth_of, would_satisfy


@pytest.mark.parametrize(
    ("methods", "risk", "codes"),
    [
        ((), "high", []),
        (("passkey", "totp"), "high", []),
        (("totp",), "high", ["codes_alone"]),
        (("totp", "email_otp"), "low", ["codes_alone"]),
        (("passkey", "sms_otp"), "high", ["sent_codes_where_risk_is_high"]),
        (("email_otp",), "high", ["codes_alone", "sent_codes_where_risk_is_high"]),
        (("bankid", "email_otp"), "medium", []),
    ],
)
def test_what_is_warned_of(methods: tuple[str, ...], risk: str, codes: list[str]) -> None:
    found = advice(Requirement(methods=methods, risk=risk))
    assert [each.code for each in found] == codes
    assert all(each.field == "$.methods" and each.next_step for each in found)


@pytest.mark.parametrize("sent", ["email_otp", "sms_otp"])
def test_a_code_that_others_can_read_on_its_way_approves_nothing_critical(sent: str) -> None:
    with pytest.raises(Invalid) as refused:
        refuse_sent_codes(Requirement(methods=("passkey", sent), risk="critical"))
    assert refused.value.field == "$.methods[1]"
    refuse_sent_codes(Requirement(methods=("passkey", sent), risk="high"))
    refuse_sent_codes(Requirement(methods=("passkey", "totp"), risk="critical"))


@pytest.mark.parametrize(
    ("wanted", "alone"),
    [
        (Requirement(), False),
        (Requirement(methods=("totp",)), True),
        (Requirement(methods=("totp", "sms_otp")), True),
        (Requirement(methods=("totp", "passkey")), False),
        (Requirement(methods=("totp", "bankid")), False),
        (Requirement(methods=("totp", "device_key")), False),  # the key's own signature is enough
        (Requirement(methods=("totp", "device_key"), risk="critical"), True),  # and here it is not
        (Requirement(methods=("totp", "device_key"), min_assurance="SUBSTANTIAL"), True),  # nor beside a passkey
        (Requirement(methods=("totp", "passkey"), passkeys="device_bound"), False),
        (Requirement(methods=("totp",), min_assurance="HIGH"), False),  # no code reaches it
    ],
)
def test_whether_nothing_but_a_code_to_copy_is_enough_is_judged_by_what_would_satisfy_it(
    wanted: Requirement, alone: bool
) -> None:
    assert codes_alone(wanted) is alone
    refused = refusal_of_codes(wanted)
    assert (refused is not None, refusal_of_codes(wanted, Requirement(methods=("totp",)))) == (alone, None)
    assert refused is None or "passkey or an eID" in refused.next_step


OFFERED = ("webauthn", "bankid", "totp", "email_otp", "sms_otp")


def test_whatever_is_taken_and_whatever_device_signs_a_code_is_never_the_only_way_that_is_offered() -> None:
    names = ("device_key", *map(named, OFFERED))
    devices = [
        {"kind": "device_key"},
        {"kind": "passkey", "backup_eligible": 0, "backed_up": 0},
        {"kind": "passkey", "backup_eligible": 1, "backed_up": 1},
    ]
    offers = 0
    for methods in (some for count in range(4) for some in combinations(names, count)):
        for level, risk, passkeys in ((a, b, c) for a in LEVELS for b in RISKS for c in PASSKEYS):
            wanted = Requirement(methods=methods, min_assurance=level, risk=risk, passkeys=passkeys)
            if refusal_of_codes(wanted) is not None:
                continue
            enough = [
                wanted.satisfied_by(worth.acr, worth.methods)
                for worth in (worth_of(wanted, device) for device in devices)
            ]
            for device in devices:
                ways = {way for way in OFFERED if would_satisfy(wanted, worth_of(wanted, device), way)}
                offers += bool(ways)
                assert not ways or ways - CODES or any(enough), (wanted, device)
    assert offers > 1000
