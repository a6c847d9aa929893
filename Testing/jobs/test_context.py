"""What a job is about, where target and source differ in their channels or share their cases."""

from __future__ import annotations

import shutil
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from TransferSegLib.cases.volumes import write_volume
from TransferSegLib.cli import main
from TransferSegLib.core.card import CardNetwork
from TransferSegLib.core.case_set import Case, CaseSet
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.grid import Grid
from TransferSegLib.core.preprocessing import Intensities, Preprocessing
from TransferSegLib.jobs.cards import card_for_new
from TransferSegLib.jobs.checking import check_job
from TransferSegLib.jobs.context import JobContext, _preprocessing
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.spec import JobSpec, StrategyChoice
from TransferSegLib.jobs.worker import run_job
from TransferSegLib.training.options import TrainingOptions


@pytest.fixture
def ct_pet(tmp_path: Path) -> CaseSet:
    """A case with a CT and a PET image, and no word on them but the channels' names."""
    random, grid = np.random.default_rng(0), Grid.from_spacing((8, 8, 8), (1.0, 1.0, 1.0))
    write_volume(tmp_path / "ct.nii.gz", random.uniform(-1000, 1000, (8, 8, 8)).astype(np.float32), grid)
    write_volume(tmp_path / "pet.nii.gz", random.uniform(0, 12, (8, 8, 8)).astype(np.float32), grid)
    images = (tmp_path / "ct.nii.gz", tmp_path / "pet.nii.gz")
    return CaseSet("set", tmp_path, (Case("a", images, images[0]),), {1: "lesion"}, ("CT", "PET"), "ct")


def test_only_a_channel_of_ct_is_put_through_the_window_of_ct(ct_pet):
    network = CardNetwork("monai-unet", {"channels": [4, 8], "strides": [2]})
    nameless = CaseSet("set", ct_pet.root, ct_pet.cases, ct_pet.labels, ("image", "image2"))
    for target in (ct_pet, nameless):
        card = card_for_new(network, target, (8, 8, 8))
        assert [card.preprocessing.of_channel(n).normalisation for n in range(2)] == ["ct", "z-score"]
        assert card.modality == "ct"
    alone = CaseSet("set", ct_pet.root, (Case("a", ct_pet.cases[0].images[:1], None, "train"),), {}, ("CT",), "ct")
    assert card_for_new(network, alone, (8, 8, 8), "autoencoding").preprocessing.channels == ()


def test_a_channel_that_a_model_for_ct_lacks_is_not_put_through_its_window(ct_pet):
    card = card_for_new(CardNetwork("monai-unet", {"channels": [4, 8], "strides": [2]}), ct_pet, (8, 8, 8))
    for theirs in (Preprocessing(None, "ct"), Preprocessing(None, channels=(Intensities("ct"),))):
        prepared = _preprocessing(replace(card, channels=("CT",), preprocessing=theirs), ct_pet, ((0,), ()))
        assert [prepared.of_channel(n).normalisation for n in range(2)] == ["ct", "z-score"]


def multimodal(source: Path, target: Path, data: Path) -> JobSpec:
    return JobSpec(3, "adapt", str(target), (StrategyChoice("direct"), StrategyChoice("multimodal")), "multimodal",
                   source=str(source), source_data=str(data), folds=2, training=TrainingOptions(steps=1))  # fmt: skip


def test_a_case_that_is_scored_cannot_be_one_of_the_sources_cases(tmp_path, tiny_source, phantoms):
    target = phantoms("t2w", 2)
    shutil.copytree(target, tmp_path / "old")
    for data in (target, tmp_path / "old"):
        spec = multimodal(tiny_source, target, data)
        job = JobFolder.create(tmp_path / f"job of {data.name}", spec)
        words = r"case `phantom_000`: .* has the same image as case `phantom_000` of the target"
        with pytest.raises(InputError, match=words):
            check_job(JobContext.read(spec))
        with pytest.raises(InputError, match=words):
            run_job(job.path)


def test_an_option_that_no_network_of_the_source_has_is_refused_before_anything_is_computed(
    tmp_path, tiny_source, phantoms, capsys
):
    target, out = phantoms("t2w", 2), tmp_path / "job"
    wrong = ["--source", str(tiny_source), "--target", str(target), "--out", str(out)]
    assert main(["adapt", *wrong, "--strategy", "conservative", "--layers", "99"]) == 2
    assert "99" in capsys.readouterr().err.splitlines()[-1]
    assert main(["compare", *wrong, "--strategies", "direct,conservative:layers=99"]) == 2
    assert not out.exists()
    strategies = (StrategyChoice("direct"), StrategyChoice("conservative", {"layers": 99}))
    job = JobFolder.create(out, JobSpec(3, "compare", str(target), strategies, source=str(tiny_source)))
    with pytest.raises(InputError, match="99"):
        run_job(job.path)
    assert not list(job.path.rglob("*.nii.gz")) and not (job.state / "results").exists()


