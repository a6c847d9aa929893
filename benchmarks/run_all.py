"""Run every benchmark and write docs/benchmarks.md from what they measured.

    python benchmarks/run_all.py                       everything, about two hours on two quiet cores
    python benchmarks/run_all.py --only step metrics   these anew, the others as they were measured last
    python benchmarks/run_all.py --only                the page alone, from docs/benchmarks.json
    python benchmarks/run_all.py --quick               that the scripts run; docs/ is left alone

docs/benchmarks.json keeps what the page shows of each section, so that one can be measured alone on any checkout.
The page of a quick run is build/benchmarks/quick/benchmarks.md.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import figures

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Section:
    """A benchmark and its part of the page; `name` is that of its JSON file."""

    name: str
    command: tuple[str, ...]
    quick: tuple[str, ...]
    title: str
    about: str


SECTIONS = (
    Section(
        "adaptation",
        ("adaptation.py",),
        ("--quick",),
        "Adapting to a few cases of another scanner",
        """\
The source model, a MONAI 3D UNet with 1.19 M parameters, was trained with `transferseg pretrain` on 92 cases of the
hippocampus data set of the Medical Segmentation Decathlon. The target domain is made of other cases of that set:
contrast inverted with a gamma of 1.2–1.8, pairs of slices averaged, a bias field of exp(±0.3), 4 % Rician noise.
Nothing of the target was seen in the source's training, and the 60 test cases are seen by no method.

Each method runs in a process of its own. Its seconds run from the launch of the process to its end, so imports, checks
and reading are included. The plain MONAI loop (`benchmarks/plain_monai.py`) begins from the same weights, on the same
cases, with the same network, patch and batch. It runs for 300 steps or 58 s, whichever takes longer. The same code
segments with both models and scores both. The adapted share says how far the kept weights are from the source's to the
adapted ones, draw by draw. Each draw has its own seed and its own choice of target and test cases.
Differences under 0.02 within one draw are ties. Dice and HD95 are means over the test cases, both labels and the draws.
The script makes three draws by default; these are two. The seconds are those of the processor: here the plain loop did
314 steps in its 58 s, and 510 on the one on which the target of 60 s was set.

What was tried for more, in the first draw (Dice with one copy of each image, with 4 and 8 cases): 400 steps at a learning
rate of 1e-3 0.826 and 0.839; at 2e-3 0.830 with 4; at 3e-3, which is the default now, 0.832 and 0.847; 700 steps at 1e-3
0.843 with 8. Seven copies add 0.003 to 0.005. Half of the adapted weights and half of the source's lose 0.1, for this source
model does not cope as it is. Where patches are drawn changes nothing, because a patch holds a whole image.""",
    ),
    Section(
        "adaptation-keep-contrast",
        ("adaptation.py", "--keep-contrast", "--cases", "4"),
        ("--quick",),
        "The same shift with the contrast kept",
        """\
Fine-tuning is not always worth it. Here the other scanner differs by slice thickness, bias, gamma and noise, and the
contrast is not inverted. The source model copes with most of that, so there is little to gain and something to lose. This was
measured before jobs blended the adapted weights with the source's, which the next section shows for a source model of any
contrast.""",
    ),
    Section(
        "few-cases",
        ("few_cases.py",),
        ("--quick",),
        "Few cases: where much can be lost, and other labels",
        """\
The first two targets are those of the sections above, but adapted to by a source model of any contrast, which was trained
with `--augment contrast`. It needs no adapting, and four cases can make it worse.

In the last two the labels are other ones, and the contrast is inverted. In one, the front and the back of the hippocampus are
one label; the source model segments them apart. With «labels mapped» the job is told so by `--label-map`. In the other, both
are to be segmented, and the source model learned the front alone: in its training the back was background. Both are labels
that people drew. The plain MONAI loop has a new output layer there. The largest HD95 is the plain loop's in the same run.

Every job is `transferseg adapt --strategy open --folds 0`, as in the first section. Dice and HD95 are means over the 60 test
cases, their labels and the draws.

What was tried for the source model of any contrast, with 4 cases (Dice in one draw of 30 test cases, with one copy and with
seven): the source's weights as they are 0.857 and 0.860 with the contrast kept, 0.855 and 0.857 inverted; three tenths of the
way 0.860 and 0.863, 0.859 and 0.861; half of the way, which is the default here, 0.861 and 0.864, 0.859 and 0.861; all of it
0.857 and 0.858, 0.856 and 0.859. A learning rate of 3e-3 in place of 1e-3 lost 0.002 with the contrast kept and gained
nothing inverted (60 test cases). To stop after the best number of steps gained less than 0.001, self-training nothing.""",
    ),
    Section(
        "recommend",
        ("recommend.py",),
        ("--quick", "--strategy", "open"),
        "The choice made for the person",
        """\
