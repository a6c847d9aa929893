"""What a dry run of a study says: about how long it takes, from a few steps that are timed on heads that are sketched."""

from __future__ import annotations

import pytest
from tiny_studies import tiny

from TransferSegLib.jobs.runner import SEGMENT_S
from TransferSegLib.jobs.unit_training import BESIDE_THE_STEP
from TransferSegLib.networks.execution import fixed_execution
from TransferSegLib.networks.memory import OutOfMemory
from TransferSegLib.studies import estimate as module
from TransferSegLib.studies.checking import check_study
from TransferSegLib.studies.estimate import estimate_study
from TransferSegLib.studies.folder import StudyFolder
from TransferSegLib.studies.plan import make_phantoms, plan_study
from TransferSegLib.training.loop import RunSettings, time_step

SEEDS = ("target: t2w, size: 1}", "target: t2w, size: 1, seed: [0, 1, 2]}")


@pytest.fixture(scope="module")
def sketched(tmp_path_factory) -> StudyFolder:
    folder = StudyFolder(tmp_path_factory.mktemp("sketched") / "study")
    make_phantoms(tiny(), folder, 1)
    return folder


@pytest.fixture
def timed(monkeypatch) -> list[str]:
    """Steps take 2 s, and of each case an epoch has 5 patches; returned are the strategies of which a step was timed."""
    found: list[str] = []

    def fixed(plan, cases, options, patch_size, device, objective):
        assert len(cases) == 1
        _, patches = time_step(plan, cases, options, patch_size, device, objective)
        assert patches == 1
        found.append(plan.strategy)
        settings = RunSettings(0, 1, patch_size, fixed_execution(device, 1), 0, step_s=2.0)
        return settings, 5

    monkeypatch.setattr(module, "time_step", fixed)
    return found


def estimated(folder, *replaced, done=()):
    plan = plan_study(tiny(*replaced), folder)
    texts: list[str] = []
    models = check_study(plan, done, lambda fraction, left, text: texts.append(text))
    return estimate_study(plan, done, models, lambda fraction, left, text: texts.append(text)), plan, texts


def test_heads_that_are_sketched_give_the_same_plan_and_are_all_like_the_first(sketched, finished):
    made, whole = (plan_study(tiny(), folder) for folder in (sketched, finished))
    assert [task.spec.cases for task in made.tasks] == [task.spec.cases for task in whole.tasks]
    images = sorted(sketched.data.glob("t2w.*/imagesTr/*"))
    assert len(images) == 3 and len({path.read_bytes() for path in images}) == 1
    assert len({path.read_bytes() for path in finished.data.glob("t2w.*/imagesTr/*")}) == 3


def test_trainings_that_are_alike_are_timed_once_and_all_of_them_count(sketched, timed):
    found, plan, texts = estimated(sketched, SEEDS)
    assert sorted(timed) == ["open", "scratch"]
    # The source model and `open` of three seeds, two steps each.
    assert (found.cells, found.trainings) == (6, 4)
    scored = sum(len(task.spec.cases.test) for task in plan.tasks)
    assert found.seconds == pytest.approx(4 * 2 * 2.0 * BESIDE_THE_STEP + scored * SEGMENT_S)
    assert any(text.startswith("checking heads") for text in texts) and any(text.startswith("timing") for text in texts)


def test_epochs_count_the_cases_of_each_cell(sketched, timed):
    found, _, _ = estimated(sketched, ("{steps: 2,", "{epochs: 3,"), ("size: 1}", "size: [1, 2]}"))
    cases = 1 + 1 + 2  # of the source model, and of `open` with one and two
    assert found.seconds == pytest.approx(3 * 5 * cases * 2.0 * BESIDE_THE_STEP + 4 * SEGMENT_S)


def test_what_is_done_takes_no_time(sketched, timed):
    plan = plan_study(tiny(), sketched)
    found, _, _ = estimated(sketched, done={task.name for _, task in plan.cells})
    assert timed == ["scratch"] and (found.cells, found.trainings) == (2, 1)
    assert found.seconds == pytest.approx(2 * 2.0 * BESIDE_THE_STEP + SEGMENT_S)


def test_after_a_while_the_others_are_taken_to_be_like_those_that_were_timed(sketched, timed, monkeypatch):
    monkeypatch.setattr(module, "TIMING_S", -1.0)
    found, _, _ = estimated(sketched)
    assert timed == ["scratch"] and found.trainings == 2
    assert found.seconds == pytest.approx(2 * 2 * 2.0 * BESIDE_THE_STEP + 3 * SEGMENT_S)


def test_where_no_step_fits_into_memory_no_time_is_told(sketched, monkeypatch):
    def too_large(*_):
        raise OutOfMemory("")

    monkeypatch.setattr(module, "time_step", too_large)
    assert estimated(sketched)[0].seconds is None
