"""Dice, HD95 and seconds of adapting a source model to 8 and to 4 cases of a shifted domain, against a plain MONAI loop.

The source model is trained once, with `transferseg pretrain` on 92 cases as they are, and kept. Each method is a
process of its own, timed from its launch to its end: `transferseg adapt` with its defaults, without cross-validation
and with nothing to segment; the plain MONAI loop, from the same weights on the same cases, for 300 steps or 58 s,
whichever takes longer; and `scratch`. One code segments and scores the 60 test cases for all of them.

    python benchmarks/adaptation.py [--cases 8 4] [--repeat 3] [--keep-contrast] [--quick]

Each repetition has another seed and deals the cases anew into those to adapt to and those to score on.
"""

from __future__ import annotations

import csv
import os
import shutil
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import figures
from shifted_hippocampus import CASES, QUICK_CASES, write_source, write_target

from TransferSegLib.core.records import read_json
from TransferSegLib.jobs.events import read_events
from TransferSegLib.jobs.files import write_json

DIRECT, SCRATCH, PLAIN, OPEN = (
    "source model as it is",
    "TransferSeg, `scratch`",
    "plain MONAI loop",
    "TransferSeg, `open`",
)
STRATEGIES = {OPEN: "open", SCRATCH: "scratch"}
SOURCE_STEPS = 2000
# The peer's budget, whichever takes longer.
PLAIN_STEPS, PLAIN_SECONDS = 300, 58.0
DICE_TARGETS = {8: 0.82, 4: 0.805}
HD95_TARGETS_MM = {8: 2.2}
TRANSFERSEG = ("-m", "TransferSegLib")
PLAIN_SCRIPT = str(Path(__file__).with_name("plain_monai.py"))


@dataclass(frozen=True)
class Run:
    """A process from launch to end; `begun` in seconds since 1970."""

    begun: float
    seconds: float
    peak_mib: float


@dataclass(frozen=True)
class Outcome:
    """One method on one draw of cases; Dice and HD95 are means over test cases and labels, None where nothing was trained.

    steps: of the training; first_step_s: from the launch to the end of the first of them.
    """

    method: str
    cases: int
    draw: int
    dice: float
    hd95_mm: float
    seconds: float | None = None
    peak_mib: float | None = None
    first_step_s: float | None = None
    steps: int | None = None


def python(arguments: Sequence[str], log: Path) -> Run:
    """Run Python with these arguments and wait; what it prints goes to `log`. Ends the benchmark when it fails."""
    # Spawned and waited for by hand, because only `wait4` says how much memory this very process needed.
    begun, start = time.time(), time.perf_counter()
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    log.parent.mkdir(parents=True, exist_ok=True)
    outputs = [(os.POSIX_SPAWN_OPEN, 1, str(log), flags, 0o644), (os.POSIX_SPAWN_DUP2, 1, 2)]
    child = os.posix_spawn(sys.executable, [sys.executable, *arguments], os.environ, file_actions=outputs)
    _, status, usage = os.wait4(child, 0)
    seconds = time.perf_counter() - start
    # 1 is "finished with warnings".
    if os.waitstatus_to_exitcode(status) not in (0, 1):
        raise SystemExit(
            f"`{' '.join(arguments)}` failed:\n{log.read_text(encoding='utf-8', errors='replace')[-2000:]}"
        )
    return Run(begun, seconds, usage.ru_maxrss / (1024**2 if sys.platform == "darwin" else 1024))


@dataclass(frozen=True)
class Setting:
    """Where the benchmark works, and how large it is; `quick` is a trial of the script."""

    work: Path
    quick: bool
    keep_contrast: bool

    @property
    def sizes(self) -> tuple[int, int, int]:
        """Cases of the source, to adapt to, and to score on."""
        return QUICK_CASES if self.quick else CASES

    @property
    def ours(self) -> list[str]:
        return ["--steps", "3"] if self.quick else []

    def target(self, draw: int) -> Path:
        name = f"target-draw{draw}{'-keep-contrast' if self.keep_contrast else ''}"
        return write_target(self.work / "data" / name, *self.sizes, draw=draw, invert=not self.keep_contrast)

    def source(self, name: str = "source", augment: str = "light", steps: int = SOURCE_STEPS) -> Path:
        """The job with a source model, trained unless it is there."""
        job = self.work / name
        log = self.work / f"{name}.txt"
        if (job / "job.json").exists():
            python([*TRANSFERSEG, "resume", str(job)], log)
        else:
            data = write_source(self.work / "data" / "source", self.sizes[0])
            command = ["pretrain", "--network", "monai-unet", "--patch-size", "48", "64", "48", "--folds", "0"]
            command += ["--augment", augment, "--steps", str(5 if self.quick else steps)]
            python([*TRANSFERSEG, *command, "--data", str(data), "--out", str(job)], log)
        return job


