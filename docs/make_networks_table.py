"""Write networks.md, every network with its arguments, size and cost.

`python docs/make_networks_table.py` measures all of it, `--no-steps` leaves out time and memory, and `--words-only` keeps the
table and writes the descriptions below it anew.

Multiply-adds are those of one patch on its way forward, as PyTorch counts them. Time and memory are of training steps as a
job does them, a process for each network, so they are those of this machine.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import inspect
import itertools
import json
import math
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

import figures  # noqa: E402
import torch  # noqa: E402

from TransferSegLib.core.card import CardNetwork  # noqa: E402
from TransferSegLib.jobs.cards import default_patch  # noqa: E402
from TransferSegLib.networks import NETWORKS, build  # noqa: E402

PAGE = Path(__file__).with_name("networks.md")
# A head at 1 mm; what its patch is by default depends on the network.
IMAGE = (176, 224, 176)
CHANNELS, CLASSES, BATCH = 1, 4, 2
# Steps that are timed: as many as fit, one at least, after one that is not.
STEPS, STEPS_S = 5, 6.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--no-steps", action="store_true", help="parameters and multiply-adds only")
    parser.add_argument("--step-of", choices=NETWORKS, help=argparse.SUPPRESS)
    parser.add_argument("--words-only", action="store_true", help="keep the table, write the descriptions")
    given = parser.parse_args()
    if given.step_of:
        print(json.dumps(step(given.step_of)))
        return
    if given.words_only:
        table, _, _ = PAGE.read_text(encoding="utf-8").partition("\n## ")
        PAGE.write_text(f"{table}\n{descriptions()}", encoding="utf-8")
        return
    rows = [row(name, None if given.no_steps else measured(name)) for name in NETWORKS if name != "hybrid"]
    PAGE.write_text(page(rows, not given.no_steps), encoding="utf-8")


def row(name: str, cost: dict[str, float] | None) -> list[str]:
    patch = default_patch(IMAGE, CardNetwork(name))
    parameters, adds = size(name, patch)
    numbers = [f"{parameters / 1e6:.2f} M", "×".join(map(str, patch)), f"{adds / 1e9:.1f} G"]
    if cost is not None:
        memory = "" if math.isnan(cost["memory_mb"]) else f"{cost['memory_mb'] / 1024:.1f} GB"
        numbers += [memory, f"{cost['step_s']:.2f} s"]
    return [f"[`{name}`](#{name})", *numbers]


def size(name: str, patch: tuple[int, int, int]) -> tuple[int, int]:
    """(parameters, multiply-adds of a patch); on the meta device, where nothing is computed."""
    from torch.utils.flop_counter import FlopCounterMode

    with torch.device("meta"):
        network = build(name, CHANNELS, CLASSES).eval()
        counter = FlopCounterMode(display=False)
        with torch.no_grad(), counter:
            network(torch.empty(1, CHANNELS, *patch))
    return sum(p.numel() for p in network.parameters()), counter.get_total_flops() // 2


def measured(name: str) -> dict[str, float]:
    command = [sys.executable, __file__, "--step-of", name]
    return dict(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[-1]))


def step(name: str) -> dict[str, float]:
    """Median seconds of a training step of two patches, and peak memory in MiB beyond what an idle process needs."""
    import numpy as np

    from TransferSegLib.cases.preprocessing import PreparedCase
    from TransferSegLib.core.grid import Grid
    from TransferSegLib.jobs.memory import peak_memory_mb
    from TransferSegLib.networks.execution import likely_execution, pick_device
    from TransferSegLib.training.loop import Progress, RunSettings, Training
    from TransferSegLib.training.options import TrainingOptions
    from TransferSegLib.transfer.plan import TransferPlan, trainable_everywhere

    patch, device = default_patch(IMAGE, CardNetwork(name)), pick_device("auto")
    rng = np.random.default_rng(0)
    classes = rng.integers(0, CLASSES, patch).astype(np.uint8)
    image = rng.normal(size=(CHANNELS, *patch)).astype(np.float32)
    case = PreparedCase("case", image, classes, Grid.from_spacing(patch, (1, 1, 1)), (1.0, 1.0, 1.0))
    before = peak_memory_mb() or math.nan
    network = build(name, CHANNELS, CLASSES)
    plan = TransferPlan("scratch", network, CardNetwork(name), trainable_everywhere(network, 1e-3))
    plan.prepare()
    settings = RunSettings(STEPS + 1, BATCH, patch, likely_execution(device), seed=0)
    stamps: list[float] = []

    def on_step(progress: Progress) -> bool:
        stamps.append(time.perf_counter())
        return len(stamps) < 2 or stamps[-1] - stamps[0] < STEPS_S

    Training(plan, [case], TrainingOptions(augment="none"), settings).run(on_step)
    memory = (peak_memory_mb() or math.nan) - before
    if device.startswith("cuda"):
        memory = torch.cuda.max_memory_allocated() / 2**20
    times = [after - before for before, after in itertools.pairwise(stamps)]
    return {"step_s": statistics.median(times), "memory_mb": memory}


def page(rows: list[list[str]], steps: bool) -> str:
    header = ["network", "parameters", "patch", "multiply-adds"] + (["memory", "time of a step"] if steps else [])
    by_column = "\n".join(f"| {' | '.join(cells)} |" for cells in (header, ["---"] * len(header), *rows))
    measured_on = ""
    if steps:
        about = ", ".join(figures.machine().values())
        if torch.cuda.is_available():
            about += f", {torch.cuda.get_device_name()}"
        measured_on = (
            f"Memory and time are of training steps of {BATCH} patches, every parameter trained, on: {about}.\n\n"
        )
    return f"""# Networks

