"""Wires what is done for somebody who lost their keys: recovery codes, links, the host, and break-glass."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypedDict

from approvals_hub.audit.record import Recorder
from approvals_hub.changes.carry_out import CarryOut
from approvals_hub.changes.end_break_glass import EndBreakGlass
from approvals_hub.changes.open_break_glass import OpenBreakGlass
from approvals_hub.changes.propose import Propose
from approvals_hub.core.clock import Clock
from approvals_hub.db.database import Database
from approvals_hub.escalations.opening import Opening
from approvals_hub.keys.epoch import Epoch
from approvals_hub.keys.vault import Vault
from approvals_hub.people.keep_visits import KeepVisits
from approvals_hub.stepup.end_recovery import EndRecovery
from approvals_hub.stepup.fresh import FreshFactor
from approvals_hub.stepup.list_recoveries import ListRecoveries
from approvals_hub.stepup.make_recovery_codes import MakeRecoveryCodes
from approvals_hub.stepup.methods import Methods
from approvals_hub.stepup.open_recovery import OpenRecovery
from approvals_hub.stepup.recover_by_code import RecoverByCode
from approvals_hub.stepup.recover_by_link import RecoverByLink
from approvals_hub.stepup.recover_on_host import RecoverOnHost
from approvals_hub.stepup.recovery import Waits


class LostKeys(TypedDict):
    """These parts of a Hub, by the names of its members."""

    make_recovery_codes: MakeRecoveryCodes
    recover_by_code: RecoverByCode
    recover_by_link: RecoverByLink
    recover_on_host: RecoverOnHost
    list_recoveries: ListRecoveries
    open_break_glass: OpenBreakGlass
    end_break_glass: EndBreakGlass
    propose: Propose
    carry_out: CarryOut


def lost_keys(
    *,
    db: Database,
    clock: Clock,
    vault: Vault,
    recorder: Recorder,
    fresh: FreshFactor,
    methods: Methods,
    opening: Opening,
    end_recovery: EndRecovery,
    epoch: Callable[[], Epoch],
    waits: Waits,
    public_url: str,
) -> LostKeys:
    """Build them from what the hub stands on."""
    open_recovery = OpenRecovery(end_recovery, recorder, epoch, waits, public_url)
    return LostKeys(
        make_recovery_codes=MakeRecoveryCodes(db, methods, fresh, recorder, clock),
        recover_by_code=RecoverByCode(db, methods, open_recovery, KeepVisits(recorder, vault), clock),
        recover_by_link=RecoverByLink(db, open_recovery, fresh, clock),
        recover_on_host=RecoverOnHost(db, open_recovery, clock),
        list_recoveries=ListRecoveries(db, clock),
        open_break_glass=OpenBreakGlass(db, vault, recorder, fresh, clock),
        end_break_glass=EndBreakGlass(db, recorder, clock),
        propose=Propose(db, opening, end_recovery, clock),
        carry_out=CarryOut(db, end_recovery, clock, epoch),
    )
