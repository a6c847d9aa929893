"""`segment` with models of nnU-Net's against nnU-Net's own predictor: seconds of both in one run, and how far they agree.

Both read, prepare, segment and write the same images with the same folds, windows and mirrored copies, in float32 on a
processor, with as many threads. They take turns, round by round; of each the median round counts. Starting Python and loading
the networks is left out. nnU-Net runs in an environment of its own, which has nnunetv2 and torch; TRANSFERSEG_NNUNET_PYTHON
names its Python, too:

    python benchmarks/peers.py --nnunet-python ENVIRONMENT/bin/python
    python benchmarks/peers.py --nnunet-python ENVIRONMENT/bin/python --model TRAINED_MODEL --images a_0000.nii.gz

The first has nnU-Net train five small networks on hippocampus cases, some minutes each, and segments cases that it held out.
The model of the second is the folder that nnU-Net's training leaves, with plans.json and fold_*. `--random-weights` draws the
weights anew, for the difference of logits alone: labels of random weights lie anywhere.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import figures
import numpy as np

TRAINING = Path(__file__).with_name("nnunet_training.py")
# Cases that nnU-Net trains on, and that it does not see; and what a trial of the script needs.
CASES, QUICK_CASES = (24, 6), (6, 1)
EPOCHS, QUICK_EPOCHS = (12, 50), (1, 1)


@dataclass(frozen=True)
class Trained:
    """A network that nnU-Net trains.

    Attributes:
        about: It in words.
        dataset: Its data set's name, as nnU-Net has it.
        planner: The planner of nnU-Net's that decides its architecture.
        thick: The axis of which every `every`-th slice is kept; None keeps all.
        every: See there.
        spacing, patch_size, kernel_sizes, strides: As its plans have them, in the order of nnU-Net's axes; those of `2d`
            leave out the first, across its slices.
        configuration: The configuration of its plans, `3d_fullres` or `2d`.
    """

    about: str
    dataset: str
    planner: str
    thick: int | None
    every: int
    spacing: tuple[float, ...]
    patch_size: tuple[int, ...]
    kernel_sizes: tuple[tuple[int, ...], ...]
    strides: tuple[tuple[int, ...], ...]
    configuration: str = "3d_fullres"


CUBE, PLANE, SQUARE = (3, 3, 3), (1, 3, 3), (3, 3)
NETWORKS = (
    Trained(
        "residual encoder, 1 mm images",
        "Dataset901_Cubes",
        "nnUNetPlannerResEncM",
        None,
        1,
        (1.15, 1.1, 1.2),
        (24, 32, 24),
        (CUBE,) * 3,
        ((1, 1, 1), (2, 2, 2), (2, 2, 2)),
    ),
    Trained(
        "plain, axial slices of 3 mm",
        "Dataset902_Axial",
        "ExperimentPlanner",
        2,
        3,
        (3.2, 1.05, 1.05),
        (8, 32, 24),
        (PLANE, CUBE, CUBE),
        ((1, 1, 1), (1, 2, 2), (2, 2, 2)),
    ),
    Trained(
        "residual encoder, sagittal slices of 4 mm",
        "Dataset903_Sagittal",
        "nnUNetPlannerResEncM",
        0,
        4,
        (3.7, 1.1, 1.1),
        (6, 24, 32),
        (PLANE, PLANE, CUBE),
        ((1, 1, 1), (1, 2, 2), (1, 2, 2)),
    ),
    Trained(
        "plain, 2D, axial slices of 3 mm",
        "Dataset904_Slices",
        "ExperimentPlanner",
        2,
        3,
        (1.05, 1.1),
        (32, 24),
        (SQUARE,) * 3,
        ((1, 1), (2, 2), (2, 2)),
        "2d",
    ),
    Trained(
        "residual encoder, 2D, sagittal slices of 2 mm",
        "Dataset905_SagittalSlices",
        "nnUNetPlannerResEncM",
        0,
        2,
        (1.1, 0.95),
        (24, 32),
        (SQUARE,) * 3,
        ((1, 1), (2, 2), (2, 2)),
        "2d",
    ),
)

# Run by the other environment's Python: the arguments as JSON in, seconds and versions as the last line out.
THEIRS = """
import json, os, sys, time
asked = json.loads(sys.argv[1])
os.environ["nnUNet_def_n_proc"] = str(asked["threads"])
import numpy as np, torch
from importlib.metadata import version
from nnunetv2.inference.predict_from_raw_data import nnUNetPredictor
torch.set_num_threads(asked["threads"])
predictor = nnUNetPredictor(use_mirroring=asked["mirror"], perform_everything_on_device=asked["device"] != "cpu",
                            device=torch.device(asked["device"]), allow_tqdm=False)
