"""Labels from CT on head phantoms: how exact the registration is, and which failures made on purpose are flagged.

Each head has a T1w or T2w image, and a CT of another grid in which it lies turned by 12°, shifted by 15 mm and bent by up
to 4 mm. Its labels are known exactly, so the distance from their surfaces to those of the labels from CT is, too. For the
failures the CT is that of another head, mirrored or upside down, cropped, turned by 90°, or noise. A registration may also
end beside the right place. So each right one is moved by 10 mm and turned by 10° after it was found, and measured again.
What is done is not done again.

    python benchmarks/registration.py [--right 20] [--failures 80] [--first 0] [--coarse] [--with elastix]
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import figures
import numpy as np
from scipy import ndimage, stats

from TransferSegLib.cases.body import mr_body
from TransferSegLib.cases.from_other.classes import mecheter_classes
from TransferSegLib.cases.from_other.data_set import DataSetPlan, MadeCase, make_data_set
from TransferSegLib.cases.from_other.one_case import Making
from TransferSegLib.cases.from_other.pairs import pairs_by_name
from TransferSegLib.cases.phantom import head_phantom, image
from TransferSegLib.cases.phantom.shapes import Noise
from TransferSegLib.cases.registration import Registration, RegistrationSettings, rotation
from TransferSegLib.cases.registration_quality import failings, measure_quality
from TransferSegLib.cases.volumes import Volume, read_labels, read_volume, write_labels, write_volume
from TransferSegLib.core.grid import Grid
from TransferSegLib.evaluation.surface import surface_distances

ANGLE_DEG, SHIFT_MM, BENT_MM = 12.0, 15.0, 4.0
BENT_OVER_MM = 60.0
CT_SPACING_MM = (1.8, 1.8, 3.0)
HEAD_SIZE = (96, 96, 48)
COARSE_SIZE = (40, 48, 36)
SEED = 5000
# How far a right registration is moved, and by how much it is turned, for the failures that end beside the right place.
BESIDE_MM, BESIDE_DEG = 10.0, 10.0


def displaced_ct(
    head: Any,
    rng: np.random.Generator,
    angle_deg: float,
    shift_mm: float,
    bent_mm: float,
    spacing_mm: tuple[float, ...],
) -> Volume:
    """The CT of a phantom that lies turned, shifted and bent, about random axes, on a grid of its own."""
    turn = turn_about(_direction(rng), angle_deg)
    shift = _direction(rng) * shift_mm
    middle = head.grid.affine[:3, :3] @ ((np.array(head.grid.size) - 1) / 2) + head.grid.affine[:3, 3]
    extent = np.array(head.grid.size) * head.grid.spacing_mm + 2 * SHIFT_MM
    size = tuple(int(n) for n in np.ceil(extent / spacing_mm))
    affine = np.diag([*spacing_mm, 1.0])
    affine[:3, 3] = middle - (np.array(size) - 1) / 2 * spacing_mm
    axes = [affine[n, 3] + spacing_mm[n] * np.arange(size[n]) for n in range(3)]
    bent = np.stack([Noise(rng, BENT_OVER_MM).on(axes) for _ in range(3)], -1)
    bent *= bent_mm / np.linalg.norm(bent, axis=-1).max()
    places = np.stack(np.meshgrid(*axes, indexing="ij"), -1)
    original = (places - middle - shift) @ turn + middle + bent
    to_voxel = np.linalg.inv(head.grid.affine)
    voxels = np.moveaxis(original @ to_voxel[:3, :3].T + to_voxel[:3, 3], -1, 0)
    hounsfield = ndimage.map_coordinates(image(head, "ct", rng), voxels, order=1, cval=-1000.0)
    return Volume(hounsfield.astype(np.float32), Grid(size, affine))


def turn_about(axis: np.ndarray, angle_deg: float) -> np.ndarray:
    """The rotation (3, 3) about an axis of length 1."""
    cross = np.cross(np.eye(3), axis)
    angle = np.radians(angle_deg)
    return np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross


def _direction(rng: np.random.Generator) -> np.ndarray:
    direction = rng.normal(size=3)
    return direction / np.linalg.norm(direction)


def _flipped(axis: int) -> Callable[[Volume], Volume]:
    return lambda ct: Volume(np.flip(ct.array, axis), ct.grid)


def _turned(*angles: float) -> Callable[[Volume], Volume]:
    turn = np.eye(4)
    turn[:3, :3] = rotation(angles)
    return lambda ct: Volume(ct.array, Grid(ct.grid.size, turn @ ct.grid.affine))


def _cropped(ct: Volume) -> Volume:
    """The upper third alone."""
    first = round(0.65 * ct.grid.size[2])
    return Volume(ct.array[..., first:], ct.grid.part((0, 0, first), [n - 1 for n in ct.grid.size]))


def _noise(ct: Volume) -> Volume:
    return Volume(np.random.default_rng(3).normal(-300, 600, ct.grid.size).astype(np.float32), ct.grid)


FAILURES: dict[str, Callable[[Volume], Volume]] = {
    "left-right": _flipped(0),
    "front-back": _flipped(1),
    "upside-down": _flipped(2),
    "turned-z": _turned(0, 0, 90),
    "turned-x": _turned(90, 0, 0),
    "cropped": _cropped,
    "noise": _noise,
}
SHOWN = {
    "right": "the right CT",
    "other-patient": "another patient's CT",
    "left-right": "left and right exchanged",
    "front-back": "front and back exchanged",
    "upside-down": "upside down",
    "turned-z": "turned by 90° about the long axis",
    "turned-x": "turned by 90° sideways",
    "cropped": "the upper third of the CT alone",
    "noise": "noise in place of a CT",
    "moved-after": f"the right registration, moved by {BESIDE_MM:g} mm",
    "turned-after": f"the right registration, turned by {BESIDE_DEG:g}°",
}
WRONG = ("other-patient", *FAILURES)


def wanted_cases(first: int, right: int, failures: int) -> list[tuple[int, str]]:
    """Head and kind of each case; the kinds of failures take turns."""
    wrong = [(first + n // len(WRONG), WRONG[n % len(WRONG)]) for n in range(failures)]
    return sorted([*((first + n, "right") for n in range(right)), *wrong])


def write_cases(out: Path, cases: Sequence[tuple[int, str]], size: tuple[int, int, int]) -> None:
    """Write the images that are not there yet."""
    for number in sorted({number for number, _ in cases}):
        kinds = [kind for n, kind in cases if n == number and not (out / "ct" / f"h{n}-{kind}.nii.gz").exists()]
        if not kinds:
            continue
        head = head_phantom((SEED, number), size)
        modality = ("t1w", "t2w")[number % 2]
        mr = image(head, modality, np.random.default_rng((SEED, number, 1)))
        rng = np.random.default_rng((SEED, number, 2))
        displacement = (rng, ANGLE_DEG, SHIFT_MM, BENT_MM, CT_SPACING_MM)
        ct = displaced_ct(head, *displacement)
        other = displaced_ct(head_phantom((SEED + 1, number), size), *displacement) if "other-patient" in kinds else ct
        write_labels(out / "truth" / f"h{number}.nii.gz", head.labels, head.grid)
        for kind in kinds:
            volume = ct if kind == "right" else other if kind == "other-patient" else FAILURES[kind](ct)
            write_volume(out / "mr" / f"h{number}-{kind}.nii.gz", mr, head.grid)
            write_volume(out / "ct" / f"h{number}-{kind}.nii.gz", volume.array, volume.grid)


def surface_errors(case: MadeCase, truth: Path, labels: dict[int, str]) -> dict[str, list[float]]:
    """Tissue → median, mean and 95th percentile of the distances between true and found surfaces, in mm."""
    true, found = read_labels(truth), read_labels(case.place.label)
    start = np.rint(np.linalg.solve(true.grid.affine, found.grid.affine[:, 3])[:3]).astype(int)
    part = true.array[tuple(slice(a, a + n) for a, n in zip(start, found.grid.size, strict=True))]
    errors = {}
    for value, name in labels.items():
        distances = surface_distances(part == value, found.array == value, found.grid)
        both = np.concatenate([distances.from_reference_mm, distances.from_prediction_mm])
        errors[name] = [float(np.median(both)), float(both.mean()), float(np.percentile(both, 95))]
    return errors


def beside(case: MadeCase, number: int) -> list[dict[str, Any]]:
    """What the figures of a right case are where its registration ended beside the right place."""
    assert case.record is not None
    fixed, moved = read_volume(case.place.image), read_volume(case.place.moved)
    body = mr_body(fixed)
    middle = fixed.grid.affine[:3, :3] @ ((np.array(fixed.grid.size) - 1) / 2) + fixed.grid.affine[:3, 3]
    rng = np.random.default_rng((SEED, number, 4))
    rows = []
    for kind, shift_mm, angle_deg in (("moved-after", BESIDE_MM, 0.0), ("turned-after", 0.0, BESIDE_DEG)):
        place = np.eye(4)
        place[:3, :3] = turn_about(_direction(rng), angle_deg)
        place[:3, 3] = middle - place[:3, :3] @ middle + shift_mm * _direction(rng)
        registration = Registration.from_linear(place)
        quality = measure_quality(fixed, moved, registration, body, None, case.record.quality.mirrored)
        flags = [problem.code for problem in failings(quality)]
        rows.append({"case": f"h{number}-{kind}", "kind": kind, "flags": flags} | asdict(quality))
    return rows


def measure(made: Sequence[MadeCase], out: Path, labels: dict[int, str]) -> list[dict[str, Any]]:
    """A row a case, with its flags, figures and errors."""
    rows = []
    for case in made:
        head, _, kind = case.name.partition("-")
        flags = [failing.code for failing in case.failings] + ([case.error.code] if case.error else [])
        row: dict[str, Any] = {"case": case.name, "kind": kind, "flags": flags}
        row |= asdict(case.record.quality) | {"seconds": case.record.seconds} if case.record else {}
        rows.append(row)
        if kind == "right" and case.record:
            row["errors_mm"] = surface_errors(case, out / "truth" / f"{head}.nii.gz", labels)
            rows += beside(case, int(head[1:]))
    return rows


def interval(count: int, of: int) -> str:
    """The exact 95 % interval of a share (Clopper and Pearson)."""
    found = stats.binomtest(count, of).proportion_ci(0.95, "exact")
    return f"{100 * found.low:.0f} to {100 * found.high:.0f} %"


def result_of(rows: Sequence[dict[str, Any]], voxel_mm: float) -> figures.Result:
    """The table by kind, and the targets; `voxel_mm` is the shortest side of a voxel."""
    table = []
    for kind, words in SHOWN.items():
        of_kind = [row for row in rows if row["kind"] == kind]
        if not of_kind:
            continue
        flagged = sum(bool(row["flags"]) for row in of_kind)
        by = Counter(flag.removeprefix("registration-") for row in of_kind for flag in row["flags"])
        table.append([words, str(len(of_kind)), str(flagged), ", ".join(f"{flag} {n}" for flag, n in by.most_common())])
    right = [row for row in rows if row["kind"] == "right"]
    wrong = [row for row in rows if row["kind"] != "right"]
    found = sum(bool(row["flags"]) for row in wrong)
    alarms = sum(bool(row["flags"]) for row in right)
    checks = []
    errors = [row["errors_mm"] for row in right if "errors_mm" in row]
    for name in errors[0] if errors else ():
        median, mean, high = (np.array([each[name][n] for each in errors]) for n in range(3))
        words = f"{name}: surface error, mean over cases {mean.mean():.2f} mm, worst case {mean.max():.2f} mm"
        table.append([words, str(len(errors)), "", f"95th percentile {high.mean():.1f} mm"])
        what = f"labels from CT, {name}: median surface error of the worst right case"
        checks.append(figures.Check(what, float(median.max()), voxel_mm, False, " mm"))
    if wrong:
        table.append(["all failures", str(len(wrong)), str(found), f"interval {interval(found, len(wrong))}"])
        checks.append(
            figures.Check("labels from CT: failures that are flagged", 100 * found / len(wrong), 95, True, " %")
        )
    if right:
        table.append(["false alarms", str(len(right)), str(alarms), f"interval {interval(alarms, len(right))}"])
        checks.append(figures.Check("labels from CT: right cases flagged", 100 * alarms / len(right), 5, False, " %"))
    return figures.Result(("", "cases", "flagged", "by"), table, checks, list(rows))


def main() -> None:
    parser = figures.parser(__doc__, "registration")
    parser.add_argument("--out", type=Path, help="where the cases are made; default build/benchmarks/registration")
    parser.add_argument("--right", type=int, default=20, metavar="N", help="right cases")
    parser.add_argument("--failures", type=int, default=80, metavar="N", help="failures made on purpose")
    parser.add_argument("--first", type=int, default=0, metavar="N", help="the number of the first head")
    parser.add_argument("--coarse", action="store_true", help="voxels of 5 mm in place of 2 × 2.5 × 3.75 mm")
    parser.add_argument("--workers", type=int, default=0, metavar="N", help="cases at a time; default one a core")
    parser.add_argument("--with", dest="tool", choices=("simpleitk", "elastix"), default="simpleitk")
    given: argparse.Namespace = parser.parse_args()
    right, failures = (1, 1) if given.quick else (given.right, given.failures)
    work = figures.folder(given.quick)
    coarse = given.quick or given.coarse
    out: Path = given.out or work / ("registration-coarse" if coarse else "registration")
    cases = wanted_cases(given.first, right, failures)
    write_cases(out, cases, COARSE_SIZE if coarse else HEAD_SIZE)
    names = {f"h{number}-{kind}" for number, kind in cases}
    pairs = [pair for pair in pairs_by_name(out / "mr", out / "ct")[0] if pair.name in names]
    classes = mecheter_classes()
    labels = {tissue.value: tissue.name for tissue in classes}
    settings = RegistrationSettings(tool=given.tool)
    place = out / ("made" if given.tool == "simpleitk" else given.tool)
    plan = DataSetPlan(place, "phantoms", Making(classes, settings), ("mr",), labels, workers=given.workers)
    made = make_data_set(pairs, plan, lambda share: print(f"\r{share:.0%} ", end="", flush=True))
    rows = measure(made, out, labels)
    for row in rows:
        print(json.dumps(row))
    result_of(rows, min(read_volume(pairs[0].fixed.images[0]).grid.spacing_mm)).publish(
        given.json or work / f"{out.name}.json"
    )


if __name__ == "__main__":
    main()
