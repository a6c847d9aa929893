"""Medical Segmentation Decathlon: `dataset.json`, `imagesTr`, `labelsTr`, `imagesTs` (http://medicaldecathlon.com)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from TransferSegLib.cases.readers.listed import listed_cases
from TransferSegLib.cases.readers.parts import case_set, label_names, modality_of, text, words
from TransferSegLib.core.case_set import Case, CaseSet
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.records import read_json


def claims(path: Path) -> bool:
    """Say whether it is a folder with `dataset.json`, or that file."""
    return path.name == "dataset.json" or (path / "dataset.json").is_file()


def read(path: Path) -> CaseSet:
    """Read the data set. Images of `test` whose label lies in `labelsTs` are test cases, the others unlabelled."""
    file = path if path.name == "dataset.json" else path / "dataset.json"
    root, data = file.parent, read_json(file)
    if not isinstance(data, dict) or "training" not in data:
        raise InputError(
            "no-training-cases",
            "{path}: no list `training` of cases; is this a Decathlon or nnU-Net data set?",
            path=file,
        )
    channels = words(data.get("modality", {"0": "image"}), str(file), "modality")
    training = list(listed_cases(data["training"], root, "train", f"{file}: training"))
    testing = [_with_label(case, root) for case in listed_cases(data.get("test", []), root, "test", f"{file}: test")]
    one_file = next((case for case in training if len(case.images) == 1 < len(channels)), None)
    if one_file is not None:
        raise InputError(
            "channels-in-one-file",
            "{path}: case `{case}` keeps {count} channels ({channels}) in one 4D file; split them "
            "into a file a channel in nnU-Net's layout (nnUNetv2_convert_MSD_dataset does it).",
            path=file,
            case=one_file.name,
            count=len(channels),
            channels=channels,
        )
    return case_set(
        text(data, "name") or root.name,
        root,
        [*training, *testing],
        label_names(data.get("labels"), str(file)),
        channels=channels,
        modality=modality_of(channels),
        licence=text(data, "licence") or text(data, "license"),
        description=text(data, "description"),
    )


def _with_label(case: Case, root: Path) -> Case:
    label = root / "labelsTs" / case.images[0].name
    return replace(case, label=label, role="test") if case.label is None and label.is_file() else case
