"""The figures' own names, by the group that measures them: so one of them can be asked for without measuring all."""

from __future__ import annotations

from tests.load.addresses import CHANNELS
from tests.load.deciding import SIZES
from tests.load.sending import POSTING

NAMES: dict[str, tuple[str, ...]] = {
    "escalations": ("escalations_per_second", "escalations_beside_no_database"),
    "authorizing": ("authorizations_per_second",),
    "loops": ("loops_per_second",),
    "waiting": ("decision_to_token_p50", "decision_to_token_p99", "memory_per_waiter"),
    "stopping": ("stop_all",),
    "history": ("loop_with_past",),
    "audit": ("audit_export", "audit_verify", "audit_peak_memory"),
    "reaching": (
        *(
            f"{channel}_created_to_taken{load}_{cut}"
            for channel in CHANNELS
            for load in ("", "_at_once")
            for cut in ("p50", "p99")
        ),
        *(f"{channel}_sends" for channel in (*CHANNELS, POSTING)),
        *(f"queue_beside_a_{dead}_vendor" for dead in ("silent", "closed")),
    ),
    "policies": (*(f"decisions_{size}_rules" for size in SIZES), "explained_1000_rules"),
    "cold_start": ("cold_start_help", "cold_start_serve", "idle_memory"),
}

GROUP_OF: dict[str, str] = {name: group for group, names in NAMES.items() for name in names}