predictor.initialize_from_trained_model_folder(asked["model"], None)
begun = time.perf_counter()
predictor.predict_from_files_sequential(asked["images"], asked["outputs"])
seconds = time.perf_counter() - begun
if asked["logits"]:
    preprocessor = predictor.configuration_manager.preprocessor_class(verbose=False)
    data, _, _ = preprocessor.run_case(asked["images"][0], None, predictor.plans_manager,
                                       predictor.configuration_manager, predictor.dataset_json)
    np.save(asked["logits"], predictor.predict_logits_from_preprocessed_data(torch.from_numpy(data)).float().numpy())
print(json.dumps({"seconds": seconds, "nnunetv2": version("nnunetv2"), "torch": torch.__version__}))
"""


@dataclass(frozen=True)
class Found:
    """What a run of both came to.

    Attributes:
        ours_s: The seconds of each of our rounds.
        theirs_s: Those of nnU-Net's.
        agreement: Case → the share of the voxels labelled by either that have one label; None where neither labels any.
        labelled: Case → how many voxels either labels.
        logits_apart: The largest difference of the logits of the first case.
        logits_sd: Their standard deviation.
        versions: Of nnU-Net and its torch.
    """

    ours_s: list[float]
    theirs_s: list[float]
    agreement: dict[str, float | None]
    labelled: dict[str, int]
    logits_apart: float
    logits_sd: float
    versions: dict[str, str]

    @property
    def ratio(self) -> float:
        """How many times as fast ours is."""
        return statistics.median(self.theirs_s) / statistics.median(self.ours_s)


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print a table, and write it as JSON."""
    parser = figures.parser(__doc__, "nnunet")
    parser.add_argument("--nnunet-python", help="the Python of an environment with nnunetv2")
    parser.add_argument("--model", type=Path, help="the folder that nnU-Net's training leaves")
    parser.add_argument("--images", nargs="+", type=Path, help="CASE_0000.nii.gz; other channels lie beside it")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--device", default="cpu", help="cpu or cuda")
    parser.add_argument("--no-mirroring", action="store_true", help="without mirrored copies, on both sides")
    parser.add_argument("--random-weights", action="store_true", help="draw the weights anew")
    asked = parser.parse_args(argv)
    if (asked.model is None) != (asked.images is None):
        parser.error("--model and --images go together")
    asked.nnunet_python = asked.nnunet_python or nnunet_python()
    if not asked.nnunet_python:
        print("nnunetv2 is not installed, so nothing is measured; name the Python of an environment that has it by")
        print("--nnunet-python or TRANSFERSEG_NNUNET_PYTHON.")
        return figures.NOT_HERE
    work = figures.folder(asked.quick)
    if asked.quick:
        asked.rounds = 1
    found = {}
    if asked.model is not None:
        found[asked.model.name] = measured(asked)
    else:
        for network in NETWORKS[:1] if asked.quick else NETWORKS:
            asked.model, asked.images = train(network, work / "nnunet", asked)
            found[network.about] = measured(asked)
    result(found).publish(asked.json or work / "nnunet.json")
    some = next(iter(found.values()))
    print(f"\n{some.versions}, {asked.threads} threads, {asked.device}")
    return 0


def nnunet_python() -> str:
    """The Python of an environment with nnunetv2; "" where none is known."""
    here = sys.executable if importlib.util.find_spec("nnunetv2") else ""
    return os.environ.get("TRANSFERSEG_NNUNET_PYTHON", here)


def result(found: dict[str, Found]) -> figures.Result:
    """The table, and the targets: what is labelled is labelled alike, and in less time."""
    header = (
        "network",
        "cases",
        "agreement",
        "largest difference of logits (their sd)",
        "s",
        "nnU-Net, s",
        "times ours",
    )
    rows, least = [], []
    for name, one in found.items():
        shares = [share for share in one.agreement.values() if share is not None]
        least += shares
        said = f"{100 * min(shares):.3f} to {100 * max(shares):.3f} %" if shares else "nothing labelled"
        ours, theirs = statistics.median(one.ours_s), statistics.median(one.theirs_s)
        logits = f"{one.logits_apart:.4f} ({one.logits_sd:.1f})"
        rows.append([name, str(len(one.agreement)), said, logits, f"{ours:.1f}", f"{theirs:.1f}", f"{one.ratio:.1f}"])
    ratios = [one.ratio for one in found.values()]
    checks = [figures.Check("models of nnU-Net's: nnU-Net's seconds / ours, at least", min(ratios), 1.3, True, "×")]
    if least:
        what = "models of nnU-Net's: the least agreement of a case with nnU-Net"
        checks.insert(0, figures.Check(what, 100 * min(least), 99.9, True, " %"))
    return figures.Result(header, rows, checks, {name: asdict(one) for name, one in found.items()})


