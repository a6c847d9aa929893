"""A model that is run as nnU-Net v2 runs it, against nnU-Net's own steps (`nnunet_steps`)."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from foreign_models import nnunet_network, nnunet_plans, plans_of_slices, write_nnunet
from nnunet_steps import PATCH, agreement, nnunet_segmentation, scan

from TransferSegLib.cases.volumes import read_labels, read_volume, write_volume
from TransferSegLib.cli import main
from TransferSegLib.core.grid import Grid
from TransferSegLib.inference import windows as inference_windows
from TransferSegLib.sources.catalogue import find_source
from TransferSegLib.sources.imports.importer import ImportOptions
from TransferSegLib.sources.imports.importing import import_source

pytest.importorskip("dynamic_network_architectures")

SLICE = (1, 16, 24)
# All voxels have one label where this was written; elsewhere a tie in 16 bits may be decided otherwise.
SAME = 0.9997


@pytest.fixture(autouse=True)
def own_models(tmp_path, monkeypatch):
    monkeypatch.setenv("TRANSFERSEG_MODELS", str(tmp_path / "models"))


def imported(
    tmp_path,
    plans=None,
    dataset=None,
    kind="PlainConvUNet",
    folds=1,
    orientation=None,
    times=1,
    slices=False,
    **checkpoint,
):
    """A model of nnU-Net's that finds as much of each label, taken in; its networks, each of a fold, and what was read."""
    names = tuple(f"fold_{n}" for n in range(folds))
    configuration = "2d" if slices else "3d_fullres"
    write_nnunet(tmp_path / "model", plans, dataset, kind, configuration=configuration, folds=names)
    networks = [nnunet_network(kind, 1, 3, slices=slices) for _ in names]
    seen = torch.randn(1, 1, *(PATCH[1:] if slices else PATCH))
    torch.manual_seed(7)
    for name, network in zip(names, networks, strict=True):
        for parameter in network.parameters():
            parameter.data += 0.3 * parameter.std().nan_to_num() * torch.randn_like(parameter)
        with torch.no_grad():
            network.decoder.seg_layers[-1].bias -= network(seen).flatten(2).mean(dim=(0, 2))
            for parameter in network.decoder.seg_layers[-1].parameters():
                parameter *= times
        path = tmp_path / "model" / name / "checkpoint_final.pth"
        torch.save(torch.load(path, weights_only=False) | {"network_weights": network.state_dict()} | checkpoint, path)
    return networks, import_source(tmp_path / "model", ImportOptions(orientation=orientation))[1]


def run(tmp_path, volume, grid, *flags, model="Knee-3d_fullres"):
    """The labels that `segment` writes for a volume, and what it says."""
    write_volume(tmp_path / "scan.nii.gz", volume, grid)
    model = find_source(model).folder
    arguments = ["segment", "--model", str(model), "--images", str(tmp_path / "scan.nii.gz"), "--device", "cpu"]
    assert main([*arguments, "--out", str(tmp_path / "out"), *flags]) == 0
    return read_labels(tmp_path / "out" / "scan.nii.gz").array


ISOTROPIC = (np.diag([1.0, 1.1, 2.0, 1.0]), (30, 28, 20))
THICK = (np.diag([0.5, 0.5, 5.0, 1.0]), (40, 44, 9))


@pytest.mark.parametrize(
    ("affine", "size", "wanted"),
    [
        (*ISOTROPIC, [1.6, 1.0, 0.8]),
        (*ISOTROPIC, [3.0, 1.5, 0.75]),
        (*THICK, [1.6, 1.0, 0.8]),
        (*THICK, [3.0, 1.5, 0.75]),
    ],
    ids=["near isotropic", "to thick slices", "from thick slices", "thick slices"],
)
@pytest.mark.parametrize("kind", ["PlainConvUNet", "ResidualEncoderUNet"])
def test_labels_are_those_of_nnu_nets_own_steps(tmp_path, kind, affine, size, wanted):
    plans = nnunet_plans(kind)
    plans["configurations"]["3d_fullres"]["spacing"] = wanted
    networks, _ = imported(tmp_path, plans, kind=kind)
    spacing = tuple(np.diag(affine)[:3])
    theirs, _ = nnunet_segmentation(networks, scan(size), spacing, (0, 1, 2), wanted=wanted)
    ours = run(tmp_path, scan(size), Grid(size, affine))
    assert agreement(ours, theirs) >= SAME
    without = run(tmp_path, scan(size), Grid(size, affine), "--no-as-nnunet")
    assert agreement(without, theirs) < 0.99