The source model of any contrast meets five shifts: those of the next section. For each, `transferseg adapt --strategy auto`
gets four cases and nothing else. It is held against the source model as it is: it may lose 0.002 on none of the shifts.

And it is held against the best single choice. `transferseg compare` trained every strategy that `auto` chose from in full, on
each shift, and scored it on the same test cases. The best single choice is the strategy with the highest mean over all of
them. So it was chosen in hindsight, by the very test cases on which both are scored. Without test cases an exhaustive
comparison trains every strategy once for each case that is left out; its seconds are those of that, computed from the
trainings that were run. Intervals are of 95 %, by a bootstrap of the paired differences over shifts and draws.

The figures below are of one draw, on one core beside other programs; the exhaustive comparison is of the day before, with
the same code for the strategies. `auto` gains 0.0044 on average, as much as the best single choice within the interval.
It tells the four cases' scores apart from what is known beforehand: a case's gain varies by 0.015, so the mean of four by
0.0075, more than there is to gain. So it counts what each strategy usually gains, and a small loss on the four cases
keeps a trained model all the same ([how](strategies.md#recommended)). Before, when it took a gain for chance, it kept the
source model on every one of these shifts, and gained nothing. HD95 rises by 0.01 mm on average: a few voxels are farther
off, as with every strategy.

What is known beforehand was found on these very shifts, so these figures look a little better than those of others will.
In a second draw of the first shift, with four other cases, `open` lost 0.005 Dice on the test cases, `lora:rank=8`
trained on all four 0.0025, and the mean of the folds' models of `lora` 0.0007. With four cases there is no way that never
loses. An exhaustive comparison takes 2.3 times as long as `auto`, not 3: `auto` segments and scores in full in all folds
what it chose, and these images are small.""",
    ),
    Section(
        "active",
        ("active.py",),
        ("--quick",),
        "Which cases to annotate next",
        """\
Ten draws. In each, the plain source model meets 28 cases in the shifted domain of the first section, of which two, drawn at
random, are annotated. A job adapts the model to these. Then four more are annotated: those that `transferseg rank` names
first, asked with the models of that job, or the next four of the random order. From the source model on, one model is
adapted to either six, with the same steps and seed, and both segment the same 40 test cases. The interval is of the paired
differences over the draws, by a bootstrap. The cases that `rank` names first bring a little more on average, and not so much
that it could not be chance.""",
    ),
    Section(
        "robustness",
        ("robustness.py",),
        ("--quick", "--skip-heads"),
        "Source models on what they were not trained on",
        """\
Two source models of one network, trained on the same 92 hippocampus cases: the plain one of the first section, and one
with `--augment contrast`. Both segment the same 60 test cases, which neither was trained on. The cases are taken as they
are, and changed in five ways: shifted as in the first section; through a curve like that of T2 weighting; with slices
three times as thick along another axis; in a bias field of exp(±0.6); in Rician noise of 8 %. The last rows are of the two
head models that ship: they segment ten new phantoms, imaged in T1-w, T2-w and CT.""",
    ),
    Section(
        "step",
        ("step.py",),
        ("--quick",),
        "Seconds of a training step",
        """\
MONAI's 3D UNet as above, patches of 48×64×48, two a batch. The plain loop runs in float32 and PyTorch's default
memory format. Its transforms and its DataLoader are in its step, as in a real run. For comparison it also runs on a
batch that is ready. Ours is measured inside the training, with everything that belongs to a step: cutting and
augmenting the patches (at the same time as the network, on the other core), the optimiser and the average of the
weights. The column of settings says what the job measured and chose on this machine; without bf16 instructions there
is less to choose. All run in turn, round after round, and the medians over all steps are compared. Frozen parts are
faster because they build no graph and keep no activations.""",
    ),
    Section(
        "contention",
        ("contention.py",),
        ("--quick",),
        "Two jobs at once on the same cores",
        """\
Each job is `transferseg adapt` in a process of its own, from its launch to its end: 60 steps of every parameter on shifted
hippocampus cases, patches of 48×64×48, two a batch. Two jobs begin at the same moment. The threads of OpenMP meet some
hundred times in a step. By default the first to come waits in a loop that keeps a core busy, which the thread that it waits
for may need. `transferseg` lets them wait for a moment and then sleep. That changes no result, because as many threads do
the same work. Fewer threads while others compute would: sums of floats depend on how they are shared out, and a seed would
not give the same weights again. Where other programs begin and end meanwhile, the seconds of one job alone differ by a
tenth and more from round to round, so the second target needs a quiet computer and several rounds.""",
    ),
    Section(
        "inference",
        ("inference.py",),
        ("--quick",),
        "Sliding-window segmentation",
        """\
The source model of the first section segments 96×128×96 voxels, from the prepared image to labels, in windows of
48×64×48 with an overlap of a quarter. MONAI's defaults run one window at a time, for which PyTorch takes its slow 3D
convolution on a processor. Ours runs four together, in bf16 where the processor has it, and blends them with Gaussian
weights in place of equal ones. Because of the blending, a few voxels differ from the defaults'. The last row blends in
the same way, so only the precision differs there.""",
    ),
    Section(
        "nnunet",
        ("peers.py",),
        ("--quick",),
        "Models of nnU-Net's, beside nnU-Net",
        """\
nnU-Net plans and trains five small networks on 24 hippocampus cases, 600 steps each; two are of slices. Then `segment` and
nnU-Net's own predictor segment six other cases with them, with eight mirrored copies, or four of slices, from files to files.
The agreement is the share of the voxels labelled by either that have one label; the cases with the least and the most of it
are shown. It needs an environment with nnunetv2, which TRANSFERSEG_NNUNET_PYTHON names; without one, nothing is measured.""",
    ),
    Section(
        "nnunet-step",
        ("nnunet_step.py",),
        ("--quick",),
        "A training step of nnU-Net's networks, beside nnU-Net",
        """\
The first two networks of the section above, with their patches (24×32×24 and 8×32×24 voxels), two a batch, on one thread in
float32, with deep supervision. nnU-Net's trainer makes its batches in a process of its own, ours in a thread. Each side
loads, augments and trains as in its own training. It needs an environment with nnunetv2, as above.""",
    ),
    Section(
        "turns",
        ("turns.py",),
        ("--quick",),
        "How long Slicer is held up by what the panel does by itself",
        """\
A real job trains on the same cores. There are 200 earlier jobs beside it, and 160 cases in the list. The table shows the
longest turn of Qt's event loop in each of three rounds, each in a process of its own. Nothing that repeats by itself may take
more than 20 ms of processor time. The module runs in `Testing/SlicerRuntime`, with real MRML and Qt, offscreen. Not included
are the drawing of Slicer's 3D views, Python's garbage collection, and what a person clicks: a click that Slicer answers in
one call shows a wait cursor.""",
    ),
    Section(
        "registration",
        ("registration.py", "--right", "12", "--failures", "40"),
        ("--quick",),
        "Labels from CT: how exact, and which failures are flagged",
        """\
Heads of the phantom as T1w or T2w, with voxels of 2 × 2.5 × 3.75 mm, and their CT on another grid, turned by 12°, shifted
by 15 mm and bent by up to 4 mm. `transferseg cases from-ct` registers them. The labels are known exactly, so the distances
between the surfaces of true and found labels are, too. In the failures made on purpose the CT is another one. In those of
the last two kinds a right registration is moved or turned after it was found. A CT turned by 90° is sometimes registered
rightly; it is flagged in any case, because patients do not lie so. Intervals are exact, of 95 %. Tests and other work shared
the cores meanwhile, so no time is given.""",
    ),
    Section(
        "metrics",
        ("metrics.py",),
        ("--repeats", "1"),
        "Surface metrics",
        """\
A reference of 384×384×120 voxels and a prediction of it, on one thread. Ours computes HD95, HD, ASSD and surface Dice
together; each peer computes its HD95 alone. MONAI's value must equal ours. MedPy pools the two directions before it
takes the percentile, so its value is another quantity.""",
    ),
)

INTRODUCTION = """\
What TransferSeg must reach, and what it reached, compared with the tools that people use today. Both sides of a
comparison run in turn on one machine, and their medians and ratios are compared. The seconds are this machine's; the
ratios should be about the same on others. `make benchmarks` measures everything again and writes this page.
`benchmarks/` has the scripts, one for each section."""


@dataclass(frozen=True)
class Measured:
    """What the page shows of a section: its result, the day on which it was measured, and the processor."""

    result: figures.Result
    date: str
    processor: str = ""


def page(measured: Mapping[str, Measured], machine: Mapping[str, str]) -> str:
    """docs/benchmarks.md, of the sections that were measured."""
    checks = [
        check for section in SECTIONS if section.name in measured for check in measured[section.name].result.checks
    ]
    missed = [check for check in checks if not check.held]
    parts = [
        "# Benchmarks",
        INTRODUCTION,
        _verdict(checks, missed) + _not_measured(measured),
        figures.table(("target", "", "measured", "reached"), [check.row for check in checks]),
        "The machine:",
        figures.table(("", ""), [list(fact) for fact in machine.items()]),
    ]
    for section in SECTIONS:
        command = f"`python benchmarks/{' '.join(section.command)}`"
        parts += [f"## {section.title}", section.about]
        if section.name in measured:
            one = measured[section.name]
            elsewhere = one.processor and one.processor != machine.get("processor")
            parts += [figures.table(one.result.header, one.result.rows)]
            parts += [f"{command}, {one.date}" + (f", on another processor ({one.processor})" if elsewhere else "")]
        else:
            parts += [f"Not measured yet: {command}"]
    return "\n\n".join(parts) + "\n"


def _verdict(checks: list[figures.Check], missed: list[figures.Check]) -> str:
    if not checks:
        return "Nothing with a target was measured yet."
    if not missed:
        return f"All {len(checks)} targets are reached on this machine."
    names = "; ".join(f"{check.what} ({check.row[2]}, target {check.row[1]})" for check in missed)
    return f"{len(checks) - len(missed)} of {len(checks)} targets are reached on this machine. Not reached: {names}."


def _not_measured(measured: Mapping[str, Measured]) -> str:
    """The sections whose targets were not measured, so that nobody takes them for reached; "" where there are none."""
    titles = [section.title for section in SECTIONS if section.name not in measured]
    return f" Not measured yet: {'; '.join(titles)}." if titles and measured else ""


def read(path: Path) -> figures.Result:
    """What a benchmark wrote."""
    data = json.loads(path.read_text(encoding="utf-8"))
    return surface_metrics(data) if path.stem == "metrics" else figures.Result.read(data)


def read_kept(path: Path) -> dict[str, Measured]:
    """What `write_kept` wrote; nothing where there is no such file."""
    if not path.exists():
        return {}
    data = json.loads(path.read_text(encoding="utf-8"))
    return {
        name: Measured(figures.Result.read({**one, "details": None}), one["date"], one["processor"])
        for name, one in data.items()
    }


def write_kept(path: Path, measured: Mapping[str, Measured]) -> None:
    """Keep what the page shows, without the details."""
    data = {
        name: {
            "date": one.date,
            "processor": one.processor,
            "header": one.result.header,
            "rows": one.result.rows,
            "checks": [asdict(check) for check in one.result.checks],
        }
        for name, one in measured.items()
    }
    path.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def surface_metrics(data: Mapping[str, Any]) -> figures.Result:
    """The figures of `metrics.py`, whose file has a form of its own."""
    header = ("", "seconds", "times ours", "HD95 mm")
    rows = [
        [row["name"], f"{row['seconds']:.3f}", f"{row['times_ours']:.1f}", f"{row['hd95_mm']:.3f}"]
        for row in data["results"]
    ]
    limits = {"MONAI: HD95": 1.0, "MedPy: HD95": 5.0}
    checks = [
        figures.Check(f"surface metrics: {row['name']} alone / ours", row["times_ours"], limits[row["name"]], True, "×")
        for row in data["results"]
        if row["name"] in limits
    ]
    return figures.Result(header, rows, checks, dict(data))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names = [section.name for section in SECTIONS]
    parser.add_argument("--only", nargs="*", choices=names, metavar="NAME", help=f"of {', '.join(names)}")
    parser.add_argument("--quick", action="store_true", help="that the scripts run; measures nothing")
    given = parser.parse_args()
    work = figures.folder(given.quick)
    work.mkdir(parents=True, exist_ok=True)
    failed, not_here = [], []
    for section in SECTIONS:
        if given.only is not None and section.name not in given.only:
            continue
        print(f"\n{section.title} ({time.strftime('%H:%M')})\n", flush=True)
        command = [str(HERE / section.command[0]), *section.command[1:], *(section.quick if given.quick else ())]
        ended = subprocess.run([sys.executable, *command, "--json", str(work / f"{section.name}.json")], check=False)
        not_here += [section.name] if ended.returncode == figures.NOT_HERE else []
        failed += [section.name] if ended.returncode not in (0, figures.NOT_HERE) else []
    docs = work if given.quick else figures.ROOT / "docs"
    measured, machine = read_kept(docs / "benchmarks.json"), figures.machine()
    for name in names:
        if (given.only is None or name in given.only) and name not in (*failed, *not_here):
            today = time.strftime("%Y-%m-%d")
            measured[name] = Measured(read(work / f"{name}.json"), today, machine["processor"])
    write_kept(docs / "benchmarks.json", measured)
    out = docs / "benchmarks.md"
    out.write_text(page(measured, machine), encoding="utf-8")
    print(f"\n{out}")
    if not_here:
        print(f"not measured, because what they need is not here: {', '.join(not_here)}")
    if failed:
        print(f"failed, and on the page as they were before: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
