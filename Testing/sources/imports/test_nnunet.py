from __future__ import annotations

import json
import pickle
import shutil

import numpy as np
import pytest
import torch
from foreign_models import CT_FACTS, nnunet_plans, plans_of_slices, write_nnunet
from rounding import assert_same

from TransferSegLib.cases.normalisation import normalise
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.preprocessing import Intensities, Preprocessing
from TransferSegLib.sources.imports.importer import ImportOptions
from TransferSegLib.sources.imports.importing import import_source, read_model
from TransferSegLib.sources.loading import load_source

pytest.importorskip("dynamic_network_architectures")

FACTS = "foreground_intensity_properties_per_channel"


def imported(folder, **options):
    return read_model(folder, ImportOptions(**options))


def refused(folder, **options) -> str:
    with pytest.raises(InputError) as caught:
        imported(folder, **options)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def plans_with(**changes):
    """Plans whose `3d_fullres` differs."""
    plans = nnunet_plans()
    plans["configurations"]["3d_fullres"] |= changes
    return plans


def plans_with_network(**changes):
    plans = nnunet_plans()
    plans["configurations"]["3d_fullres"]["architecture"]["arch_kwargs"] |= changes
    return plans


@pytest.mark.parametrize("old", [False, True])
@pytest.mark.parametrize("kind", ["PlainConvUNet", "ResidualEncoderUNet"])
def test_it_computes_what_nnu_nets_own_network_does_on_the_same_volume(tmp_path, kind, old):
    network = write_nnunet(tmp_path / "model", nnunet_plans(kind, old), kind=kind)
    source, result = import_source(tmp_path / "model", ImportOptions())
    ours, _ = load_source(source)
    x = torch.randn(2, 1, 24, 16, 8)  # I, J, K
    with torch.no_grad():
        theirs = network(x.permute(0, 1, 4, 3, 2)).permute(0, 1, 4, 3, 2)
        assert_same(ours(x), theirs)
    assert result.report.share == 1.0
    assert source.card.made_by["trainer"] == "nnUNetTrainer"


@pytest.mark.parametrize("kind", ["PlainConvUNet", "ResidualEncoderUNet"])
def test_a_model_with_dropout_computes_what_nnu_nets_own_does(tmp_path, kind):
    plans = nnunet_plans(kind)
    dropout = {"dropout_op": "torch.nn.modules.dropout.Dropout3d", "dropout_op_kwargs": {"p": 0.2}}
    plans["configurations"]["3d_fullres"]["architecture"]["arch_kwargs"] |= dropout
    network = write_nnunet(tmp_path / "model", plans, kind=kind, dropout=True)
    source, result = import_source(tmp_path / "model", ImportOptions())
    ours, _ = load_source(source)
    x = torch.randn(1, 1, 24, 16, 8)  # I, J, K
    with torch.no_grad():
        assert_same(ours(x), network(x.permute(0, 1, 4, 3, 2)).permute(0, 1, 4, 3, 2))
    assert "Its dropout, which does nothing in use, is left out." in result.sentences


def test_axes_that_nnu_net_reordered_once_more_are_followed(tmp_path):
    plans = nnunet_plans() | {"transpose_forward": [2, 0, 1]}
    network = write_nnunet(tmp_path / "model", plans)
    result = imported(tmp_path / "model")
    source, _ = import_source(tmp_path / "model", ImportOptions())
    ours, _ = load_source(source)
    x = torch.randn(2, 1, 8, 24, 16)
    with torch.no_grad():
        stored = x.permute(0, 1, 4, 3, 2)  # z, y, x
        seen = stored.permute(0, 1, *(2 + axis for axis in (2, 0, 1)))
        back = network(seen).permute(0, 1, *(2 + axis for axis in (1, 2, 0)))
        assert_same(ours(x), back.permute(0, 1, 4, 3, 2))
    # The network's first axis is x: 3 mm and 8 voxels; then z, then y.
    assert result.card.preprocessing.spacing_mm == (3.0, 0.75, 1.5)
    assert result.card.patch_size == (8, 24, 16)


