"""A CSV file with a row for each case: `case,image[,image2…],label[,role]`, paths relative to the file.

A file `labels.json` beside it may name the labels.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path

from TransferSegLib.cases.readers.parts import case_set, named_labels
from TransferSegLib.core.case_set import Case, CaseSet, Role
from TransferSegLib.core.errors import InputError

_ROLES: dict[str, Role] = {
    "train": "train",
    "training": "train",
    "test": "test",
    "testing": "test",
    "unlabelled": "unlabelled",
    "unlabeled": "unlabelled",
}


def claims(path: Path) -> bool:
    """Say whether it is a file ending in .csv."""
    return path.suffix.lower() == ".csv"


def read(path: Path) -> CaseSet:
    """Read the table; a row without role is a training case if it has a label, unlabelled otherwise."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            start = file.readline()
            file.seek(0)
            rows = list(csv.reader(file, delimiter=";" if start.count(";") > start.count(",") else ","))
    except UnicodeDecodeError:
        raise InputError(
            "table-not-utf-8", "{path}: not a text file in UTF-8; save the table as CSV UTF-8.", path=path
        ) from None
    except csv.Error as error:
        raise InputError(
            "not-a-table", "{path}: is no table ({reason}); save it as CSV UTF-8.", path=path, reason=error
        ) from None
    except OSError as error:
        raise InputError(
            "cannot-read",
            "{path}: cannot be read ({reason}); check the path and its permissions.",
            path=path,
            reason=error.strerror,
        ) from None
    columns = [name.strip().lower() for name in rows[0]] if rows else []
    images = [name for name in columns if re.fullmatch(r"image\d*", name)]
    unknown = [name for name in columns if not re.fullmatch(r"case|image\d*|label|role", name)]
    if rows and "\t" in start and len(columns) == 1:
        raise InputError(
            "tabs-in-table",
            "{path}: has tabs between its columns; save it with commas or semicolons (CSV UTF-8).",
            path=path,
        )
    if unknown or "case" not in columns or not images or len(set(columns)) < len(columns):
        raise InputError(
            "table-columns",
            "{path}: the first line is `{columns}`; it must be `case,image,label`, with `image2`… "
            "for more channels and `role` if wanted.",
            path=path,
            columns=",".join(columns),
        )
    cases: dict[str, tuple[Case, int]] = {}
    for line, row in enumerate(rows[1:], start=2):
        if any(cell.strip() for cell in row):
            case = _case(columns, [cell.strip() for cell in row], path, line)
            first = cases.setdefault(case.name, (case, line))[1]
            if first != line:
                raise InputError(
                    "case-in-two-lines",
                    "{path}, line {line}: case `{case}` is in line {first}, too; give each case a name of its own.",
                    path=path,
                    line=line,
                    case=case.name,
                    first=first,
                )
    return case_set(
        path.stem, path.parent, [case for case, _ in cases.values()], named_labels(path.parent), channels=tuple(images)
    )


def _case(columns: list[str], cells: list[str], path: Path, line: int) -> Case:
    where = f"{path}, line {line}"
    if len(cells) > len(columns):
        raise InputError(
            "too-many-cells",
            "{where}: {cells} cells under {columns} columns; quote a cell with a comma or semicolon.",
            where=where,
            cells=len(cells),
            columns=len(columns),
        )
    row = dict(zip(columns, cells, strict=False))
    name, label, stated = row.get("case", ""), row.get("label", ""), row.get("role", "").lower()
    paths = tuple(path.parent / cell for column, cell in row.items() if column.startswith("image") and cell)
    if not name or not paths:
        raise InputError("row-without-case", "{where}: a row needs a case and an image; fill in the cell.", where=where)
    if stated and stated not in _ROLES:
        raise InputError(
            "unknown-role",
            "{where}: role `{role}` of case `{case}` is not one of train, test, unlabelled.",
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
    return Case(name, paths, path.parent / label if label and role != "unlabelled" else None, role)