@pytest.mark.parametrize(
    ("affine", "size", "order"),
    [(*ISOTROPIC, (0, 1, 2)), (*THICK, (0, 1, 2)), (*THICK, (2, 0, 1))],
    ids=["near isotropic", "thick slices", "across thick slices"],
)
@pytest.mark.parametrize("kind", ["PlainConvUNet", "ResidualEncoderUNet"])
def test_labels_of_a_2d_configuration_are_those_of_nnu_nets_own_steps(tmp_path, kind, affine, size, order):
    """Slices are resampled in their plane alone; `order` puts the axis across them first."""
    plans = plans_of_slices(kind) | {"transpose_forward": [*order]}
    wanted = [0.8, 1.3]
    plans["configurations"]["2d"]["spacing"] = wanted
    networks, _ = imported(tmp_path, plans, kind=kind, folds=2, slices=True)
    of_slices = [lambda x, one=one: one(x[:, :, 0])[:, :, None] for one in networks]
    spacing = tuple(np.diag(affine)[:3])
    theirs, _ = nnunet_segmentation(of_slices, scan(size), spacing, (1, 2), order=order, wanted=wanted, patch=SLICE)
    ours = run(tmp_path, scan(size), Grid(size, affine), model="Knee-2d")
    assert agreement(ours, theirs) >= SAME
    plain = run(tmp_path, scan(size), Grid(size, affine), "--no-as-nnunet", model="Knee-2d")
    assert agreement(plain, theirs) < 0.99


def test_thin_slabs_find_what_all_at_once_does(tmp_path, monkeypatch):
    imported(tmp_path)
    affine, size = THICK
    at_once = run(tmp_path, scan(size), Grid(size, affine))
    for axis in range(3):
        monkeypatch.setattr(inference_windows, "SLAB_BYTES", 4 * 3 * 40 * 44)
        monkeypatch.setattr(inference_windows, "_slab_axis", lambda size, patch, first, axis=axis: axis)
        assert agreement(run(tmp_path, scan(size), Grid(size, affine)), at_once) >= SAME


def test_logits_that_16_bits_cannot_add_up_are_added_up_in_32(tmp_path):
    """nnU-Net itself stops here."""
    networks, _ = imported(tmp_path, times=2.0**14)
    affine, size = THICK
    theirs, _ = nnunet_segmentation(networks, scan(size), np.diag(affine)[:3], (0, 1, 2), dtype=torch.float32)
    assert agreement(run(tmp_path, scan(size), Grid(size, affine)), theirs) >= SAME


def test_folds_are_averaged_and_one_alone_finds_something_else(tmp_path):
    networks, result = imported(tmp_path, folds=2)
    assert [member.file for member in find_source("Knee-3d_fullres").card.members] == ["members/fold1.safetensors"]
    assert any("2 networks, one a fold, are averaged" in note for note in result.sentences)
    affine, size = ISOTROPIC
    theirs, _ = nnunet_segmentation(networks, scan(size), np.diag(affine)[:3], (0, 1, 2))
    assert agreement(run(tmp_path, scan(size), Grid(size, affine)), theirs) >= SAME
    alone = run(tmp_path, scan(size), Grid(size, affine), "--ensemble", "none")
    assert agreement(alone, theirs) < 0.99


@pytest.mark.parametrize("mirror", [(0, 1, 2), (2,), None])
def test_windows_are_mirrored_along_the_axes_that_the_checkpoint_allows(tmp_path, mirror):
    """The network's first axis is x here, then z, then y."""
    plans = nnunet_plans() | {"transpose_forward": [2, 0, 1]}
    plans["configurations"]["3d_fullres"]["spacing"] = [3.0, 1.5, 0.75]
    networks, result = imported(tmp_path, plans, inference_allowed_mirroring_axes=mirror)
    assert result.card.inference.as_nnunet is not None
    names = {(0, 1, 2): ("right", "anterior", "superior"), (2,): ("anterior",), None: ()}
    assert result.card.inference.as_nnunet.mirror == names[mirror]
    affine, size = np.diag([2.0, 1.1, 1.0, 1.0]), (20, 28, 30)
    spacing = np.diag(affine)[:3]
    theirs, _ = nnunet_segmentation(networks, scan(size), spacing, mirror or (), order=(2, 0, 1))
    assert agreement(run(tmp_path, scan(size), Grid(size, affine)), theirs) >= SAME
    if mirror:
        plain, _ = nnunet_segmentation(networks, scan(size), spacing, (), order=(2, 0, 1))
        assert agreement(run(tmp_path, scan(size), Grid(size, affine), "--mirror", "none"), plain) >= SAME


def test_regions_are_painted_after_their_scores_were_averaged_and_resampled(tmp_path):
    regions = {
        "labels": {"background": 0, "whole": [1, 2, 3], "core": [2, 3], "rim": [3]},
        "regions_class_order": [1, 2, 3],
    }
    networks, _ = imported(tmp_path, None, regions)

    def painted(logits):
        classes = np.zeros(logits.shape[1:], int)
        for n, score in enumerate(logits, start=1):
            classes[score > 0] = n
        return classes

    affine, size = THICK
    theirs, _ = nnunet_segmentation(networks, scan(size), np.diag(affine)[:3], (0, 1, 2), painted)
    assert set(np.unique(theirs)) == {0, 1, 2, 3}
    assert agreement(run(tmp_path, scan(size), Grid(size, affine)), theirs) >= SAME


