"""`transferseg evaluate`: score segmentations against references, without a job."""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from TransferSegLib.cases.checks import resample_advice
from TransferSegLib.cases.facts import label_facts
from TransferSegLib.cases.grouping import finding_lines
from TransferSegLib.cases.placing import is_whole_elsewhere
from TransferSegLib.cases.readers.pairing import Paired, pair_values
from TransferSegLib.cases.readers.parts import LabelList
from TransferSegLib.cases.readers.segment_names import by_segment_names, common_values, renumber, segments_of
from TransferSegLib.cases.volumes import Volume, drawn_file, read_grid, read_labels, stem_of, suffix_of
from TransferSegLib.cli.flags import add_ignore_flag, add_lesion_flags, lesion_options, must_be_table
from TransferSegLib.cli.printing import say
from TransferSegLib.cli.progress import ProgressPrinter
from TransferSegLib.cli.table import comparison_table, lesion_table
from TransferSegLib.core.case_set import Case, ignored_value
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.files import replaced_input
from TransferSegLib.core.grid import Grid
from TransferSegLib.core.problems import Problem
from TransferSegLib.core.records import read_json, to_json
from TransferSegLib.core.regions import Region
from TransferSegLib.core.texts import one_line, visible

# Atlases have hundreds of labels, images have thousands of values.
MOST_LABELS = 1000
EXAMPLES = """\
examples:
  transferseg evaluate --reference labelsTs --prediction segmentations
  transferseg evaluate --reference labelsTs --prediction segmentations --out scores.csv
  transferseg evaluate --reference labelsTs --prediction segmentations --out scores.csv --labels names.json
  transferseg evaluate --reference labelsTs --prediction found --out scores.csv --lesions stroke --labels names.json

Files are paired by name without the ending: labelsTs/sub-01.nii.gz with segmentations/sub-01.nrrd. Both lie on the
same grid. names.json gives the labels to score: {"1": "bone", "2": "stroke"} or {"bone": 1, "stroke": 2}; without it
every value found is scored, under its name in the dataset.json or labels.json in the references' folder or beside it,
else in that of the segmentations.
Where both files of a case have names, by the list in their folder or beside it or as segments of Slicer (.seg.nrrd),
names are paired, whatever their values are; where one has none, values are, with a warning. In scores.csv an empty
cell means not applicable: nothing was there and nothing was found. A structure that was missed, or found where there
is none, has Dice 0 and the diagonal of the image as HD95. Voxels that the reference calls `ignore` (or as --ignore
says) are annotated by nobody: they are left out of both.

exit codes: 0 all was scored; 2 wrong input, or nothing could be scored; 1 something was left out or is doubtful:
  - a reference has no segmentation, or a segmentation has no reference
  - a file cannot be read, or lies on another grid
  - a value in a file is not in names.json
  - a segment is in the reference or in the segmentation only
  - values were paired, because one file of a case has no names
"""


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Add the command `evaluate`."""
    parser = commands.add_parser(
        "evaluate",
        help="score segmentations against references",
        description=(
            "Score every segmentation against the reference of the same name: overlap, surface distances in mm,\n"
            "volumes in mL, and on request the detection of lesions. The means are printed; with --out the scores\n"
            "of each case go to a table, and the counts of its lesions to OUT-lesions.csv."
        ),
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--reference", type=Path, required=True, metavar="FOLDER", help="the true segmentations")
    parser.add_argument("--prediction", type=Path, required=True, metavar="FOLDER", help="the segmentations to score")
    parser.add_argument(
        "--out", type=Path, metavar="CSV", help="write the scores of each case and label to this .csv file as well"
    )
    parser.add_argument(
        "--labels", type=Path, metavar="JSON", help="names of the labels to score (default: every value)"
    )
    add_ignore_flag(parser)
    parser.add_argument(
        "--tolerance", type=float, default=1.0, metavar="MM", help="tolerance of the surface Dice in mm (default 1)"
    )
    add_lesion_flags(parser)
    parser.add_argument("--json", action="store_true", help="print the summary as JSON")
    parser.set_defaults(run=evaluate)


def evaluate(arguments: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    # The scores need SciPy, which takes a while to import.
    from TransferSegLib.evaluation.comparison import TEST_FOLD, compare
    from TransferSegLib.evaluation.lesions.detection import score_lesions
    from TransferSegLib.evaluation.lesions.summary import summarise_lesions
    from TransferSegLib.evaluation.lesions.tables import write_lesions
    from TransferSegLib.evaluation.scores import mask_of, score_case, write_scores

    if not (math.isfinite(arguments.tolerance) and arguments.tolerance >= 0):
        raise InputError(
            "tolerance",
            "{option} {value:g}: must be a distance in mm, 0 or more.",
            option="--tolerance",
            value=arguments.tolerance,
        )
    if arguments.out is not None:
        must_be_table(arguments.out)
    lesion_settings = lesion_options(arguments)
    references, predictions = _files(arguments.reference), _files(arguments.prediction)
    written = _to_write(arguments.out, lesion_settings is not None)
    names = [] if arguments.labels is None else [arguments.labels]
    at_risk = replaced_input([*references.values(), *predictions.values(), *names], written)
    if at_risk is not None:
        raise InputError(
            "scores-over-input",
            "{path}: this file is to be read, and the scores would replace it; name another.",
            path=at_risk,
        )
    cases = [case for case in references if case in predictions]
    missing = [case for case in references if case not in predictions]
    if not cases:
        raise InputError(
            "no-common-names",
            "{path}: no file has the name of one in {reference} (`{name}` and `{reference_name}` for example); "
            "rename the files.",
            path=arguments.prediction,
            reference=arguments.reference,
            name=next(iter(predictions)),
            reference_name=next(iter(references)),
        )
    pairs = len(cases)
    left_out: list[Problem] = []
    grids: dict[str, Grid] = {}
    for case in cases:
        try:
            grids[case] = _grid_of_both(references[case], predictions[case], any_value=arguments.labels is None)
        except InputError as error:
            left_out.append(replace(error.problem, case=case))
    cases = list(grids)
    if not cases:
        raise _none_left(left_out, arguments.prediction)
    paired, regions = _labels(
        arguments.labels,
        (arguments.reference, arguments.prediction),
        [Case(case, (), references[case]) for case in cases],
        [Case(case, (), predictions[case]) for case in cases],
    )
    paired, ignored = _without_ignored(paired, arguments.ignore)
    lesion_value = None if lesion_settings is None else _value(str(lesion_settings.lesions), paired.all_labels)

    rows, lesions = [], []
    unlisted: dict[str, set[int]] = {"references": set(), "segmentations": set()}
    progress = ProgressPrinter()
    pairs_of_cases = zip(cases, paired.references, paired.predictions, paired.labels, strict=True)
    for number, (case, one, other, labels) in enumerate(pairs_of_cases):
        progress({"kind": "progress", "fraction": number / len(cases), "seconds_left": None, "text": case})
        try:
            reference = read_labels(references[case], one.renumbered, grids[case])
            prediction = read_labels(predictions[case], other.renumbered, grids[case])
        except InputError as error:
            left_out.append(replace(error.problem, case=case))
            continue
        try:
            known = None if ignored is None else reference.array != ignored
            if known is not None:
                reference, prediction = (
                    Volume(np.where(known, volume.array, 0), volume.grid) for volume in (reference, prediction)
                )
            if arguments.labels is not None:
                for values, volume in zip(unlisted.values(), (reference, prediction), strict=True):
                    values.update(set(np.unique(volume.array).tolist()) - {0, *labels, *paired.one_sided})
            scores = score_case(
                case,
                reference.array,
                prediction.array,
                reference.grid,
                labels,
                strategy=arguments.prediction.resolve().name,
                tolerance_mm=arguments.tolerance,
                known=known,
                regions=regions,
            )
            if lesion_settings is not None and lesion_value is not None and lesion_value in labels:
                truth, lesion = (mask_of(volume.array, lesion_value, regions) for volume in (reference, prediction))
                lesions.append(score_lesions(case, truth, lesion, reference.grid, lesion_settings))
        except MemoryError:
            left_out.append(
                Problem(
                    "scoring-out-of-memory",
                    "memory of this computer ran out while it was scored; close other programs, or crop both.",
                    case=case,
                )
            )
            continue
        rows += scores
    progress.close()
    if not rows:
        raise _none_left(left_out, arguments.prediction)

    try:
        if written:
            write_scores(written[0], rows)
        if written and lesion_settings is not None:
            write_lesions(written[1], lesions, lesion_settings.connectivity)
    except OSError as error:
        raise InputError(
            "scores-not-written",
            "{path}: cannot be written ({reason}); choose another place.",
            path=arguments.out,
            reason=error.strerror,
        ) from None
    comparison = compare(rows)
    assert comparison is not None
    detection = None
    if lesion_settings is not None and lesion_value is not None and lesions:
        detection = summarise_lesions(lesions, lesion_settings, paired.all_labels[lesion_value], TEST_FOLD)
    if arguments.json:
        found = {} if detection is None else {"lesions": to_json(detection)}
        print(
            json.dumps(
                _as_json(to_json(comparison), written, missing, left_out, unlisted, paired) | found,
                indent=2,
                ensure_ascii=False,
            )
        )
    else:
        shown = [comparison_table(comparison, named=False, in_file=bool(written))]
        if detection is not None:
            shown.append(lesion_table(detection, detection.out_of_fold, named=False))
        print("\n\n".join([*shown, *(["\n".join(map(str, written))] if written else [])]))
    spare = [case for case in predictions if case not in references]
    if spare:
        print(one_line(f"warning: no reference for {_listed(spare)}; not scored."), file=sys.stderr)
    if paired.by_value:
        print(one_line(f"warning: {_by_value(paired.by_value)}"), file=sys.stderr)
    if paired.one_sided:
        texts = [f"`{name}` is a segment of the {side} only" for name, side in paired.one_sided.values()]
        text = f"warning: {'; '.join(texts)}: not scored; give a structure the same name in both."
        print(one_line(text), file=sys.stderr)
    if any(unlisted.values()):
        kinds = [f"in the {kind} {_listed(sorted(values), quote='')}" for kind, values in unlisted.items() if values]
        text = f"warning: values that {arguments.labels} does not list were not scored: {'; '.join(kinds)}."
        print(one_line(text), file=sys.stderr)
    if missing:
        share = f"{len(missing)} of {len(references)} references"
        text = f"warning: {share} have no segmentation and were not scored: {_listed(missing)}."
        print(one_line(text), file=sys.stderr)
    if left_out:
        _say_left_out(left_out)
        text = f"warning: {len(left_out)} of {pairs} segmentations could not be compared with their references."
        print(text, file=sys.stderr)
    is_partly = left_out or missing or spare or paired.one_sided or paired.by_value or any(unlisted.values())
    return 1 if is_partly else 0


def _to_write(out: Path | None, with_lesions: bool) -> list[Path]:
    """The files that are written: the table of the scores and that of the lesions; none where no table was asked for."""
    if out is None:
        return []
    return [out, out.with_name(f"{out.stem}-lesions.csv")] if with_lesions else [out]


def _files(folder: Path) -> dict[str, Path]:
    """The label files of a folder by name without the ending."""
    if not folder.is_dir():
        raise InputError("no-such-folder", "{path}: no such folder; check the path.", path=folder)
    found: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or not path.is_file() or suffix_of(path) is None:
            continue
        name = stem_of(path)
        if name in found:
            raise InputError(
                "two-files-of-case",
                "{path}: {first} and {second} are the same case; remove one of the two.",
                path=folder,
                first=found[name].name,
                second=path.name,
            )
        found[name] = path
    if not found:
        raise InputError(
            "no-segmentation-file",
            "{path}: holds no segmentation (NIfTI, NRRD or MHA file); check the path.",
            path=folder,
        )
    return found


def _grid_of_both(reference: Path, prediction: Path, any_value: bool) -> Grid:
    """Find the grid on which two segmentations are compared, without both in memory.

    Args:
        reference: The true segmentation.
        prediction: The one to score.
        any_value: Whether every value that they have is to be scored, so that an image's intensities would be.

    Raises:
        InputError: They cannot be compared.
    """
    first, second = read_grid(reference, prediction), read_grid(prediction, reference)
    grid = _common_grid((reference, first), (prediction, second))
    if grid is None:
        differences = first.differences(second, of=("the reference", "the segmentation"))
        raise InputError(
            "reference-grid",
            "reference and segmentation lie on different grids ({differences:;}); {resample}.",
            differences=differences,
            resample=resample_advice("the segmentation", "the reference", first.size == second.size),
        )
    for path in (reference, prediction):
        if not segments_of(path) and any_value:
            count = len(label_facts(path).values)
            if count > MOST_LABELS:
                raise InputError(
                    "image-not-segmentation",
                    "{path}: has {count:,} values, so it is an image and no segmentation; give segmentations.",
                    path=path,
                    count=count,
                )
    return grid


def _common_grid(one: tuple[Path, Grid], other: tuple[Path, Grid]) -> Grid | None:
    """The grid on which two segmentations, each a file and its grid, are compared; None where they have no voxels in common.

    Files that were saved without the voxels around their labels, or with other axes, have a part of such a grid each, see
    `placing`.
    """
    by_frames = [drawn_file(path) is not None for path, _ in (one, other)]
    first, second = (other[1], one[1]) if by_frames[0] else (one[1], other[1])
    if first.same_as(second):
        return first
    # Slicer crops; any other file of the same size elsewhere has a wrong header.
    all_cropped = all(path.name.lower().endswith(".seg.nrrd") for path, _ in (one, other))
    if not (any(by_frames) or all_cropped) and is_whole_elsewhere(second, first):
        return None
    return first.together_with(second)


def _none_left(left_out: Sequence[Problem], folder: Path) -> InputError:
    """The error where no case can be scored; what is wrong with each is said before it."""
    _say_left_out(left_out)
    return InputError(
        "nothing-scored",
        "{path}: no segmentation could be compared with its reference ({count} {count:~was|were} tried), so nothing was "
        "scored; mend what is said of {count:~it|them} above.",
        path=folder,
        count=len(left_out),
    )


def _say_left_out(left_out: Sequence[Problem]) -> None:
    print("\n".join(visible(line) for line in finding_lines(left_out)), file=sys.stderr)


def _labels(
    names: Path | None, folders: tuple[Path, Path], references: Sequence[Case], predictions: Sequence[Case]
) -> tuple[Paired, tuple[Region, ...]]:
    """Find the labels to score, which values of the files they are, and the regions that the list of labels says they are.

    Args:
        names: The file that lists the labels, where there is one.
        folders: Those of the references and of the segmentations.
        references: The cases with the references as their labels.
        predictions: The same cases with the segmentations to score.
    """
    if names is None:
        told: set[Path] = set()
        listed, of_predictions = (_beside(folder, told) for folder in folders)
        paired = pair_values(references, predictions, (listed.names, of_predictions.names))
        if listed.names is None and not any(segments_of(case.label) for case in references if case.label is not None):
            listed = of_predictions
        nameless = [value for value, name in paired.all_labels.items() if name == f"label {value}"]
        if listed.names and nameless:
            names_known = _listed([f"{value} {name}" for value, name in listed.names.items()])
            say(f"of the values {_listed(nameless, quote='')} no name is listed, only of {names_known}.")
    else:
        listed = _given(names)
        paired = _as_listed(listed.names or {}, references, predictions)
    if not paired.all_labels and not paired.one_sided:
        raise InputError("all-empty", "{path}: every segmentation is empty; nothing can be scored.", path=folders[0])
    if not paired.all_labels:
        raise InputError(
            "no-common-segments",
            "{path}: no segment has the name of one of the references ({names:`…}); give a structure the same name in both, "
            "or list the values in a file for {option}.",
            path=folders[1],
            names=[name for name, side in paired.one_sided.values() if side == "references"],
            option="--labels",
        )
    return paired, listed.regions


def _without_ignored(paired: Paired, wanted: str | None) -> tuple[Paired, int | None]:
    """Take the label that says that nobody annotated a voxel out of what is scored.

    Args:
        paired: The pairs.
        wanted: The name or value that the person gave; None for a label `ignore`, where there is one.

    Returns:
        The other labels, and the value of that label; None where there is none.
    """
    names = {**{value: name for value, (name, _) in paired.one_sided.items()}, **paired.all_labels}
    ignored = ignored_value(names, wanted)
    if ignored is None:
        return paired, None
    labels = tuple({v: name for v, name in own.items() if v != ignored} for own in paired.labels)
    one_sided = {value: side for value, side in paired.one_sided.items() if value != ignored}
    return replace(paired, labels=labels, one_sided=one_sided), ignored


def _as_listed(listed: dict[int, str], references: Sequence[Case], predictions: Sequence[Case]) -> Paired:
    """Score what a list names; where each file has names of its own, these are paired, and else the list names values."""
    cases = (*references, *predictions)
    first, second = (
        {case.label: segments_of(case.label) for case in side if case.label is not None}
        for side in (references, predictions)
    )
    segments = {**first, **second}
    one_sided: dict[int, str] = {}
    if all(segments.values()):
        values = common_values(segments, listed, may_differ=True)
        cases = tuple(renumber(case, segments[case.label], values) for case in cases if case.label is not None)
        sides = [{values[name] for own in side.values() for _, name in own} for side in (first, second)]
        one_sided = dict.fromkeys(sides[0] - sides[1], "references") | dict.fromkeys(
            sides[1] - sides[0], "segmentations"
        )
    else:
        cases, _ = by_segment_names(cases, listed)
    count = len(references)
    return Paired(
        cases[:count],
        cases[count:],
        ({value: name for value, name in listed.items() if value not in one_sided},) * count,
        {value: (listed[value], side) for value, side in one_sided.items() if value in listed},
    )


def _given(names: Path) -> LabelList:
    """The labels in the file that the person gave."""
    labels = LabelList.of(read_json(names), str(names))
    if not labels.names:
        raise InputError(
            "background-alone", "{path}: names no label but the background; add those to score.", path=names
        )
    return labels


def _beside(folder: Path, told: set[Path]) -> LabelList:
    """The labels of the list in a folder, where nnU-Net puts it beside predictions, or beside it; none without a list.

    Args:
        folder: The folder.
        told: The lists of which it was said that they are, or cannot be, used; this one is added.
    """
    for listed in _lists_beside(folder):
        said = listed in told
        told.add(listed)
        try:
            data = read_json(listed)
            whole = listed.name == "labels.json" or not isinstance(data, dict)
            order = None if whole else data.get("regions_class_order")
            known = LabelList.of(data if whole else data.get("labels"), str(listed), order)
        except InputError as error:
            if not said:
                say(f"no names of labels are taken from {listed.name}: {error}")
            continue
        if not said:
            say(f"names of labels are those of {listed}")
        return known
    return LabelList()


def _lists_beside(folder: Path) -> list[Path]:
    """The files in a folder, or beside it, that may list its labels, the likeliest first."""
    folder = folder.expanduser().absolute()
    files = [place / name for place in (folder, folder.parent) for name in ("dataset.json", "labels.json")]
    return [file for file in files if file.is_file()]


def _value(label: str, labels: Mapping[int, str]) -> int:
    for value, name in labels.items():
        if label in (name, str(value)):
            return value
    known = tuple(f"{name} ({value})" for value, name in labels.items())
    raise InputError(
        "no-such-label",
        "{option} {label}: no such label; known are {known}.",
        option="--lesions",
        label=label,
        known=known,
    )


def _as_json(
    comparison: Mapping[str, Any],
    written: list[Path],
    missing: list[str],
    left_out: Sequence[Problem],
    unlisted: Mapping[str, set[int]],
    paired: Paired,
) -> dict[str, Any]:
    return {
        "cases": comparison["cases"],
        "not_segmented": missing,
        "left_out": [problem.to_json() for problem in left_out],
        "values_not_scored": {kind: sorted(values) for kind, values in unlisted.items()},
        "segments_of_one_side": {
            side: [name for name, own in paired.one_sided.values() if own == side]
            for side in ("references", "segmentations")
        },
        "paired_by_value": [[str(path) for path in files] for files in paired.by_value],
        "files": [str(path) for path in written],
        "labels": comparison["strategies"][0]["labels"],
    }


def _by_value(pairs: Sequence[tuple[Path, Path]], most: int = 3) -> str:
    """The sentence on cases in which only one file has names."""
    folders = {(named.parent, nameless.parent) for named, nameless in pairs}
    if len(folders) == 1 and not any(segments_of(path) for pair in pairs for path in pair):
        named, nameless = folders.pop()
        listed = next(iter(_lists_beside(named)))
        return (
            f"{named} has names in {listed.name}, files in {nameless} have none: paired by value; give --labels {listed} if "
            "values mean the same in both."
        )
    texts = [f"{named} has names, {nameless} has none" for named, nameless in pairs[:most]]
    rest = f"; and so {len(pairs) - most} more" if len(pairs) > most else ""
    return f"{'; '.join(texts)}{rest}: paired by value; give --labels, the names of the values in both."


def _listed(items: Sequence[object], quote: str = "`", most: int = 10) -> str:
    rest = len(items) - most
    return ", ".join(f"{quote}{item}{quote}" for item in items[:most]) + (f" and {rest} more" if rest > 0 else "")
