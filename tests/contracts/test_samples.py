"""The playground's sample actions are those of the starters' scenarios, where it stands what each policy decides."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.contracts.test_words import PREFIXES

ROOT = Path(__file__).parents[2]
PRINT = "import {SAMPLES} from './web/static/app/policies/samples.js'; console.log(JSON.stringify(SAMPLES))"


@pytest.mark.needs("node")
def test_every_sample_action_has_words_and_is_that_of_a_starters_scenario() -> None:
    words = ["node", "--input-type=module", "--eval", PRINT]
    samples = json.loads(subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True).stdout)
    assert list(samples) == PREFIXES["policy_sample"]
    asked = {
        path.name.partition(".")[0]: [each["action"] for each in yaml.safe_load(path.read_text())["scenarios"]]
        for path in (ROOT / "ops" / "policies").glob("*.scenarios.yaml")
    }
    actions = [action for scenarios in asked.values() for action in scenarios]
    assert [name for name, sample in samples.items() if sample not in actions] == []
    without = [name for name, scenarios in asked.items() if not any(each in scenarios for each in samples.values())]
    assert without == []
