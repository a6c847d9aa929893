from types import SimpleNamespace

import numpy as np
from made_results import made_results, made_rows

from TransferSegLib.cases.phantom.anatomy import LABEL_NAMES
from TransferSegLib.cases.volumes import read_labels
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.results import unit_results
from TransferSegLib.studies.folder import StudyFolder
from TransferSegLib.studies.pictures import progress_chart, study_gallery
from TransferSegLib.studies.results import Results, read_results


def ways(finished):
    results = read_results(finished.results_csv)
    return {key: results.where(strategy=key) for key in ("direct", "open")}


def test_a_gallery_shows_the_files_that_the_cells_left(finished):
    figure = study_gallery("Cases", finished, ways(finished))
    # One test case; image, reference, direct and open.
    assert len(figure.axes) == 4
    cell = ways(finished)["open"].rows[0]
    written = np.asarray(read_labels(finished.cell(cell.cell) / "segmentations" / "open" / f"{cell.case}.nii.gz").array)
    filled = np.asarray(figure.axes[3].images[1].get_array())[..., 3] > 0
    # Air is a label here, so nothing is cut off, and it is around everything, so it is a line: as many voxels are filled as
    # one slice of the file has of the others.
    air = next(value for value, name in LABEL_NAMES.items() if name == "air")
    assert filled.sum() in {int(((slice2d > 0) & (slice2d != air)).sum()) for slice2d in np.moveaxis(written, 2, 0)}


def test_a_case_whose_files_are_gone_is_left_out(finished, tmp_path):
    elsewhere = type(finished)(tmp_path)
    assert study_gallery("Cases", elsewhere, ways(finished)) is None
    assert study_gallery("Cases", finished, {"open": Results(())}) is None


def test_the_progress_of_a_training_has_the_losses_that_it_logged(finished):
    rows = ways(finished)
    figure = progress_chart("Loss", finished, rows, "loss")
    job = JobFolder(finished.cell(rows["open"].rows[0].cell))
    (result,) = [one for one in unit_results(job, job.read_spec()) if one.strategy == "open"]
    (line,) = figure.axes[0].lines
    assert list(line.get_ydata()) == [loss for _, loss in result.losses]
    # No case was validated on.
    assert progress_chart("Dice", finished, rows, "dice") is None


def test_the_dice_of_validation_cases_is_shown_over_the_minutes_of_the_steps_before_each_look(tmp_path, monkeypatch):
    result = SimpleNamespace(losses=(), validation=((10, 0.2), (20, 0.6)), check_seconds=(30.0, 90.0))
    monkeypatch.setattr("TransferSegLib.studies.pictures.unit_results", lambda job, spec: [result])
    monkeypatch.setattr(JobFolder, "read_spec", lambda job: None)
    rows = {"open": made_results(made_rows({"strategy": "open"}, {"bone": [0.5]}))}
    for over, places in (("steps", [10, 20]), ("minutes", [0.5, 1.5])):
        (line,) = progress_chart("Dice", StudyFolder(tmp_path), rows, "dice", over).axes[0].lines
        assert list(line.get_xdata()) == places and list(line.get_ydata()) == [0.2, 0.6]


def test_the_time_of_a_slice_is_known_of_every_cell_that_was_scored(finished):
    for row in read_results(finished.results_csv):
        job = JobFolder(finished.cell(row.cell))
        assert 0 < row["slice_s"] < 30
        assert row["slice_s"] in [float(f"{one.slice_s:.6g}") for one in unit_results(job, job.read_spec())]
