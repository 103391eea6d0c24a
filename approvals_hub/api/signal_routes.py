"""The operations about signals and the mode."""

from __future__ import annotations

from approvals_hub.api import signals
from approvals_hub.api.caller import Caller
from approvals_hub.api.endpoint import Route
from approvals_hub.api.fields import Items
from approvals_hub.api.telling_routes import CHANGED, DELETE, GET, PERSON, PUT, ROLE, Org
from approvals_hub.core.errors import Forbidden

AGENT = Caller.AGENT
One, Mine = f"{Org}/signals/{{name}}", "/v1/agent/signals"

# fmt: off
SIGNALS: tuple[Route, ...] = (
    Route(GET, f"{Org}/signals", signals.listed, PERSON, None, Items[signals.SignalView], 200, ROLE),
    Route(PUT, One, signals.declare, PERSON, signals.SignalForm, signals.SignalView, 200, CHANGED),
    Route(DELETE, One, signals.remove, PERSON, signals.ClearForm, signals.SignalView, 200, CHANGED),
    Route(PUT, f"{One}/setting", signals.set_signal, PERSON, signals.SetForm, signals.SignalView, 200, ROLE),
    Route(DELETE, f"{One}/setting", signals.clear, PERSON, signals.ClearForm, signals.SignalView, 200, ROLE),
    Route(GET, f"{Org}/mode", signals.mode, PERSON, None, signals.ModeView, 200, ROLE),
    Route(PUT, f"{Org}/mode", signals.set_mode, PERSON, signals.ModeForm, signals.ModeView, 200, ROLE),
    Route(PUT, f"{Org}/modes", signals.define_modes, PERSON, signals.ModesForm, signals.ModeView, 200, CHANGED),
    Route(GET, Mine, signals.mine, AGENT, None, Items[signals.MonitoredView], 200),
    Route(PUT, f"{Mine}/{{name}}", signals.set_mine, AGENT, signals.MonitorForm, signals.MonitoredView, 200,
          (Forbidden,)),
    Route(DELETE, f"{Mine}/{{name}}", signals.clear_mine, AGENT, None, signals.MonitoredView, 200, (Forbidden,)),
)
# fmt: on
