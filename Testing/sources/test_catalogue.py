from __future__ import annotations

import json
import math
import os
import runpy
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from TransferSegLib.cli import main
from TransferSegLib.core.card import CardLabel, CardNetwork, CardScore, ModelCard, read_card
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.preprocessing import Preprocessing
from TransferSegLib.networks import build
from TransferSegLib.sources import catalogue
from TransferSegLib.sources.adding import add_source
from TransferSegLib.sources.catalogue import (
    broken_sources,
    bundled_folder,
    find_source,
    list_sources,
    remove_source,
    user_folder,
)
from TransferSegLib.sources.folder import file_sha256, save_source
from TransferSegLib.sources.loading import load_source


def card(name: str = "tiny", **changes) -> ModelCard:
    return replace(
        ModelCard(
            format=2,
            name=name,
            title="Tiny model",
            description="For tests.",
            modality="t1w",
            body_part="head",
            labels=(CardLabel(1, "air"), CardLabel(5, "bone")),
            channels=("T1w",),
            network=CardNetwork("ratlesnetv2", {"filters": 2}),
            preprocessing=Preprocessing(spacing_mm=(1.0, 1.0, 2.0)),
            patch_size=(16, 16, 8),
            trained_on="nothing",
            licence="CC0",
            citation="none",
            scores=(CardScore("air", 0.9, None, 3, "out-of-fold"),),
        ),
        **changes,
    )


def weights(seed: int = 0) -> dict[str, torch.Tensor]:
    torch.manual_seed(seed)
    return build("ratlesnetv2", 1, 3, {"filters": 2}).state_dict()


@pytest.fixture(autouse=True)
def places(tmp_path, monkeypatch):
    """An empty place for bundled and for the person's models."""
    monkeypatch.setattr(catalogue, "bundled_folder", lambda: tmp_path / "bundled")
    monkeypatch.setenv("TRANSFERSEG_MODELS", str(tmp_path / "user"))
    return tmp_path


def edit(folder: Path, **changes) -> None:
    data = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    data.update(changes)
    (folder / "card.json").write_text(json.dumps(data))


def test_a_saved_model_reads_back_as_the_same_card_and_weights(tmp_path):
    saved = save_source(tmp_path / "m", card(), weights())
    assert saved.weights_sha256 == file_sha256(tmp_path / "m" / "weights.safetensors")
    assert read_card(tmp_path / "m") == saved
    network, report = load_source(find_source(tmp_path / "m"))
    assert report.share == 1.0
    assert not network.training
    assert all(torch.equal(value, weights()[name]) for name, value in network.state_dict().items())
    assert sorted(p.name for p in (tmp_path / "m").iterdir()) == ["card.json", "weights.safetensors"]


def test_bundled_models_come_before_the_persons_own_and_broken_folders_do_not_hide_them(tmp_path):
    save_source(tmp_path / "user" / "mine", card("mine"), weights())
    save_source(tmp_path / "bundled" / "theirs", card("theirs"), weights())
    save_source(tmp_path / "user" / "broken", card("broken"), weights())
    (tmp_path / "user" / "broken" / "card.json").write_text("{")
    save_source(tmp_path / "user" / "empty", card("empty"), weights())
    (tmp_path / "user" / "empty" / "weights.safetensors").unlink()
    assert [(s.card.name, s.origin) for s in list_sources()] == [("theirs", "bundled"), ("mine", "user")]
    problems = {broken.folder.name: broken.problem.sentence for broken in broken_sources()}
    assert set(problems) == {"broken", "empty"}
    assert "card.json: not valid JSON" in problems["broken"]
    with pytest.raises(InputError, match=r"card\.json: not valid JSON"):
        find_source("broken")


def test_whatever_a_folder_does_to_its_reader_the_other_models_stay(tmp_path, monkeypatch):
    from TransferSegLib.sources import catalogue

    save_source(tmp_path / "user" / "mine", card("mine"), weights())
    save_source(tmp_path / "user" / "worse", card("worse"), weights())
    read = catalogue.read_card

    def failing(folder):
        if folder.name == "worse":
            raise OverflowError("too large")
        return read(folder)

    monkeypatch.setattr(catalogue, "read_card", failing)
    catalogue._known_card.cache_clear()
    assert [source.card.name for source in list_sources()] == ["mine"]
    (broken,) = broken_sources()
    assert broken.folder.name == "worse" and "is no model (OverflowError: too large)" in broken.problem.sentence