@pytest.mark.parametrize(("recipe", "name", "told"), [
    ("karimi2021", "Hippocampus_left", True), ("karimi2021", "brightness", False), ("hossain2023", "Left kidney", False),
])  # fmt: skip
def test_patches_that_are_mirrored_where_labels_have_a_side_are_told(tmp_path, phantoms, recipe, name, told):
    shutil.copytree(phantoms("t2w", 2), tmp_path / "set")
    listed = tmp_path / "set" / "dataset.json"
    listed.write_text(listed.read_text(encoding="utf-8").replace("soft tissue", name), encoding="utf-8")
    spec = JobSpec(3, "pretrain", str(tmp_path / "set"), (StrategyChoice("scratch"),), folds=0,
                   network=CardNetwork("monai-unet", {"channels": [4, 8], "strides": [2]}),
                   training=TrainingOptions(recipe=recipe))  # fmt: skip
    found = [problem for problem in check_job(JobContext.read(spec)) if problem.code == "flips-of-sided-labels"]
    words = f"mirrors patches, and the label `{name}` has a side: the network would take left for right"
    assert [problem.message for problem in found] == [f"--augment flips+turns+shifts+noise {words}"] * told
    assert all(problem.advice == "give --augment turns+shifts+noise" for problem in found)


@pytest.mark.parametrize(
    ("setting", "strategy", "refused"),
    [
        ({"source_penalty": 0.1}, "scratch", "--source-penalty 0.1: has no effect"),
        ({"source_penalty": 0.1}, "conservative:layers=0", ""),
        ({"source_penalty": 0.0}, "scratch", ""),
        ({"new_layers_factor": 10.0}, "open", "--new-layers-factor 10: has no effect"),
        ({"new_layers_factor": 10.0}, "encoder-transfer", ""),
        ({"new_layers_factor": 1.0}, "open", ""),
    ],
)
def test_a_setting_that_no_strategy_of_the_job_heeds_is_refused(tiny_source, phantoms, setting, strategy, refused):
    strategies = (StrategyChoice("direct"), StrategyChoice.parse(strategy))
    training = TrainingOptions(steps=1, **setting)
    spec = JobSpec(3, "adapt", str(phantoms("t2w", 2)), strategies, strategies[1].key, source=str(tiny_source),
                   folds=0, training=training)  # fmt: skip
    context = JobContext.read(spec)
    if not refused:
        context.check_plans()
        return
    with pytest.raises(InputError, match=refused):
        context.check_plans()


@pytest.mark.parametrize(("setting", "refused"), [({"new_layers_factor": 5.0}, True), ({"source_penalty": 0.1}, False)])
def test_a_setting_that_nothing_heeds_is_refused_where_a_strategy_is_recommended(
    tiny_source, phantoms, setting, refused
):
    strategies = tuple(map(StrategyChoice.parse, ("direct", "open", "lora:rank=2")))
    spec = JobSpec(3, "adapt", str(phantoms("t2w", 2)), strategies, "auto", source=str(tiny_source),
                   training=TrainingOptions(steps=1, **setting))  # fmt: skip
    with pytest.raises(InputError, match="--new-layers-factor 5: has no effect") if refused else nullcontext():
        JobContext.read(spec).check_plans()


def test_a_dry_run_refuses_a_setting_that_nothing_heeds(tiny_source, phantoms, capsys):
    asked = ["adapt", "--source", str(tiny_source), "--target", str(phantoms("t2w", 2)), "--strategy", "open",
             "--folds", "0", "--dry-run"]  # fmt: skip
    assert main([*asked, "--new-layers-factor", "5"]) == 2
    assert "--new-layers-factor 5: has no effect" in capsys.readouterr().err


def test_a_strategy_is_outlined_once_without_weights_and_each_of_its_plans_has_weights_of_its_own(
    tiny_source, phantoms
):
    spec = JobSpec(3, "adapt", str(phantoms("t2w", 2)), (StrategyChoice("open"),), "open", source=str(tiny_source))
    context = JobContext.read(spec)
    outline = context.outline(StrategyChoice("open"))
    assert context.outline(StrategyChoice.parse("open")) is outline
    assert {parameter.device.type for parameter in outline.network.parameters()} == {"meta"}
    assert context.outline(StrategyChoice.parse("conservative:part=head")).strategy == "conservative"
    first, second = (context.plan(StrategyChoice("open")).network for _ in range(2))
    assert first is not second and {parameter.device.type for parameter in first.parameters()} == {"cpu"}