def test_the_card_says_what_plans_and_data_set_say(tmp_path):
    write_nnunet(tmp_path / "model")
    result = imported(tmp_path / "model")
    card = result.card
    assert (card.name, card.modality, card.channels, card.label_names) == (
        "Knee-3d_fullres",
        "ct",
        ("CT",),
        ("femur", "tibia"),
    )
    assert card.preprocessing == Preprocessing((0.75, 1.5, 3.0), "ct", (-150.0, 300.0), 40.0, 90.0, crop="non-zero")
    assert card.patch_size == (24, 16, 8)
    assert (card.licence, card.commercial_use, card.training_cases) == ("CC-BY-NC 4.0", False, 31)
    assert any("oriented" in note for note in result.sentences)


def test_each_channel_keeps_its_own_normalisation(tmp_path):
    write_nnunet(tmp_path / "model", channels=2)
    preprocessing = imported(tmp_path / "model").card.preprocessing
    assert preprocessing.channels == (Intensities("ct", (-150.0, 300.0), 40.0, 90.0), Intensities("z-score-nonzero"))


def test_settings_are_inherited_and_folds_chosen(tmp_path):
    write_nnunet(tmp_path / "model", configuration="3d_fullres_big", folds=("fold_0", "fold_1"))
    result = imported(tmp_path / "model")
    assert result.card.patch_size == (24, 16, 8)
    assert (result.card.made_by["fold"], [*result.members]) == ("fold_0", ["fold1"])
    assert any("2 networks, one a fold, are averaged; a job begins from fold_0" in note for note in result.sentences)
    one = imported(tmp_path / "model", fold="1")
    assert (one.card.made_by["fold"], one.members) == ("fold_1", {})
    assert any("one of its 2 networks" in note for note in one.sentences)
    assert "has no `fold_7`; there are fold_0, fold_1" in refused(tmp_path / "model", fold="7")


@pytest.mark.parametrize(
    ("folds", "first", "others"),
    [
        (None, "fold_all", []),
        ("all", "fold_0", ["fold1", "fold2"]),
        ("2,0", "fold_2", ["fold0"]),
        ("1", "fold_1", []),
    ],
)
def test_which_folds_are_averaged_is_chosen_and_one_of_all_cases_stands_alone(tmp_path, folds, first, others):
    write_nnunet(tmp_path / "model", folds=("fold_0", "fold_1", "fold_2", "fold_all"))
    result = imported(tmp_path / "model", folds=folds)
    assert (result.card.made_by["fold"], [*result.members]) == (first, others)


def test_folds_of_different_configurations_are_no_ensemble(tmp_path):
    write_nnunet(tmp_path / "model", folds=("fold_0", "fold_1"))
    path = tmp_path / "model" / "fold_1" / "checkpoint_final.pth"
    content = torch.load(path, weights_only=False)
    content["init_args"]["configuration"] = "3d_fullres_big"
    torch.save(content, path)
    assert "another configuration than fold_0" in refused(tmp_path / "model")


def test_an_orientation_that_is_none_is_refused(tmp_path):
    write_nnunet(tmp_path / "model")
    assert "--orientation LPX: is no orientation; give three letters" in refused(tmp_path / "model", orientation="LPX")


def test_a_zip_as_published_weights_come_imports(tmp_path):
    write_nnunet(tmp_path / "zoo" / "Dataset900_Knee" / "nnUNetTrainer__nnUNetPlans__3d_fullres")
    shutil.make_archive(str(tmp_path / "Dataset900"), "zip", tmp_path / "zoo")
    assert imported(tmp_path / "Dataset900.zip").card.label_names == ("femur", "tibia")


def test_labels_listed_by_their_values_are_taken_as_they_are_meant(tmp_path):
    write_nnunet(tmp_path / "model", None, {"labels": {"0": "background", "1": "femur", "2": "tibia"}})
    assert imported(tmp_path / "model").card.label_names == ("femur", "tibia")


