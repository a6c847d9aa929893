"""Segmenting: there and back on grids of every kind, with networks whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from whole_logits import whole_logits

from TransferSegLib.cases.preprocessing import PreparedCase, prepare_case
from TransferSegLib.cases.volumes import write_volume
from TransferSegLib.core.case_set import Case
from TransferSegLib.core.errors import Cancelled, NotFinite
from TransferSegLib.core.grid import Grid
from TransferSegLib.core.inference_settings import AsNnunet, InferenceSettings
from TransferSegLib.core.preprocessing import Preprocessing
from TransferSegLib.core.problems import Problem
from TransferSegLib.inference.segment import segment
from TransferSegLib.inference.segmenter import Segmenter, _Try
from TransferSegLib.networks.execution import ExecutionConfig, likely_execution
from TransferSegLib.networks.staged import StagedNetwork

CPU = ExecutionConfig("cpu")
# Intensities arrive as they were written: nothing is clipped, scaled or shifted.
UNCHANGED = {"normalisation": "ct", "window_hu": (0.0, 10.0), "mean": 0.0, "sd": 1.0}


class Wrapped(StagedNetwork):
    """Any module as a network that takes every size."""

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.module = module

    def forward(self, x: Tensor) -> Tensor:
        return self.module(x)


class Oracle(StagedNetwork):
    """Sees class n where the image is n: logits fall with the distance from it."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.classes = classes
        self.batches: list[tuple[int, ...]] = []

    def forward(self, x: Tensor) -> Tensor:
        self.batches.append(tuple(x.shape))
        steps = torch.arange(self.classes, dtype=x.dtype).reshape(1, -1, 1, 1, 1)
        return -20 * (x[:, :1] - steps).abs()


def turned(degrees: tuple[float, float, float]) -> np.ndarray:
    matrix = np.eye(3)
    for axis, angle in enumerate(np.deg2rad(degrees)):
        a, b = [n for n in range(3) if n != axis]
        step = np.eye(3)
        step[a, a] = step[b, b] = np.cos(angle)
        step[a, b], step[b, a] = -np.sin(angle), np.sin(angle)
        matrix = matrix @ step
    return matrix


def grid(size, spacing, order=(0, 1, 2), signs=(1, 1, 1), degrees=(0, 0, 0), origin=(-30.0, 12.0, 55.0)) -> Grid:
    affine = np.eye(4)
    axes = np.eye(3)[:, list(order)] * np.array(signs)
    affine[:3, :3] = turned(degrees) @ axes * np.array(spacing)
    affine[:3, 3] = origin
    return Grid(size, affine)


GRIDS = {
    "plain": grid((20, 18, 12), (1, 1, 1)),
    "flipped": grid((20, 18, 12), (1, 1, 2), signs=(-1, -1, 1)),
    "sagittal": grid((12, 20, 18), (3, 0.9, 0.9), order=(1, 2, 0), signs=(1, -1, -1)),
    "coronal": grid((17, 11, 15), (0.8, 2.5, 0.7), order=(0, 2, 1), signs=(-1, 1, -1)),
    "oblique": grid((16, 15, 14), (1, 1.1, 1.2), order=(2, 0, 1), signs=(1, 1, -1), degrees=(12, -20, 8)),
}


def prepared(folder, array: np.ndarray, on: Grid, preprocessing: Preprocessing) -> PreparedCase:
    path = folder / "image.nrrd"
    write_volume(path, array.astype(np.float32), on)
    return prepare_case(Case("case", (path,), None), preprocessing)


def ball(on: Grid, radius_mm: float) -> np.ndarray:
    """A ball about the image's centre, round in mm."""
    middle = (np.array(on.size) - 1) / 2
    index = np.stack(np.meshgrid(*(np.arange(n) for n in on.size), indexing="ij"), axis=-1) - middle
    return (np.linalg.norm(index * np.array(on.spacing_mm), axis=-1) < radius_mm).astype(np.uint8)


@pytest.mark.parametrize("window", [(32, 32, 32), (8, 8, 8), (20, 18, 12), (5, 40, 9)])
@pytest.mark.parametrize("name", GRIDS)
def test_every_voxel_comes_back_to_its_place_where_nothing_is_resampled(tmp_path, name, window):
    values = np.random.default_rng(1).integers(0, 4, GRIDS[name].size).astype(np.uint8)
    case = prepared(tmp_path, values, GRIDS[name], Preprocessing(None, **UNCHANGED))
    for probabilities in (False, True):
        found = segment(Oracle(4), case, window, CPU, probabilities=probabilities)
        assert found.classes.dtype == np.uint8
        assert np.array_equal(found.classes, values)


