"""What programs read of `make bench`: its JSON, one figure by its name, and that a quick run says so."""

from __future__ import annotations

import json
import re

import pytest

from approvals_hub.core.log import logger
from tests.load import bench
from tests.load.figures import FIGURES, Figure
from tests.load.named import NAMES


def test_a_figure_is_printed_alone_by_its_own_name_and_the_json_is_all_there_is_on_standard_output(
    capsys: pytest.CaptureFixture[str],
) -> None:
    bench.main(["--only", "decisions_1000_rules", "--quick", "--json"])
    out, err = capsys.readouterr()
    (figure,) = json.loads(out)["figures"]
    assert list(json.loads(out)) == ["figures"]
    assert list(figure) == ["name", "value", "unit", "limit", "ratio", "target", "met"]
    assert (figure["name"], figure["target"]) == ("decisions_1000_rules", ">= 0.5")
    assert figure["ratio"] == pytest.approx(figure["value"] / figure["limit"], abs=0.01)
    assert figure["met"] is (figure["value"] / figure["limit"] >= 0.5)
    assert "quick: smaller loads" in err
    assert re.search(r"measured in \d+ s", err)


def test_what_a_hub_writes_while_it_is_measured_is_not_among_the_json(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def measured(quick: bool) -> list[Figure]:
        logger("test").warning("channel_left_alone")
        return []

    monkeypatch.setitem(FIGURES, "policies", measured)
    bench.main(["--only", "policies", "--json"])
    out, err = capsys.readouterr()
    assert json.loads(out) == {"figures": []}
    assert "channel_left_alone" in err


def test_a_name_of_no_figure_is_refused_with_the_nearest_one(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as refusal:
        bench.main(["--only", "escalation_per_second"])
    assert refusal.value.code == 2
    assert "did you mean escalations_per_second?" in capsys.readouterr().err


def test_every_group_has_its_figures_names() -> None:
    assert list(NAMES) == list(FIGURES)
