"""A model with further weights: its folder, what is checked of it, and that whoever copies or adds it takes all of it."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest
import torch

from TransferSegLib.cases.volumes import read_labels, read_volume
from TransferSegLib.cli import main
from TransferSegLib.core.card import read_card
from TransferSegLib.core.errors import InputError
from TransferSegLib.sources.adding import add_source
from TransferSegLib.sources.catalogue import find_source, remove_source
from TransferSegLib.sources.exports.bundle import export_bundle
from TransferSegLib.sources.folder import copy_source, save_source
from TransferSegLib.sources.loading import load_member_states, load_members, load_state


@pytest.fixture
def ensemble(tiny_source, tmp_path):
    """The tiny model with two further sets of weights."""
    source = find_source(tiny_source)
    state = load_state(source)
    torch.manual_seed(1)
    others = {f"fold{n}": {k: v + 0.3 * torch.randn_like(v) for k, v in state.items()} for n in range(2)}
    save_source(tmp_path / "ensemble", source.card, state, others)
    return tmp_path / "ensemble"


def test_the_folder_has_all_weights_and_the_card_their_sums(ensemble, tiny_source):
    card = read_card(ensemble)
    assert [member.file for member in card.members] == ["members/fold0.safetensors", "members/fold1.safetensors"]
    one, other = load_member_states(find_source(ensemble))
    own = load_state(find_source(ensemble))
    assert all(torch.equal(own[name], value) for name, value in load_state(find_source(tiny_source)).items())
    assert any(not torch.equal(one[name], other[name]) for name in own)
    assert [network.training for network in load_members(find_source(ensemble))] == [False, False]
    assert load_members(find_source(tiny_source)) == []


def test_weights_that_are_not_those_of_the_card_are_refused(ensemble):
    shutil.copy(ensemble / "members" / "fold1.safetensors", ensemble / "members" / "fold0.safetensors")
    with pytest.raises(InputError, match=r"fold0\.safetensors: is not the file the card was written for"):
        load_members(find_source(ensemble))


def test_a_member_that_is_gone_is_named(ensemble):
    (ensemble / "members" / "fold1.safetensors").unlink()
    with pytest.raises(InputError, match=r"fold1\.safetensors: is not there, .* copy the whole folder"):
        load_members(find_source(ensemble))


def test_a_link_out_of_the_folder_is_not_followed(ensemble, tmp_path):
    path = ensemble / "members" / "fold1.safetensors"
    path.rename(tmp_path / "elsewhere.safetensors")
    path.symlink_to(tmp_path / "elsewhere.safetensors")
    with pytest.raises(InputError, match="is a link to a file outside the model's folder"):
        load_members(find_source(ensemble))
    path.unlink()
    (ensemble / "members").rename(tmp_path / "others")
    (tmp_path / "elsewhere.safetensors").rename(tmp_path / "others" / "fold1.safetensors")
    (ensemble / "members").symlink_to(tmp_path / "others", target_is_directory=True)
    with pytest.raises(InputError, match="is a link to a file outside the model's folder"):
        load_members(find_source(ensemble))


@pytest.mark.parametrize(
    "file", ["../fold0.safetensors", "members/../x.safetensors", "/etc/passwd", "members/fold0.pt"]
)
def test_a_card_names_no_member_but_a_file_of_its_own_folder(ensemble, file):
    card = json.loads((ensemble / "card.json").read_text())
    card["members"][0]["file"] = file
    (ensemble / "card.json").write_text(json.dumps(card))
    with pytest.raises(InputError, match="`members` must be up to 20 different files such as"):
        read_card(ensemble)


def test_whoever_copies_or_adds_the_model_takes_all_of_it(ensemble, tmp_path):
    copy_source(ensemble, tmp_path / "copy")
    assert len(load_members(find_source(tmp_path / "copy"))) == 2
    added = add_source(ensemble, "an-ensemble")
    try:
        for one, other in zip(load_member_states(added), load_member_states(find_source(ensemble)), strict=True):
            assert all(torch.equal(one[name], value) for name, value in other.items())
    finally:
        remove_source("an-ensemble")


def test_a_folder_that_is_written_again_keeps_no_weights_of_the_model_before(ensemble, tiny_source):
    copy_source(tiny_source, ensemble)
    assert list(ensemble.glob("members/*")) == [] and read_card(ensemble).members == ()


def test_segment_averages_all_weights_and_can_be_asked_for_the_models_own(
    ensemble, tiny_source, phantoms, tmp_path, capsys
):
    image = str(phantoms("t1w", 2) / "imagesTr" / "phantom_000.nii.gz")

    def segmented(model, name, *flags):
        out = tmp_path / name
        assert (
            main(["segment", "--model", str(model), "--images", image, "--out", str(out), "--probabilities", *flags])
            == 0
        )
        paths = sorted((out / "probabilities").iterdir())
        return read_labels(out / "phantom_000.nii.gz").array, np.stack([read_volume(path).array for path in paths])

    alone = []
    for n, state in enumerate([load_state(find_source(ensemble)), *load_member_states(find_source(ensemble))]):
        save_source(tmp_path / f"model{n}", read_card(tiny_source), state)
        alone.append(segmented(tmp_path / f"model{n}", f"alone{n}")[1])
    # A shorter number format rounds each of them.
    np.testing.assert_allclose(segmented(ensemble, "all")[1], np.mean(alone, axis=0), atol=0.01)
    own = segmented(ensemble, "own", "--ensemble", "none")
    assert np.array_equal(own[0], segmented(tiny_source, "tiny")[0])
    asked = ["--images", image, "--out", str(tmp_path / "x"), "--ensemble", "folds"]
    assert main(["segment", "--model", str(tiny_source), *asked]) == 2
    assert "has one set of weights; adapt with --ensemble folds" in capsys.readouterr().err


def test_a_bundle_of_an_ensemble_says_that_it_has_one_set_of_weights(ensemble, tmp_path):
    notes = export_bundle(find_source(ensemble), tmp_path / "bundle")
    assert any("averages 3 sets of weights" in note and "has the first alone" in note for note in notes)