@pytest.mark.parametrize("spacing", [(1.0, 1.0, 1.0), (0.7, 0.6, 1.5), (1.6, 1.4, 1.5)])
@pytest.mark.parametrize("name", GRIDS)
def test_a_smooth_shape_survives_another_spacing(tmp_path, name, spacing):
    own = GRIDS[name]
    fine = Grid(tuple(2 * n for n in own.size), own.affine @ np.diag([0.8, 0.8, 0.8, 1]))
    truth = ball(fine, 0.4 * min(np.array(fine.size) * np.array(fine.spacing_mm)))
    case = prepared(tmp_path, truth, fine, Preprocessing(spacing, **UNCHANGED))
    assert case.image.shape[1:] != truth.shape
    found = segment(Oracle(2), case, (24, 24, 24), CPU).classes
    assert found.shape == truth.shape
    assert 2 * (found & truth).sum() / (found.sum() + truth.sum()) > 0.95


@pytest.mark.parametrize("spacing", [None, (1.3, 0.7, 1.1)])
@pytest.mark.parametrize("name", ["flipped", "oblique"])
def test_probabilities_add_up_to_one_and_agree_with_the_classes(tmp_path, name, spacing):
    on = GRIDS[name]
    values = np.random.default_rng(2).uniform(0, 3, on.size)
    case = prepared(tmp_path, values, on, Preprocessing(spacing, **UNCHANGED))
    found = segment(Oracle(4), case, (16, 16, 16), CPU, probabilities=True)
    assert found.probabilities.shape == (4, *on.size)
    assert found.probabilities.dtype == np.float32
    np.testing.assert_allclose(found.probabilities.sum(axis=0), 1, atol=1e-5)
    assert np.array_equal(found.probabilities.argmax(axis=0), found.classes)
    alone = segment(Oracle(4), case, (16, 16, 16), CPU)
    assert alone.probabilities is None
    assert np.array_equal(alone.classes, found.classes)


def test_a_network_for_two_channels_is_given_both(tmp_path):
    on = GRIDS["sagittal"]
    values = np.random.default_rng(3).integers(0, 3, (2, *on.size)).astype(np.float32)
    paths = []
    for n in range(2):
        paths.append(tmp_path / f"{n}.nrrd")
        write_volume(paths[-1], values[n], on)
    case = prepare_case(Case("case", tuple(paths), None), Preprocessing(None, **UNCHANGED))

    class Second(Oracle):
        def forward(self, x: Tensor) -> Tensor:
            return super().forward(x[:, 1:])

    assert np.array_equal(segment(Second(3), case, (8, 8, 8), CPU).classes, values[1])


def pointwise() -> StagedNetwork:
    torch.manual_seed(0)
    return Wrapped(nn.Sequential(nn.Conv3d(1, 4, 1), nn.ReLU(), nn.Conv3d(4, 3, 1))).eval()


@pytest.mark.parametrize("size", [(20, 18, 16), (9, 30, 5), (8, 8, 8), (3, 3, 3), (8, 9, 8)])
def test_windows_agree_with_one_pass_where_a_voxel_sees_only_itself(size):
    network = pointwise()
    image = torch.randn(1, *size)
    with torch.inference_mode():
        torch.testing.assert_close(
            whole_logits(network, image, (8, 8, 8), CPU), network(image[None])[0], rtol=1e-4, atol=1e-5
        )


@pytest.mark.parametrize("size", [(5, 8, 3), (1, 1, 1), (8, 8, 7)])
def test_an_image_smaller_than_the_window_is_filled_up_with_its_edges(size):
    seen: list[Tensor] = []

    class Watching(StagedNetwork):
        def forward(self, x: Tensor) -> Tensor:
            seen.append(x.clone())
            return x.repeat(1, 2, 1, 1, 1)

    image = torch.rand(1, *size) + 1
    logits = whole_logits(Watching(), image, (8, 8, 8), CPU)
    assert logits.shape == (2, *size)
    assert torch.equal(logits[0], image[0])
    assert seen[0].shape[2:] == (8, 8, 8)
    assert seen[0].min() >= image.min()


