"""Medical Segmentation Decathlon: `dataset.json`, `imagesTr`, `labelsTr`, `imagesTs` (http://medicaldecathlon.com).

Raw data sets of nnU-Net's first version have the same `dataset.json`; there, `x.nii.gz` in a list stands for the channels
`x_0000.nii.gz`… in the folder.
"""

from __future__ import annotations

from pathlib import Path

from TransferSegLib.cases.readers.listed import listed_cases
from TransferSegLib.cases.readers.parts import LabelList, case_set, channel_of, modality_of, text, words
from TransferSegLib.core.case_set import Case, CaseSet
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.records import read_json


def claims(path: Path) -> bool:
    """Say whether it is a folder with `dataset.json`, or that file."""
    return path.name == "dataset.json" or (path / "dataset.json").is_file()


def read(path: Path) -> CaseSet:
    """Read the lists, `validation` too. Images of `test` whose label lies in `labelsTs` are test cases, others unlabelled."""
    file = path if path.name == "dataset.json" else path / "dataset.json"
    root, data = file.parent, read_json(file)
    if not isinstance(data, dict) or "training" not in data:
        raise InputError(
            "no-training-cases",
            "{path}: no list `training` of cases; is this a Decathlon or nnU-Net data set?",
            path=file,
        )
    channels = words(data.get("modality", {"0": "image"}), str(file), "modality")
    listed = listed_cases(data, root, file)
    one_file = next(
        (case for case in listed.cases if len(channels) > 1 and case.role == "train" and _is_one_file(case)), None
    )
    if one_file is not None:
        raise InputError(
            "channels-in-one-file",
            "{path}: case `{case}` keeps {count} channels ({channels}) in one 4D file; split them "
            "into a file a channel in nnU-Net's layout (nnUNetv2_convert_MSD_dataset does it).",
            path=file,
            case=one_file.name,
            count=len(channels),
            remarks=listed.remarks,
            channels=channels,
        )
    return case_set(
        text(data, "name") or root.name,
        root,
        listed.cases,
        LabelList.of(data.get("labels"), str(file), data.get("regions_class_order")),
        remarks=listed.remarks,
        not_annotated=listed.not_annotated,
        channels=channels,
        modality=modality_of(channels),
        licence=text(data, "licence") or text(data, "license"),
        description=text(data, "description"),
    )


def _is_one_file(case: Case) -> bool:
    """Whether a case has one image, and not one of several channels whose others are missing."""
    return len(case.images) == 1 and channel_of(case.images[0]) is None
