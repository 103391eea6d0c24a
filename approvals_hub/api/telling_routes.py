"""The operations that say who is told, in which order and over what: hand-overs, plans, absences, quiet hours,
channels, limits; how people answer; and where agents are called back."""

from __future__ import annotations

from approvals_hub.api import (
    absences,
    callbacks,
    channels,
    deliveries,
    disclosure,
    fatigue,
    hand_overs,
    least,
    on_call,
    plans,
    quiet_hours,
)
from approvals_hub.api.caller import Caller
from approvals_hub.api.endpoint import Route
from approvals_hub.api.fields import Items
from approvals_hub.api.orgs import Resume
from approvals_hub.api.policy_drafts import DraftView
from approvals_hub.core.errors import Conflict, Forbidden, NotFound, TooLarge, TooMany

GET, POST, PUT, DELETE = "GET", "POST", "PUT", "DELETE"
PERSON, Org = Caller.PERSON, "/v1/orgs/{org}"
Back = f"{Org}/agents/{{agent}}/callbacks"

ROLE = (Forbidden, NotFound)
CHANGED = (Forbidden, NotFound, Conflict)
TRIED = (Forbidden, NotFound, Conflict, TooMany)

# fmt: off
TELLING: tuple[Route, ...] = (
    Route(GET, Back, callbacks.read, PERSON, None, callbacks.CallbacksView, 200, ROLE),
    Route(PUT, Back, callbacks.replace, PERSON, callbacks.CallbacksForm, callbacks.CallbacksView, 200, ROLE),
    Route(POST, f"{Back}/secret", callbacks.rotate, PERSON, callbacks.RotateForm, callbacks.CallbacksView, 200, ROLE),
    Route(GET, "/v1/escalations/{id}/hand-over", hand_overs.candidates, PERSON, None, Items[hand_overs.CandidateView],
          200, CHANGED),
    Route(POST, "/v1/escalations/{id}/hand-over", hand_overs.hand_over, PERSON, hand_overs.HandOverForm,
          hand_overs.HandOverView, 200, CHANGED),
    Route(GET, f"{Org}/groups", plans.groups, PERSON, None, Items[plans.PlanView], 200, ROLE),
    Route(GET, f"{Org}/groups/{{name}}", plans.group, PERSON, None, plans.ShownPlanView, 200, ROLE),
    Route(PUT, f"{Org}/groups/{{name}}", plans.put_group, PERSON, plans.PlanForm, plans.PlanView, 200,
          (*CHANGED, TooLarge, TooMany), later=DraftView),
    Route(DELETE, f"{Org}/groups/{{name}}", plans.delete_group, PERSON, plans.GoneForm, plans.PlanView, 200, CHANGED),
    Route(GET, f"{Org}/routes", plans.routes, PERSON, None, Items[plans.PlanView], 200, ROLE),
    Route(GET, f"{Org}/routes/{{name}}", plans.route, PERSON, None, plans.ShownPlanView, 200, ROLE),
    Route(PUT, f"{Org}/routes/{{name}}", plans.put_route, PERSON, plans.PlanForm, plans.PlanView, 200, CHANGED),
    Route(DELETE, f"{Org}/routes/{{name}}", plans.delete_route, PERSON, plans.GoneForm, plans.PlanView, 200, CHANGED),
    Route(POST, f"{Org}/routes/{{name}}/preview", plans.preview, PERSON, plans.PreviewForm, plans.ForeseenView, 200,
          ROLE),
    Route(GET, f"{Org}/default-route", plans.default_route, PERSON, None, plans.DefaultView, 200, ROLE),
    Route(PUT, f"{Org}/default-route", plans.set_default_route, PERSON, plans.DefaultForm, plans.DefaultView, 200,
          ROLE),
    Route(GET, f"{Org}/schedules", plans.schedules, PERSON, None, Items[plans.PlanView], 200, ROLE),
    Route(GET, f"{Org}/schedules/{{name}}", plans.schedule, PERSON, None, plans.ShownPlanView, 200, ROLE),
    Route(PUT, f"{Org}/schedules/{{name}}", plans.put_schedule, PERSON, plans.PlanForm, plans.PlanView, 200, CHANGED),
    Route(DELETE, f"{Org}/schedules/{{name}}", plans.delete_schedule, PERSON, plans.GoneForm, plans.PlanView, 200,
          CHANGED),
    Route(GET, f"{Org}/schedules/{{name}}/on-call", on_call.read, PERSON, on_call.AtQuery, on_call.DutyView, 200, ROLE),
    Route(GET, f"{Org}/schedules/{{name}}/overrides", on_call.overrides, PERSON, None, Items[on_call.OverrideView],
          200, ROLE),
    Route(POST, f"{Org}/schedules/{{name}}/overrides", on_call.stand_in, PERSON, on_call.OverrideForm,
          on_call.OverrideView, 201, CHANGED),
    Route(DELETE, f"{Org}/schedules/{{name}}/overrides/{{id}}", on_call.end, PERSON, Resume, on_call.OverrideView, 200,
          ROLE),
    Route(GET, f"{Org}/limits", fatigue.limits, PERSON, None, fatigue.LimitsView, 200, ROLE),
    Route(PUT, f"{Org}/limits", fatigue.replace_limits, PERSON, fatigue.LimitsForm, fatigue.LimitsView, 200, ROLE),
    Route(GET, f"{Org}/disclosure", disclosure.read, PERSON, None, disclosure.DisclosureView, 200, ROLE),
    Route(PUT, f"{Org}/disclosure", disclosure.replace, PERSON, disclosure.DisclosureForm, disclosure.DisclosureView,
          200, ROLE),
    Route(GET, "/v1/disclosure", least.read, PERSON, None, least.LeastView, 200, (Forbidden,)),
    Route(PUT, "/v1/disclosure", least.replace, PERSON, least.LeastForm, least.LeastView, 200, (Forbidden,)),
    Route(GET, f"{Org}/approvers", fatigue.approvers, PERSON, fatigue.ApproversQuery, Items[fatigue.ApproverView], 200,
          ROLE),
    Route(GET, f"{Org}/absences", absences.of_org, PERSON, None, Items[absences.AbsenceView], 200, ROLE),
    Route(GET, "/v1/absences", absences.mine, PERSON, None, Items[absences.AbsenceView], 200, (Forbidden,)),
    Route(POST, "/v1/absences", absences.add, PERSON, absences.AbsenceForm, absences.AbsenceView, 201, CHANGED),
    Route(DELETE, "/v1/absences/{id}", absences.end, PERSON, None, absences.AbsenceView, 200, ROLE),
    Route(GET, "/v1/quiet-hours", quiet_hours.read, PERSON, None, quiet_hours.QuietView, 200, (Forbidden,)),
    Route(PUT, "/v1/quiet-hours", quiet_hours.replace, PERSON, quiet_hours.QuietForm, quiet_hours.QuietView, 200,
          (Forbidden,)),
    Route(GET, f"{Org}/channels", channels.listed, PERSON, None, Items[channels.ChannelView], 200, ROLE),
    Route(POST, f"{Org}/channels/test", channels.try_unsaved, PERSON, channels.TryForm, channels.TriedView, 200,
          TRIED),
    Route(GET, f"{Org}/channels/{{name}}", channels.one, PERSON, None, channels.ChannelView, 200, ROLE),
    Route(PUT, f"{Org}/channels/{{name}}", channels.put, PERSON, channels.ChannelForm, channels.ChannelView, 200,
          CHANGED),
    Route(DELETE, f"{Org}/channels/{{name}}", channels.delete, PERSON, plans.GoneForm, channels.ChannelView, 200,
          CHANGED),
    Route(POST, f"{Org}/channels/{{name}}/test", channels.try_saved, PERSON, None, channels.TriedView, 200, TRIED),
    Route(GET, f"{Org}/channel-warnings", channels.warnings, PERSON, None, Items[channels.FewView], 200, ROLE),
    Route(GET, f"{Org}/deliveries", deliveries.listed, PERSON, deliveries.DeliveriesQuery,
          Items[deliveries.DeliveryView], 200, ROLE),
    Route(POST, f"{Org}/deliveries/{{id}}/retry", deliveries.retry, PERSON, None, deliveries.RetriedView, 200, CHANGED),
)
# fmt: on
