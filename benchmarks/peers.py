"""`segment` with a model of nnU-Net's against nnU-Net's own predictor: seconds of both in one run, and how far they agree.

Both read, prepare, segment and write the same images with the same folds, windows and mirrored copies, in float32 on a
processor, with as many threads. They take turns, round by round; of each the median round counts. Starting Python and loading
the networks is left out. nnU-Net runs in an environment of its own, which has nnunetv2 and torch:

    python benchmarks/peers.py --nnunet-python ENVIRONMENT/bin/python --model TRAINED_MODEL --images a_0000.nii.gz

The model is the folder that nnU-Net's training leaves, with plans.json and fold_*. `--random-weights` draws the weights
anew, for the difference of logits alone: labels of random weights lie anywhere.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

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
predictor.predict_from_files_sequential([[path] for path in asked["images"]], asked["outputs"])
seconds = time.perf_counter() - begun
if asked["logits"]:
    preprocessor = predictor.configuration_manager.preprocessor_class(verbose=False)
    data, _, _ = preprocessor.run_case([asked["images"][0]], None, predictor.plans_manager,
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
    """Measure, print a table, and write it as JSON where asked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--nnunet-python", required=True, help="the Python of an environment with nnunetv2")
    parser.add_argument("--model", required=True, type=Path, help="the folder that nnU-Net's training leaves")
    parser.add_argument("--images", required=True, nargs="+", type=Path, help="images of one channel, CASE_0000.nii.gz")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--device", default="cpu", help="cpu or cuda")
    parser.add_argument("--no-mirroring", action="store_true", help="without mirrored copies, on both sides")
    parser.add_argument("--random-weights", action="store_true", help="draw the weights anew")
    parser.add_argument("--out", type=Path, metavar="JSON", help="also write what was found there")
    asked = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="transferseg-peers-") as folder:
        found = measure(asked, Path(folder))
    print(f"{'case':28} {'voxels':>8}  agreement")
    for case, share in found.agreement.items():
        said = "nothing to compare" if share is None else f"{100 * share:.3f} %"
        print(f"{case:28} {found.labelled[case]:8}  {said}")
    print(f"largest difference of logits {found.logits_apart:.4f}, their standard deviation {found.logits_sd:.2f}")
    print(f"ours {[round(s, 2) for s in found.ours_s]} s, nnU-Net's {[round(s, 2) for s in found.theirs_s]} s")
    print(f"{found.ratio:.2f} times as fast; {found.versions}, {asked.threads} threads, {asked.device}")
    if asked.out is not None:
        asked.out.write_text(json.dumps({**vars(found), "ratio": found.ratio}, indent=2) + "\n", encoding="utf-8")
    return 0


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
        "images": [str(image.absolute()) for image in asked.images],
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
        prepared, classes, _ = applier(Case(name, (image,), None))
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
    case = prepare_case(Case("case", (image,), None), source.card.preprocessing, as_nnunet=settings.as_nnunet)
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
    return np.concatenate(parts, axis=1 + axis).transpose(0, *(3 - stored for stored in order))


def draw_weights(model: Path) -> None:
    """Give every fold of a model kernels that nobody trained, of the size that they have."""
    import torch

    for number, path in enumerate(sorted(model.glob("fold_*/checkpoint_final.pth"))):
        torch.manual_seed(number)
        content = torch.load(path, map_location="cpu", weights_only=False)
        for name, tensor in content["network_weights"].items():
            if tensor.ndim == 5 and ".all_modules." not in name:
                tensor.copy_(torch.randn_like(tensor) * tensor.std())
        torch.save(content, path)


def read(path: Path) -> np.ndarray:
    """The labels in a file."""
    from TransferSegLib.cases.volumes import read_labels

    return read_labels(path).array


if __name__ == "__main__":
    sys.exit(main())
