"""Running a study: what is shared is made once, what is done is never done again, a failure ends nothing else."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace

import pytest
from tiny_studies import events_of, run_here, tiny

from TransferSegLib.core.errors import InputError
from TransferSegLib.core.problems import Problem
from TransferSegLib.evaluation.scores import read_scores
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.spec import read_job
from TransferSegLib.studies.executors.executor import Where
from TransferSegLib.studies.folder import StudyFolder
from TransferSegLib.studies.general import general_paper
from TransferSegLib.studies.grid import cells, read_study
from TransferSegLib.studies.plan import make_phantoms, plan_study
from TransferSegLib.studies.report import write_study_report
from TransferSegLib.studies.results import read_results
from TransferSegLib.studies.run import begin_study, open_study, run_study
from TransferSegLib.studies.status import study_status

TIMES = ("mean Dice", "steps", "seconds a step", "all steps", "converged at step")


def test_the_results_are_the_scores_of_the_cells_jobs(finished):
    results = read_results(finished.results_csv)
    for cell in cells(read_study(finished.study_yaml)):
        rows = results.where(cell=cell.name)
        of_job = read_scores(finished.cell(cell.name) / "scores.csv")
        assert [(row.case, row.label, row["dice"]) for row in rows] == [
            (row.case, row.label_name, row.scores.dice) for row in of_job
        ]
        assert rows.levels("strategy") == (cell.factors["strategy"],)
        assert rows.levels("network") == ("monai-unet",)
    assert results.where(strategy="open").levels("size") == (1,)
    assert results.where(strategy="direct").levels("size") == (0,)  # it was trained on none
    assert set(results.levels("missed")) <= {0, 1}
    for row in results:  # a label that was not found at all is missed
        assert row["missed"] == (row["dice"] == 0 and 0 in (row["reference_ml"], row["predicted_ml"]))
    assert results.where(strategy="open").levels("steps") == (2,)
    assert results.where(strategy="direct").levels("steps") == (0,)


def test_what_the_cells_share_is_made_once(finished):
    (model,) = finished.models.iterdir()
    assert events_of(model, "started") == 1
    specs = [read_job(finished.cell(cell.name)) for cell in cells(read_study(finished.study_yaml))]
    assert {spec.source for spec in specs} == {str(model / "model")}
    assert len({spec.cases.test for spec in specs}) == 1
    assert not list(finished.cells.glob("*/state/prepared"))
    # Of t1w the case that is trained on, of t2w both (`direct` has all), and the one that each is scored on: once each.
    assert len(list(finished.prepared.glob("*.json"))) == 5


def test_it_ends_in_tables_figures_and_a_page(finished):
    table = (finished.tables / "dice.csv").read_text(encoding="utf-8").splitlines()
    assert table[0].startswith("Strategy,Air,Air sd") and [line.split(",")[0] for line in table[1:]] == [
        "direct",
        "open",
    ]
    assert {path.suffix for path in finished.tables.glob("dice.*")} == {".csv", ".tex", ".html", ".txt"}
    assert {path.suffix for path in finished.figures.glob("scores.*")} == {".svg", ".png"}
    # No case is validated on: the loss over steps and over time.
    assert {path.stem for path in finished.figures.glob("training-*.svg")} == {
        "training-loss-steps",
        "training-loss-time",
    }
    page = finished.report.read_text(encoding="utf-8")
    head = '<th scope="col">{}</th>'.format('</th><th scope="col">'.join(TIMES))
    assert head in page and "<td>2</td><td>" in page
    assert "2 of 2 cells are done" in page and "<svg" in page and "http" not in page.replace("http://www.w3.org", "")


def test_the_page_says_why_networks_were_not_looked_into(finished, tmp_path, monkeypatch):
    folder = StudyFolder(tmp_path / "study")
    shutil.copytree(finished.path, folder.path)
    gone = Problem("gone", "{what}: is gone; put it back.", {"what": "weights"})
    looking = replace(
        general_paper(read_study(folder.study_yaml)), look=lambda _, results: replace(results, not_looked_into=gone)
    )
    monkeypatch.setattr("TransferSegLib.studies.report.general_paper", lambda study: looking)
    write_study_report(*open_study(folder), folder)
    page = folder.report.read_text(encoding="utf-8")
    assert "What was not done" in page and "The networks were not looked into: weights: is gone; put it back." in page


def test_resumed_it_does_only_what_is_not_done(finished, tmp_path):
    folder = StudyFolder(tmp_path / "study")
    shutil.copytree(finished.path, folder.path)
    study = read_study(folder.study_yaml)
    direct, opened = (cell.name for cell in cells(study))
    before = (folder.cell(opened) / "model" / "weights.safetensors").read_bytes()
    shutil.rmtree(folder.cell(opened))
    # Half a job of the study before it was moved: its source model is not where it was.
    JobFolder.create(folder.cell(opened), read_job(finished.cell(opened)))
    seen: list[str] = []
    run_study(folder, Where(), lambda fraction, left, text: seen.append(text))
    assert not any(direct in text for text in seen) and any(opened in text for text in seen)
    assert events_of(folder.cell(direct), "started") == 1
    assert str(folder.path) in str(read_job(folder.cell(opened)).source)
    assert (folder.cell(opened) / "model" / "weights.safetensors").read_bytes() == before


def test_a_job_that_was_begun_is_the_one_that_is_gone_on_with(finished):
    plan = plan_study(read_study(finished.study_yaml), finished)
    assert [read_job(task.folder) for task in plan.tasks] == [task.spec for task in plan.tasks]


def test_labels_can_be_dropped_or_renamed_in_all_jobs_of_a_data_set(finished):
    mapped = tiny(("train: 2, voxels: [16, 16, 8], test: 1", "train: 2, test: 1, label_map: {air: null}"))
    plan = plan_study(
        replace(mapped, data={**mapped.data, "t2w": replace(mapped.data["t2w"], voxels=(16, 16, 8))}), finished
    )
    assert all(task.spec.label_map == {"air": None} for _, task in plan.cells)


def test_a_study_that_is_changed_and_resumed_keeps_its_cells(finished, tmp_path):
    folder = StudyFolder(tmp_path / "study")
    shutil.copytree(finished.path, folder.path)
    text = folder.study_yaml.read_text(encoding="utf-8")
    folder.study_yaml.write_text(text.replace("[direct, open]", "[direct, open, encoder-transfer]"), encoding="utf-8")
    end = run_here(folder)
    assert (end.cells, end.done) == (3, 3)
    assert [events_of(path, "started") for path in folder.cells.iterdir()] == [1, 1, 1]


def test_a_cell_that_fails_ends_no_other_and_is_told(finished, tmp_path):
    folder = StudyFolder(tmp_path / "study")
    begin_study(tiny(("strategy: [direct, open]", "strategy: [open], learning_rate: [1.0e+30, 0.001]")), folder)
    shutil.copytree(finished.path / "shared", folder.path / "shared")
    end = run_here(folder)
    assert (end.cells, end.done) == (2, 1)
    (failed,) = end.failed
    assert failed.problem is not None and "start again with a lower --learning-rate" in failed.problem.sentence
    assert study_status(folder).states == {"failed": 1, "done": 1}
    assert "What was not done" in folder.report.read_text(encoding="utf-8")
    assert read_results(folder.results_csv).levels("learning_rate") == (0.001,)


def test_a_folder_with_another_study_is_refused(finished):
    begin_study(tiny(), finished)  # the same one
    with pytest.raises(InputError, match="holds another study"):
        begin_study(replace(tiny(), title="Another"), finished)


def test_cells_that_are_done_are_not_mixed_with_those_of_a_data_set_that_changed(finished, tmp_path):
    heads = tmp_path / "heads"
    shutil.copytree(plan_study(read_study(finished.study_yaml), finished).cells[0][1].spec.target, heads)
    mine = tiny(
        ("{phantom: t2w, cases: 3, seed: 2, train: 2, voxels: [16, 16, 8], test: 1}", f"{{path: {heads}, test: 1}}"),
        ("strategy: [direct, open]", "strategy: direct"),
        (", size: 1}", "}"),
    )
    folder = StudyFolder(tmp_path / "study")
    begin_study(mine, folder)
    shutil.copytree(finished.path / "shared", folder.path / "shared")
    assert run_here(folder).done == 1
    assert read_results(folder.results_csv).levels("size") == (0,)
    cases = heads / "dataset.json"
    said = json.loads(cases.read_text(encoding="utf-8"))
    said["training"].pop()
    cases.write_text(json.dumps({**said, "numTraining": len(said["training"])}), encoding="utf-8")
    with pytest.raises(InputError, match=r"heads: has other cases than when `direct.*` was run; put them back"):
        run_here(folder)
    assert read_results(folder.results_csv).levels("size") == (0,)


def test_no_source_model_of_the_study_has_learned_from_the_cases_that_are_scored(finished):
    by_folds = (
        (
            "cases: 2, seed: 1, train: 1, voxels: [16, 16, 8], test: 1",
            "cases: 2, seed: 1, voxels: [16, 16, 8], folds: 2",
        ),
        ("target: t2w, size: 1", "target: t1w, fold: [0, 1]"),
    )
    study = tiny(*by_folds)
    make_phantoms(study, finished)
    with pytest.raises(
        InputError, match=r"sources.heads.pretrain`: learns from `phantom_00.` of `t1w`, which `direct.*fold"
    ):
        plan_study(study, finished)
    plan = plan_study(tiny(*by_folds, ('num_res_units=0"', 'num_res_units=0", follows: [fold]')), finished)
    learned = {str(task.folder / "model"): task.spec.cases for task in plan.pretrainings}
    assert len(learned) == 2
    for _, task in plan.cells:
        assert not {*learned[task.spec.source].train, *learned[task.spec.source].validation} & {*task.spec.cases.test}


def test_what_is_added_to_a_study_is_checked_before_anything_else_is_run(finished, tmp_path):
    folder = StudyFolder(tmp_path / "study")
    shutil.copytree(finished.path, folder.path)
    text = folder.study_yaml.read_text(encoding="utf-8")
    folder.study_yaml.write_text(
        text.replace("[direct, open]", '[direct, open, "conservative:layers=99"]'), encoding="utf-8"
    )
    with pytest.raises(InputError, match=r"^field `grids\[0\].strategy`: .*layers"):
        run_here(folder)
    assert len(list(folder.cells.iterdir())) == 2


def test_a_study_without_test_cases_or_with_too_few_is_refused(finished):
    with pytest.raises(InputError, match="has no test cases"):
        plan_study(tiny(("train: 2, voxels: [16, 16, 8], test: 1", "voxels: [16, 16, 8]")), finished)
    with pytest.raises(InputError, match="3 training cases are asked for, and there are 2"):
        plan_study(tiny(("size: 1", "size: 3")), finished)
    with pytest.raises(InputError, match=r"the study asks for 1 \+ 1 \+ 2 annotated cases .* and there are 3"):
        plan_study(tiny(("train: 2, voxels", "validation: 1, voxels"), ("size: 1", "size: 2")), finished)


def test_what_the_study_says_of_lesions_and_preprocessing_is_in_its_jobs(finished):
    said = "lesions: {lesions: bone, lesion_volume: 0 mL}\npreprocessing: {normalisation: sd, n4: true}"
    plan = plan_study(tiny(("training:", f"{said}\ntraining:")), finished)
    (source,) = plan.pretrainings
    assert source.spec.preprocessing.normalisation == "sd" and source.spec.preprocessing.n4
    assert source.spec.lesions is None
    assert all(task.spec.lesions.lesions == "bone" for _, task in plan.cells)


def test_in_a_papers_study_lesions_are_counted_by_the_label_that_is_one_by_its_name(finished, tmp_path):
    heads = ("t2w, cases: 3,", "t2w, lesions: true, cases: 3,")
    for paper, label in (("paper: zoetmulder2022\n", "lesion"), ("", "stroke")):
        study = tiny(("training:", f"{paper}lesions: {{lesions: stroke}}\ntraining:"), heads)
        folder = StudyFolder(tmp_path)
        make_phantoms(study, folder, 1)
        assert {task.spec.lesions.lesions for _, task in plan_study(study, folder).cells} == {label}


def test_what_was_changed_for_ones_own_cases_is_on_the_page(finished):
    study, plan = open_study(finished)
    write_study_report(replace(study, notes=("Data `t2w`: scaled.",)), plan, finished)
    said = finished.report.read_text(encoding="utf-8")
    write_study_report(study, plan, finished)
    assert "<li>Data <code>t2w</code>: scaled.</li>" in said
    assert "was changed" not in finished.report.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("replaced", "said"),
    [
        (("[direct, open]", '[direct, "conservative:part=middle"]'), "part"),
        (("[direct, open]", '[direct, "conservative:layers=99"]'), r"^field `grids\[0\].strategy`: .*layers"),
        (("monai-unet:", "monet:"), "^field `sources.heads.pretrain.network`: .*monet"),
        (("strides=2:", "strides=0:"), "^field `sources.heads.pretrain.network`: "),
        (
            ("train: 2, voxels: [16, 16, 8], test: 1", "voxels: [16, 16, 8], test: 1, label_map: {bones: bone}"),
            "^field `data.t2w.label_map`: label map: the data set has no label `bones`",
        ),
        (
            ("train: 2, voxels: [16, 16, 8], test: 1", "voxels: [16, 16, 8], test: 1, label_map: {bone: bones}"),
            "^field `data.t2w.label_map`: label map: the source model `.*` has no label `bones`",
        ),
        (("training:", "lesions: {lesions: tumour}\ntraining:"), "^field `lesions.lesions`: .*tumour"),
        (
            ("{phantom: t2w, cases: 3, seed: 2, train: 2, voxels: [16, 16, 8], test: 1}", "{path: /gone, test: 1}"),
            "^field `data.t2w`: /gone: no such file",
        ),
        (
            ("{steps: 2,", "{steps: 2, learning_rate: [0.001, 0.01],"),
            "^`heads.*: --learning-rate: of several learning rates",
        ),
    ],
)
def test_what_no_network_can_do_is_refused_before_anything_is_trained(replaced, said, finished, tmp_path):
    folder = StudyFolder(tmp_path / "study")
    with pytest.raises(InputError, match=said):
        run_here(folder, tiny(replaced))
    assert not folder.models.exists() and not folder.cells.exists()


def test_a_cell_is_found_in_its_folder_whatever_stands_before_the_digest_in_its_name(finished, tmp_path):
    folder = StudyFolder(tmp_path / "study")
    shutil.copytree(finished.path, folder.path)
    text = folder.study_yaml.read_text(encoding="utf-8")
    folder.study_yaml.write_text(text.replace("  size: 1\n", "  size: [1, 2]\n"), encoding="utf-8")
    names = [cell.name for cell in cells(read_study(folder.study_yaml))]
    assert [name.rpartition(".")[0] for name in names] == ["direct", "open--size-1", "open--size-2"]
    assert [folder.cell(name).name.rpartition(".")[0] for name in names] == ["direct", "open", "open--size-2"]
    assert study_status(folder).states == {"done": 2, "waiting": 1}


def test_a_strategy_that_mixes_in_the_sources_cases_needs_one_data_set_of_them_apart_from_the_target(finished):
    def refused(*replaced):
        with pytest.raises(InputError) as caught:
            plan_study(tiny(("[direct, open]", "multimodal"), *replaced), finished)
        return str(caught.value)

    assert "field `sources.heads`: `multimodal` trains with the source's cases" in refused(
        ("data: [t1w]", "data: [t1w, t2w]"), ("seed: 2, train: 2", "seed: 2, train: [phantom_000]")
    )
    assert "`multimodal` would train with all cases of `t2w`, also with those" in refused(
        ("data: [t1w]", "data: [t2w]")
    )
    plan = plan_study(tiny(("[direct, open]", "multimodal")), finished)
    ((_, task),) = plan.cells
    assert "t1w." in str(task.spec.source_data)


def test_one_that_was_asked_to_stop_begins_no_other_cell(finished, tmp_path):
    folder = StudyFolder(tmp_path / "study")
    begin_study(tiny(), folder)
    end = run_study(folder, Where(), lambda fraction, left, text: None, lambda progress: progress.stop())
    assert end.stopped and end.done == 0 and not folder.models.exists() and not folder.cells.exists()
    shutil.copytree(finished.models, folder.models)
    assert run_here(folder).done == 2
