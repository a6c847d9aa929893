"""The tables that a selection leaves: one for each training set, as `readers.table` reads it, and one of the measures."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from TransferSegLib.cases.readers.table import LACKS, SLICES
from TransferSegLib.cases.selection.measures import CaseMeasure
from TransferSegLib.core.case_set import Case, Role
from TransferSegLib.core.files import replacing
from TransferSegLib.core.texts import as_cell


def write_case_table(
    path: Path, cases: Sequence[tuple[Case, Role]], channels: Sequence[str], labels: Mapping[int, str]
) -> None:
    """Write cases with their roles as a table that can be given wherever a data set is asked for.

    Files are named by their path from the table's folder, so that a disk with both can be moved; on another drive by their
    whole path.

    Args:
        path: The table, which is replaced as a whole.
        cases: The cases, each with its role.
        channels: The names of the images, one a column.
        labels: Value → name, for the labels that are not annotated in a case.
    """
    partly = any(case.not_annotated or case.annotated_slices for case, _ in cases)
    columns = [f"image{n}" if n > 1 else "image" for n in range(1, len(channels) + 1)]
    with replacing(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["case", *columns, "label", "role", *([LACKS, SLICES] if partly else [])])
        for case, role in cases:
            files = [_from(path.parent, image) for image in case.images]
            row = [case.name, *files, _from(path.parent, case.label) if case.label else "", role]
            if partly:
                slices = case.annotated_slices.text if case.annotated_slices else ""
                row += ["; ".join(labels[value] for value in case.not_annotated), slices]
            writer.writerow(row)


def write_label_names(path: Path, labels: Mapping[int, str]) -> None:
    """Write the names of the labels, which the readers look for beside a table: `{"1": "bone"}`."""
    with replacing(path) as temporary:
        text = json.dumps({str(value): name for value, name in labels.items()}, ensure_ascii=False, indent=2)
        temporary.write_text(text + "\n", encoding="utf-8")


def write_measures(
    path: Path,
    measures: Iterable[CaseMeasure],
    roles: Mapping[str, Role],
    bins: Mapping[str, int],
    sets: Sequence[Sequence[str]],
) -> None:
    """Write what was measured of each case and what became of it.

    Args:
        path: The table, which is replaced as a whole.
        measures: What was measured.
        roles: Case → its role; a case without one was left out.
        bins: Training case → the number of its bin, from 0; written from 1.
        sets: The names of each training set, the smallest first.
    """
    first = {name: len(names) for names in reversed(sets) for name in names}
    with replacing(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["case", "volume_ml", "role", "bin", "in_sets_from"])
        for measure in measures:
            number = bins.get(measure.name)
            writer.writerow(
                [
                    as_cell(measure.name),
                    f"{measure.volume_ml:.6g}",
                    roles.get(measure.name, "left out"),
                    "" if number is None else number + 1,
                    first.get(measure.name, ""),
                ]
            )


def _from(folder: Path, file: Path) -> str:
    try:
        return Path(os.path.relpath(file, folder)).as_posix()
    except ValueError:  # Windows: on another drive
        return str(file.absolute())
