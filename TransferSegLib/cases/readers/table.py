"""A CSV file with a row for each case: `case,image[,image2…],label[,role]`, paths relative to the file.

A file `labels.json` beside it may name the labels. The column `not_annotated` has the labels that nobody annotated in a case,
`tumour; cyst`, and `annotated_slices` which slices are annotated, `axial` or `axial: 10, 20`.
"""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

from TransferSegLib.cases.readers.list_paths import ListedFiles
from TransferSegLib.cases.readers.parts import annotated_slices, case_set, named_labels
from TransferSegLib.cases.readers.remarks import listed_twice
from TransferSegLib.core.case_set import Case, CaseSet, Role
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.library_words import library_says
from TransferSegLib.core.records import read_text

_ROLES: dict[str, Role] = {
    "train": "train",
    "training": "train",
    "validation": "validation",
    "val": "validation",
    "test": "test",
    "testing": "test",
    "unlabelled": "unlabelled",
    "unlabeled": "unlabelled",
}

LACKS, SLICES = "not_annotated", "annotated_slices"


def claims(path: Path) -> bool:
    """Say whether it is a file ending in .csv or .tsv."""
    return path.suffix.lower() in (".csv", ".tsv")


def read(path: Path) -> CaseSet:
    """Read the table; a row without role is a training case if it has a label, unlabelled otherwise.

    Its columns are separated by commas, semicolons or tabs. A row that is there twice is one case.
    """
    rows = _rows(path)
    columns = [name.strip().lower() for name in rows[0][1]] if rows else []
    named = [name for name in columns if name]
    images = [name for name in named if re.fullmatch(r"image\d*", name)]
    unknown = [name for name in named if not re.fullmatch(rf"case|image\d*|label|role|{LACKS}|{SLICES}", name)]
    if unknown or "case" not in named or not images or len(set(named)) < len(named):
        raise InputError(
            "table-columns",
            "{path}: the first line is `{columns}`; it must be `case,image,label`, with `image2`… "
            "for more channels, and `role`, `not_annotated` and `annotated_slices` if wanted.",
            path=path,
            columns=",".join(columns),
        )
    files = ListedFiles(path.parent)
    cases: dict[str, tuple[Case, int]] = {}
    lacks: dict[tuple[Path, ...], list[str]] = {}
    twice: dict[str, None] = {}
    for line, row in rows[1:]:
        case = _case(columns, row, path, line, files)
        lacking = dict(zip(columns, row, strict=False)).get(LACKS, "")
        lacks.setdefault(case.images, [name.strip() for name in re.split(r"[;|]", lacking) if name.strip()])
        same, first = cases.setdefault(case.name, (case, line))
        if same != case:
            raise InputError(
                "case-in-two-lines",
                "{path}, line {line}: case `{case}` is in line {first}, too; give each case a name of its own.",
                path=path,
                line=line,
                case=case.name,
                first=first,
            )
        if first != line:
            twice[case.name] = None
    return case_set(
        path.stem,
        path.parent,
        [case for case, _ in cases.values()],
        named_labels(path.parent),
        remarks=[*listed_twice(list(twice)), *files.remarks()],
        is_choice=True,
        not_annotated=lacks,
        channels=tuple(images),
    )


def _rows(path: Path) -> list[tuple[int, list[str]]]:
    """The rows that are not blank, each with its line; Excel begins a table with `sep=;` where asked to."""
    try:
        text = read_text(path)
    except InputError as error:
        if error.code != "not-utf-8":
            raise
        raise InputError(
            "table-not-utf-8", "{path}: not a text file in UTF-8; save the table as CSV UTF-8.", path=path
        ) from None
    start = next((line for line in text.splitlines() if line.strip() and not line.startswith("sep=")), "")
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=start.count))
        rows = [(reader.line_num, [cell.strip() for cell in row]) for row in reader]
    except csv.Error as error:
        raise InputError(
            "not-a-table",
            "{path}: is no table ({reason}); save it as CSV UTF-8.",
            path=path,
            reason=library_says(error),
        ) from None
    return [(line, row) for line, row in rows if any(row) and not row[0].startswith("sep=")]


def _case(columns: list[str], cells: list[str], path: Path, line: int, files: ListedFiles) -> Case:
    where = f"{path}, line {line}"
    if any(cells[len(columns) :]):
        raise InputError(
            "too-many-cells",
            "{where}: {cells} cells under {columns} {columns:~column|columns}; quote a cell with a comma or semicolon.",
            where=where,
            cells=len(cells),
            columns=len(columns),
        )
    row = dict(zip(columns, cells, strict=False))
    name, label, stated = row.get("case", ""), row.get("label", ""), row.get("role", "").lower()
    paths = tuple(files.find(cell) for column, cell in row.items() if column.startswith("image") and cell)
    if not name or not paths:
        raise InputError("row-without-case", "{where}: a row needs a case and an image; fill in the cell.", where=where)
    if stated and stated not in _ROLES:
        raise InputError(
            "unknown-role",
            "{where}: role `{role}` of case `{case}` is not one of train, validation, test, unlabelled.",
            where=where,
            role=stated,
            case=name,
        )
    role = _ROLES[stated] if stated else "train" if label else "unlabelled"
    if role != "unlabelled" and not label:
        raise InputError(
            "role-without-label",
            "{where}: case `{case}` has the role {role} and no label; add one, or say unlabelled.",
            where=where,
            case=name,
            role=role,
        )
    slices = annotated_slices(row[SLICES], where) if row.get(SLICES) else None
    found = files.find(label) if label and role != "unlabelled" else None
    return Case(name, paths, found, role, annotated_slices=slices)
