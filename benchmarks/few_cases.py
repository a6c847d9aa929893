"""Dice and HD95 after adapting to a few cases where much can be lost: a source model that knows the look, or other labels.

A source model of any contrast (`robustness.py`) is adapted to 4 and 8 shifted cases, and to 4 of which the contrast was
kept; it must be better than as it is. And a plain source model is adapted to 4 shifted cases with other labels: front and
back of the hippocampus merged into one, and the back, which a source model that learned the front alone never segmented.
It must be better than the plain MONAI loop, whose output layer is new.

    python benchmarks/few_cases.py [--repeat 3] [--folds K|default] [--quick]

About 20 minutes on two quiet cores, and 5 minutes more for the source model without the back. One that was stopped
goes on where it was.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path

import figures
from adaptation import (
    DIRECT,
    HEADER,
    OPEN,
    PLAIN,
    Outcome,
    Setting,
    Trial,
    accuracy_checks,
    add_folds,
    mean_dice,
    mean_hd95_mm,
    of,
    rows,
)
from kept import Kept
from robustness import robust_source
from shifted_hippocampus import ANTERIOR, BOTH, INVERTED, KEPT, MERGED, Labels, Look

from TransferSegLib.jobs.files import write_json

MAPPED = "TransferSeg, `open`, labels mapped"
GAIN_ON_PLAIN = 0.01


def source_without_the_back(setting: Setting) -> Path:
    """A plain source model that learned the anterior part alone, trained unless it is there."""
    return setting.source("source-anterior", labels=ANTERIOR)


@dataclass(frozen=True)
class Target:
    """What a source model is adapted to, and what must be reached.

    Attributes:
        name: The name of its jobs and data.
        title: It in words.
        source: Makes or finds the source model.
        look: How its images look.
        counts: How many cases are adapted to; 0 is the source model as it is.
        labels: The labels of its cases.
        label_map: Its label → the source's; a method of its own is given that. Empty where there is none.
        peer: Whether the plain MONAI loop is run and must be surpassed.
        dice: The number of cases → the least Dice.
        hd95_mm: The number of cases → the largest HD95; what was measured before weights were averaged with the source's.
    """

    name: str
    title: str
    source: Callable[[Setting], Path]
    look: Look
    counts: tuple[int, ...]
    labels: Labels = BOTH
    label_map: Mapping[str, Sequence[str]] = field(default_factory=dict)
    peer: bool = False
    dice: Mapping[int, float] = field(default_factory=dict)
    hd95_mm: Mapping[int, float] = field(default_factory=dict)


TARGETS = (
    Target(
        "target",
        "source of any contrast, contrast inverted",
        robust_source,
        INVERTED,
        (0, 4, 8),
        dice={4: 0.858, 8: 0.863},
        hd95_mm={4: 1.81, 8: 1.65},
    ),
    Target(
        "target-kept",
        "source of any contrast, contrast kept",
        robust_source,
        KEPT,
        (0, 4),
        dice={4: 0.858},
        hd95_mm={4: 1.87},
    ),
    Target(
        "merged",
        "plain source, front and back merged",
        Setting.source,
        INVERTED,
        (4,),
        MERGED,
        {"Hippocampus": ("Anterior", "Posterior")},
        peer=True,
    ),
    Target("back", "plain source of the front, to front and back", source_without_the_back, INVERTED, (4,), peer=True),
)


def measure(setting: Setting, draws: int, kept: Kept) -> dict[str, list[Outcome]]:
    """Every method on every target, draw and number of cases: the target's name → its outcomes."""
    found: dict[str, list[Outcome]] = {target.name: [] for target in TARGETS}
    makers = dict.fromkeys(target.source for target in TARGETS)
    sources = {make: make(setting) for make in makers}
    for draw in range(draws):
        for target in TARGETS:
            # `back` has the very cases of `target`.
            data = "target" if target.name == "back" else target.name
            cases = setting.target(data, draw, target.look, target.labels)
            trial = Trial(setting, sources[target.source], cases, draw)
            for name, run in _runs(setting, target, trial):
                found[target.name].append(kept.measured(f"{target.name}-{name}-{draw}", Outcome, run))
    return found


def _runs(setting: Setting, target: Target, trial: Trial) -> list[tuple[str, Callable[[Path], Outcome]]]:
    """What is measured of a target in one draw, each with the name of its job."""
    runs: list[tuple[str, Callable[[Path], Outcome]]] = []
    for count in counts_of(setting, target):
        if not count:
            runs.append(("direct", trial.as_it_is))
            continue
        runs.append((f"open-{count}", partial(trial.adapted, OPEN, "open", count, ())))
        if target.label_map:
            path = trial.target / "label-map.json"
            write_json(path, dict(target.label_map), trial.target)
            flags = ("--label-map", str(path))
            runs.append((f"mapped-{count}", partial(trial.adapted, MAPPED, "open", count, flags)))
        if target.peer:
            runs.append((f"plain-{count}", partial(trial.adapted_plainly, count)))
    return runs


def counts_of(setting: Setting, target: Target) -> tuple[int, ...]:
    """The numbers of cases that are adapted to; a trial of the script has fewer."""
    return tuple(dict.fromkeys(min(count, 2) for count in target.counts)) if setting.quick else target.counts


def result(found: Mapping[str, Sequence[Outcome]]) -> figures.Result:
    """A row a target, number of cases and method, and the targets of those that were measured."""
    table, checks = [], []
    for target in TARGETS:
        outcomes = found[target.name]
        counts = sorted({outcome.cases for outcome in outcomes})
        table += [[target.title, *row] for row in rows(outcomes, counts, (DIRECT, OPEN, MAPPED, PLAIN))]
        for count in counts:
            own, peer = of(outcomes, OPEN, count), of(outcomes, PLAIN, count)
            what = f"{target.title}, {count} cases"
            checks += accuracy_checks(what, own, target.dice.get(count), target.hd95_mm.get(count))
            if own and peer:
                gain = mean_dice(own) - mean_dice(peer)
                checks.append(figures.Check(f"{what}: Dice above the plain loop's", gain, GAIN_ON_PLAIN, True))
                limit = round(mean_hd95_mm(peer), 2)
                checks.append(
                    figures.Check(
                        f"{what}: HD95, no more than the plain loop's", mean_hd95_mm(own), limit, False, " mm"
                    )
                )
    details = {name: [asdict(outcome) for outcome in outcomes] for name, outcomes in found.items()}
    return figures.Result(("target", *HEADER), table, checks, details)


def main() -> None:
    parser = figures.parser(__doc__, "few-cases")
    parser.add_argument("--repeat", type=int, default=3, metavar="N", help="draws of cases and seeds")
    add_folds(parser)
    given = parser.parse_args()
    setting = Setting(figures.folder(given.quick), given.quick, given.folds)
    kept = Kept(setting.work / "few-cases", {"folds": given.folds})
    found = measure(setting, 1 if given.quick else given.repeat, kept)
    result(found).publish(given.json or setting.work / "few-cases.json")
    kept.finish()


if __name__ == "__main__":
    main()