def test_a_card_is_read_again_only_when_it_has_changed(tmp_path, monkeypatch):
    from TransferSegLib.sources import catalogue

    save_source(tmp_path / "user" / "mine", card("mine"), weights())
    read, original = [], catalogue.read_card
    monkeypatch.setattr(catalogue, "read_card", lambda folder: (read.append(folder), original(folder))[1])
    for _ in range(3):
        assert find_source("mine").card.title == card("mine").title
    assert len(read) == 1
    edit(tmp_path / "user" / "mine", title="Another")
    assert find_source("mine").card.title == "Another" and len(read) == 2


def test_models_trained_on_any_contrast_come_first_among_those_of_their_place(tmp_path):
    robust = {"training": {"augment": "contrast"}}
    for place, name, made_by in (
        ("bundled", "b-robust", robust),
        ("bundled", "a-plain", {"training": {"augment": "light"}}),
        ("bundled", "c-robust", robust),
        ("user", "a-mine", robust),
        ("bundled", "d-other", {"training": "contrast"}),
    ):
        save_source(tmp_path / place / name, card(name, made_by=made_by), weights())
    names = [source.card.name for source in list_sources()]
    assert names == ["b-robust", "c-robust", "a-plain", "d-other", "a-mine"]
    edit(tmp_path / "bundled" / "c-robust", training_cases=9)
    edit(tmp_path / "bundled" / "d-other", training_cases=99)
    names = [source.card.name for source in list_sources()]
    assert names == ["c-robust", "b-robust", "d-other", "a-plain", "a-mine"]


def test_of_the_models_that_ship_the_robust_hippocampus_is_offered_first(monkeypatch):
    monkeypatch.setattr(catalogue, "bundled_folder", bundled_folder)
    assert [source.card.name for source in list_sources()] == [
        "hippocampus-robust",
        "heart-cine-mr",
        "head-robust",
        "hippocampus-t1w",
        "head-t1w",
    ]


def test_every_recipe_of_a_model_writes_a_job_of_this_format(tmp_path):
    recipes = runpy.run_path(str(bundled_folder().parent / "make_source_models.py"))
    for name, recipe in recipes["RECIPES"].items():
        spec = recipes["job_spec"](name, tmp_path / "cases.json")
        assert (spec.kind, spec.network, spec.folds) == ("pretrain", recipe.network, recipe.folds)
        assert recipes["job_spec"](name, tmp_path / "cases.json", folds=3).folds == 3


def test_cards_of_robust_models_have_their_recipes_words_and_scores_of_cases_held_out():
    recipes = runpy.run_path(str(bundled_folder().parent / "make_source_models.py"))
    for name, measured in recipes["MEASURED"].items():
        shipped = read_card(bundled_folder() / name)
        assert shipped.description == recipes["RECIPES"][name].card["description"]
        assert set(measured.images.values()) <= set(shipped.scores_by_how)
        images = next(iter(measured.images))
        row = {"model": measured.model, "images": images, "dice": 0.5, "hd95_mm": 2.0, "tissues": None}
        again = recipes["with_measured"](shipped, [row, {**row, "model": "another"}])
        assert [score.dice for score in again.scores_by_how[measured.images[images]]] == [0.5]
    hippocampus = read_card(bundled_folder() / "hippocampus-robust")
    assert "from its twin, made in the same way from 92 of them, on 60 others" in hippocampus.description
    assert all(score.how.startswith("the twin") and score.cases == 60 for score in hippocampus.scores)
    assert 0.85 < hippocampus.scores[0].dice < 0.88
    assert hippocampus.preprocessing.clip_percentiles == (0.5, 99.5)


def test_the_two_models_of_the_hippocampus_can_be_compared_on_the_same_cases():
    plain, robust = (read_card(bundled_folder() / f"hippocampus-{name}").scores_by_how for name in ("t1w", "robust"))
    # Its own score comes first, which is the one shown alone.
    assert next(iter(plain)) == "mean over cases, out-of-fold"
    both = [how for how in plain if how in robust]
    assert [how.rpartition(", ")[2] for how in both] == [
        "T1-weighted",
        "the twin: mean over the same 60 cases in another contrast",
    ]
    (here, there), (here_too, there_too) = ([scores[how][-1].dice for how in both] for scores in (plain, robust))
    assert 0 < here - here_too < 0.02
    assert there < 0.1 < 0.8 < there_too


def test_without_any_folder_the_list_is_empty():
    assert list_sources() == []
    assert broken_sources() == []