def first_cases(target: Path, count: int) -> Path:
    """A datalist of the first `count` cases to adapt to, without the test cases."""
    data = read_json(target / "dataset.json")
    path = target / f"first-{count}.json"
    write_json(
        path,
        {key: data[key] for key in ("name", "modality", "labels")} | {"training": data["training"][:count]},
        target,
    )
    return path


def adapt(setting: Setting, source: Path, cases: Path, strategy: str, seed: int, out: Path) -> tuple[Run, float, int]:
    """One `transferseg adapt`; seconds to its first step, and its steps."""
    command = ["adapt", "--source", str(source), "--target", str(cases), "--strategy", strategy, "--folds", "0"]
    run = python(
        [*TRANSFERSEG, *command, "--seed", str(seed), "--out", str(out), *setting.ours], out.with_suffix(".txt")
    )
    metrics = [event for event in read_events(out / "events.jsonl")[0] if event["kind"] == "metric"]
    return run, metrics[0]["time"] - run.begun, metrics[-1]["step"]


def adapt_plainly(setting: Setting, source: Path, cases: Path, seed: int, out: Path) -> tuple[Run, int]:
    """One run of the peer, and its steps."""
    steps, seconds = (3, 0.0) if setting.quick else (PLAIN_STEPS, PLAIN_SECONDS)
    command = [PLAIN_SCRIPT, "--source", str(source), "--target", str(cases), "--steps", str(steps)]
    log = out.with_suffix(".txt")
    run = python([*command, "--until", str(time.time() + seconds), "--seed", str(seed), "--out", str(out)], log)
    return run, int(log.read_text(encoding="utf-8").split()[-1])


def score(model: Path, target: Path, out: Path) -> tuple[float, float]:
    """Mean Dice and mean HD95 (mm) of a model over test cases and labels."""
    rows = score_rows(model, target / "imagesTs", target / "labelsTs", out)
    dice, hd95_mm = (statistics.fmean(float(row[c]) for row in rows if row[c]) for c in ("dice", "hd95_mm"))
    return dice, hd95_mm


def score_rows(model: Path, images: Path, labels: Path, out: Path) -> list[dict[str, str]]:
    """The table of `transferseg evaluate`, a row a case and label, of a folder of images segmented with a model."""
    found = out / "segmentations"
    command = ["segment", "--model", str(model), "--images", str(images), "--out", str(found)]
    python([*TRANSFERSEG, *command], out / "segment.txt")
    table = out / "scores.csv"
    command = ["evaluate", "--reference", str(labels), "--prediction", str(found), "--out", str(table)]
    python([*TRANSFERSEG, *command], out / "evaluate.txt")
    with table.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def measure(setting: Setting, counts: Sequence[int], draws: int) -> list[Outcome]:
    """Every method on every draw and number of cases, in turn."""
    source = setting.source()
    jobs = setting.work / ("adaptation-keep-contrast" if setting.keep_contrast else "adaptation")
    shutil.rmtree(jobs, ignore_errors=True)
    outcomes = []
    for draw in range(draws):
        target = setting.target(draw)
        outcomes.append(Outcome(DIRECT, 0, draw, *score(source, target, jobs / f"direct-{draw}")))
        for count in counts:
            cases = first_cases(target, count)
            for method, strategy in STRATEGIES.items():
                name = f"{strategy}-{count}-{draw}"
                run, first_step_s, steps = adapt(setting, source, cases, strategy, draw, jobs / name)
                scores = score(jobs / name, target, jobs / f"{name}-test")
                outcomes.append(Outcome(method, count, draw, *scores, run.seconds, run.peak_mib, first_step_s, steps))
                print(outcomes[-1], file=sys.stderr, flush=True)
            name = f"plain-{count}-{draw}"
            run, steps = adapt_plainly(setting, source, cases, draw, jobs / name)
            scores = score(jobs / name, target, jobs / f"{name}-test")
            outcomes.append(Outcome(PLAIN, count, draw, *scores, run.seconds, run.peak_mib, None, steps))
            print(outcomes[-1], file=sys.stderr, flush=True)
    return outcomes


