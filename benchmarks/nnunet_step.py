"""Seconds of a training step of nnU-Net's networks: nnU-Net's trainer against ours, in turns in one run.

Both train the same network from the same weights' shapes, on the same cases, with patches of one size, as many a batch, as
many threads, and deep supervision. On a processor both compute in float32, on a GPU each in the half precision that it
chooses. Making the batches is in a step, as in a training: nnU-Net does it in a process of its own, ours in a thread of its
own. The networks are those of peers.py, which nnU-Net trains first unless that was done.

    python benchmarks/nnunet_step.py --nnunet-python ENVIRONMENT/bin/python [--rounds 10] [--steps 20] [--threads 1]
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import figures
import peers

THEIRS = "nnU-Net's trainer"
NETWORK_ALONE = "nnU-Net's trainer, its batch made beforehand"
OURS = "TransferSeg, in the same precision"
CHOSEN = "TransferSeg, as a job runs it"
ALL = "open"

# Times (s) of some steps.
Measure = Callable[[int], list[float]]

# Run by the other environment's Python: a number of steps a line in, their seconds a line out, with and without the batches.
TRAINER = """
import json, os, sys, time
asked = json.loads(sys.argv[1])
for room in ("preprocessed", "raw"):
    os.environ["nnUNet_" + room] = os.path.join(asked["folder"], room)
os.environ |= {"nnUNet_results": asked["results"], "nnUNet_compile": "f", "nnUNet_n_proc_DA": str(asked["workers"])}
import torch
from nnunetv2.training.nnUNetTrainer.nnUNetTrainer import nnUNetTrainer

def main():
    torch.set_num_threads(asked["threads"])
    read = lambda path: json.load(open(path, encoding="utf-8"))
    plans = read(os.path.join(asked["model"], "plans.json")) | {"continue_training": False}
    dataset = read(os.path.join(asked["model"], "dataset.json"))
    trainer = nnUNetTrainer(plans, asked["configuration"], 0, dataset, device=torch.device(asked["device"]))
    trainer.on_train_start()
    trainer.on_train_epoch_start()
    held = next(trainer.dataloader_train)
    for line in sys.stdin:
        found = []
        for loading in (True, False):
            seconds = []
            for _ in range(int(line)):
                begun = time.perf_counter()
                trainer.train_step(next(trainer.dataloader_train) if loading else held)
                seconds.append(time.perf_counter() - begun)
            found.append(seconds)
        print("seconds " + json.dumps(found), flush=True)
    for loader in (trainer.dataloader_train, trainer.dataloader_val):
        if hasattr(loader, "_finish"):
            loader._finish()

if __name__ == "__main__":
    main()
