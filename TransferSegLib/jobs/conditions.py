"""The conditions under which all strategies of a job segment: the same windows and the same precision.

A network sees less in smaller windows, and instance normalisation takes its statistics from what a window shows. So the same
weights have other scores with other windows, and strategies can be compared only with the same ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from TransferSegLib.core.grid import times
from TransferSegLib.core.problems import Problem
from TransferSegLib.core.records import from_json, to_json
from TransferSegLib.jobs.folder import CONDITIONS, JobFolder
from TransferSegLib.jobs.results import UnitResult
from TransferSegLib.networks.execution import Precision, likely_execution


@dataclass(frozen=True)
class Conditions:
    """What all strategies of a job have in common, stored in the job once it is known.

    Attributes:
        windows: The windows in which images are segmented, in voxels: in every fold, look at validation cases and final
            model, and on the card of the model that is kept, if it was trained.
        precision: The number format of the convolutions, in trainings and segmentations.
        device: The device that this holds for.
        in_float32: The names of the units that begin again in float32 because what they computed in `precision` was not
            finite.
        spent_s: The name of each of these → the seconds that its steps had taken before, which its minutes lack now.
    """

    windows: tuple[int, int, int]
    precision: Precision
    device: str
    in_float32: tuple[str, ...] = ()
    spent_s: dict[str, float] = field(default_factory=dict)

    def precision_of(self, unit: str) -> Precision:
        """The precision of a unit, by its name."""
        return "float32" if unit in self.in_float32 else self.precision

    def again_in_float32(self, unit: str, spent_s: float) -> Conditions:
        """The conditions once a unit begins again in float32.

        Args:
            unit: Its name.
            spent_s: The seconds that its steps have taken so far.
        """
        spent = {**self.spent_s, unit: round(spent_s, 3)}
        return replace(self, in_float32=(*self.in_float32, unit), spent_s=spent)


def load_conditions(job: JobFolder) -> Conditions | None:
    """The conditions of a job; None where they are not known yet, as in jobs that an earlier version began.

    Raises:
        InputError: The file holds something else.
    """
    stored = job.load_result(CONDITIONS)
    return None if stored is None else from_json(Conditions, stored, CONDITIONS)


def save_conditions(job: JobFolder, conditions: Conditions) -> None:
    """Store the conditions of a job.

    Raises:
        JobError: They cannot be written.
    """
    job.save_result(CONDITIONS, to_json(conditions))


def precision_on_card(
    conditions: Conditions | None, deterministic: bool, of_source: Literal["float32"] | None
) -> Literal["float32"] | None:
    """The precision that the card of a job's model asks for.

    Args:
        conditions: Those of the job, as far as they are known.
        deterministic: Whether the job was asked for float32 so that every run is alike, which is no need of the model.
        of_source: What the source model's card asks for.

    Returns:
        `float32` where the source model needs it, or where the job was computed in it though this device has a faster one:
        that was tried, and did not do. Else None.
    """
    if conditions is None or of_source is not None or deterministic or conditions.precision != "float32":
        return of_source
    return None if likely_execution(conditions.device).precision == "float32" else "float32"


def has_conditions(result: UnitResult, conditions: Conditions) -> bool:
    """Tell whether the cases of a finished unit were segmented under these conditions.

    Results of before these were stored say it of trainings alone, which segmented in the windows of their own patches.

    Args:
        result: The result of the unit.
        conditions: The size of the windows and the precision.
    """
    if result.settings is None or result.windows is not None:
        return (result.windows, result.precision) == (conditions.windows, conditions.precision)
    own = tuple(result.settings["patch_size"]), result.settings["execution"]["precision"]
    return own == (conditions.windows, conditions.precision)


def warn_of_other_conditions(results: Sequence[UnitResult], conditions: Conditions) -> Problem | None:
    """Say that finished trainings of a job were segmented under other conditions than the rest.

    Args:
        results: The results of the units that train, as far as they are finished.
        conditions: Those of the rest.

    Returns:
        The warning; None where all are the same.
    """
    other = [result for result in results if not has_conditions(result, conditions)]
    if not other:
        return None
    return Problem(
        "other-conditions",
        "{count} finished {count:~training|trainings} ({strategies:…`}) {count:~was|were} computed in another precision or "
        "segmented in other windows than the rest of this job ({precision}, windows of {size} voxels), which can change a "
        "score by itself; start a new job for a comparison under the same conditions",
        {
            "count": len(other),
            "strategies": list(dict.fromkeys(result.strategy for result in other)),
            "precision": conditions.precision,
            "size": times(conditions.windows),
        },
        "warning",
    )
