"""The vectors of receipt bundles: `python -m tests.vectors.make_bundles` writes them from a hub that it starts.

A hub draws its ids and keys, so that every run writes other bundles: the file is kept as it was once written. What
was a receipt then is one for ever: a verifier that refuses one of the good ones has broken its promise.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.unit.approvals_hub_client.made_bundle import Json, changed, lied, made, part_of, verified

FILE = Path(__file__).parent / "bundles" / "receipts.json"
FIRST = "two approvals, one of them by a passkey; redeemed"

ATTACKS: tuple[tuple[str, Callable[[Json], Any]], ...] = (
    ("another hub's keys", lambda b: b.update(hub=made().other["hub"])),
    ("another hub's log", lambda b: b.update(log=made().other["log"])),
    ("another question's checkpoint", lambda b: b["log"].update(checkpoint=made().second["log"]["checkpoint"])),
    ("entries in another order", lambda b: b["log"]["entries"].reverse()),
    ("an entry less", lambda b: b["log"]["entries"].pop(0)),
    ("an answer less", lambda b: b["answers"].pop()),
    ("an answer twice", lambda b: b["answers"].append(b["answers"][0])),
    ("an answer to another question", lambda b: b["answers"].__setitem__(0, made().second["answers"][0])),
    ("another signature", lambda b: b["answers"][0].update(signature=made().second["answers"][0]["signature"])),
    ("another payload", lambda b: b["question"]["action"]["payload"].update(rows=1)),
    ("shown something else", lambda b: b["question"].update(presentation=made().second["question"]["presentation"])),
    ("less was required", lambda b: b["question"]["requirement"].update(approvals=1)),
    ("another outcome", lambda b: b["question"].update(outcome="denied")),
    ("no token", lambda b: b.update(token=None)),
    ("an approver less", lambda b: b["token"]["claims"]["approvers"].pop()),
    ("a token that was not spent", lambda b: b["token"].update(state="ready")),
    ("no proof", lambda b: b.update(proof=None)),
    ("another hub's proof", lambda b: b["proof"].update(token=made().other["proof"]["token"])),
    ("another question's seal", lambda b: b.update(seal=made().second["seal"])),
    ("the checkpoint for the seal", lambda b: b.update(seal=b["log"]["checkpoint"])),
    ("a member too many", lambda b: b["answers"][0].update(more=1)),
    ("another version", lambda b: b.update(format="approvals-hub.bundle.v2")),
)


def bundles() -> Json:
    """The file: good bundles with a key to trust, and changes of the first by which it holds no more."""
    good = {
        FIRST: made().first,
        "approved, and then taken back by a denial": made().second,
        "two stages with a veto and a wait, and an approval that was taken back": made().ruled,
        "another hub": made().other,
    }
    refused = [(name, changed(made().first, change)) for name, change in ATTACKS]
    by_its_hub = lied(made().first, lambda b: b["question"]["action"]["payload"].update(rows=1))
    refused.append(("the hub itself signs another payload", by_its_hub))
    return {
        "format": "approvals-hub.bundle.v1",
        "trust": str(made().signer.verifier),
        "good": [
            {"name": name, "outcome": bundle["question"]["outcome"], "bundle": bundle} for name, bundle in good.items()
        ],
        "refused": [
            {"name": name, "part": part_of(verified(bundle)), "of": FIRST, "patch": [*patch(made().first, bundle)]}
            for name, bundle in refused
        ],
    }


def patch(old: Any, new: Any, path: str = "") -> Iterator[Json]:
    """What makes `new` of `old`, as a JSON patch (RFC 6902)."""
    if type(old) is dict and type(new) is dict:
        for name in [*old, *(name for name in new if name not in old)]:
            place = f"{path}/{name.replace('~', '~0').replace('/', '~1')}"
            if name not in new:
                yield {"op": "remove", "path": place}
            elif name not in old:
                yield {"op": "add", "path": place, "value": new[name]}
            else:
                yield from patch(old[name], new[name], place)
    elif type(old) is list and type(new) is list and len(old) == len(new):
        for index, pair in enumerate(zip(old, new, strict=True)):
            yield from patch(*pair, f"{path}/{index}")
    elif old != new or type(old) is not type(new):
        yield {"op": "replace", "path": path, "value": new}


if __name__ == "__main__":
    FILE.write_text(json.dumps(bundles(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
