"""Labels from CT on head phantoms: how exact the registration is, and which failures made on purpose are flagged.

Each head has a T1w or T2w image, and a CT of another grid in which it lies turned by 12°, shifted by 15 mm and bent by up
to 4 mm. Its labels are known exactly, so the distance from their surfaces to those of the labels from CT is, too. For the
failures the CT is that of another head, mirrored or upside down, cropped, turned by 90°, or noise. What is done is not done
again.

    python benchmarks/registration.py OUT [--heads 4] [--first 0] [--json registration.json]
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from scipy import ndimage

from TransferSegLib.cases.from_other.classes import mecheter_classes
from TransferSegLib.cases.from_other.data_set import DataSetPlan, make_data_set
from TransferSegLib.cases.from_other.one_case import Making
from TransferSegLib.cases.from_other.pairs import pairs_by_name
from TransferSegLib.cases.phantom import head_phantom, image
from TransferSegLib.cases.phantom.shapes import Noise
from TransferSegLib.cases.registration import rotation
from TransferSegLib.cases.volumes import Volume, read_labels, write_labels, write_volume
from TransferSegLib.core.grid import Grid
from TransferSegLib.evaluation.surface import surface_distances

ANGLE_DEG, SHIFT_MM, BENT_MM = 12.0, 15.0, 4.0
BENT_OVER_MM = 60.0
CT_SPACING_MM = (1.8, 1.8, 3.0)
SEED = 5000


def displaced_ct(
    head: Any,
    rng: np.random.Generator,
    angle_deg: float,
    shift_mm: float,
    bent_mm: float,
    spacing_mm: tuple[float, ...],
) -> Volume:
    """The CT of a phantom that lies turned, shifted and bent, about random axes, on a grid of its own."""
    axis = rng.normal(size=3)
    axis /= np.linalg.norm(axis)
    cross = np.cross(np.eye(3), axis)
    angle = np.radians(angle_deg)
    turn = np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross
    shift = rng.normal(size=3)
    shift *= shift_mm / np.linalg.norm(shift)
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


def write_heads(out: Path, first: int, heads: int) -> None:
    """Write the images of the heads that are not there yet."""
    for number in range(first, first + heads):
        if (out / "truth" / f"h{number}.nii.gz").exists():
            continue
        head = head_phantom((SEED, number))
        modality = ("t1w", "t2w")[number % 2]
        mr = image(head, modality, np.random.default_rng((SEED, number, 1)))
        rng = np.random.default_rng((SEED, number, 2))
        ct = displaced_ct(head, rng, ANGLE_DEG, SHIFT_MM, BENT_MM, CT_SPACING_MM)
        other = displaced_ct(head_phantom((SEED + 1, number)), rng, ANGLE_DEG, SHIFT_MM, BENT_MM, CT_SPACING_MM)
        cts = {"right": ct, "other-patient": other} | {name: change(ct) for name, change in FAILURES.items()}
        for name, volume in cts.items():
            write_volume(out / "mr" / f"h{number}-{name}.nii.gz", mr, head.grid)
            write_volume(out / "ct" / f"h{number}-{name}.nii.gz", volume.array, volume.grid)
        write_labels(out / "truth" / f"h{number}.nii.gz", head.labels, head.grid)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--heads", type=int, default=4)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    out: Path = arguments.out
    write_heads(out, arguments.first, arguments.heads)
    wanted = tuple(f"h{n}-" for n in range(arguments.first, arguments.first + arguments.heads))
    pairs = [pair for pair in pairs_by_name(out / "mr", out / "ct")[0] if pair.name.startswith(wanted)]
    classes = mecheter_classes()
    plan = DataSetPlan(
        out / "made", "phantoms", Making(classes), ("mr",), {tissue.value: tissue.name for tissue in classes}
    )
    made = make_data_set(pairs, plan, lambda share: print(f"\r{share:.0%} ", end="", flush=True))
    results = []
    for case in made:
        head, _, kind = case.name.partition("-")
        flags = [failing.code for failing in case.failings] + ([case.error.code] if case.error else [])
        row: dict[str, Any] = {"case": case.name, "kind": kind, "flags": flags}
        row |= asdict(case.record.quality) | {"seconds": case.record.seconds} if case.record else {}
        if kind == "right" and case.record:
            truth, found = read_labels(out / "truth" / f"{head}.nii.gz"), read_labels(case.place.label)
            for value, name in plan.labels.items():
                distances = surface_distances(truth.array == value, found.array == value, truth.grid)
                both = np.concatenate([distances.from_reference_mm, distances.from_prediction_mm])
                row[f"{name}: median, 95 % mm"] = [float(np.median(both)), float(np.percentile(both, 95))]
        results.append(row)
        print(json.dumps(row))
    right = [row for row in results if row["kind"] == "right"]
    wrong = [row for row in results if row["kind"] != "right"]
    print(f"flagged: {sum(bool(r['flags']) for r in wrong)} of {len(wrong)} failures, "
          f"{sum(bool(r['flags']) for r in right)} of {len(right)} right ones")  # fmt: skip
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