@pytest.mark.parametrize(
    "dataset",
    [
        {"regions_class_order": [1, 2]},
        {"labels": {"background": 0, "femur": [1], "tibia": [2]}},
        {"labels": {"background": 0, "femur": [1], "tibia": 2, "ignore": 3}, "regions_class_order": [1, 2]},
    ],
)
def test_labels_that_only_look_like_regions_are_labels_as_to_nnu_net(tmp_path, dataset):
    write_nnunet(tmp_path / "model", None, dataset)
    assert [(one.value, one.name) for one in imported(tmp_path / "model").card.labels] == [(1, "femur"), (2, "tibia")]


def test_colours_of_photographs_are_brought_to_0_to_1_as_nnu_net_does(tmp_path):
    plans = nnunet_plans()
    plans["configurations"]["3d_fullres"]["normalization_schemes"] = ["RGBTo01Normalization"]
    write_nnunet(tmp_path / "model", plans)
    image = np.arange(256, dtype=np.float32).reshape(16, 16, 1)
    prepared = normalise(image, imported(tmp_path / "model").card.preprocessing)
    assert np.array_equal(prepared, image / np.float32(255))


@pytest.mark.parametrize(
    ("function", "spacing"),
    [
        ("no_resampling_hack", None),
        ("no_resampling_data_or_seg_to_shape", None),
        ("resample_torch_fornnunet", (0.75, 1.5, 3.0)),
    ],
)
def test_images_that_nnu_net_does_not_resample_keep_their_voxel_size(tmp_path, function, spacing):
    names = ("resampling_fn_data", "resampling_fn_seg", "resampling_fn_probabilities")
    changes = dict.fromkeys(names, function) | {"resampling_fn_seg": "of_their_own"}
    write_nnunet(tmp_path / "model", plans_with(preprocessor_name="DefaultPreprocessor", **changes))
    result = imported(tmp_path / "model")
    assert result.card.preprocessing.spacing_mm == spacing
    assert any("keep their own voxel size" in note for note in result.sentences) == (spacing is None)


def old_plans(**changes):
    plans = nnunet_plans(old=True)
    plans["configurations"]["3d_fullres"] |= changes
    return plans


@pytest.mark.parametrize(
    ("plans", "message"),
    [
        (old_plans(n_conv_per_stage_encoder=[2] * 300_000), "describes 300,000 levels, at most 64 are read"),
        (old_plans(UNet_base_num_features=float("inf")), "describes no network that is known"),
        (old_plans(UNet_base_num_features=10**400), "a whole number is beyond"),
        (nnunet_plans() | {FACTS: {"0": CT_FACTS | {"mean": 10**400}}}, "a whole number is beyond"),
        (nnunet_plans() | {FACTS: {"0": CT_FACTS | {"mean": float("nan")}}}, "intensities of the training images are"),
        (nnunet_plans() | {FACTS: {"0": CT_FACTS | {"std": float("inf")}}}, "intensities of the training images are"),
    ],
)
def test_numbers_that_no_network_has_are_refused_in_a_sentence_and_at_once(tmp_path, plans, message):
    write_nnunet(tmp_path / "model", plans)
    assert message in refused(tmp_path / "model")


def test_configurations_that_inherit_in_a_circle_are_said_to(tmp_path):
    plans = plans_with(inherits_from="other")
    plans["configurations"]["other"] = {"inherits_from": "3d_fullres"}
    write_nnunet(tmp_path / "model", plans)
    assert "`inherits_from` goes in a circle, from `3d_fullres`" in refused(tmp_path / "model")