def measured(asked: argparse.Namespace) -> Found:
    """What is found with a model, in a folder that is removed afterwards; each case is printed."""
    with tempfile.TemporaryDirectory(prefix="transferseg-peers-") as folder:
        found = measure(asked, Path(folder))
    print(f"{'case':28} {'voxels':>8}  agreement")
    for case, share in found.agreement.items():
        said = "nothing to compare" if share is None else f"{100 * share:.3f} %"
        print(f"{case:28} {found.labelled[case]:8}  {said}")
    print(f"ours {[round(s, 2) for s in found.ours_s]} s, nnU-Net's {[round(s, 2) for s in found.theirs_s]} s\n")
    return found


def train(network: Trained, work: Path, asked: argparse.Namespace) -> tuple[Path, list[Path]]:
    """Have nnU-Net train a network, unless that was done; its folder, and the images that were held out."""
    raw = work / "raw" / network.dataset
    trained = work / "results" / network.dataset / f"nnUNetTrainer__small__{network.configuration}"
    if not (trained / "fold_0" / "checkpoint_final.pth").exists():
        write_data_set(network, raw, QUICK_CASES if asked.quick else CASES)
        epochs, iterations = QUICK_EPOCHS if asked.quick else EPOCHS
        settings = {**asdict(network), "folder": str(work), "threads": asked.threads}
        settings |= {"epochs": epochs, "iterations": iterations}
        print(f"nnU-Net trains: {network.about}", flush=True)
        command = [asked.nnunet_python, str(TRAINING), json.dumps(settings)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            sys.exit(done.stderr[-2000:])
    return trained, sorted((raw / "imagesTs").glob("*_0000.nii.gz"))


def write_data_set(network: Trained, out: Path, cases: tuple[int, int]) -> None:
    """Write hippocampus cases in nnU-Net's layout: those to train on, and the images of those that are held out."""
    from shifted_hippocampus import DATA

    from TransferSegLib.cases.readers import read_case_set
    from TransferSegLib.cases.volumes import read_labels, read_volume, write_labels, write_volume
    from TransferSegLib.core.grid import Grid

    for name in ("imagesTr", "labelsTr", "imagesTs"):
        (out / name).mkdir(parents=True, exist_ok=True)
    found = read_case_set(DATA).cases
    chosen = np.random.default_rng(0).permutation(len(found))[: sum(cases)]
    kept = tuple(slice(None, None, network.every if axis == network.thick else None) for axis in range(3))
    for place, number in enumerate(chosen):
        case, trained_on = found[number], place < cases[0]
        image = read_volume(case.images[0])
        affine = image.grid.affine.copy()
        if network.thick is not None:
            affine[:, network.thick] *= network.every
        array = np.ascontiguousarray(image.array[kept])
        path = out / f"images{'Tr' if trained_on else 'Ts'}" / f"{case.name}_0000.nii.gz"
        write_volume(path, array, grid := Grid(array.shape, affine))
        if trained_on and case.label is not None:
            labels = np.ascontiguousarray(read_labels(case.label).array[kept])
            write_labels(out / "labelsTr" / f"{case.name}.nii.gz", labels, grid)
    about = {"channel_names": {"0": "MRI"}, "labels": {"background": 0, "Anterior": 1, "Posterior": 2}}
    about |= {"numTraining": cases[0], "file_ending": ".nii.gz"}
    (out / "dataset.json").write_text(json.dumps(about), encoding="utf-8")


def measure(asked: argparse.Namespace, folder: Path) -> Found:
    """Run both, in turns."""
    os.environ["TRANSFERSEG_MODELS"] = str(folder / "models")
    import torch

    from TransferSegLib.sources.imports.importer import ImportOptions
    from TransferSegLib.sources.imports.importing import import_source

    model = folder / "model"
    shutil.copytree(asked.model, model, ignore=shutil.ignore_patterns("validation", "checkpoint_best.pth"))
    if asked.random_weights:
        draw_weights(model)
    # As nnU-Net takes them where nobody chose: all folds, and not the network of all cases.
    source, _ = import_source(model, ImportOptions(folds="all"), "peer")
    torch.set_num_threads(asked.threads)
    ours_s, theirs_s, said = [], [], {}
    for number in range(asked.rounds):
        theirs = folder / f"theirs{number}"
        theirs.mkdir()
        said = run_theirs(asked, model, theirs, folder / "logits.npy" if not number else None)
        theirs_s.append(float(said.pop("seconds")))
        ours_s.append(run_ours(asked, folder / f"ours{number}"))
    agreement: dict[str, float | None] = {}
    labelled = {}
    for image in asked.images:
        case = image.name.removesuffix("_0000.nii.gz")
        pair = [read(folder / side / f"{case}.nii.gz") for side in ("ours0", "theirs0")]
        either = (pair[0] > 0) | (pair[1] > 0)
        agreement[case] = float((pair[0] == pair[1])[either].mean()) if either.any() else None
        labelled[case] = int(either.sum())
    theirs_logits = np.load(folder / "logits.npy")
    apart = np.abs(logits_of(source, asked.images[0], model) - theirs_logits)
    return Found(ours_s, theirs_s, agreement, labelled, float(apart.max()), float(theirs_logits.std()), said)


def run_theirs(asked: argparse.Namespace, model: Path, out: Path, logits: Path | None) -> dict[str, Any]:
    """Segment with nnU-Net's predictor, in its own process."""
    names = [image.name.removesuffix("_0000.nii.gz") for image in asked.images]
    arguments = {
        "model": str(model),
        "images": [[str(path.absolute()) for path in channels_of(image)] for image in asked.images],
        "outputs": [str(out / name) for name in names],
        "threads": asked.threads,
        "device": asked.device,
        "mirror": not asked.no_mirroring,
        "logits": str(logits) if logits else "",
    }
    command = [asked.nnunet_python, "-c", THEIRS, json.dumps(arguments)]
    environment = {**os.environ, "OMP_NUM_THREADS": str(asked.threads)}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    if done.returncode:
        sys.exit(done.stderr[-2000:])
    return dict(json.loads(done.stdout.strip().splitlines()[-1]))


def channels_of(image: Path) -> tuple[Path, ...]:
    """The files of a case's channels, by that of the first one."""
    return tuple(sorted(image.parent.glob(image.name.replace("_0000.", "_????."))))


def run_ours(asked: argparse.Namespace, out: Path) -> float:
    """Segment as `segment` does; the seconds, without those for loading the networks."""
    from TransferSegLib.cases.volumes import write_labels
    from TransferSegLib.cli.applied_model import AppliedModel, Applier
    from TransferSegLib.core.case_set import Case

    chosen = {
        "smoothing_mm": None,
        "ensemble": None,
        "as_nnunet": True,
        "mirror": "none" if asked.no_mirroring else None,
    }
    arguments = argparse.Namespace(device=asked.device, **chosen)
    applier = Applier(AppliedModel.find("peer"), arguments, lambda problem: print(problem.sentence))
    out.mkdir()
    begun = time.perf_counter()
    for image in asked.images:
        name = image.name.removesuffix("_0000.nii.gz")
        prepared, classes, _ = applier(Case(name, channels_of(image), None))
        write_labels(out / f"{name}.nii.gz", classes, prepared.grid, like=image)
    return time.perf_counter() - begun


def logits_of(source: Any, image: Path, model: Path) -> np.ndarray:
    """Our mean logits of a prepared image, in the network's own order of axes."""
    import torch

    from TransferSegLib.cases.preprocessing import prepare_case
    from TransferSegLib.core.case_set import Case
    from TransferSegLib.inference.windows import logit_slabs
    from TransferSegLib.networks.execution import fixed_execution
    from TransferSegLib.sources.loading import load_members, load_source

    network, settings = load_source(source)[0], source.card.inference
    case = prepare_case(Case("case", channels_of(image), None), source.card.preprocessing, as_nnunet=settings.as_nnunet)
    slabs = logit_slabs(
        network,
        torch.from_numpy(case.image),
        source.card.patch_size,
        fixed_execution("cpu", 2),
        settings=settings,
        members=load_members(source),
    )
    parts, axis = [], 0
    for slab in slabs:
        parts.append(slab.logits.numpy().copy())
        axis = slab.axis
    order = json.loads((model / "plans.json").read_text(encoding="utf-8"))["transpose_forward"]
    found = np.concatenate(parts, axis=1 + axis).transpose(0, *(3 - stored for stored in order))
    return found[1:] if source.card.regions else found  # with regions, nnU-Net's has no output for the background


def draw_weights(model: Path) -> None:
    """Give every fold of a model kernels that nobody trained, of the size that they have."""
    import torch

    for number, path in enumerate(sorted(model.glob("fold_*/checkpoint_final.pth"))):
        torch.manual_seed(number)
        content = torch.load(path, map_location="cpu", weights_only=False)
        for name, tensor in content["network_weights"].items():
            if tensor.ndim in (4, 5) and ".all_modules." not in name:
                tensor.copy_(torch.randn_like(tensor) * tensor.std())
        torch.save(content, path)


def read(path: Path) -> np.ndarray:
    """The labels in a file."""
    from TransferSegLib.cases.volumes import read_labels

    return read_labels(path).array


if __name__ == "__main__":
    sys.exit(main())