def test_a_network_of_whole_images_sees_a_small_one_as_it_is_and_a_large_one_in_windows():
    seen: list[Tensor] = []

    class Watching(StagedNetwork):
        divisor = (1, 1, 2)
        whole_images = True

        def forward(self, x: Tensor) -> Tensor:
            seen.append(x)
            return x.repeat(1, 2, 1, 1, 1)

    image = torch.rand(1, 5, 12, 3)
    assert torch.allclose(whole_logits(Watching(), image, (8, 8, 8), CPU)[0], image[0])
    assert {tuple(x.shape[2:]) for x in seen} == {(5, 8, 4)}


def test_one_window_alone_runs_twice_and_gives_the_same():
    torch.manual_seed(0)
    network = nn.Conv3d(1, 3, 3, padding=1).eval()
    batches: list[int] = []

    class Watching(StagedNetwork):
        def forward(self, x: Tensor) -> Tensor:
            batches.append(x.shape[0])
            return network(x)

    image = torch.randn(1, 8, 8, 8)
    with torch.inference_mode():
        logits = whole_logits(Watching(), image, (8, 8, 8), CPU)
        torch.testing.assert_close(logits, network(image[None])[0], rtol=1e-4, atol=1e-5)
    assert batches == [2]


def test_windows_run_several_at_a_time_and_never_alone():
    oracle = Oracle(2)
    whole_logits(oracle, torch.zeros(1, 24, 8, 8), (8, 8, 8), CPU)
    assert len(oracle.batches) == 1
    oracle = Oracle(2)
    whole_logits(oracle, torch.zeros(1, 32, 8, 8), (8, 8, 8), CPU)
    assert sum(b[0] for b in oracle.batches) >= 5
    assert min(b[0] for b in oracle.batches) >= 2


def test_the_network_is_run_in_evaluation_mode_and_in_the_chosen_precision():
    network = Wrapped(nn.Sequential(nn.Dropout(0.9), nn.Conv3d(1, 2, 1))).train()
    logits = whole_logits(network, torch.ones(1, 8, 8, 8), (8, 8, 8), ExecutionConfig("cpu", "bfloat16"))
    assert not network.training
    assert logits.dtype == torch.float32
    torch.testing.assert_close(logits, network(torch.ones(1, 1, 8, 8, 8))[0], rtol=0.02, atol=0.02)


def test_half_precision_that_overflows_is_computed_again_in_whole():
    network = Wrapped(nn.Conv3d(1, 2, 1, bias=False))
    nn.init.constant_(network.module.weight, 1e5)  # above the largest number of float16
    logits = whole_logits(network, torch.ones(1, 8, 8, 8), (8, 8, 8), ExecutionConfig("cpu", "float16"))
    assert torch.equal(logits, torch.full((2, 8, 8, 8), 1e5))


class BlowsUpInHalf(nn.Module):
    """Is not finite under autocast where the image is bright; its second class is the larger one."""

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        spoilt = torch.inf if torch.is_autocast_enabled("cpu") and bool((images > 5).any()) else 0.0
        return torch.cat([images * 0, images * 0 + 1 + spoilt], dim=1)


@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
def test_a_case_that_is_not_finite_in_half_precision_is_segmented_in_float32_and_the_warning_names_it(precision):
    told: list[Problem] = []
    segmenter = Segmenter(Wrapped(BlowsUpInHalf()), (8, 8, 8), ExecutionConfig("cpu", precision), told.append)
    for name, bright in (("dim", 0.0), ("bright", 9.0)):
        image = np.ones((1, 24, 8, 8), np.float32)
        image[0, 0, 0, 0] += bright
        grid = Grid.from_spacing((24, 8, 8), (1, 1, 1))
        found = segmenter(PreparedCase(name, image, None, grid, (1.0, 1.0, 1.0)))
        assert (found.classes == 1).all()
    assert [problem.case for problem in told] == ["bright"]
    assert told[0].sentence.startswith(f"case `bright`: in {precision} the model gives values that are not finite")


