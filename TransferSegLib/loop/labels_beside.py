"""Segmentations that lie beside the scans of a loop, and that nobody asked to take along."""

from __future__ import annotations

import shlex
from collections.abc import Collection
from pathlib import Path

from TransferSegLib.cases.dicom import split_choice
from TransferSegLib.cases.readers import read_case_set
from TransferSegLib.core.case_set import Case
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.problems import Problem


def labels_beside(images: Path, scans: Collection[Case], taken: Collection[str]) -> list[Problem]:
    """Say which scans have segmentations beside them that are not taken along, and how they are.

    These are `x_seg`, `x_label` or `x_dseg` beside `x`, and those of a data set whose images the folder has, as `imagesTr`
    beside `labelsTr`.

    Args:
        images: The folder with the scans.
        scans: The scans.
        taken: The names of the cases that come annotated.
    """
    files = {file.resolve(): case.name for case in scans for file in case.images}
    folder = images.expanduser().resolve()
    places = [folder, *([folder.parent] if folder.name.startswith("images") else [])]
    for place in places:
        try:
            cases = read_case_set(place).cases
        except InputError:  # no data set
            continue
        labelled = [case for case in cases if case.label is not None and split_choice(case.label)[0].exists()]
        names = sorted({files[file] for case in labelled if (file := case.images[0].resolve()) in files} - set(taken))
        if names:
            return [
                Problem(
                    "loop-labels-beside",
                    "{count} {count:~scan has a segmentation|scans have segmentations} beside {count:~it|them} ({names:…`}), "
                    "which {count:~is|are} not taken along: the {count:~case counts|cases count} as not annotated. To have "
                    "{count:~it|them} from the beginning, begin another loop with {option}.",
                    {"count": len(names), "names": names, "option": f"--target {shlex.quote(str(place))}"},
                    "note",
                )
            ]
    return []
