"""The Sunnybrook Cardiac Data as a data set: short-axis cine MR of 45 patients, and the cavity of the left ventricle.

    python Resources/heart_data.py CLONE FOLDER

CLONE is a clone of https://github.com/mshunshin/SegNetCMR, which has the contoured slices as PNG pictures; FOLDER gets
`cases.json` and a NIfTI file for each stack. The publisher of the data, the Cardiac Atlas Project, puts them in the public
domain (CC0 1.0).

A picture is named after its patient and after its number in the series. There are 20 pictures a slice, one for each phase
of the heartbeat, and the slices go from the base to the apex. Two phases are contoured: of these, the one whose contours
have the larger area is end-diastole (`ed`), the other end-systole (`es`). Slices without a contour are not there.

The pictures say neither voxel size nor place. Slices are 8 mm apart, as the challenge of 2009 says. Pixels are taken to be
1.37 mm wide: then the volumes of the contours are what the publisher states of each group of patients, see `PIXEL_MM`. The
patients' own pixels may differ from that. Columns are taken to run to the left, rows to the back and slices downwards.
"""

from __future__ import annotations

import argparse
import hashlib
import re
from collections import defaultdict
from pathlib import Path

import numpy as np

from TransferSegLib.cases.volumes import write_labels, write_volume
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.grid import Grid
from TransferSegLib.jobs.files import write_json

COMMIT = "1f41bb8bf653cafa02af7914c12d5e6b248359f9"
# Of the names and the bytes of all pictures at that commit.
SHA256 = "1cee1915c8d8ee69406d0fcf22212f0697e71644816888877144d5ef56f0e752"
# The mean end-diastolic volumes that the publisher states, and the width of a pixel at which the contours have them, slices
# 8 mm apart: healthy 115.7 ml, 1.36 mm; hypertrophy 114.4 ml, 1.38 mm; heart failure 233.7 ml, 1.37 mm; heart failure with
# infarction 244.9 ml, 1.35 mm.
PIXEL_MM, SLICE_MM = 1.37, 8.0
PHASES = 20
PICTURE = re.compile(r"(?P<patient>.+)-IM-\d+-(?P<number>\d+)\.dcm\.png")

Slices = dict[int, tuple[Path, Path]]


def write_heart(clone: Path, folder: Path) -> Path:
    """Write the stacks of all patients, and the list of them, with the split that the repository has.

    Args:
        clone: The clone of SegNetCMR.
        folder: Gets the files; made where it is missing.

    Returns:
        The list of cases: 30 patients to train on and 15 to test on, two stacks each.

    Raises:
        InputError: The pictures are not those of the commit, or a stack has a gap.
    """
    pictures = sorted((clone / "Data").glob("*/Images/*/*.png"))
    found = digest(clone, pictures)
    if found != SHA256:
        raise InputError(
            "other-pictures",
            "{folder}: {count} pictures of SegNetCMR, and not those of commit {commit}; clone it and check that out.",
            folder=clone,
            count=len(pictures),
            commit=COMMIT,
        )
    lists: dict[str, list[dict[str, str]]] = {"training": [], "testing": []}
    number = 0
    for part, role in (("Train", "training"), ("Test", "testing")):
        for patient in patients([path for path in pictures if path.relative_to(clone).parts[1] == part]).values():
            number += 1
            for name, slices in zip(("ed", "es"), by_area(patient), strict=True):
                lists[role].append(write_stack(folder, f"patient-{number:02d}-{name}", slices))
    listing = {"name": "heart", "modality": "mr", "labels": {"left ventricle": 1}, **lists}
    write_json(folder / "cases.json", listing, folder)
    return folder / "cases.json"


def digest(clone: Path, pictures: list[Path]) -> str:
    """The SHA-256 of pictures and their labels, with their names."""
    whole = hashlib.sha256()
    for picture in pictures:
        for path in (picture, label_of(picture)):
            data = path.read_bytes() if path.is_file() else b""
            whole.update(f"{path.relative_to(clone).as_posix()} {hashlib.sha256(data).hexdigest()}\n".encode())
    return whole.hexdigest()


def label_of(picture: Path) -> Path:
    """Where the label of a picture is: `Labels` has the same folders and names as `Images`."""
    return picture.parents[2] / "Labels" / picture.parent.name / picture.name


def patients(pictures: list[Path]) -> dict[str, dict[int, Slices]]:
    """Sort pictures by patient, phase and slice, by their names."""
    found: dict[str, dict[int, Slices]] = defaultdict(lambda: defaultdict(dict))
    for picture in pictures:
        match = PICTURE.fullmatch(picture.name)
        if match is None:
            raise InputError("picture-name", "{file}: not named as the pictures of SegNetCMR are.", file=picture)
        place, phase = divmod(int(match["number"]) - 1, PHASES)
        found[match["patient"]][phase][place] = (picture, label_of(picture))
    return {name: found[name] for name in sorted(found)}


def by_area(phases: dict[int, Slices]) -> list[Slices]:
    """The contoured phases of a patient, the one with the larger ventricle first."""
    areas = {
        phase: sum(int((grey(label) > 0).sum()) for _, label in slices.values()) for phase, slices in phases.items()
    }
    return [phases[phase] for phase in sorted(areas, key=areas.__getitem__, reverse=True)]


def write_stack(folder: Path, name: str, slices: Slices) -> dict[str, str]:
    """Write the image and the label of a stack; gives the files as a list of cases has them."""
    places = sorted(slices)
    if places != list(range(places[0], places[-1] + 1)):
        raise InputError("stack-with-gap", "{case}: has the slices {slices:…}, with a gap.", case=name, slices=places)
    image = np.stack([grey(slices[place][0]).T for place in places], axis=2)
    label = np.stack([grey(slices[place][1]).T > 0 for place in places], axis=2)
    grid = Grid(image.shape, np.diag([-PIXEL_MM, -PIXEL_MM, -SLICE_MM, 1.0]))
    files = {"image": folder / "images" / f"{name}.nii.gz", "label": folder / "labels" / f"{name}.nii.gz"}
    for path in files.values():
        path.parent.mkdir(parents=True, exist_ok=True)
    write_volume(files["image"], image, grid)
    write_labels(files["label"], label.astype(np.uint8), grid)
    return {key: str(path) for key, path in files.items()}


def grey(path: Path) -> np.ndarray:
    """Read a grey picture that is stored in three equal colours, (rows, columns) uint8."""
    import SimpleITK as sitk

    return sitk.GetArrayFromImage(sitk.ReadImage(str(path)))[..., 0]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clone", type=Path, metavar="CLONE", help="the clone of SegNetCMR")
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="gets the cases")
    arguments = parser.parse_args()
    print(write_heart(arguments.clone.absolute(), arguments.folder.absolute()))


if __name__ == "__main__":
    main()
