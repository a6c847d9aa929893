"""Dice, HD95 and seconds of adapting a source model to 8 and to 4 cases of a shifted domain, against a plain MONAI loop.

The source model is trained once, with `transferseg pretrain` on 92 cases as they are, and kept. Each method is a
process of its own, timed from its launch to its end: `transferseg adapt` with its defaults, without cross-validation
and with nothing to segment; the plain MONAI loop, from the same weights on the same cases, for 300 steps or 58 s,
whichever takes longer; and `scratch`. One code segments and scores the 60 test cases for all of them.

    python benchmarks/adaptation.py [--cases 8 4] [--repeat 3] [--folds K|default] [--keep-contrast] [--quick]

Each repetition has another seed and deals the cases anew into those to adapt to and those to score on. On two quiet
cores, a repetition takes six minutes for 8 and 4 cases, and the source model four minutes once. A benchmark that was
stopped goes on where it was.
"""

from __future__ import annotations

import argparse
import csv
import os
import statistics
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import figures
from kept import Kept
from shifted_hippocampus import BOTH, CASES, INVERTED, KEPT, QUICK_CASES, Labels, Look, write_source, write_target

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
SOURCE_STEPS, SOURCE_RATE = 2000, "0.001"
# The peer's budget, whichever takes longer.
PLAIN_STEPS, PLAIN_SECONDS = 300, 58.0
# HD95: what it was before weights were averaged with the source's.
DICE_TARGETS = {8: 0.848, 4: 0.835}
HD95_TARGETS_MM = {8: 1.84, 4: 1.94}
KEEP_CONTRAST_DICE_TARGETS = {4: 0.858}
KEEP_CONTRAST_HD95_TARGETS_MM = {4: 1.87}
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

    steps: of the training; first_step_s: from the launch to the end of the first of them; share: how far the model is
    from the source's weights to the adapted ones.
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
    share: float | None = None


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
    """Where the benchmark works, how large it is, and what it gives `transferseg adapt`.

    Attributes:
        work: The folder of data, models and jobs.
        quick: Whether it is a trial of the script.
        folds: The folds of a job's cross-validation, or `default` for the job's own choice.
    """

    work: Path
    quick: bool
    folds: str = "0"

    @property
    def sizes(self) -> tuple[int, int, int]:
        """Cases of the source, to adapt to, and to score on."""
        return QUICK_CASES if self.quick else CASES

    @property
    def flags(self) -> list[str]:
        """What every job is told."""
        folds = [] if self.folds == "default" else ["--folds", self.folds]
        return folds + (["--steps", "3"] if self.quick else [])

    def target(self, name: str, draw: int, look: Look, labels: Labels = BOTH) -> Path:
        """The data set `name` of a draw, written unless it is there."""
        return write_target(self.work / "data" / f"{name}-draw{draw}", *self.sizes, draw, look, labels)

    def shifted(self, draw: int, keep_contrast: bool = False) -> Path:
        """The shifted cases of a draw."""
        return self.target("target-kept", draw, KEPT) if keep_contrast else self.target("target", draw, INVERTED)

    def source(
        self, name: str = "source", augment: str = "light", steps: int = SOURCE_STEPS, labels: Labels = BOTH
    ) -> Path:
        """The job with a source model, trained unless it is there."""
        job = self.work / name
        log = self.work / f"{name}.txt"
        if (job / "job.json").exists():
            python([*TRANSFERSEG, "resume", str(job)], log)
        else:
            data = self.work / "data" / "-".join(["source", *([] if labels == BOTH else labels.names)]).lower()
            data = write_source(data, self.sizes[0], labels)
            command = ["pretrain", "--network", "monai-unet", "--patch-size", "48", "64", "48", "--folds", "0"]
            command += [
                "--augment",
                augment,
                "--learning-rate",
                SOURCE_RATE,
                "--steps",
                str(5 if self.quick else steps),
            ]
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


@dataclass(frozen=True)
class Adapted:
    """One `transferseg adapt`: its process, the seconds to its first step and its steps; None where it trained nothing."""

    run: Run
    first_step_s: float | None
    steps: int | None


