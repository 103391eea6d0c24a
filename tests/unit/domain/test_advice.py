"""What whoever writes a requirement is warned of, and what is refused."""

from __future__ import annotations

import pytest

from approvals_hub.core.errors import Invalid
from approvals_hub.domain.advice import advice, refuse_sent_codes
from approvals_hub.domain.requirement import Requirement


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
