"""A staffed hub with a reception that signs people in, built of its own parts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from approvals_hub.core.ids import new_id
from approvals_hub.db.database import Tx
from approvals_hub.stepup import factor_store
from approvals_hub.stepup.admit_sign_in import AdmitSignIn, Arrival
from approvals_hub.stepup.begin_sign_in import BeginSignIn, BegunSignIn, SignInAsked
from approvals_hub.stepup.collect_sign_ins import CollectSignIns
from approvals_hub.stepup.complete_sign_in import CompleteSignIn
from approvals_hub.stepup.join_by_provider import JoinByProvider
from approvals_hub.stepup.methods import Methods
from approvals_hub.stepup.sign_in import SignedIn
from approvals_hub.stepup.sign_in_attempt import ShownAttempt
from approvals_hub.stepup.sign_in_way import SignInWay
from approvals_hub.stepup.sign_in_ways import SignInWays
from tests.fakes.reception import Reception
from tests.unit.hub_actors import HERE, PUBLIC_URL
from tests.unit.hub_fixture import StaffedHub

ARRIVAL = Arrival(HERE)


@dataclass
class SignIns:
    """The use cases, and the steps that tests share."""

    house: StaffedHub
    reception: Reception = field(default_factory=Reception)
    way: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        hub = self.house.hub
        self.methods = Methods({"reception": self.reception}, hub.vault, bytes(32), frozenset({"reception"}))
        self.ways = SignInWays({"reception": SignInWay("reception", "Reception", **self.way)}, self.methods)
        visits = hub.accept_invitation.visits
        self.join = JoinByProvider(self.methods, visits.recorder)
        admit = AdmitSignIn(self.ways, self.join, visits)
        self.begin_sign_in = BeginSignIn(hub.db, self.ways, hub.clock, PUBLIC_URL)
        self.complete = CompleteSignIn(hub.db, self.ways, admit, hub.clock)
        self.collect = CollectSignIns(hub.db, self.ways, hub.clock)

    async def begin(self, **asked: Any) -> BegunSignIn:
        return await self.begin_sign_in(SignInAsked("reception", source="192.0.2.1", **asked))

    async def answer(self, begun: BegunSignIn, answer: Any = None) -> ShownAttempt | SignedIn:
        return await self.complete(begun.shown.attempt.id, begun.secret, answer, ARRIVAL)

    async def sign_in(self, **told: Any) -> ShownAttempt | SignedIn:
        """Begin, and tell who it is."""
        return await self.answer(await self.begin(), told)

    async def link(self, person_id: str, subject: str) -> None:
        """Tie what the reception calls somebody to a person."""

        async def work(tx: Tx) -> None:
            await factor_store.add(
                tx,
                factor_id=new_id("fac"),
                person_id=person_id,
                method="reception",
                name="reception",
                subject_hash=self.methods.subject_hash("reception", subject),
                sealed=await self.methods.seal_data_in(tx, person_id, "reception", {}),
                at=self.house.time.now,
                by=person_id,
            )

        await self.house.hub.db.run(work)
