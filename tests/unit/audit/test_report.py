"""The report of a verification."""

from __future__ import annotations

import msgspec

from approvals_hub.audit.report import Bad, broken
from tests.unit.audit.made_export import LOG, checked


def test_what_ends_a_verification_carries_what_the_report_names() -> None:
    assert broken("interval", 3, "why", end=9).bad == Bad("interval", 3, "why", 9)


def test_a_report_is_one_json_object() -> None:
    report = msgspec.json.decode(msgspec.json.encode(checked(LOG.lines())))
    assert (report["ok"], report["entries"], report["first_bad"]) == (True, 600, None)
