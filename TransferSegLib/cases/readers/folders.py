"""A folder with `images/` and `labels/` of equal names, or `x_seg` for `x`; `labels.json` may name the labels."""

from __future__ import annotations

from pathlib import Path

from TransferSegLib.cases.readers.loose_slices import refuse_loose_slices
from TransferSegLib.cases.readers.parts import by_case, case_set, each_a_case, labels_by_case, named_labels, volumes_in
from TransferSegLib.cases.volumes import stem_of
from TransferSegLib.core.case_set import Case, CaseSet


def claims(path: Path) -> bool:
    """Say whether it is a folder that has a folder `images`."""
    return (path / "images").is_dir()


def read(path: Path) -> CaseSet:
    """Read the folder; an image without a label is an unlabelled case.

    `case_0000`, `case_0001` are channels of one case, whose label is named `case`. But where a label has exactly the name of
    an image, number included, each image is a case.
    """
    files, segmented = volumes_in(path / "images"), volumes_in(path / "labels")
    if not files:
        refuse_loose_slices(path / "images")
    whole = {stem_of(file) for file in files}
    images = each_a_case(files) if whole & labels_by_case(segmented, whole).keys() else by_case(files)
    labels = labels_by_case(segmented, images)
    count = max(map(len, images.values()), default=1)
    return case_set(
        path.resolve().name,
        path,
        # a label without an image points to the image it lacks, for the checks to report
        [
            Case(
                name,
                images.get(name) or (path / "images" / labels[name].name,),
                labels.get(name),
                "train" if name in labels else "unlabelled",
            )
            for name in sorted({*images, *labels})
        ],
        named_labels(path),
        is_listed=False,
        channels=tuple(f"image {n + 1}" for n in range(count)) if count > 1 else ("image",),
    )
