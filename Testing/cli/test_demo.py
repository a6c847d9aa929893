"""The demonstration itself, with fewer steps: phantoms, four strategies, table and report, from the bundled model."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from TransferSegLib.cli.demo import STRATEGIES
from TransferSegLib.core.card import read_card
from TransferSegLib.evaluation.scores import read_scores

REPOSITORY = Path(__file__).resolve().parents[2]


def test_the_demo_ends_with_a_table_of_out_of_fold_scores_and_a_report(tmp_path):
    out = tmp_path / "a demo"
    command = [sys.executable, "-m", "TransferSegLib", "demo", "--out", str(out), "--steps", "2"]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, encoding="utf-8", timeout=300)
    assert done.returncode == 0, done.stderr
    for strategy in STRATEGIES:
        assert re.search(rf"^\*? +{re.escape(strategy)} +4 +0\.\d{{3}} ", done.stdout, re.MULTILINE), done.stdout
    report = Path(re.search(r"Report: (.+)", done.stdout)[1])
    assert report.parent.parent == out
    assert "<svg" in report.read_text(encoding="utf-8")
    rows = read_scores(report.parent / "scores.csv")
    assert {(row.strategy, row.case, row.label_name) for row in rows} == {
        (strategy, f"phantom_{n:03}", label)
        for strategy in STRATEGIES
        for n in range(4)
        for label in ("air", "soft tissue", "bone")
    }
    # The source model knows T1-weighted heads: on others it is neither useless nor good.
    direct = [row.scores.dice for row in rows if row.strategy == "direct" and row.label_name == "bone"]
    assert 0.2 < sum(direct) / len(direct) < 0.7
    assert read_card(report.parent / "model").labels == read_card(REPOSITORY / "Resources/SourceModels/head-t1w").labels
