"""`transferseg cases select`: split a data set, and draw training sets of growing size (Hossain 2023, §3.1)."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from TransferSegLib.cases.readers import read_case_set
from TransferSegLib.cases.selection.drawing import bin_of, equal_intervals, nested_sets, split_cases
from TransferSegLib.cases.selection.measures import CaseMeasure, alike, measure_case
from TransferSegLib.cases.selection.tables import write_case_table, write_label_names, write_measures
from TransferSegLib.cli.progress import ProgressPrinter
from TransferSegLib.core.case_set import Case, CaseSet, Role, natural_order
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.problems import Problem, render
from TransferSegLib.core.texts import counted

EXAMPLES = """\
examples:
  transferseg cases select mice --by volume --label lesion --bins 8 --per-bin 1 --split 70,10,20 --seed 1 --out sets
  transferseg cases select my-cases --by features --bins 4 --sets 3 --seed 1 --out sets
  transferseg adapt --source head-t1w --target sets/train-8.csv --strategy open --out job

Writes a table for each training set, each containing the one before (train-8.csv, train-16.csv, …), and one with all
(train-all.csv); all have the same validation and test cases. selection.csv says what was measured and chosen,
histogram.svg and histogram.png show it. Cases in which the label does not occur are left out.

exit codes: 0 done, 1 some cases were left out, 2 refused
"""
USUAL_SPLIT = (70.0, 10.0, 20.0)
WAYS = {
    "volume": "bins of equal width between the smallest and the largest volume of the label",
    "features": "groups of cases with like intensities, voxels, volumes and places of labels",
    "random": "no bins: cases at random",
}


def add_action(actions: argparse._SubParsersAction) -> None:
    """Add `select` to the actions of `cases`."""
    parser = actions.add_parser(
        "select",
        help="split a data set and draw training sets of growing size",
        description="Split a data set into cases for training, validation and test, and draw nested training sets.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("dataset", metavar="DATASET", type=Path, help="folder, datalist (.json) or table (.csv)")
    ways = "; ".join(f"{name}: {text}" for name, text in WAYS.items())
    parser.add_argument("--by", choices=tuple(WAYS), default="volume", help=f"what the cases are chosen by ({ways})")
    parser.add_argument("--label", metavar="NAME", help="the label whose volume counts (default: all labels together)")
    parser.add_argument("--bins", type=int, default=8, metavar="N", help="how many bins (default 8)")
    parser.add_argument(
        "--per-bin", type=int, default=1, metavar="N", help="cases that each bin gives to every set (default 1)"
    )
    parser.add_argument(
        "--sets", type=int, default=5, metavar="N", help="how many training sets, where cases suffice (default 5)"
    )
    parser.add_argument(
        "--split",
        metavar="TRAIN,VALIDATION,TEST",
        help="per cent of the cases for each, drawn anew (default: the data set's own test cases, where it has some, "
        "else 70,10,20)",
    )
    parser.add_argument("--seed", type=int, required=True, metavar="S", help="the same seed draws the same cases")
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="a new or empty folder")
    parser.set_defaults(run=select)


def select(arguments: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    for name in ("bins", "per_bin", "sets"):
        if getattr(arguments, name) < 1:
            raise InputError(
                "selection-number",
                "{option} {value}: must be 1 or more.",
                option=f"--{name.replace('_', '-')}",
                value=getattr(arguments, name),
            )
    if arguments.seed < 0:
        raise InputError(
            "selection-seed", "{option} {value}: must be 0 or more.", option="--seed", value=arguments.seed
        )
    shares = None if arguments.split is None else _shares(arguments.split)
    out: Path = arguments.out.expanduser().absolute()
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise InputError("selection-out", "{option} {path}: is not empty; name a new folder.", option="--out", path=out)
    data = read_case_set(arguments.dataset)
    values = _values(data, arguments.label)
    annotated = sorted((c for c in data.cases if c.label is not None), key=lambda case: natural_order(case.name))
    measures = _measure(annotated, values, data, arguments.by == "features")
    found = {measure.name: measure for measure in measures if measure.volume_ml > 0}
    if not found:
        raise InputError(
            "selection-no-label",
            "{path}: none of its cases has a segmentation with {label} in it; check the label's name, or the data set.",
            path=arguments.dataset,
            label=f"`{arguments.label}`" if arguments.label else Problem("some-label", "a label"),
        )
    chosen = [case for case in annotated if case.name in found]
    if shares is None and not any(case.role == "test" for case in chosen):
        shares = USUAL_SPLIT
    roles = _roles(chosen, shares, arguments.seed)
    training = [name for name, role in roles.items() if role == "train"]
    if not training:
        raise InputError(
            "selection-no-training",
            "{path}: no case is left to train on; give {option} a larger share for training.",
            path=arguments.dataset,
            option="--split",
        )
    volumes = [found[name].volume_ml for name in training]
    edges = equal_intervals(volumes, arguments.bins)
    bins = dict(zip(training, _bins(arguments, [found[name] for name in training], edges), strict=True))
    # Without bins, a set of the same size comes from one bin.
    count, per_bin = (
        (1, arguments.bins * arguments.per_bin) if arguments.by == "random" else (arguments.bins, arguments.per_bin)
    )
    sets = nested_sets(bins, count, per_bin, arguments.sets, arguments.seed)
    _write(out, data, annotated, measures, roles, bins, sets)
    _draw(out, arguments, volumes, edges, [[found[name].volume_ml for name in names] for names in sets])
    left_out = len(annotated) - len(found)
    unlabelled = len(data.cases) - len(annotated)
    _say(roles, sets, out, shares)
    if left_out:
        _warn(left_out, f"`{arguments.label or 'any label'}`")
    if unlabelled:
        _warn(unlabelled, "a segmentation")
    return 1 if left_out or unlabelled else 0


def _shares(text: str) -> tuple[float, float, float]:
    try:
        first, second, third = (float(part) for part in text.split(","))
    except ValueError:
        first = second = third = -1.0
    if not (first > 0 and second >= 0 and third >= 0 and abs(first + second + third - 100) < 1e-6):
        raise InputError(
            "selection-split",
            "{option} {value}: must be three shares in per cent that make 100 together, such as 70,10,20.",
            option="--split",
            value=text,
        )
    return first, second, third


def _values(data: CaseSet, label: str | None) -> list[int]:
    """The values of the labels whose volume counts."""
    chosen = [value for value, name in data.labels.items() if label in (None, name, str(value))]
    if label is not None and not chosen:
        raise InputError(
            "selection-label",
            "{option} {label}: the data set has no such label; it has {labels:…`}.",
            option="--label",
            label=label,
            labels=list(data.labels.values()),
        )
    return chosen


def _measure(cases: Sequence[Case], values: list[int], data: CaseSet, with_features: bool) -> list[CaseMeasure]:
    progress = ProgressPrinter()
    measures = []
    for number, case in enumerate(cases):
        progress({"kind": "progress", "fraction": number / len(cases), "seconds_left": None, "text": case.name})
        measures.append(measure_case(case, values, data.labels, with_features))
    progress.close()
    return measures


def _roles(cases: Sequence[Case], shares: tuple[float, float, float] | None, seed: int) -> dict[str, Role]:
    """Case → its role: the data set's own without shares, else drawn."""
    if shares is None:
        return {case.name: case.role for case in cases}
    train, validation, test = split_cases([case.name for case in cases], shares, seed)
    drawn: dict[str, Role] = dict.fromkeys(train, "train")
    drawn |= dict.fromkeys(validation, "validation")
    drawn |= dict.fromkeys(test, "test")
    return {case.name: drawn[case.name] for case in cases}