def test_a_model_is_found_by_name_by_folder_and_in_a_job(tmp_path, monkeypatch):
    save_source(tmp_path / "bundled" / "head", card("head"), weights())
    save_source(tmp_path / "job" / "model", card("adapted"), weights())
    monkeypatch.chdir(tmp_path)
    assert find_source("head").origin == "bundled"
    assert find_source("bundled/head").origin == "path"
    assert find_source("job").card.name == "adapted"
    assert find_source(tmp_path / "job").folder == tmp_path / "job" / "model"


def test_an_unknown_name_is_answered_with_the_nearest(tmp_path):
    save_source(tmp_path / "bundled" / "head-t1w", card("head-t1w"), weights())
    save_source(tmp_path / "bundled" / "hippocampus", card("hippocampus"), weights())
    with pytest.raises(InputError, match=r"`haed-t1w`: no source model has this name .*; nearest are head-t1w"):
        find_source("haed-t1w")


def test_a_folder_that_is_not_there_or_is_another_programs_model_says_so(tmp_path):
    with pytest.raises(InputError, match="nowhere: no such folder; check the path"):
        add_source(tmp_path / "nowhere")
    (tmp_path / "bundle" / "configs").mkdir(parents=True)
    (tmp_path / "bundle" / "configs" / "metadata.json").write_text("{}")
    with pytest.raises(InputError, match="bring it in with `transferseg sources import`"):
        add_source(tmp_path / "bundle")


def test_a_folder_that_is_no_model_or_a_job_without_one_says_so(tmp_path):
    (tmp_path / "job").mkdir()
    with pytest.raises(InputError, match=r"job: holds no card.json"):
        find_source(tmp_path / "job")
    (tmp_path / "job" / "job.json").write_text("{}")
    with pytest.raises(InputError, match=r"job: this job has no model yet; let it finish \(`transferseg resume .*job`"):
        find_source(tmp_path / "job")


def test_an_added_model_is_listed_and_adding_it_again_changes_nothing(tmp_path):
    save_source(tmp_path / "m", card(), weights())
    added = add_source(tmp_path / "m")
    assert added.folder == tmp_path / "user" / "tiny"
    assert [s.card for s in list_sources()] == [added.card]
    stamp = (added.folder / "weights.safetensors").stat().st_mtime_ns
    assert add_source(tmp_path / "m") == added
    assert (added.folder / "weights.safetensors").stat().st_mtime_ns == stamp
    assert [p.name for p in (tmp_path / "user").iterdir()] == ["tiny"]


def test_another_model_does_not_overwrite_a_name_but_can_have_one_of_its_own(tmp_path):
    save_source(tmp_path / "a", card(), weights(0))
    save_source(tmp_path / "b", card(), weights(1))
    add_source(tmp_path / "a")
    with pytest.raises(InputError, match="another model is there under this name"):
        add_source(tmp_path / "b")
    assert add_source(tmp_path / "b", "other").card.name == "other"
    assert [s.card.name for s in list_sources()] == ["other", "tiny"]


def test_a_model_of_ones_own_can_be_removed_and_no_other(tmp_path, capsys):
    save_source(tmp_path / "bundled" / "theirs", card("theirs"), weights())
    save_source(tmp_path / "user" / "mine", card("mine"), weights())
    save_source(tmp_path / "user" / "broken", card("broken"), weights())
    (tmp_path / "user" / "broken" / "card.json").write_text("{")
    save_source(tmp_path / "elsewhere", card("elsewhere"), weights())
    (tmp_path / "user" / "linked").symlink_to(tmp_path / "elsewhere")
    for name in ("mine", "broken"):
        assert main(["sources", "remove", name]) == 0
    assert "deleted" in capsys.readouterr().out
    for name in ("theirs", "mine", "../elsewhere"):
        assert main(["sources", "remove", name]) == 2
    assert sorted(path.name for path in (tmp_path / "user").iterdir()) == ["linked"]
    assert main(["sources", "remove", "elsewhere"]) == 0
    assert not list((tmp_path / "user").iterdir())
    assert (tmp_path / "elsewhere" / "card.json").is_file() and (tmp_path / "bundled" / "theirs").is_dir()


def test_a_folder_among_the_models_that_never_was_one_is_not_deleted(tmp_path):
    thesis = tmp_path / "user" / "Documents" / "thesis.txt"
    thesis.parent.mkdir(parents=True)
    thesis.write_text("years")
    with pytest.raises(InputError, match="Documents: has neither a card nor weights, so it is no model"):
        remove_source("Documents")
    assert thesis.exists()