def adapt(
    setting: Setting, source: Path, cases: Path, strategy: str, seed: int, out: Path, flags: Sequence[str] = ()
) -> Adapted:
    """Adapt a source model to a data set by a strategy, with what is told every job and `flags`."""
    command = ["adapt", "--source", str(source), "--target", str(cases), "--strategy", strategy, *flags]
    run = python(
        [*TRANSFERSEG, *command, "--seed", str(seed), "--out", str(out), *setting.flags], out.with_suffix(".txt")
    )
    metrics = [event for event in read_events(out / "events.jsonl")[0] if event["kind"] == "metric"]
    if not metrics:
        return Adapted(run, None, None)
    return Adapted(run, metrics[0]["time"] - run.begun, metrics[-1]["step"])


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


@dataclass(frozen=True)
class Trial:
    """A source model, and the cases of a draw that it is adapted to and scored on."""

    setting: Setting
    source: Path
    target: Path
    draw: int

    def as_it_is(self, out: Path) -> Outcome:
        """The source model on the test cases."""
        return Outcome(DIRECT, 0, self.draw, *score(self.source, self.target, tested(out)))

    def adapted(self, method: str, strategy: str, count: int, flags: Sequence[str], out: Path) -> Outcome:
        """The model that `transferseg adapt` makes of the first `count` cases; `method` is what the table calls it."""
        cases = first_cases(self.target, count)
        job = adapt(self.setting, self.source, cases, strategy, self.draw, out, flags)
        scores = score(out, self.target, tested(out))
        share = made_by(out).get("adapted_share")
        return Outcome(
            method, count, self.draw, *scores, job.run.seconds, job.run.peak_mib, job.first_step_s, job.steps, share
        )

    def adapted_plainly(self, count: int, out: Path) -> Outcome:
        """The peer's model of the same cases."""
        run, steps = adapt_plainly(self.setting, self.source, first_cases(self.target, count), self.draw, out)
        scores = score(out, self.target, tested(out))
        return Outcome(PLAIN, count, self.draw, *scores, run.seconds, run.peak_mib, None, steps)


def made_by(job: Path) -> Mapping[str, Any]:
    """How the model of a job came to be, as its card says."""
    found: Mapping[str, Any] = read_json(job / "model" / "card.json")["made_by"]
    return found


def tested(job: Path) -> Path:
    """Where the segmentations and scores of a job's model go."""
    return job.with_name(f"{job.name}-test")


def measure(setting: Setting, counts: Sequence[int], draws: int, keep_contrast: bool, kept: Kept) -> list[Outcome]:
    """Every method on every draw and number of cases, in turn."""
    source = setting.source()
    outcomes = []
    for draw in range(draws):
        trial = Trial(setting, source, setting.shifted(draw, keep_contrast), draw)
        outcomes.append(kept.measured(f"direct-{draw}", Outcome, trial.as_it_is))
        for count in counts:
            for method, strategy in STRATEGIES.items():
                run = partial(trial.adapted, method, strategy, count, ())
                outcomes.append(kept.measured(f"{strategy}-{count}-{draw}", Outcome, run))
            run = partial(trial.adapted_plainly, count)
            outcomes.append(kept.measured(f"plain-{count}-{draw}", Outcome, run))
    return outcomes


# The columns of `rows`.
HEADER = ("cases", "method", "Dice (each draw)", "HD95 mm", "seconds", "steps", "adapted share", "peak memory GiB")


def rows(outcomes: Sequence[Outcome], counts: Sequence[int], methods: Sequence[str]) -> list[list[str]]:
    """A row a number of cases and method: means over the draws, and the Dice of every draw beside its mean."""
    found = []
    for count in counts:
        for method in methods:
            own = of(outcomes, method, count)
            if not own:
                continue
            each = ", ".join(f"{o.dice:.3f}" for o in own)
            seconds = [o.seconds for o in own if o.seconds is not None]
            memory = [o.peak_mib for o in own if o.peak_mib is not None]
            steps = [o.steps for o in own if o.steps is not None]
            shares = ", ".join(f"{o.share:g}" for o in own if o.share is not None)
            found.append(
                [
                    str(count),
                    method,
                    f"{mean_dice(own):.3f}" + (f" ({each})" if len(own) > 1 else ""),
                    f"{mean_hd95_mm(own):.2f}",
                    f"{statistics.fmean(seconds):.0f}" if seconds else "",
                    f"{statistics.fmean(steps):.0f}" if steps else "",
                    shares,
                    f"{max(memory) / 1024:.2f}" if memory else "",
                ]
            )
    return found