Each can be trained by `transferseg pretrain --network NAME`, and works with every strategy. `NAME:ARGUMENT=VALUE:…` gives it
other arguments; a list of numbers is written 16-32-64, a list of one is `2` or `2-`. Below each network are its arguments
with their defaults. Parameters and multiply-adds (of one patch, forward) are for these, {CHANNELS} channel and {CLASSES}
classes, background included. The patch is the default one in images of {"×".join(map(str, IMAGE))} voxels.
2D networks take volumes slice by slice. `docs/make_networks_table.py` writes this page.

{measured_on}{by_column}

{descriptions()}"""


def descriptions() -> str:
    return "\n".join(description(name) for name in NETWORKS if name != "hybrid")


def description(name: str) -> str:
    """A network's source and its arguments with their defaults, from its docstrings."""
    module_name, attribute = NETWORKS[name]
    module = importlib.import_module(module_name)
    parameters = inspect.signature(getattr(module, attribute).__init__).parameters
    arguments = [
        f"{p.name}={value}"
        for p in parameters.values()
        if p.default is not p.empty and (value := spoken(p.default)) is not None
    ]
    text = inspect.cleandoc(module.__doc__ or "")
    of_class = listed(inspect.cleandoc(getattr(module, attribute).__doc__ or ""))
    return f"## {name}\n\n{text}\n\n{of_class}\n\n`{':'.join([name, *arguments])}`\n"


def listed(docstring: str) -> str:
    """A class's docstring with its `Args:` as a list, without those that every network takes."""
    text, _, arguments = docstring.partition("\n\nArgs:\n")
    items: list[str] = []
    for line in arguments.splitlines():
        if line.startswith("     "):
            items[-1] += f"\n  {line.strip()}"
        else:
            name, _, meaning = line.strip().partition(": ")
            items.append(f"- `{name}`: {meaning}")
    kept = [item for item in items if not item.startswith(("- `in_channels`", "- `out_channels`"))]
    return "\n".join([text, "", *kept]) if kept else text


def spoken(value: Any) -> str | None:
    """As `--network` reads it; None for what it cannot: layers with arguments of their own."""
    if isinstance(value, (list, tuple)):
        return "-".join(map(str, value)) if all(isinstance(n, int) for n in value) else None
    return str(value).lower() if value is None or isinstance(value, bool) else str(value)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        main()