def test_the_name_of_a_bundled_model_is_taken(tmp_path):
    save_source(tmp_path / "bundled" / "tiny", card(), weights())
    with pytest.raises(InputError, match="`tiny` is the name of a model that ships"):
        add_source(tmp_path / "bundled" / "tiny")


@pytest.mark.parametrize("name", ["../evil", "a/b", "a\\b", ".hidden", "", "x" * 65, "nul\0", "end.", "a b"])
def test_names_that_could_leave_the_folder_are_refused(tmp_path, name):
    save_source(tmp_path / "m", card(name or "ok"), weights())
    with pytest.raises(InputError, match=r"cannot be a model's name|has control characters"):
        add_source(tmp_path / "m", name or "/")
    assert not (tmp_path / "user").exists()


def test_torch_weights_are_added_as_safetensors(tmp_path):
    save_source(tmp_path / "m", card(), weights())
    (tmp_path / "m" / "weights.safetensors").unlink()
    torch.save({"state_dict": weights()}, tmp_path / "m" / "weights.pt")
    edit(tmp_path / "m", weights_sha256=file_sha256(tmp_path / "m" / "weights.pt"))
    added = add_source(tmp_path / "m")
    assert sorted(p.name for p in added.folder.iterdir()) == ["card.json", "weights.safetensors"]
    assert load_source(added)[1].share == 1.0


def test_weights_that_are_not_the_cards_are_refused(tmp_path):
    save_source(tmp_path / "m", card(), weights())
    edit(tmp_path / "m", weights_sha256="0" * 64)
    with pytest.raises(InputError, match="SHA-256 differs"):
        add_source(tmp_path / "m")
    assert not (tmp_path / "user").exists()


@pytest.mark.parametrize(
    ("network", "message"),
    [
        ({"name": "ratlesnetv2", "arguments": {"filters": 1}}, "only .* of the network's values are in the weights"),
        ({"name": "ratlesnetv2", "arguments": {"filters": 4000}}, "the network described has"),
        ({"name": "os.system", "arguments": {}}, "network `os.system` is not known"),
        ({"name": "ratlesnetv2", "arguments": {"depth": 3}}, "cannot be built with"),
        ({"name": "ratlesnetv2", "arguments": {"filters": 0}}, "argument `filters` must be at least 1"),
        ({"name": "monai-unet", "arguments": {"channels": [2, 4], "strides": [0]}}, "`strides` must be at least 1"),
        ({"name": "monai-unet", "arguments": {"channels": [2, -4]}}, "`channels` must be at least 1"),
        ({"name": "hrnet", "arguments": {"width": 0}}, "has nothing in|cannot be built"),
    ],
)
def test_a_card_whose_network_does_not_fit_the_weights_is_refused(tmp_path, network, message):
    save_source(tmp_path / "m", card(), weights())
    edit(tmp_path / "m", network=network)
    with pytest.raises(InputError, match=message):
        add_source(tmp_path / "m")