@pytest.mark.parametrize(
    ("settings", "precision"),
    [
        (InferenceSettings(float32_on_cpu=True), "float32"),
        (InferenceSettings(as_nnunet=AsNnunet()), "float32"),
        (InferenceSettings(), likely_execution("cpu").precision),
    ],
)
def test_where_a_gpus_memory_ran_out_the_processor_computes_in_the_models_own_format(settings, precision):
    told: list[Problem] = []
    segmenter = Segmenter(
        Wrapped(nn.Conv3d(1, 2, 1)), (8, 8, 8), ExecutionConfig("cuda", "float16"), told.append, settings=settings
    )
    less = segmenter._less(_Try(segmenter.execution, (8, 8, 8), together=1))
    assert less is not None and (less.execution.device, less.execution.precision) == ("cpu", precision)
    assert [problem.code for problem in told] == ["memory-ran-out-segmenting"]


@pytest.mark.parametrize("size", [(8, 8, 8), (40, 8, 8)])
def test_logits_that_are_not_finite_are_refused(size):
    network = Wrapped(nn.Conv3d(1, 2, 1))
    with torch.no_grad():
        network.module.bias[1] = torch.nan
    with pytest.raises(NotFinite):
        whole_logits(network, torch.ones(1, *size), (8, 8, 8), CPU)


@pytest.mark.parametrize("size", [(8, 8, 8), (40, 8, 8)])
def test_a_request_to_stop_is_heard_before_every_group_of_windows(size):
    calls: list[int] = []

    def stop() -> None:
        calls.append(1)
        raise Cancelled("stopped", "stopped")

    oracle = Oracle(2)
    with pytest.raises(Cancelled):
        whole_logits(oracle, torch.zeros(1, *size), (8, 8, 8), CPU, stop)
    assert (len(calls), len(oracle.batches)) == (1, 0)


def test_a_window_that_the_network_cannot_take_is_rounded_up():
    class Eights(Oracle):
        divisor = (8, 8, 8)

    network = Eights(2)
    image = torch.rand(1, 5, 19, 8).round()
    logits = whole_logits(network, image, (3, 12, 8), CPU)
    assert {shape[2:] for shape in network.batches} == {(8, 16, 8)}
    assert torch.equal(logits.argmax(dim=0), image[0].long())


def test_a_case_kept_on_disk_is_only_read(tmp_path):
    np.save(tmp_path / "image.npy", np.random.default_rng(0).uniform(0, 3, (1, 9, 9, 9)).astype(np.float32))
    image = np.load(tmp_path / "image.npy", mmap_mode="r")
    case = PreparedCase("case", image, None, Grid.from_spacing((9, 9, 9), (1, 1, 1)), (1.0, 1.0, 1.0))
    assert np.array_equal(segment(Oracle(4), case, (8, 8, 8), CPU).classes, np.rint(image[0]))


class Undecided(StagedNetwork):
    def forward(self, x: Tensor) -> Tensor:
        return torch.ones(x.shape[0], 3, *x.shape[2:])


@pytest.mark.parametrize("size", [(9, 9, 9), (18, 18, 18)])
@pytest.mark.parametrize("probabilities", [False, True])
def test_of_equal_scores_the_first_class_wins_everywhere(size, probabilities):
    image = np.zeros((1, 9, 9, 9), np.float32)
    case = PreparedCase("case", image, None, Grid.from_spacing(size, (1, 1, 1)), (2.0, 2.0, 2.0))
    found = segment(Undecided(), case, (8, 8, 8), CPU, probabilities)
    assert found.classes.shape == size
    assert not found.classes.any()


@pytest.mark.parametrize("name", GRIDS)
@pytest.mark.parametrize("spacing_mm", [None, (1.5, 1.5, 1.5)])
def test_what_a_card_crops_away_is_background(tmp_path, name, spacing_mm):
    own = GRIDS[name]
    classes = np.zeros(own.size, np.float32)
    classes[4:10, 2:9, 5:11] = 1
    classes[6:10, 4:9, 5:9] = 2
    write_volume(tmp_path / "a.nii.gz", classes, own)
    case = Case("a", (tmp_path / "a.nii.gz",), None)
    # Class 0 is seen nowhere in the box, so that all of it comes from beyond.
    prepared = prepare_case(case, Preprocessing(spacing_mm, crop="non-zero", **UNCHANGED))
    assert sorted(prepared.own_size) == [6, 6, 7]
    found = segment(Oracle(3), prepared, (8, 8, 8), CPU, probabilities=True)
    assert np.array_equal(found.classes == 0, classes == 0)
    assert found.probabilities[0][classes == 0].min() == 1
    assert np.allclose(found.probabilities.sum(axis=0), 1)
    assert np.array_equal(segment(Oracle(3), prepared, (8, 8, 8), CPU).classes, found.classes)
