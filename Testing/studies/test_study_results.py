"""`results.csv` and what one asks it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from TransferSegLib.core.errors import InputError
from TransferSegLib.evaluation.lesions.detection import LesionRow, LesionScores
from TransferSegLib.studies.collect import lesion_values
from TransferSegLib.studies.results import ResultRow, Results, read_results, write_results


def row(cell="a", strategy="open", size=2, case="case-1", label="bone", dice=0.5, steps=10, **factors) -> ResultRow:
    every = {"strategy": strategy, "recipe": "default", "source": "heads", "network": "monai-unet", "target": "t2w"}
    every |= {"size": size, "draw": 0, "fold": None, "seed": 0, **factors}
    return ResultRow(cell, every, case, label, {"dice": dice}, {"steps": steps})


ROWS = Results(
    (
        row(dice=0.5),
        row(case="case-2", dice=0.7),
        row(cell="b", size=10, dice=0.8),
        row(cell="b", size=10, case="case-2", dice=None),
        row(cell="c", strategy="direct", dice=0.1, steps=0),
    )
)


def test_rows_are_chosen_grouped_and_averaged_by_columns():
    assert ROWS.where(strategy="open").mean("dice", by="size") == {2: 0.6, 10: 0.8}
    assert ROWS.mean("dice", by=("strategy", "size")) == {("open", 2): 0.6, ("open", 10): 0.8, ("direct", 2): 0.1}
    assert ROWS.where(size=[2, 10], case="case-2").mean("dice") == 0.7
    assert ROWS.where(strategy="none-such").mean("dice") is None
    assert ROWS.levels("size") == (2, 10) and ROWS.levels("strategy") == ("open", "direct")
    assert ROWS.where(cell="a").sd("dice") == pytest.approx(0.1414, abs=1e-4)  # of 0.5 and 0.7
    assert ROWS.where(cell="b").sd("dice") is None  # one value alone
    assert ROWS.where(cell="a").per_case("dice") == {"case-1": 0.5, "case-2": 0.7}
    assert ROWS.per_cell().values("steps") == [10, 10, 0]


def test_what_was_written_is_read_again(tmp_path):
    odd = Results((row(case="=1+1", augment="light", patch_size=(8, 8, 8), deterministic=True), *ROWS))
    write_results(tmp_path / "results.csv", odd)
    found = read_results(tmp_path / "results.csv")
    assert "'=1+1" in (tmp_path / "results.csv").read_text(encoding="utf-8")
    assert found.rows[0]["case"] == "=1+1" and found.rows[0]["hd95_mm"] is None
    assert (found.rows[0]["patch_size"], found.rows[0]["deterministic"]) == ((8, 8, 8), True)
    assert [one["augment"] for one in found] == ["light", None, None, None, None, None]
    assert found.where(augment=None).mean("dice", by="size") == ROWS.mean("dice", by="size")
    assert found.rows[1].factors["fold"] is None and found.rows[1].factors["size"] == 2


def test_a_file_that_is_no_table_of_results_is_refused(tmp_path):
    path = tmp_path / "results.csv"
    with pytest.raises(InputError, match="cannot be read"):
        read_results(path)
    path.write_text("case,label\na,b\n", encoding="utf-8")
    with pytest.raises(InputError, match="line 2 is not a row of results"):
        read_results(path)


def test_counts_of_lesions_have_a_column_for_each_pair_of_cut_offs(tmp_path):
    scores = tuple(LesionScores(overlap, 1.0, 3, found, 1) for overlap, found in ((0.0, 2), (0.2, 1)))
    counts = lesion_values(LesionRow("case-1", scores))
    assert counts["lesions_0pct_1ml"] == 3 and counts["detected_20pct_1ml"] == 1
    with_counts = replace(ROWS.rows[0], values={"dice": 0.5, **counts})
    write_results(tmp_path / "results.csv", [with_counts, *ROWS.rows[1:]])
    found = read_results(tmp_path / "results.csv")
    assert sum(found.values("detected_0pct_1ml")) / sum(found.values("lesions_0pct_1ml")) == pytest.approx(2 / 3)
    assert found.rows[1]["lesions_0pct_1ml"] is None and "lesions_0pct_1ml" not in found.rows[0].factors
