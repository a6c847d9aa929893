"""The panel's table of results says how many lesions each strategy detected."""

from __future__ import annotations

from dataclasses import replace

from made_scores import made_scores


def test_the_lesions_that_were_detected_stand_below_the_segments_of_a_strategy(panel, scene, tmp_path):
    from TransferSegGui.results import Results

    from TransferSegLib.evaluation.lesions.detection import LesionRow, LesionScores
    from TransferSegLib.evaluation.lesions.options import LesionOptions
    from TransferSegLib.evaluation.lesions.summary import summarise_lesions
    from TransferSegLib.evaluation.scores import ScoreRow
    from TransferSegLib.evaluation.summary import summarise
    from TransferSegLib.jobs.folder import JobFolder
    from TransferSegLib.sources.catalogue import find_source

    rows = [ScoreRow("case_001", 1, "stroke", made_scores(*[0.5] * 10), key, "0") for key in ("direct", "open")]
    counts = (LesionScores(0.0, 0.0, 7, 5, 1), LesionScores(0.0, 0.05, 4, 4, 0))
    options = LesionOptions("stroke", "0 %", "0, 50 mm3")
    lesions = summarise_lesions([LesionRow("case_001", counts, (), "open", "0")], options, "stroke", "test")
    summary = replace(summarise(rows), lesions=lesions)
    section = panel.results_section
    section.results = Results(
        JobFolder(tmp_path / "job"), summary, "open", find_source("tiny").card, {}, (), "identity"
    )
    section._fill_scores(section.results)
    table = panel.ui.resultsTable
    texts = [table.item(row, 0).text() for row in range(table.rowCount)]
    assert texts[1:2] == ["stroke"], "only the strategy that has them"
    assert texts[3:] == ["stroke", "Detected: stroke", "F1 of detection: stroke"]
    said = table.item(4, 1)
    assert said.text() == "5 of 7, 1.00 false alarms a case (overlap above 0 %, volume from 0 mm³)"
    assert (
        said.toolTip()
        .splitlines()[1]
        .startswith("4 of 4, 0.00 false alarms a case (overlap above 0 %, volume from 50 mm³)")
    )
    rates = table.item(5, 1)
    # 5 of 6 that were segmented, and 5 of 7 that there are.
    assert rates.text() == "0.77, precision 0.83, recall 0.71 (overlap above 0 %, volume from 0 mm³)"
    assert rates.toolTip().splitlines()[1].startswith("1.00, precision 1.00, recall 1.00 (overlap above 0 %")
    for row in (4, 5):
        assert table.columnSpan(row, 1) == table.columnCount - 1
        assert table.item(row, 1).toolTip().endswith("The report has the curve of detection over the lesions' volume.")
    section.show(None)