def of(outcomes: Sequence[Outcome], method: str, count: int) -> list[Outcome]:
    """The draws of a method and number of cases."""
    return [o for o in outcomes if (o.method, o.cases) == (method, count)]


def mean_dice(outcomes: Sequence[Outcome]) -> float:
    """The mean over draws."""
    return statistics.fmean(o.dice for o in outcomes)


def mean_hd95_mm(outcomes: Sequence[Outcome]) -> float:
    """The mean over draws."""
    return statistics.fmean(o.hd95_mm for o in outcomes)


def result(outcomes: Sequence[Outcome], counts: Sequence[int], keep_contrast: bool) -> figures.Result:
    """Means over the draws, every draw beside them, and the targets."""
    table = rows(outcomes, (0, *counts), (DIRECT, OPEN, PLAIN, SCRATCH))
    checks = _checks_of_kept_contrast(outcomes, counts) if keep_contrast else _checks(outcomes, counts)
    return figures.Result(HEADER, table, checks, [asdict(outcome) for outcome in outcomes])


def accuracy_checks(
    what: str, own: Sequence[Outcome], dice: float | None, hd95_mm: float | None
) -> list[figures.Check]:
    """The mean Dice and HD95 of one method's draws held against their limits, as far as there are any."""
    checks = []
    if dice is not None:
        checks.append(figures.Check(f"{what}: Dice", mean_dice(own), dice, True))
    if hd95_mm is not None:
        checks.append(figures.Check(f"{what}: HD95", mean_hd95_mm(own), hd95_mm, False, " mm"))
    return checks


def _checks_of_kept_contrast(outcomes: Sequence[Outcome], counts: Sequence[int]) -> list[figures.Check]:
    checks = []
    for count in counts:
        limits = KEEP_CONTRAST_DICE_TARGETS.get(count), KEEP_CONTRAST_HD95_TARGETS_MM.get(count)
        checks += accuracy_checks(f"contrast kept, {count} cases", of(outcomes, OPEN, count), *limits)
    return checks


def _checks(outcomes: Sequence[Outcome], counts: Sequence[int]) -> list[figures.Check]:
    checks = []
    for count in counts:
        own = of(outcomes, OPEN, count)
        checks += accuracy_checks(f"{count} cases", own, DICE_TARGETS.get(count), HD95_TARGETS_MM.get(count))
        slowest = max(o.seconds for o in own if o.seconds is not None)
        checks.append(figures.Check(f"{count} cases: the slowest job, start-up included", slowest, 60, False, " s"))
    own = [o for o in outcomes if o.method == OPEN]
    first = max(o.first_step_s for o in own if o.first_step_s is not None)
    memory = max(o.peak_mib for o in own if o.peak_mib is not None)
    checks.append(figures.Check("launch of a job to its first training step", first, 6, False, " s"))
    checks.append(figures.Check("peak memory of a fine-tuning job", memory / 1024, 2, False, " GiB"))
    return checks


def add_folds(parser: argparse.ArgumentParser) -> None:
    """Add `--folds`."""
    parser.add_argument(
        "--folds",
        default="0",
        metavar="K|default",
        help="of each job's cross-validation; `default` is the job's own choice, which takes several times as long",
    )


def main() -> None:
    parser = figures.parser(__doc__, "adaptation")
    parser.add_argument("--cases", type=int, nargs="+", default=[8, 4], help="numbers of cases to adapt to")
    parser.add_argument("--repeat", type=int, default=3, metavar="N", help="draws of cases and seeds")
    parser.add_argument("--keep-contrast", action="store_true", help="the shift without the inversion")
    add_folds(parser)
    given = parser.parse_args()
    setting = Setting(figures.folder(given.quick), given.quick, given.folds)
    counts = [2] if given.quick else given.cases
    name = "adaptation-keep-contrast" if given.keep_contrast else "adaptation"
    kept = Kept(setting.work / name, {"folds": given.folds})
    outcomes = measure(setting, counts, 1 if given.quick else given.repeat, given.keep_contrast, kept)
    result(outcomes, counts, given.keep_contrast).publish(given.json or setting.work / f"{name}.json")
    kept.finish()


if __name__ == "__main__":
    main()