@pytest.mark.parametrize(
    ("plans", "dataset", "message"),
    [
        (
            None,
            {"labels": {"background": 0, "whole": [1, 2], "core": 2}, "regions_class_order": [2, 1]},
            "do not tell the values 1, 2 apart",
        ),
        (None, {"labels": {"background": 0, "whole": [1, 2], "core": 2}}, "has no `regions_class_order`"),
        (plans_with(patch_size=[8, 8]), {}, "Conv3d`, and its patches have 2 sides"),
        (plans_with_network(conv_op="torch.nn.modules.conv.Conv2d"), {}, "Conv2d`, and its patches have 3 sides"),
        (plans_with_network(norm_op="torch.nn.InstanceNorm2d"), {}, "`norm` is missing or not supported"),
        (plans_with_network(nonlin="torch.nn.Mish"), {}, "`nonlin` is missing or not supported"),
        (plans_with_network(wings=2), {}, "`wings` is not known"),
        (plans_with_network(features_per_stage=[4, 6, 10**9]), {}, "of absurd size"),
        (plans_with_network(n_conv_per_stage=[1, 2, 3]), {}, "not in the weights"),
        (plans_with_network(n_conv_per_stage=[1, 2, 1]), {}, "has no place"),
        (plans_with(spacing=[0, 1, 1]), {}, "`spacing` is [0, 1, 1]"),
        (plans_with(preprocessor_name="MyPreprocessor"), {}, "`preprocessor_name` is 'MyPreprocessor'"),
        (plans_with(resampling_fn_data="mine"), {}, "`resampling_fn_data` is 'mine', which is not nnU-Net's own"),
        (plans_with(resampling_fn_probabilities=["mine"]), {}, "`resampling_fn_probabilities` is"),
        (plans_with(normalization_schemes=["MyNormalization"]), {}, "normalisation `MyNormalization` is not known"),
        (None, {"labels": {"background": 0, "femur": 2}}, "labels' values are not 0, 1, 2"),
        (None, {"channel_names": {}}, "lists no channels"),
        (nnunet_plans() | {"transpose_forward": [0, 0, 1]}, {}, "not an order of three axes"),
        (nnunet_plans() | {"configurations": {"2d": {}}}, {}, "has no configuration `3d_fullres`; choose one of 2d"),
    ],
)
def test_what_is_not_supported_is_said_by_name(tmp_path, plans, dataset, message):
    write_nnunet(tmp_path / "model", plans, dataset)
    assert message in refused(tmp_path / "model")


def test_logged_numbers_of_numpy_are_read_and_other_globals_of_numpy_are_not(tmp_path):
    write_nnunet(tmp_path / "model")
    path = tmp_path / "model" / "fold_0" / "checkpoint_final.pth"
    from TransferSegLib.sources.untrusted.weights import load_checkpoint

    _, content = load_checkpoint(path)
    assert content["_best_ema"] == 0.91
    assert content["logging"]["mean_fg_dice"][0] == 0.8

    class Loads:
        def __reduce__(self):
            import numpy as np

            return np.load, (str(tmp_path / "other.npy"), None, True)

    torch.save({"network_weights": {"a": torch.zeros(3)}, "logging": Loads()}, path, pickle_module=pickle)
    assert "holds more than tensors (`numpy.load`)" in refused(tmp_path / "model")


def test_a_model_without_its_weights_says_so(tmp_path):
    write_nnunet(tmp_path / "model", folds=())
    assert "holds no fold_*/checkpoint_final.pth" in refused(tmp_path / "model")
    (tmp_path / "model" / "plans.json").write_text(json.dumps([]))
    assert "plans.json: is no object with names" in refused(tmp_path / "model")


def test_regions_are_painted_as_nnu_net_does(tmp_path):
    labels = {"background": 0, "whole": [1, 2, 3], "core": [2, 3], "enhancing": 3}
    dataset = {"labels": labels, "regions_class_order": [1, 2, 3]}
    network = write_nnunet(tmp_path / "model", None, dataset)
    source, result = import_source(tmp_path / "model", ImportOptions())
    ours, _ = load_source(source)
    assert source.card.label_names == ("whole", "core", "enhancing") and len(source.card.regions) == 3
    x = torch.randn(1, 1, 24, 16, 8)  # I, J, K
    with torch.no_grad():
        scores = network(x.permute(0, 1, 4, 3, 2)).permute(0, 1, 4, 3, 2)[0]
        found = ours(x)[0].argmax(0)
    theirs = torch.zeros_like(found)
    for n, value in enumerate((1, 2, 3)):
        theirs[torch.sigmoid(scores[n]) > 0.5] = value
    clear = (scores.abs() > 1e-4).all(0)
    assert torch.equal(found[clear], theirs[clear]) and len(theirs.unique()) > 1
    assert result.report.share == 1.0


