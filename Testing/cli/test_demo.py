"""The demonstration itself, with fewer cases and steps: phantoms, strategies, table and report, from the bundled model."""

from __future__ import annotations

import re
from pathlib import Path

from TransferSegLib.cli import demo, main
from TransferSegLib.cli.demo import STRATEGIES
from TransferSegLib.core.card import read_card
from TransferSegLib.evaluation.scores import read_scores

REPOSITORY = Path(__file__).resolve().parents[2]


CASES = 2  # one a fold


def test_the_demo_ends_with_a_table_of_out_of_fold_scores_and_a_report(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(demo, "CASES", CASES)
    out = tmp_path / "a demo"
    code = main(["demo", "--out", str(out), "--steps", "2"])
    said, errors = capsys.readouterr()
    assert code == 0, errors
    for strategy in STRATEGIES:
        assert re.search(rf"^\*? +{re.escape(strategy)} +{CASES} +0\.\d{{3}} ", said, re.MULTILINE), said
    report = Path(re.search(r"Report: (.+)", said)[1])
    assert report.parent.parent == out
    assert "<svg" in report.read_text(encoding="utf-8")
    rows = read_scores(report.parent / "scores.csv")
    assert {(row.strategy, row.case, row.label_name) for row in rows} == {
        (strategy, f"phantom_{n:03}", label)
        for strategy in STRATEGIES
        for n in range(CASES)
        for label in ("air", "soft tissue", "bone")
    }
    # The source model knows T1-weighted heads: on others it is neither useless nor good.
    direct = [row.scores.dice for row in rows if row.strategy == "direct" and row.label_name == "bone"]
    assert 0.2 < sum(direct) / len(direct) < 0.7
    assert read_card(report.parent / "model").labels == read_card(REPOSITORY / "Resources/SourceModels/head-t1w").labels