"""


class Trainer:
    """nnU-Net's trainer in a process of its own, which waits until it is asked for steps."""

    def __init__(self, model: Path, work: Path, results: Path, asked: argparse.Namespace) -> None:
        """Begin it.

        Args:
            model: The folder that nnU-Net's training left.
            work: nnU-Net's folders of raw and prepared data.
            results: A folder in which it may leave what nobody needs.
            asked: The command line.
        """
        given = {"folder": str(work), "results": str(results), "model": str(model), "threads": asked.threads}
        given |= {"configuration": model.name.rpartition("__")[2], "device": asked.device, "workers": asked.workers}
        script = results / "trainer.py"  # a file, because its worker imports it
        script.write_text(TRAINER, encoding="utf-8")
        self.log = (results / "errors.txt").open("w+", encoding="utf-8")
        self.process = subprocess.Popen(
            [asked.nnunet_python, str(script), json.dumps(given)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.log,
            text=True,
            env={**os.environ, "OMP_NUM_THREADS": str(asked.threads)},
        )

    def steps(self, count: int) -> tuple[list[float], list[float]]:
        """The seconds of steps whose batches are made meanwhile, and of as many with one batch."""
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(f"{count}\n")
        self.process.stdin.flush()
        for line in self.process.stdout:
            if line.startswith("seconds "):
                with_batches, alone = json.loads(line.removeprefix("seconds "))
                return with_batches, alone
        self.log.seek(0)
        sys.exit(self.log.read()[-2000:])

    def close(self) -> None:
        """End it."""
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.close()
        self.process.stdout.read()
        self.process.wait()
        self.process.stdout.close()
        self.log.close()


def ours(model: Path, raw: Path, precision: str | None, asked: argparse.Namespace) -> tuple[Measure, str]:
    """Our step from an imported model of nnU-Net's, and how the network is run.

    Args:
        model: The folder that nnU-Net's training left.
        raw: Its data set.
        precision: The only precision to take; None for the one that a job would choose.
        asked: The command line.
    """
    from training_steps import step_times

    from TransferSegLib.cases.preprocessing import prepare_case
    from TransferSegLib.cases.readers import read_case_set
    from TransferSegLib.sources.imports.importer import ImportOptions
    from TransferSegLib.sources.imports.importing import read_model
    from TransferSegLib.training.loop import Training, configure_run
    from TransferSegLib.training.options import TrainingOptions
    from TransferSegLib.transfer.labels import label_task
    from TransferSegLib.transfer.plan import Transfer
    from TransferSegLib.transfer.strategies import make_plan

    source = read_model(model, ImportOptions())
    target = read_case_set(raw)
    task = label_task(target, source.card, None)
    plan = make_plan(Transfer(source.card, source.state, task, ((0,),)), ALL, {})
    cases = [prepare_case(case, source.card.preprocessing, task) for case in target.cases if case.role == "train"]
    options = TrainingOptions(steps=1_000_000, batch_size=2, device=asked.device)
    settings = configure_run(plan, cases, options, source.card.patch_size, asked.device, precision=precision)
    assert settings.patch_size == source.card.patch_size and settings.batch_size == 2
    training = Training(plan, cases, options, settings)

    measure = partial(step_times, training)
    execution = settings.execution
    return measure, execution.precision + (", channels last" if execution.channels_last else "")


def measured(model: Path, raw: Path, work: Path, asked: argparse.Namespace) -> dict[str, Any]:
    """The seconds of each side's steps, and how each runs the network; both take turns, after a round that does not count."""
    same = "float32" if asked.device == "cpu" else None
    sides = {OURS: ours(model, raw, same, asked)}
    if same and (chosen := ours(model, raw, None, asked))[1].split(",")[0] != same:
        sides[CHOSEN] = chosen
    settings = {name: said for name, (_, said) in sides.items()}
    settings |= dict.fromkeys((THEIRS, NETWORK_ALONE), "float32" if same else "float16 (autocast)")
    times: dict[str, list[float]] = {name: [] for name in (THEIRS, NETWORK_ALONE, *sides)}
    with ExitStack() as stack:
        results = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="transferseg-step-")))
        trainer = Trainer(model, work, results, asked)
        stack.callback(trainer.close)
        for number in range(asked.rounds + 1):
            steps = asked.steps if number else 1
            found = dict(zip((THEIRS, NETWORK_ALONE), trainer.steps(steps), strict=True))
            found |= {name: measure(steps) for name, (measure, _) in sides.items()}
            for name, seconds in found.items() if number else ():
                times[name] += seconds
    return {"seconds": times, "settings": settings}


def result(found: Mapping[str, Mapping[str, Any]], threads: int) -> figures.Result:
    """The table, and the target: a step takes no longer than nnU-Net's.

    Args:
        found: Network → what `measured` returns.
        threads: On how many threads.
    """
    rows, ratios = [], []
    for network, one in found.items():
        means = {name: sum(seconds) / len(seconds) for name, seconds in one["seconds"].items()}
        ratios.append(means[THEIRS] / means[OURS])
        rows += [
            [network, name, one["settings"][name], f"{1000 * seconds:.0f}", f"{seconds / means[OURS]:.2f}"]
            for name, seconds in means.items()
        ]
    what = "training step of nnU-Net's networks: nnU-Net's seconds / ours, at least"
    checks = [figures.Check(what, min(ratios), 1.0, True, "×")]
    header = ("network", "", "settings", "ms a step", "times ours")
    return figures.Result(header, rows, checks, {"networks": dict(found), "threads": threads})


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print a table, and write it as JSON."""
    parser = figures.parser(__doc__, "nnunet-step")
    parser.add_argument("--nnunet-python", help="the Python of an environment with nnunetv2")
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--steps", type=int, default=20, help="of each in every round")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--workers", type=int, default=1, help="the processes in which nnU-Net makes batches")
    parser.add_argument("--device", default="cpu", help="cpu or cuda")
    asked = parser.parse_args(argv)
    asked.nnunet_python = asked.nnunet_python or peers.nnunet_python()
    if not asked.nnunet_python:
        print("nnunetv2 is not installed, so nothing is measured; name the Python of an environment that has it by")
        print("--nnunet-python or TRANSFERSEG_NNUNET_PYTHON.")
        return figures.NOT_HERE
    if asked.quick:
        asked.rounds, asked.steps = 1, 2
    import torch

    torch.set_num_threads(asked.threads)
    work = figures.folder(asked.quick)
    found = {}
    for network in peers.NETWORKS[:1] if asked.quick else peers.NETWORKS[:2]:
        model, _ = peers.train(network, work / "nnunet", asked)
        found[network.about] = measured(model, work / "nnunet" / "raw" / network.dataset, work / "nnunet", asked)
    result(found, asked.threads).publish(asked.json or work / "nnunet-step.json")
    return 0


if __name__ == "__main__":
    sys.exit(main())
