"""kill -9 at random moments under load: what was acknowledged stays, what was not can be repeated, nothing is twice."""

from __future__ import annotations

import json
import os
import random
import select
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.flows.conftest import url_of
from tests.flows.world import World
from tests.load.processes import ROOT
from tests.load.reckoning import reckon
from tests.load.story import Story

SOAK = os.environ.get("SOAK") == "1"
ROUNDS = 250 if SOAK else 20
TURNS = 60 if SOAK else 3
SECONDS = 3_600 if SOAK else 180

PARENT_AND_CHILD = """
import os, signal
from tests.load.lineage import end_with
own = os.getpid()
if os.fork() == 0:
    end_with(own)
    os.write(1, b"!")
signal.pause()
"""


@pytest.mark.soak
def test_a_hub_that_is_killed_under_load_loses_and_doubles_nothing(database_place: Path | str, tmp_path: Path) -> None:
    told = ordeal(tmp_path, url_of(database_place), ROUNDS)
    assert told["broken"] == []
    assert told["rounds"] == ROUNDS
    assert told["token.redeemed"] > ROUNDS, "the load was too light to mean anything"


@pytest.mark.soak
def test_a_hub_that_is_killed_while_it_exchanges_its_key_starts_again_and_everything_sealed_opens(
    database_place: Path | str, tmp_path: Path
) -> None:
    told = ordeal(tmp_path, url_of(database_place), TURNS, "turning")
    assert told["broken"] == []
    assert told["token.redeemed"] > 0, "there was no load"
    assert told["rotations"] or told["keys_left"] > 1, "no rotation was begun"


@pytest.mark.soak
def test_what_a_killed_process_left_open_comes_true_once_at_the_process_beside_it(
    postgres_uri: str, tmp_path: Path
) -> None:
    told = ordeal(tmp_path, postgres_uri, ROUNDS // 2, "beside")
    assert told["broken"] == []
    assert told["token.redeemed"] > ROUNDS // 2, "the load was too light to mean anything"


async def test_the_reckoning_misses_a_question_that_was_acknowledged_and_is_gone(world: World) -> None:
    gone = Story(
        "key", {"action_id": "act"}, b"", "approve", asked={"escalation_id": "esc_gone", "org_id": world.org_id}
    )
    told = await reckon(world.place, [gone])
    assert [broken.partition(" ")[2] for broken in told.broken] == [
        "was acknowledged and is gone",
        "has 0 answers",
        "was spent 0 times",
    ]


def test_when_an_ordeal_is_killed_its_hubs_end_with_it() -> None:
    ends, alive = os.pipe()
    words = [sys.executable, "-c", PARENT_AND_CHILD]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, pass_fds=(alive,)) as parent:
        os.close(alive)
        assert parent.stdout is not None
        assert parent.stdout.read(1) == b"!"
        parent.kill()
        nobody_is_left(ends)


def nobody_is_left(ends: int) -> None:
    """Each process that was given the pipe's other end is gone, or goes now; the pipe is closed."""
    with open(ends, "rb") as pipe:
        assert select.select([pipe], [], [], 15)[0], "a process of the ordeal outlives it"
        assert pipe.read() == b""


def ordeal(folder: Path, database: str, rounds: int, *more: str) -> dict[str, Any]:
    """Run the rounds in a process of their own: it forks, which a process with threads must not."""
    seed = random.SystemRandom().randrange(2**32)
    words = [sys.executable, "-m", "tests.load.crash", str(folder), database, str(rounds), str(seed), *more]
    ends, alive = os.pipe()
    try:
        done = subprocess.run(words, cwd=ROOT, stdout=subprocess.PIPE, timeout=SECONDS, check=False, pass_fds=(alive,))
    finally:
        # Also where it was killed, as its time was up.
        os.close(alive)
        nobody_is_left(ends)
    assert done.returncode == 0, f"the ordeal of seed {seed} ended with {done.returncode}"
    told = dict(json.loads(done.stdout))
    print(json.dumps(told))
    return told