@pytest.mark.parametrize(
    ("reader", "option", "turned"),
    [
        ("SimpleITKIO", None, (0, 1, 2)),
        ("NibabelIOWithReorient", None, ()),
        ("SimpleITKIO", "RAS", ()),
        ("SimpleITKIO", "LPS", (0, 1)),
    ],
)
def test_images_are_shown_as_the_reader_of_the_plans_or_the_person_says(tmp_path, capsys, reader, option, turned):
    """The file's axes are left, posterior, inferior; `turned` are those that are flipped from right, anterior, superior."""
    networks, _ = imported(tmp_path, nnunet_plans() | {"image_reader_writer": reader}, orientation=option)
    _, size = ISOTROPIC
    spacing = (1.0, 1.1, 2.0)
    ras = scan(size)
    theirs, _ = nnunet_segmentation(networks, np.flip(ras, turned), spacing, (0, 1, 2))
    grid = Grid(size, np.diag([-1.0, -1.1, -2.0, 1.0]))
    ours = run(tmp_path, np.flip(ras, (0, 1, 2)), grid)
    assert agreement(np.flip(ours, (0, 1, 2)), np.flip(theirs, turned)) >= SAME
    said = "shown with the axes of its file, LPI" in capsys.readouterr().err
    assert said == (reader == "SimpleITKIO" and option is None)


def test_probabilities_are_those_of_nnu_net_and_the_uncertainty_follows(tmp_path):
    networks, _ = imported(tmp_path)
    affine, size = THICK
    _, logits = nnunet_segmentation(networks, scan(size), np.diag(affine)[:3], (0, 1, 2))
    shares = torch.softmax(torch.from_numpy(logits), dim=0).numpy()
    run(tmp_path, scan(size), Grid(size, affine), "--probabilities", "--uncertainty")
    box = tuple(slice(along.min(), along.max() + 1) for along in np.nonzero(scan(size)))
    one = read_volume(tmp_path / "out" / "probabilities" / "scan_1.nii.gz").array
    assert one[box] == pytest.approx(shares[1].transpose(2, 1, 0), abs=1e-3)
    doubt = read_volume(tmp_path / "out" / "uncertainty" / "scan.nii.gz").array
    assert doubt[box] == pytest.approx(1 - shares.max(axis=0).transpose(2, 1, 0), abs=1e-3)
    outside = np.ones(size, bool)
    outside[box] = False
    assert not doubt[outside].any()


def test_a_model_whose_card_does_not_say_how_is_not_run_as_nnu_net_does(tmp_path, capsys):
    write_volume(tmp_path / "scan.nii.gz", scan((20, 20, 20)), Grid.from_spacing((20, 20, 20), (1, 1, 1)))
    arguments = ["segment", "--model", "hippocampus-t1w", "--images", str(tmp_path / "scan.nii.gz")]
    assert main([*arguments, "--out", str(tmp_path / "out"), "--as-nnunet"]) == 2
    assert "--as-nnunet: the card of `hippocampus-t1w` does not say how nnU-Net runs it" in capsys.readouterr().err


def test_plans_that_resample_in_another_way_are_not_followed(tmp_path):
    plans = nnunet_plans()
    plans["configurations"]["3d_fullres"] |= {"resampling_fn_data_kwargs": {"order": 2}}
    write_nnunet(tmp_path / "model", plans)
    source, imported = import_source(tmp_path / "model", ImportOptions())
    assert source.card.inference.as_nnunet is None
    assert any("resample in a way that is not known here" in note for note in imported.sentences)


@pytest.mark.parametrize(
    ("function", "in_half"), [("resample_data_or_seg_to_shape", True), ("resample_torch_fornnunet", False)]
)
def test_resampled_logits_are_rounded_to_16_bits_where_nnu_net_does_it(tmp_path, function, in_half):
    plans = nnunet_plans()
    names = ("resampling_fn_data", "resampling_fn_probabilities")
    plans["configurations"]["3d_fullres"] |= dict.fromkeys(names, function)
    for name in names:
        plans["configurations"]["3d_fullres"][f"{name}_kwargs"] = {"force_separate_z": None}
    plans["configurations"]["3d_fullres"]["resampling_fn_probabilities_kwargs"]["order"] = 1
    write_nnunet(tmp_path / "model", plans)
    as_nnunet = import_source(tmp_path / "model", ImportOptions())[0].card.inference.as_nnunet
    assert as_nnunet is not None
    assert as_nnunet.logits_in_half == in_half


@pytest.mark.parametrize(
    ("field", "axes", "message"),
    [
        ("mirror", ["superior", "right"], "each once and in this order"),
        ("order", ["superior", "right", "right"], "must name each of the axes"),
    ],
)
def test_a_card_with_axes_out_of_order_is_refused(tmp_path, capsys, field, axes, message):
    write_nnunet(tmp_path / "model")
    source, _ = import_source(tmp_path / "model", ImportOptions())
    card = json.loads((source.folder / "card.json").read_text(encoding="utf-8"))
    card["inference"]["as_nnunet"][field] = axes
    (source.folder / "card.json").write_text(json.dumps(card), encoding="utf-8")
    assert main(["sources", "show", str(source.folder)]) == 2
    assert message in capsys.readouterr().err
