"""The offline verification against keys and checkpoints that are known from elsewhere."""

from __future__ import annotations

from io import BytesIO

import pytest

from approvals_hub.audit.verify import verify
from tests.unit.audit.made_export import KEY, LOG, PART, checked, first_bad, signer

WHOLE = LOG.lines()
SOME = PART.lines()


def test_an_export_forged_from_end_to_end_is_refused_by_the_pinned_key() -> None:
    forged = LOG.changed(signer=signer(2)).lines()
    assert checked(forged, keys=()).ok
    assert first_bad(forged) == ("checkpoint", 0)


def test_a_key_kept_from_before_a_rotation_is_given_beside_the_new_one() -> None:
    assert checked(WHOLE, keys=(str(signer(2).verifier), KEY)).ok


def test_a_key_that_cannot_be_read_is_the_callers_mistake() -> None:
    with pytest.raises(ValueError, match="verifier key"):
        verify(BytesIO(b""), keys=["nonsense"])


@pytest.mark.parametrize("size", [1, 99, 100, 256, 301, 512, 600])
def test_a_checkpoint_kept_elsewhere_of_the_same_history_is_compared(size: int) -> None:
    report = checked(WHOLE, kept=LOG.checkpoint(size))
    assert (report.ok, report.compared) == (True, size)


@pytest.mark.parametrize("size", [50, 100, 290, 512, 600])
def test_a_fork_shows_against_a_checkpoint_kept_elsewhere(size: int) -> None:
    other = LOG.changed(bodies=[b'{"another":"history"}', *LOG.bodies[1:]])
    assert first_bad(WHOLE, kept=other.checkpoint(size))[0] == "fork"


def test_a_log_cut_back_and_signed_again_shows_against_a_newer_checkpoint() -> None:
    shorter = LOG.changed(bodies=LOG.bodies[:555], seals=[100, 256, 300, 555]).lines()
    assert checked(shorter).ok
    assert first_bad(shorter, kept=LOG.checkpoint(600)) == ("cut", 555)


def test_a_checkpoint_outside_of_the_range_is_not_passed_over_in_silence() -> None:
    assert first_bad(SOME, kept=LOG.checkpoint(100)) == ("not_covered", None)


def test_a_checkpoint_kept_elsewhere_that_nobody_signed_is_refused() -> None:
    assert first_bad(WHOLE, kept=LOG.changed(signer=signer(2)).checkpoint(600)) == ("checkpoint", 0)
