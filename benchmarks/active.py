"""Whether the cases that `transferseg rank` proposes are worth more than cases chosen at random.

Ten draws. In each, the plain source model meets 28 shifted cases, of which two are annotated, drawn at random. It is
adapted to these. Then four more are annotated: those that `rank` names first, asked with the models of that job, or the next
four of the random order. From the source model on, one model is adapted to either six, in the same way and with the same
seed, and both segment the same 40 test cases. The differences are paired.

    python benchmarks/active.py [--repeat 10] [--steps 200] [--quick]

About four minutes a draw on two quiet cores. One that was stopped goes on where it was.
"""

from __future__ import annotations

import json
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import figures
from adaptation import TRANSFERSEG, Setting, adapt, python, score, tested
from kept import Kept
from shifted_hippocampus import CASES, QUICK_CASES, write_target

from TransferSegLib.core.records import read_json
from TransferSegLib.evaluation.statistics import paired_difference
from TransferSegLib.jobs.files import write_json

POOL, TESTS = 28, 40
QUICK_POOL, QUICK_TESTS = 8, 2
FIRST, MORE = 2, 4
NEXT, RANDOM = "the cases that `rank` names first", "cases chosen at random"


@dataclass(frozen=True)
class Outcome:
    """One choice of cases in one draw; Dice and HD95 are means over test cases and labels."""

    way: str
    draw: int
    dice: float
    hd95_mm: float
    chosen: tuple[str, ...]


@dataclass(frozen=True)
class Named:
    """The cases that `rank` named, the first to annotate first."""

    cases: tuple[str, ...]


@dataclass(frozen=True)
class Draw:
    """The cases of a draw, and the source model that meets them.

    Attributes:
        setting: Where and how large.
        source: The source model.
        target: The data set with the pool and the test cases.
        number: The draw, which is the seed, too.
        steps: How long each model is trained.
    """

    setting: Setting
    source: Path
    target: Path
    number: int
    steps: int

    @property
    def pool(self) -> list[str]:
        """The names of the cases to choose from, in the random order of the draw."""
        return [Path(case["image"]).name.removesuffix(".nii.gz") for case in self._listed()]

    def with_annotated(self, names: Sequence[str], others: bool = False) -> Path:
        """A datalist in which these cases are annotated; with `others` it has the rest of the pool without labels."""
        data = read_json(self.target / "dataset.json")
        by_name = dict(zip(self.pool, self._listed(), strict=True))
        listing = {key: data[key] for key in ("name", "modality", "labels")}
        listing["training"] = [by_name[name] for name in names]
        if others:
            listing["test"] = [self._without_label(one["image"]) for name, one in by_name.items() if name not in names]
        path = self.target / f"annotated-{'-'.join(names)}{'-and-others' if others else ''}.json"
        write_json(path, listing, self.target)
        return path

    def named(self, out: Path) -> Named:
        """Adapt to the first cases, and ask `rank` for more."""
        first = self.pool[:FIRST]
        job = out.with_name(f"{out.name}-test")  # a name that `Kept` clears away before a new attempt
        folds = Setting(self.setting.work, self.setting.quick, "default")
        adapt(folds, self.source, self.with_annotated(first), "open", self.number, job, self._steps())
        command = ["rank", "--source", str(self.source), "--parent", str(job), "--count", str(MORE), "--json"]
        command += ["--target", str(self.with_annotated(first, True)), "--out", str(out), "--seed", str(self.number)]
        log = out.with_suffix(".txt")
        python([*TRANSFERSEG, *command], log)
        printed = log.read_text(encoding="utf-8")
        found = json.loads(printed[printed.index("{") : printed.rindex("}") + 1])
        return Named(tuple(case["case"] for case in found["cases"]))

    def adapted(self, way: str, more: Sequence[str], out: Path) -> Outcome:
        """The model that is adapted to the first cases and these."""
        cases = self.with_annotated([*self.pool[:FIRST], *more])
        adapt(self.setting, self.source, cases, "open", self.number, out, self._steps())
        return Outcome(way, self.number, *score(out, self.target, tested(out)), tuple(more))

    def _without_label(self, image: str) -> str:
        """The image in a folder beside which no label is found."""
        own = self.target / "images" / Path(image).name
        own.parent.mkdir(exist_ok=True)
        if not own.exists():
            own.hardlink_to(self.target / image)
        return f"./images/{own.name}"

    def _listed(self) -> list[dict[str, str]]:
        found: list[dict[str, str]] = read_json(self.target / "dataset.json")["training"]
        return found

    def _steps(self) -> list[str]:
        return [] if self.setting.quick else ["--steps", str(self.steps)]


def measure(setting: Setting, draws: int, steps: int, kept: Kept) -> list[Outcome]:
    """Both choices in every draw."""
    source = setting.source()
    sizes = (QUICK_CASES[0], QUICK_POOL, QUICK_TESTS) if setting.quick else (CASES[0], POOL, TESTS)
    found = []
    for number in range(draws):
        target = write_target(setting.work / "data" / f"active-draw{number}", *sizes, number)
        draw = Draw(setting, source, target, number, steps)
        named = kept.measured(f"rank-{number}", Named, draw.named)
        choices = {NEXT: named.cases, RANDOM: draw.pool[FIRST : FIRST + MORE]}
        for name, (way, more) in zip(("next", "random"), choices.items(), strict=True):
            found.append(kept.measured(f"{name}-{number}", Outcome, partial(draw.adapted, way, list(more))))
    return found


def result(outcomes: Sequence[Outcome]) -> figures.Result:
    """A row a way of choosing, and the paired difference with its interval."""
    by_way = {way: [one for one in outcomes if one.way == way] for way in (NEXT, RANDOM)}
    rows = [
        [
            way,
            f"{statistics.fmean(one.dice for one in found):.3f} ({', '.join(f'{one.dice:.3f}' for one in found)})",
            f"{statistics.fmean(one.hd95_mm for one in found):.2f}",
        ]
        for way, found in by_way.items()
    ]
    paired = paired_difference([one.dice for one in by_way[NEXT]], [one.dice for one in by_way[RANDOM]])
    interval = "" if paired.low is None else f", 95 % interval {paired.low:+.4f} to {paired.high:+.4f}"
    rows.append([f"difference, paired over {paired.n} draws", f"{paired.mean:+.4f}{interval}", ""])
    checks = []
    if paired.low is not None:
        what = "cases that `rank` names − cases at random: Dice, lower end of the 95 % interval"
        checks.append(figures.Check(what, paired.low, 0.0, True))
    return figures.Result(
        ("six cases, four of them", "Dice (each draw)", "HD95 mm"), rows, checks, [asdict(one) for one in outcomes]
    )


def main() -> None:
    parser = figures.parser(__doc__, "active")
    parser.add_argument("--repeat", type=int, default=10, metavar="N", help="draws of cases and seeds")
    parser.add_argument("--steps", type=int, default=200, help="of each training")
    given = parser.parse_args()
    setting = Setting(figures.folder(given.quick), given.quick)
    kept = Kept(setting.work / "active", {"steps": given.steps})
    outcomes = measure(setting, 1 if given.quick else given.repeat, given.steps, kept)
    result(outcomes).publish(given.json or setting.work / "active.json")
    kept.finish()


if __name__ == "__main__":
    main()
