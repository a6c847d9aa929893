"""Seconds of a training step: the plain MONAI loop's against ours, and ours with parts of the network frozen.

Ours are measured inside the training itself: cutting and augmenting the patches and averaging the weights are in them, and
each strategy runs with the settings that the job would choose on this machine. Every round runs all of them in turn. The
means are those of a training of 400 steps, in the first of which a frozen encoder looks at the batches that it keeps.

    python benchmarks/step.py [--rounds 10] [--steps 40] [--quick]
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import figures
import plain_monai
import torch
from shifted_hippocampus import CASES, QUICK_CASES, write_target
from training_steps import step_times

from TransferSegLib.cases.preprocessing import prepare_case
from TransferSegLib.cases.readers import read_case_set
from TransferSegLib.core.card import CardLabel, CardNetwork
from TransferSegLib.jobs.cards import card_for_new
from TransferSegLib.jobs.spec import StrategyChoice
from TransferSegLib.networks import build
from TransferSegLib.networks.execution import ExecutionConfig
from TransferSegLib.training.loop import Training, configure_run
from TransferSegLib.training.options import TrainingOptions
from TransferSegLib.transfer.labels import label_task
from TransferSegLib.transfer.plan import Transfer
from TransferSegLib.transfer.strategies import make_plan

LOOP = "plain MONAI loop"
NETWORK_ALONE = "plain MONAI loop, its batches made beforehand"
FULL = "TransferSeg, `open`: every parameter trained"
DECODER = "TransferSeg, `conservative:part=decoder`: encoder frozen"
HEAD = "TransferSeg, `conservative:part=head`: head only"
STRATEGIES = {FULL: "open", DECODER: "conservative:part=decoder", HEAD: "conservative:part=head"}

# Times (s) of some steps.
Measure = Callable[[int], list[float]]


def plain(datalist: Path, loading: bool) -> Measure:
    """The peer's step; without `loading` on one batch, a plain tensor, again and again."""
    batches = plain_monai.batches(datalist)
    loop = plain_monai.Loop(plain_monai.unet(classes=3))
    image, label = next(batches)
    held = image.as_tensor(), label.as_tensor()

    def measure(steps: int) -> list[float]:
        times = []
        for _ in range(steps):
            begun = time.perf_counter()
            image, label = next(batches) if loading else held
            loop.step(image, label)
            times.append(time.perf_counter() - begun)
        return times

    return measure


def ours(dataset: Path, strategy: str) -> tuple[Measure, ExecutionConfig]:
    """Our step with a strategy, and the settings chosen for it. The weights are random: they change no time."""
    choice = StrategyChoice.parse(strategy)
    target = read_case_set(dataset)
    card = card_for_new(CardNetwork("monai-unet"), target, plain_monai.PATCH)
    card = replace(card, labels=tuple(CardLabel(value, name) for value, name in target.labels.items()))
    task = label_task(target, card, None)
    state = build(card.network.name, 1, len(card.labels) + 1, card.network.arguments).state_dict()
    plan = make_plan(Transfer(card, state, task, ((0,),)), choice.name, choice.options)
    cases = [prepare_case(case, card.preprocessing, task) for case in target.cases if case.role == "train"]
    options = TrainingOptions(steps=1_000_000, batch_size=plain_monai.BATCH, device="cpu")
    settings = configure_run(plan, cases, options, card.patch_size, "cpu")
    training = Training(plan, cases, options, settings)

    measure = partial(step_times, training)
    return measure, settings.execution


def benchmark(rounds: int, steps: int, data: Path) -> figures.Result:
    """Means over all steps of all rounds, after a round that does not count."""
    datalist = data / "dataset.json"
    measures: dict[str, Measure] = {LOOP: plain(datalist, True), NETWORK_ALONE: plain(datalist, False)}
    settings = {LOOP: "float32", NETWORK_ALONE: "float32"}
    for name, strategy in STRATEGIES.items():
        measures[name], execution = ours(data, strategy)
        settings[name] = execution.precision + (", channels last" if execution.channels_last else "")
    times: dict[str, list[float]] = {name: [] for name in measures}
    for number in range(rounds + 1):
        for name, measure in measures.items():
            measured = measure(steps if number else 1)
            times[name] += measured if number else []
    means = {name: sum(values) / len(values) for name, values in times.items()}
    checks = [
        figures.Check("training step: plain MONAI loop / ours", means[LOOP] / means[FULL], 1.3, True, "×"),
        figures.Check("training step: encoder frozen / all", means[DECODER] / means[FULL], 0.75, False, "×"),
        figures.Check("training step: head only / all", means[HEAD] / means[FULL], 0.40, False, "×"),
    ]
    rows = [
        [name, settings[name], f"{1000 * seconds:.0f}", f"{seconds / means[FULL]:.2f}"]
        for name, seconds in means.items()
    ]
    details: dict[str, Any] = {"seconds": times, "settings": settings, "threads": torch.get_num_threads()}
    return figures.Result(("", "settings", "ms a step", "times ours"), rows, checks, details)


def main() -> None:
    parser = figures.parser(__doc__, "step")
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--steps", type=int, default=40, help="of each in every round")
    given = parser.parse_args()
    work = figures.folder(given.quick)
    data = write_target(work / "data" / "target-draw0", *(QUICK_CASES if given.quick else CASES))
    result = benchmark(1 if given.quick else given.rounds, 2 if given.quick else given.steps, data)
    result.publish(given.json or work / "step.json")


if __name__ == "__main__":
    main()