@pytest.mark.parametrize("old", [False, True])
@pytest.mark.parametrize("kind", ["PlainConvUNet", "ResidualEncoderUNet"])
def test_a_configuration_of_slices_computes_what_nnu_nets_own_network_does_slice_by_slice(tmp_path, kind, old):
    network = write_nnunet(tmp_path / "model", plans_of_slices(kind, old), kind=kind, configuration="2d")
    source, result = import_source(tmp_path / "model", ImportOptions())
    ours, _ = load_source(source)
    x = torch.randn(2, 1, 24, 16, 5)  # I, J, K
    with torch.no_grad():
        for k in range(5):
            theirs = network(x[..., k].permute(0, 1, 3, 2)).permute(0, 1, 3, 2)
            assert_same(ours(x)[..., k], theirs)
    assert result.report.share == 1.0
    assert source.card.preprocessing.spacing_mm == (0.75, 1.5, None)
    assert source.card.patch_size == (24, 16, 4) and source.card.network.arguments["plane"] == "axial"
    assert any("network of slices (2D)" in note for note in result.sentences)


def test_slices_lie_across_the_axis_that_nnu_net_put_first_in_the_orientation_of_its_images(tmp_path):
    """The network's first axis is x, from right to left, then z and y."""
    plans = plans_of_slices() | {"transpose_forward": [2, 0, 1]}
    network = write_nnunet(tmp_path / "model", plans, configuration="2d")
    source, _ = import_source(tmp_path / "model", ImportOptions(orientation="LPS"))
    ours, _ = load_source(source)
    x = torch.randn(1, 1, 3, 24, 16)  # right, anterior, superior
    with torch.no_grad():
        found, seen = ours(x), x.flip([2, 3])  # left, posterior, superior
        for i in range(3):
            theirs = network(seen[:, :, 2 - i].permute(0, 1, 3, 2)).permute(0, 1, 3, 2).flip(2)
            assert_same(found[:, :, i], theirs)
    assert ours.slice_axis == 0 and ours.divisor == (1, 4, 4)
    assert source.card.preprocessing.spacing_mm == (None, 0.75, 1.5)
    assert source.card.inference.as_nnunet.mirror == ("anterior", "superior")


def test_slices_of_sagittal_files_are_sagittal_in_jobs_once_somebody_says_how_the_files_lay(tmp_path):
    """The files' axes are posterior, superior, right; nnU-Net's slices lie across the last."""
    network = write_nnunet(tmp_path / "model", plans_of_slices(), configuration="2d")
    source, _ = import_source(tmp_path / "model", ImportOptions(orientation="PSR"))
    ours, _ = load_source(source)
    x = torch.randn(1, 1, 3, 24, 16)  # right, anterior, superior
    with torch.no_grad():
        found = ours(x)
        for i in range(3):
            theirs = network(x[:, :, i].flip(2).permute(0, 1, 3, 2)).permute(0, 1, 3, 2).flip(2)
            assert_same(found[:, :, i], theirs)
    assert ours.slice_axis == 0 and source.card.patch_size == (4, 24, 16)
    assert source.card.preprocessing.spacing_mm == (None, 0.75, 1.5)
    assert source.card.inference.as_nnunet.order == ("right", "superior", "anterior")


def test_regions_of_slices_are_painted_as_nnu_net_does(tmp_path):
    dataset = {"labels": {"background": 0, "whole": [1, 2, 3], "core": [2, 3], "enhancing": 3}}
    dataset |= {"regions_class_order": [1, 2, 3]}
    network = write_nnunet(tmp_path / "model", plans_of_slices(), dataset, configuration="2d")
    source, _ = import_source(tmp_path / "model", ImportOptions())
    ours, _ = load_source(source)
    x = torch.randn(1, 1, 24, 16, 1)
    with torch.no_grad():
        scores = network(x[..., 0].permute(0, 1, 3, 2)).permute(0, 1, 3, 2)[0]
        found = ours(x)[0, ..., 0].argmax(0)
    theirs = torch.zeros_like(found)
    for n, value in enumerate((1, 2, 3)):
        theirs[torch.sigmoid(scores[n]) > 0.5] = value
    clear = (scores.abs() > 1e-4).all(0)
    assert torch.equal(found[clear], theirs[clear]) and len(theirs.unique()) > 1