def _bins(arguments: argparse.Namespace, measures: Sequence[CaseMeasure], edges: np.ndarray) -> list[int]:
    if arguments.by == "random":
        return [0] * len(measures)
    if arguments.by == "features":
        return alike(np.array([measure.features for measure in measures]), arguments.bins, arguments.seed)
    return bin_of([measure.volume_ml for measure in measures], edges)


def _write(
    out: Path,
    data: CaseSet,
    annotated: Sequence[Case],
    measures: Sequence[CaseMeasure],
    roles: dict[str, Role],
    bins: dict[str, int],
    sets: Sequence[Sequence[str]],
) -> None:
    out.mkdir(parents=True, exist_ok=True)
    if data.named or data.ignore is not None:
        write_label_names(out / "labels.json", data.labels_and_ignored)
    by_name = {case.name: case for case in annotated}
    tables = {f"train-{len(names)}": set(names) for names in sets} | {"train-all": set(bins)}
    for table, names in tables.items():
        rows = [(by_name[name], role) for name, role in roles.items() if role != "train" or name in names]
        write_case_table(out / f"{table}.csv", rows, data.channels, data.labels)
    write_measures(out / "selection.csv", measures, roles, bins, sets)


def _draw(
    out: Path,
    arguments: argparse.Namespace,
    volumes: Sequence[float],
    edges: np.ndarray,
    of_sets: Sequence[Sequence[float]],
) -> None:
    # matplotlib takes a while to import.
    from TransferSegLib.evaluation.figures.histogram import histogram
    from TransferSegLib.evaluation.figures.style import write_figure

    unit, factor = ("mm³", 1000.0) if max(volumes) < 1 else ("mL", 1.0)

    def counts(some: Sequence[float]) -> list[int]:
        number = Counter(bin_of(some, edges))
        return [number[n] for n in range(len(edges) - 1)]

    sets = [(counted(len(some), "case", "cases"), counts(some)) for some in of_sets]
    title = f"Volume of {arguments.label or 'all labels'} in the training cases"
    figure = histogram(title, f"volume in {unit}", edges * factor, counts(volumes), sets)
    write_figure(figure, out, "histogram")


def _warn(count: int, lacking: str) -> None:
    words = "warning: {count} {count:~case|cases} without {lacking} {count:~was|were} left out."
    print(render(words, {"count": count, "lacking": lacking}), file=sys.stderr)


def _say(
    roles: dict[str, Role], sets: Sequence[Sequence[str]], out: Path, shares: tuple[float, float, float] | None
) -> None:
    count = Counter(roles.values())
    sizes = ", ".join(str(len(names)) for names in sets)
    print(f"{count['train']} to train on, {count['validation']} for validation, {count['test']} to test on ", end="")
    print("(as the data set has them)" if shares is None else f"({_rounding(len(roles), shares)})")
    print(f"training sets of {sizes} and all {counted(count['train'], 'case', 'cases')}: {out}")


def _rounding(cases: int, shares: tuple[float, float, float]) -> str:
    """Say of what the parts are shares, and how they were rounded where they had to be; see `split_cases`."""
    of = f"{', '.join(f'{share:g}' for share in shares)} % of {counted(cases, 'case', 'cases')}"
    if all(abs(cases * share / 100 - round(cases * share / 100)) < 1e-6 for share in shares):
        return of
    if not shares[1]:
        return f"{of}; test rounded down, the rest is to train on"
    return f"{of}; training and test rounded down, the rest is for validation"
