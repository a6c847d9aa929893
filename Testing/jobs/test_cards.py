"""What the card and the report of a job's model say, and keep to themselves."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from made_scores import made_scores

from TransferSegLib.cases.readers import read_case_set
from TransferSegLib.cases.volumes import write_volume
from TransferSegLib.core.card import CardLabel, CardNetwork, ModelCard
from TransferSegLib.core.case_set import CaseSet
from TransferSegLib.core.grid import Grid
from TransferSegLib.core.labels import LabelTask
from TransferSegLib.core.preprocessing import Preprocessing
from TransferSegLib.core.preprocessing_options import PreprocessingOptions
from TransferSegLib.core.records import to_json
from TransferSegLib.evaluation.recommendation import Recommendation
from TransferSegLib.evaluation.scores import ScoreRow
from TransferSegLib.evaluation.summary import summarise
from TransferSegLib.jobs.cards import adapted_card, card_for_new, with_scores
from TransferSegLib.jobs.reporting import _kept_model, _settings, _weight_tables
from TransferSegLib.jobs.spec import JobSpec, StrategyChoice
from TransferSegLib.sources.mapping import MappedTensor, MappingReport
from TransferSegLib.training.options import TrainingOptions

NETWORK = CardNetwork("monai-unet")
CARD = ModelCard(2, "source", "Source", "", "ct", "", (CardLabel(1, "label"),), ("CT",), NETWORK, Preprocessing(None),
                 (16, 16, 16), "", "", "")  # fmt: skip
SCRATCH = StrategyChoice("scratch")


def made(target: CaseSet, spec: JobSpec, source: ModelCard | None = None, mapping: object = None) -> ModelCard:
    plan = SimpleNamespace(teach="labels", predicts_source_labels=False, mapping=mapping, network_card=NETWORK)
    task = LabelTask(("bone", "air"), (1, 2), {1: 1, 2: 2}, ((0,), (), ()))
    return adapted_card(source or CARD, task, target, plan, spec.strategies[0], cases=2, steps=1, patch_size=(16, 16, 16),
                        spec=spec, finished=True)  # fmt: skip


def pretrain(**fields) -> JobSpec:
    return JobSpec(3, "pretrain", "/data/Jane Doe 1961", (SCRATCH,), network=NETWORK, **fields)


@pytest.mark.parametrize("task", ["segmentation", "autoencoding"])
def test_a_new_models_card_does_not_give_away_what_the_data_sets_folder_is_called(task):
    target = CaseSet("Jane Doe 1961", Path("/data/Jane Doe 1961"), (), {}, ("CT",), "ct", description="of Jane Doe")
    card = made(target, pretrain(task=task))
    assert "Jane" not in str(to_json(card)) and "1961" not in str(to_json(card))
    title = "Bone, air on CT" if task == "segmentation" else "Encoder by autoencoding on CT"
    assert (card.title, card.name) == (title, title.replace(", ", "-").replace(" ", "-"))
    assert made(target, pretrain(task=task, title="Knee, low dose")).name == "Knee-low-dose"


def test_the_median_voxel_of_a_model_that_has_slices_last_is_that_of_slices_of_any_direction(tmp_path):
    axial, sagittal = np.diag([1.0, 1.2, 5.0, 1.0]), np.diag([5.0, 1.0, 1.2, 1.0])
    sizes = {"axial": (20, 24, 8), "sagittal": (8, 20, 24)}
    for room in ("images", "labels"):
        (tmp_path / room).mkdir()
        for name, affine in (("axial", axial), ("sagittal", sagittal)):
            volume = np.zeros(sizes[name], np.float32)
            volume[2:6, 2:6, 2:6] = 1
            write_volume(tmp_path / room / f"{name}.nii.gz", volume, Grid(sizes[name], affine))
    target = read_case_set(tmp_path)
    network = CardNetwork("monai-unet", {"channels": [4, 8], "strides": [2]})
    card = card_for_new(network, target, None, options=PreprocessingOptions(slices_last=True))
    assert card.preprocessing.slices_last and card.preprocessing.spacing_mm == (1.0, 1.2, 5.0)
    assert card_for_new(network, target, None).preprocessing.spacing_mm == (3.0, 1.1, 3.1)


def test_a_label_that_begins_from_another_one_has_its_colour_and_not_its_codes():
    spec = JobSpec(3, "adapt", "/cases", (StrategyChoice("open"),), "open", source="/source")
    codes = {"category": "SCT^123037004^Anatomical Structure", "type": "SCT^272673000^Bone"}
    source = replace(CARD, labels=(CardLabel(7, "Bone", (1, 2, 3), codes), CardLabel(8, "skin", (4, 5, 6), codes)))
    plan = SimpleNamespace(teach="labels", predicts_source_labels=False, mapping=object(), network_card=NETWORK)
    task = LabelTask(("bone", "tumour"), (1, 2), {1: 1, 2: 2}, ((0,), (1,), (2,)))
    target = CaseSet("set", Path("/cases"), (), {}, ("CT",), "ct")
    card = adapted_card(source, task, target, plan, spec.strategies[0], cases=2, steps=1, patch_size=(16, 16, 16),
                        spec=spec, finished=True)  # fmt: skip
    assert [(label.name, label.color) for label in card.labels] == [("bone", (1, 2, 3)), ("tumour", (4, 5, 6))]
    assert [label.terminology for label in card.labels] == [codes, None]


@pytest.mark.parametrize(("said", "modality"), [("t2w", "t2w"), (None, "ct")])
def test_an_adapted_model_is_of_the_modality_of_the_cases_where_they_say_which(said, modality):
    spec = JobSpec(3, "adapt", "/cases", (StrategyChoice("open"),), "open", source="/source")
    assert made(CaseSet("set", Path("/cases"), (), {}, ("image",), said), spec).modality == modality


def test_a_model_that_was_adapted_from_t1_to_cases_that_say_nothing_claims_no_t1():
    spec = JobSpec(3, "adapt", "/cases", (StrategyChoice("open"),), "open", source="/source")
    card = made(
        CaseSet("set", Path("/cases"), (), {}, ("image",)), spec, replace(CARD, modality="t1w", channels=("t1w",))
    )
    assert (card.modality, card.channels) == ("mr", ("image",))
    assert card.title == "bone, air (adapted from source to 2 cases)"


LICENSED = replace(CARD, body_part="knee", licence="CC-BY-4.0", citation="Doe J, 2020", commercial_use=True)
ADAPT = JobSpec(3, "adapt", "/cases", (StrategyChoice("open"),), "open", source="/source")


@pytest.mark.parametrize(
    ("of_the_cases", "commercial", "words"),
    [
        (None, True, "the cases' terms are not known here"),
        ("CC-BY-NC-4.0", False, "the cases' data set states `CC-BY-NC-4.0`"),
    ],
)
def test_a_derived_model_has_the_sources_terms_and_says_what_is_known_of_the_cases(of_the_cases, commercial, words):
    cases = CaseSet("set", Path("/cases"), (), {}, ("image",), licence=of_the_cases)
    card = made(cases, ADAPT, LICENSED, mapping=object())
    assert (card.body_part, card.licence, card.citation) == ("knee", "CC-BY-4.0", "Doe J, 2020")
    assert card.commercial_use is commercial
    assert card.description.endswith(f"The licence is that of `source`, from which the weights are derived; {words}.")


@pytest.mark.parametrize(
    ("of_the_cases", "licence", "commercial"), [(None, "as the training data's", None), ("CC0-1.0", "CC0-1.0", True)]
)
def test_a_model_that_began_at_random_has_not_the_sources_terms(of_the_cases, licence, commercial):
    cases = CaseSet("set", Path("/cases"), (), {}, ("image",), licence=of_the_cases)
    card = made(cases, replace(ADAPT, strategies=(SCRATCH,), keep="scratch"), LICENSED)
    assert (card.body_part, card.licence, card.citation, card.commercial_use) == ("knee", licence, "", commercial)
    assert "No weights of `source` are in it" in card.description
    assert made(cases, pretrain()).body_part == "", "of a new model nothing is known but what the data set says"


@pytest.mark.parametrize(("fold", "cases"), [("test", "separate test cases"), ("0", "out-of-fold")])
@pytest.mark.parametrize("chosen", [True, False])
def test_scores_by_which_a_strategy_was_chosen_are_said_to_be_those(chosen, fold, cases):
    found = made_scores(0.8, 0.7, 0.8, 0.8, 2.0, 3.0, 0.5, 0.9, 10.0, 11.0)
    summary = summarise([ScoreRow("a", 1, "label", found, strategy, fold) for strategy in ("direct", "open")])
    how = with_scores(CARD, summary, "open", {1: "label"}, chosen=chosen).scores[0].how
    assert how == f"mean over cases, {cases}" + ", by which the strategy was chosen, so a little too good" * chosen


def test_the_report_names_the_strategy_that_was_recommended_and_kept():
    summary = replace(summarise([]), recommendation=Recommendation("open"))
    assert _kept_model(summary, "auto") == "open, recommended by auto"
    source = replace(summary, recommendation=Recommendation("direct"))
    assert _kept_model(source, "direct") == "direct" and _kept_model(summarise([]), "open") == "open"


def test_minutes_are_said_to_be_those_of_all_trainings(tmp_path):
    job = SimpleNamespace(scores_json=tmp_path / "scores.json")
    job.scores_json.write_text("{}", encoding="utf-8")
    for options, words in (
        (TrainingOptions(minutes=0.2), ("Budget of all trainings together", "0.2 minutes")),
        (TrainingOptions(steps=30), ("Budget of a training", "30 steps")),
    ):
        assert words in _settings(job, pretrain(training=options), [], "scratch", [])


@pytest.mark.parametrize(("share", "text"), [(0.99469, "99.4 %"), (0.99999, "99.9 %"), (1.0, "100 %"), (0.5, "50 %")])
def test_log_and_report_give_the_same_share_of_the_weights_rounded_down(share, text):
    report = MappingReport((MappedTensor("w", "loaded"),), share)
    result = SimpleNamespace(strategy="open", plan={"weights": report.summary()})
    assert f"{text} of the network's values" in report.sentence()
    assert f" {text} of the network's values" in _weight_tables([result])[0].title