def result(outcomes: Sequence[Outcome], counts: Sequence[int], keep_contrast: bool) -> figures.Result:
    """Means over the draws, every draw beside them, and the targets (which are of the inverted contrast)."""
    rows = []
    for count in (0, *counts):
        for method in (DIRECT, OPEN, PLAIN, SCRATCH):
            own = [o for o in outcomes if (o.method, o.cases) == (method, count)]
            if not own:
                continue
            each = ", ".join(f"{o.dice:.3f}" for o in own)
            seconds = [o.seconds for o in own if o.seconds is not None]
            memory = [o.peak_mib for o in own if o.peak_mib is not None]
            steps = [o.steps for o in own if o.steps is not None]
            rows.append(
                [
                    str(count),
                    method,
                    f"{statistics.fmean(o.dice for o in own):.3f}" + (f" ({each})" if len(own) > 1 else ""),
                    f"{statistics.fmean(o.hd95_mm for o in own):.2f}",
                    f"{statistics.fmean(seconds):.0f}" if seconds else "",
                    f"{statistics.fmean(steps):.0f}" if steps else "",
                    f"{max(memory) / 1024:.2f}" if memory else "",
                ]
            )
    checks = [] if keep_contrast else _checks(outcomes, counts)
    header = ("cases", "method", "Dice (each draw)", "HD95 mm", "seconds", "steps", "peak memory GiB")
    return figures.Result(header, rows, checks, [asdict(outcome) for outcome in outcomes])


def _checks(outcomes: Sequence[Outcome], counts: Sequence[int]) -> list[figures.Check]:
    checks = []
    for count in counts:
        own = [o for o in outcomes if (o.method, o.cases) == (OPEN, count)]
        if count in DICE_TARGETS:
            dice = statistics.fmean(o.dice for o in own)
            checks.append(figures.Check(f"{count} cases: Dice", dice, DICE_TARGETS[count], True))
        if count in HD95_TARGETS_MM:
            hd95_mm = statistics.fmean(o.hd95_mm for o in own)
            checks.append(figures.Check(f"{count} cases: HD95", hd95_mm, HD95_TARGETS_MM[count], False, " mm"))
        slowest = max(o.seconds for o in own if o.seconds is not None)
        checks.append(figures.Check(f"{count} cases: the slowest job, start-up included", slowest, 60, False, " s"))
    own = [o for o in outcomes if o.method == OPEN]
    first = max(o.first_step_s for o in own if o.first_step_s is not None)
    memory = max(o.peak_mib for o in own if o.peak_mib is not None)
    checks.append(figures.Check("launch of a job to its first training step", first, 6, False, " s"))
    checks.append(figures.Check("peak memory of a fine-tuning job", memory / 1024, 2, False, " GiB"))
    return checks


def main() -> None:
    parser = figures.parser(__doc__, "adaptation")
    parser.add_argument("--cases", type=int, nargs="+", default=[8, 4], help="numbers of cases to adapt to")
    parser.add_argument("--repeat", type=int, default=3, metavar="N", help="draws of cases and seeds")
    parser.add_argument("--keep-contrast", action="store_true", help="the shift without the inversion")
    given = parser.parse_args()
    setting = Setting(figures.folder(given.quick), given.quick, given.keep_contrast)
    counts = [2] if given.quick else given.cases
    outcomes = measure(setting, counts, 1 if given.quick else given.repeat)
    name = "adaptation-keep-contrast" if given.keep_contrast else "adaptation"
    result(outcomes, counts, given.keep_contrast).publish(given.json or setting.work / f"{name}.json")


if __name__ == "__main__":
    main()