@pytest.mark.parametrize(
    ("strides", "message"),
    [((2, 2), None), ((256,), r"images in steps of \(256, 256, 256\) voxels"), ((1,), "does not give a finite number")],
)
def test_a_model_that_cannot_be_run_is_refused_before_it_is_kept(tmp_path, strides, message):
    arguments = {"channels": [2] * (len(strides) + 1), "strides": list(strides)}
    network = build("monai-unet", 1, 3, arguments).state_dict()
    if message and "finite" in message:
        for value in network.values():
            value.fill_(1e30)
    save_source(tmp_path / "m", card(network=CardNetwork("monai-unet", arguments)), network)
    if message is None:
        assert add_source(tmp_path / "m").card.name == "tiny"
        return
    with pytest.raises(InputError, match=message):
        add_source(tmp_path / "m")
    assert list_sources() == []


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_weights_that_are_a_link_out_of_the_folder_are_refused(tmp_path):
    save_source(tmp_path / "m", card(), weights())
    (tmp_path / "m" / "weights.safetensors").rename(tmp_path / "elsewhere.safetensors")
    (tmp_path / "m" / "weights.safetensors").symlink_to(tmp_path / "elsewhere.safetensors")
    with pytest.raises(InputError, match="is a link to a file outside"):
        load_source(find_source(tmp_path / "m"))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"modality": 3}, r"card\.json: field `modality`: expected a text, found a number"),
        ({"labels": [{"value": "one", "name": "a"}]}, r"field `labels`\[0\]: field `value`: expected a whole number"),
        ({"labels": []}, r"card\.json: the labels' values must be different whole numbers from 1"),
        ({"patch_size": [8, 8]}, r"card\.json: field `patch_size`"),
        ({"patch_size": [8, 8, 0]}, r"card\.json: the patch size must be positive"),
        ({"preprocessing": {"spacing_mm": None, "clip_percentiles": [99, 1]}}, "percentiles of channel 1 must rise"),
        ({"preprocessing": {"spacing_mm": None, "crop_margin": -1}}, "`crop_margin` no less than 0"),
        ({"preprocessing": {"spacing_mm": None, "spacing_tolerance": 1.0}}, "`spacing_tolerance` must be from 0"),
        (
            {"preprocessing": {"spacing_mm": None, "normalised_first": True, "crop": "non-zero"}},
            "`normalised_first` does not go with the crop `non-zero`",
        ),
        (
            {"preprocessing": {"spacing_mm": None, "slices_last": True, "crop": "empty-slices"}},
            "`slices_last` does not go with the crop `empty-slices`",
        ),
        ({"patch_size": [8000, 8000, 8000]}, r"card\.json: a patch of .* does not fit into memory"),
        ({"channels": []}, r"card\.json: names no channel"),
        (
            {"preprocessing": {"spacing_mm": None, "normalisation": "sharp"}},
            r"field `preprocessing`: field `normalisation`",
        ),
        ({"weights": "/etc/passwd"}, r"card\.json: unknown field `weights`"),
        ({"format": 3}, r"card\.json: card format 3 is newer than 2"),
        ({"format": -3}, "`format` below 1"),
        ({"training_cases": -1}, "`training_cases` is below 0"),
        ({"labels": [{"value": 10**30, "name": "a"}]}, r"a whole number is beyond 9,223"),
        ({"labels": [{"value": 2**31, "name": "a"}]}, "the label value 2147483648 is above 2147483647"),
        ({"labels": [{"value": 1, "name": " "}]}, "the label 1 has no name"),
        ({"labels": [{"value": 1, "name": "a", "color": [999, -4, 3]}]}, "the colour of `a` is"),
        (
            {"scores": [{"label": "a", "dice": math.nan, "hd95_mm": 1, "cases": 3, "how": "x"}]},
            "the Dice of `a` is nan",
        ),
        ({"network": {"name": "unet", "arguments": {"dropout": 10**400}}}, r"card\.json: a whole number is beyond"),
    ],
)
def test_an_error_in_a_card_names_the_file_and_the_field(tmp_path, changes, message):
    save_source(tmp_path / "m", card(), weights())
    edit(tmp_path / "m", **changes)
    with pytest.raises(InputError, match=message):
        find_source(tmp_path / "m")


@pytest.mark.parametrize(
    ("platform", "variable", "expected"),
    [
        ("linux", None, ".local/share/TransferSeg/models"),
        ("linux", "XDG_DATA_HOME", "data/TransferSeg/models"),
        ("darwin", None, "Library/Application Support/TransferSeg/models"),
        ("win32", "LOCALAPPDATA", "data/TransferSeg/models"),
        ("win32", None, "AppData/Local/TransferSeg/models"),
    ],
)
def test_the_persons_folder_is_the_platforms(tmp_path, monkeypatch, platform, variable, expected):
    for name in ("TRANSFERSEG_MODELS", "XDG_DATA_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    monkeypatch.setattr(sys, "platform", platform)
    if variable:
        monkeypatch.setenv(variable, str(tmp_path / "data"))
    assert user_folder() == tmp_path / expected


def test_models_that_ship_are_found_in_a_clone_and_in_an_installed_package(tmp_path, monkeypatch):
    package = tmp_path / "TransferSegLib"
    (package / "sources").mkdir(parents=True)
    monkeypatch.setattr(catalogue, "__file__", str(package / "sources" / "catalogue.py"))
    assert bundled_folder() == tmp_path / "Resources" / "SourceModels"
    (package / "resources" / "SourceModels").mkdir(parents=True)
    assert bundled_folder() == package / "resources" / "SourceModels"


def test_listing_models_imports_neither_torch_nor_monai():
    code = (
        "import sys, TransferSegLib.sources.catalogue as c; c.list_sources();"
        "print([m for m in ('torch', 'monai', 'nibabel', 'matplotlib', 'safetensors') if m in sys.modules])"
    )
    root = Path(__file__).parents[2]
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, encoding="utf-8", check=True
    )
    assert result.stdout.strip() == "[]"
