"""Whether `transferseg adapt --strategy auto` chooses well: five shifts, 4 cases of each, one source model of any contrast.

The shifts are the looks of `robustness.py`. What `auto` leaves is compared with the source model as it is, and with the
best single choice: of all strategies that `auto` chose from, the one with the highest mean Dice over the same shifts and
draws. An exhaustive comparison finds it: one `transferseg compare` a shift and draw trains each strategy in full and
scores it on the test cases. So that choice knows the answers, and nobody could make it beforehand.

    python benchmarks/recommend.py [--repeat 1] [--strategy auto] [--minutes M] [--skip-exhaustive] [--quick]

Without test cases, an exhaustive comparison has to train every strategy once for each case that is left out. The
seconds are those of that: the seconds of the `compare` that was run, and its trainings as many times more.

About 8 minutes for each shift and draw on two quiet cores, of which the exhaustive comparison takes 3. One that was
stopped goes on where it was.
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import figures
from adaptation import DIRECT, TRANSFERSEG, Outcome, Setting, Trial, adapt, first_cases, made_by, python, score, tested
from kept import Kept
from robustness import AS_IT_IS, LOOKS, robust_source

from TransferSegLib.core.records import read_json
from TransferSegLib.evaluation.scores import read_scores
from TransferSegLib.evaluation.statistics import paired_difference
from TransferSegLib.jobs.files import write_json
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.results import unit_results

CASES = 4
LARGEST_LOSS, MEAN_GAIN = 0.002, 0.004
TIMES_CHEAPER = 3.0
SHIFTS = tuple(look for look in LOOKS if look.about != AS_IT_IS)


@dataclass(frozen=True)
class Chosen:
    """A job that chose among strategies, and the model that it left; Dice and HD95 are means over test cases and labels.

    Attributes:
        chose: The strategy of the model.
        among: All that it chose from.
    """

    dice: float
    hd95_mm: float
    seconds: float
    chose: str
    among: tuple[str, ...]


@dataclass(frozen=True)
class Exhaustive:
    """Every strategy trained in full and scored on the test cases.

    Attributes:
        dice: Strategy → its mean Dice.
        hd95_mm: Strategy → its mean HD95 in mm.
        seconds: How long the job took from launch to end.
        trained_s: How long its training steps took of that.
        folds: How many times each strategy is trained where cases are left out in turn.
    """

    dice: Mapping[str, float]
    hd95_mm: Mapping[str, float]
    seconds: float
    trained_s: float
    folds: int

    @property
    def cost_s(self) -> float:
        """How long it takes where there are no test cases: every training is done as often as there are folds."""
        return self.seconds + (self.folds - 1) * self.trained_s


@dataclass(frozen=True)
class Measured:
    """All that was measured of one shift and draw; `exhaustive` is None where it was skipped."""

    shift: str
    draw: int
    direct: Outcome
    chosen: Chosen
    exhaustive: Exhaustive | None


def choose(trial: Trial, strategy: str, count: int, flags: Sequence[str], out: Path) -> Chosen:
    """One `transferseg adapt --strategy auto`, or of another strategy, with the folds that it takes by default."""
    job = adapt(trial.setting, trial.source, first_cases(trial.target, count), strategy, trial.draw, out, flags)
    scores = score(out, trial.target, tested(out))
    made = read_json(JobFolder(out).scores_json).get("recommendation")
    spec = JobFolder(out).read_spec()
    tried = [str(one["strategy"]) for one in made["tried"]] if made else [choice.key for choice in spec.strategies]
    among = tuple(dict.fromkeys(tried))
    how = made_by(out)
    how = how.get("used", how)  # of the source model as it is
    return Chosen(*scores, job.run.seconds, str(how["strategy"]), among)


def compare_all(trial: Trial, strategies: Sequence[str], count: int, out: Path) -> Exhaustive:
    """One `transferseg compare` of strategies that are all trained in full and scored on the test cases."""
    command = ["compare", "--source", str(trial.source), "--target", str(with_test_cases(trial.target, count))]
    command += ["--strategies", ",".join(strategies), "--seed", str(trial.draw), "--out", str(out)]
    steps = ["--steps", "3"] if trial.setting.quick else []
    run = python([*TRANSFERSEG, *command, "--folds", "0", *steps], out.with_suffix(".txt"))
    job = JobFolder(out)
    trained_s = sum(unit.seconds or 0.0 for unit in unit_results(job, job.read_spec()))
    found = {metric: _means(out / "scores.csv", metric) for metric in ("dice", "hd95_mm")}
    return Exhaustive(found["dice"], found["hd95_mm"], run.seconds, trained_s, count)


def with_test_cases(target: Path, count: int) -> Path:
    """A datalist of the first `count` cases to adapt to and all test cases with their labels."""
    data = read_json(first_cases(target, count))
    names = sorted(path.name for path in (target / "imagesTs").iterdir())
    data["test"] = [{"image": f"./imagesTs/{name}", "label": f"./labelsTs/{name}"} for name in names]
    path = target / f"first-{count}-and-tests.json"
    write_json(path, data, target)
    return path


def _means(scores: Path, metric: str) -> dict[str, float]:
    """Strategy → the mean of a metric over cases and labels."""
    values: dict[str, list[float]] = {}
    for row in read_scores(scores):
        value = row.scores[metric]
        if value is not None:
            values.setdefault(row.strategy, []).append(value)
    return {strategy: statistics.fmean(found) for strategy, found in values.items()}


def measure(
    setting: Setting, strategy: str, flags: Sequence[str], draws: int, exhaustive: bool, kept: Kept
) -> list[Measured]:
    """Every shift and draw in turn."""
    source = robust_source(setting)
    count = 2 if setting.quick else CASES
    shifts = SHIFTS[:1] if setting.quick else SHIFTS
    found = []
    for draw in range(draws):
        for number, look in enumerate(shifts):
            trial = Trial(setting, source, setting.target(f"shift{number}", draw, look), draw)
            job = f"{number}-{draw}"
            direct = kept.measured(f"direct-{job}", Outcome, trial.as_it_is)
            choosing = partial(choose, trial, strategy, count, flags)
            chosen = kept.measured(f"chosen-{job}", Chosen, choosing)
            everything = None
            if exhaustive:
                comparing = partial(compare_all, trial, chosen.among, count)
                everything = kept.measured(f"exhaustive-{job}", Exhaustive, comparing)
            found.append(Measured(look.about, draw, direct, chosen, everything))
    return found


def best_single_choice(measured: Sequence[Measured]) -> str | None:
    """The strategy with the highest mean Dice over all shifts and draws; None where none was measured in all of them."""
    all_of_them = [set(one.exhaustive.dice) for one in measured if one.exhaustive]
    if len(all_of_them) < len(measured):
        return None
    return max(
        sorted(set.intersection(*all_of_them)),
        key=lambda name: statistics.fmean(one.exhaustive.dice[name] for one in measured if one.exhaustive),
        default=None,
    )


def result(measured: Sequence[Measured], strategy: str) -> figures.Result:
    """A row a way of adapting with its Dice on each shift, then the paired differences; and the targets."""
    shifts = list(dict.fromkeys(one.shift for one in measured))
    chosen = [one.chosen for one in measured]
    table = [_row(DIRECT, measured, [(one.direct.dice, one.direct.hd95_mm) for one in measured], None)]
    seconds = statistics.fmean(one.seconds for one in chosen)
    table.append(_row(f"`{strategy}`", measured, [(one.dice, one.hd95_mm) for one in chosen], seconds))
    gains = {
        shift: statistics.fmean(one.chosen.dice - one.direct.dice for one in measured if one.shift == shift)
        for shift in shifts
    }
    lost_mm = statistics.fmean(one.chosen.hd95_mm - one.direct.hd95_mm for one in measured)
    what = f"five shifts, {CASES} cases, `{strategy}` − source model as it is"
    checks = [
        figures.Check(f"{what}: Dice, the worst shift", min(gains.values()), -LARGEST_LOSS, True),
        figures.Check(f"{what}: Dice, mean", statistics.fmean(gains.values()), MEAN_GAIN, True),
        figures.Check(f"{what}: HD95, mean", lost_mm, 0.0, False, " mm"),
    ]
    differences = [_difference(f"`{strategy}` − source model", measured, [one.direct.dice for one in measured])]
    best = best_single_choice(measured)
    if best is not None:
        full = [one.exhaustive for one in measured if one.exhaustive]
        cost_s = statistics.fmean(one.cost_s for one in full)
        for name in full[0].dice:
            if all(name in one.dice for one in full):
                title = f"`{name}`" + (", the best single choice" if name == best else "")
                scores = [(one.dice[name], one.hd95_mm[name]) for one in full]
                table.append(_row(title, measured, scores, cost_s if name == best else None))
        best_dice = [one.dice[best] for one in full]
        differences.append(_difference(f"`{strategy}` − best single choice", measured, best_dice))
        paired = paired_difference([one.dice for one in chosen], best_dice)
        if paired.high is not None:
            what = f"`{strategy}` − best single choice (`{best}`): Dice, upper end of the 95 % interval"
            checks.append(figures.Check(what, paired.high, 0.0, True))
        checks.append(
            figures.Check(f"exhaustive comparison / `{strategy}`: seconds", cost_s / seconds, TIMES_CHEAPER, True, "×")
        )
    table.append([f"`{strategy}` kept", *(_kept(measured, shift) for shift in shifts), "", "", ""])
    table += [[*row, *[""] * (len(shifts) + 4 - len(row))] for row in differences]
    header = ("", *shifts, "Dice, mean", "HD95 mm", "seconds")
    return figures.Result(header, table, checks, [asdict(one) for one in measured])


def _row(
    title: str, measured: Sequence[Measured], scores: Sequence[tuple[float, float]], seconds: float | None
) -> list[str]:
    """Mean Dice a shift, over all, mean HD95, seconds."""
    by_shift: dict[str, list[float]] = {}
    for one, (dice, _) in zip(measured, scores, strict=True):
        by_shift.setdefault(one.shift, []).append(dice)
    means = [statistics.fmean(found) for found in by_shift.values()]
    hd95_mm = statistics.fmean(hd95 for _, hd95 in scores)
    seconds_text = "" if seconds is None else f"{seconds:.0f}"
    return [title, *(f"{mean:.3f}" for mean in means), f"{statistics.fmean(means):.3f}", f"{hd95_mm:.2f}", seconds_text]


def _difference(title: str, measured: Sequence[Measured], other: Sequence[float]) -> list[str]:
    """The paired difference over shifts and draws with its interval."""
    paired = paired_difference([one.chosen.dice for one in measured], other)
    interval = "" if paired.low is None else f", {paired.low:+.4f} to {paired.high:+.4f}"
    return [f"{title}: Dice, paired over {paired.n} shifts and draws", f"{paired.mean:+.4f}{interval}"]


def _kept(measured: Sequence[Measured], shift: str) -> str:
    """What was kept on a shift, draw by draw."""
    return ", ".join(f"`{one.chosen.chose}`" for one in measured if one.shift == shift)


def main() -> None:
    parser = figures.parser(__doc__, "recommend")
    parser.add_argument("--repeat", type=int, default=1, metavar="N", help="draws of cases and seeds")
    parser.add_argument("--strategy", default="auto", metavar="NAME", help="what chooses (default auto)")
    parser.add_argument("--minutes", metavar="M", help="what each job that chooses is given (default: nothing)")
    parser.add_argument("--skip-exhaustive", action="store_true", help="against the source model as it is alone")
    given = parser.parse_args()
    setting = Setting(figures.folder(given.quick), given.quick, "default")
    flags = ("--minutes", given.minutes) if given.minutes and not given.quick else ()
    kept = Kept(setting.work / "recommend", {"strategy": given.strategy, "flags": list(flags)})
    draws = 1 if given.quick else given.repeat
    measured = measure(setting, given.strategy, flags, draws, not given.skip_exhaustive, kept)
    result(measured, given.strategy).publish(given.json or setting.work / "recommend.json")
    kept.finish()


if __name__ == "__main__":
    main()
