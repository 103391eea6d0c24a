"""For which agents a policy holds."""

from __future__ import annotations

import pytest

from approvals_hub.core.errors import Invalid
from approvals_hub.policies.document import RANK
from approvals_hub.policies.kept import RANK_LIMIT, Binding, checked_binding, checked_name, refuse_version

WEB = frozenset({"web"})


@pytest.mark.parametrize(
    ("binding", "holds"),
    [
        (Binding(), True),
        (Binding("agent", "agt_1"), True),
        (Binding("agent", "agt_2"), False),
        (Binding("group", "web"), True),
        (Binding("group", "ops"), False),
        (Binding("group", "agt_1"), False),
        (Binding("agent", "web"), False),
    ],
)
def test_a_policy_holds_for_whom_it_is_bound_to(binding: Binding, holds: bool) -> None:
    assert binding.holds_for("agt_1", WEB) == holds


@pytest.mark.parametrize("binding", [Binding("agent", "web"), Binding(rank=RANK_LIMIT + 1), Binding("group", "a" * 64)])
def test_a_binding_of_another_form_is_refused(binding: Binding) -> None:
    with pytest.raises(Invalid):
        checked_binding(binding)


def test_a_name_is_short_and_plain() -> None:
    assert checked_name("a" * 63) == "a" * 63
    with pytest.raises(Invalid):
        checked_name("_a")


def test_a_new_policy_replaces_version_0_alone() -> None:
    assert refuse_version(None, 0) is None
    refused = refuse_version(None, 1)
    assert refused is not None
    assert refused.extra == {"version": 0}


def test_a_policy_that_is_given_no_rank_has_100() -> None:
    assert (RANK, Binding().rank) == (100, 100)
