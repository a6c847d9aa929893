"""What follows from the training of a unit: its cases are segmented and scored."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from TransferSegLib.cases.annotation import compared, never_annotated
from TransferSegLib.cases.label_list import write_label_list
from TransferSegLib.cases.preprocessing import PreparedCase
from TransferSegLib.cases.volumes import write_labels, write_volume
from TransferSegLib.core.case_set import Case
from TransferSegLib.core.errors import JobError, NotFinite
from TransferSegLib.core.grid import Grid
from TransferSegLib.core.inference_settings import InferenceSettings
from TransferSegLib.core.labels import IGNORE
from TransferSegLib.core.problems import Problem
from TransferSegLib.evaluation.calibration import CalibrationSums
from TransferSegLib.evaluation.comparison import BASELINE
from TransferSegLib.evaluation.exchanged_labels import exchanged_labels
from TransferSegLib.evaluation.lesions.detection import LesionRow, score_lesions
from TransferSegLib.evaluation.scores import ScoreRow, mask_of, score_case
from TransferSegLib.inference.components import cleaned, told_of_cleaning
from TransferSegLib.inference.segmenter import Segmenter
from TransferSegLib.inference.smoothing import smoothed
from TransferSegLib.jobs.files import explain_write_errors, resume_command
from TransferSegLib.jobs.unit import JobRun, Trained, Unit, not_finite
from TransferSegLib.networks.memory import OutOfMemory
from TransferSegLib.networks.staged import StagedNetwork


@dataclass(frozen=True, eq=False)
class Scored:
    """The scores of the cases of a unit, the detection of their lesions where the job asks for it, and the time they took.

    Attributes:
        rows: The scores.
        lesions: The detection of lesions.
        times: (seconds, axial slices) of each: how long it took to segment it, without reading, writing and scoring.
        calibration: Whether a trained fold is right as often as it is sure.
    """

    rows: list[ScoreRow] = field(default_factory=list)
    lesions: list[LesionRow] = field(default_factory=list)
    times: list[tuple[float, int]] = field(default_factory=list)
    calibration: CalibrationSums = field(default_factory=CalibrationSums)

    @property
    def case_s(self) -> float | None:
        """The seconds that a case took, on average; None without one."""
        return sum(seconds for seconds, _ in self.times) / len(self.times) if self.times else None

    @property
    def slice_s(self) -> float | None:
        """The seconds that an axial slice took, on average; None without a case."""
        slices = sum(count for _, count in self.times)
        return sum(seconds for seconds, _ in self.times) / slices if slices else None


class UnitScoring:
    """Segments cases with what a unit has trained, and scores them.

    Attributes:
        run: What it shares with the job's other units.
        unit: The unit.
    """

    def __init__(self, run: JobRun, unit: Unit, settings: InferenceSettings | None = None) -> None:
        """Make the scoring of a unit; nothing is computed yet.

        Args:
            run: What it shares with the job's other units.
            unit: The unit.
            settings: How cases are segmented; None is as the source model's card or the person has it.
        """
        self.run, self.unit = run, unit
        self._settings = run.context.card.inference if settings is None else settings

    def dice_validated(self, trained: Trained) -> float:
        """The mean Dice of a network over the cases to validate on, measured as a training does."""
        run, network = self.run, trained.plan.network.to(self.run.device)

        def until_asked_to_stop() -> Iterator[PreparedCase]:
            for case in run.context.validation:
                run.models.stop_if_asked()
                yield run.prepared.get(case)

        return run.network_dice(trained.plan.predicts_source_labels).mean(network, until_asked_to_stop())

    def segmenter(self, trained: Trained, members: Sequence[StagedNetwork] = ()) -> Segmenter:
        """What segments with the unit's network, and warns or stops as the job does.

        Args:
            trained: What was trained.
            members: Further networks of an ensemble.
        """
        run = self.run
        # What is translated has the uncertainty of the label that comes of it.
        translated, classes = trained.plan.predicts_source_labels, np.arange(run.context.card.outputs)
        return Segmenter(
            trained.plan.network,
            run.conditions.windows,
            run.segmenting(),
            run.log.warn,
            run.models.stop_if_asked,
            self._settings,
            members,
            run.context.task.from_source(classes) if translated else None,
        )

    def segment(
        self,
        segment: Segmenter,
        trained: Trained,
        cases: Sequence[Case],
        folder: Path,
        uncertainty: Path | None = None,
    ) -> Scored:
        """Segment cases, write the segmentations and score those with a reference.

        Args:
            segment: What segments with the unit's network.
            trained: What was trained.
            cases: The cases.
            folder: The folder that gets the segmentations.
            uncertainty: The folder that gets the uncertainty of each case; None for none.
        """
        run, unit, task = self.run, self.unit, self.run.context.task
        scored = Scored()
        for n, case in enumerate(cases):
            run.models.stop_if_asked()
            prepared = run.prepared.get(case)
            began = time.perf_counter()
            calibrates = unit.fold is not None and bool(trained.plan.trainable) and case.label is not None
            raw, doubt = self._classes(segment, prepared, trained, uncertainty is not None or calibrates)
            found = smoothed(raw, prepared.grid.spacing_mm, run.context.card.smoothing_mm)
            slices = found.shape[prepared.grid.axes_to_ras()[0][2]]
            scored.times.append((time.perf_counter() - began, slices))
            path = folder / f"{case.name}.nii.gz"
            try:
                own_labels = trained.plan.predicts_source_labels
                names = run.context.card.label_names if own_labels else task.names
                kept = cleaned(found, names, self._settings)
                if unit.fold is None and run.kept in (None, unit.choice):  # what a person gets
                    for problem in told_of_cleaning(case.name, found, kept, names, prepared.grid.spacing_mm):
                        run.log.write("finding", **replace(problem, case=None).to_json())  # it names the case itself
                found = task.from_source(kept) if own_labels else kept
                values = task.decode(found)
                with explain_write_errors(path, run.job.path):
                    folder.mkdir(parents=True, exist_ok=True)
                    write_labels(path, values, prepared.grid, like=case.images[0])
                    if uncertainty is not None and doubt is not None:
                        uncertainty.mkdir(parents=True, exist_ok=True)
                        write_volume(uncertainty / path.name, doubt, prepared.grid, like=case.images[0])
                    if n == 0 and folder.parent in (
                        run.job.segmentations,
                        run.job.state / "trials",
                    ):  # all are of this job
                        told = write_label_list(folder, run.context.labels, set(folder.iterdir()), task.value_regions)
                        if told is not None:
                            run.log.warn(told)
                if calibrates and doubt is not None:
                    own = task.from_source(raw) if trained.plan.predicts_source_labels else raw
                    scored.calibration.add(own, 1 - doubt, run.prepared.reference(case))
                if case.label is not None:
                    self.score(scored, case, values, prepared.grid)
            except MemoryError:
                raise JobError(
                    "segmentation-does-not-fit",
                    "case `{case}`: memory of this computer ran out while its segmentation was written or scored; close "
                    "other programs, then `{command}`, or start a new job without this case.",
                    case=case.name,
                    command=resume_command(run.job.path),
                ) from None
            facts = {"unit": unit.title, "number": n + 1, "count": len(cases)}
            text = Problem("progress-case", "{unit}, case {number} of {count}", facts, "note")
            run.progress.update(f"{unit.name}.segment", (n + 1) / len(cases), text)
        return scored

    def score(self, scored: Scored, case: Case, values: np.ndarray, grid: Grid) -> None:
        """Score a segmentation against the case's reference.

        Args:
            scored: Where the scores go.
            case: The case.
            values: The label values that were found, (I, J, K).
            grid: The case's own grid, which they are on.
        """
        run, strategy, fold = self.run, self.unit.called.key, self.unit.fold_name
        task, classes = run.context.task, run.prepared.reference(case)
        opened = run.prepared.get(case).open_classes
        known = classes != IGNORE if IGNORE in opened else None
        classes, values = compared(classes, values, opened)
        reference, left_out = task.decode(classes), never_annotated(opened)
        labels = {v: name for n, (v, name) in enumerate(run.context.labels.items(), start=1) if n not in left_out}
        self._warn_of_exchanged(reference, values, labels)
        scored.rows.extend(
            score_case(
                case.name,
                reference,
                values,
                grid,
                labels,
                strategy=strategy,
                fold=fold,
                known=known,
                regions=task.value_regions,
            )
        )
        lesion, options = run.context.lesion_value, run.context.spec.lesions
        if lesion is not None and lesion in labels and options is not None:
            truth, found = (mask_of(array, lesion, task.value_regions) for array in (reference, values))
            scored.lesions.append(score_lesions(case.name, truth, found, grid, options, strategy, fold))

    def _warn_of_exchanged(self, reference: np.ndarray, values: np.ndarray, labels: Mapping[int, str]) -> None:
        """Warn once where the source model as it is finds two labels of a case exchanged."""
        run, task = self.run, self.run.context.task
        if self.unit.choice.key != BASELINE or task.value_regions:
            return
        begun = [value for n, value in enumerate(run.context.labels, start=1) if task.source_classes[n]]
        told = exchanged_labels(reference, values, {value: labels[value] for value in begun if value in labels})
        if told is not None and told.sentence not in run.log.warnings:
            run.log.warn(told)

    def _classes(
        self, segment: Segmenter, case: PreparedCase, trained: Trained, uncertainty: bool
    ) -> tuple[np.ndarray, np.ndarray | None]:
        """The classes of a case, (I, J, K) on its own grid, and their uncertainty where it is asked for."""
        try:
            found = segment(case, uncertainty=uncertainty)
            return found.classes, found.uncertainty
        except NotFinite as error:
            if trained.plan.trainable:
                raise not_finite(self.unit, trained.plan, trained.rate, error) from None
            raise JobError(
                "output-not-finite",
                "case `{name}`: the model gives values that are not finite numbers, so there is no segmentation; look "
                "at the image's intensities, or use another model.",
                name=case.name,
            ) from None
        except OutOfMemory:
            raise JobError(
                "case-does-not-fit",
                "case `{case}`: memory of this computer ran out while it was segmented, even with small windows; close "
                "other programs, then `{command}`, or start a new job without this case.",
                case=case.name,
                command=resume_command(self.run.job.path),
            ) from None
