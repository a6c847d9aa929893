"""The job that would be made of what is chosen: what keeps it from being started, what it would be, and making it."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Any

from slicer.i18n import tr as _

from TransferSegGui import corrections, dependencies, jobs
from TransferSegGui.cases_section import CasesSection
from TransferSegGui.parameters import (
    AUTOMATIC_FOLDS,
    MINUTES,
    Parameters,
    chosen_strategies,
    label_map,
    lesion_options,
    remember_cases,
    remember_predictions,
    remembered_cases,
    source_data,
    training_options,
    training_settings,
)
from TransferSegGui.protocols import Hindrance, Module
from TransferSegGui.run_section import RunSection
from TransferSegGui.steps import CASES, SOURCE, STRATEGY
from TransferSegGui.targets import TargetCase, images_of_scene
from TransferSegLib.core.errors import InputError
from TransferSegLib.jobs.spec import JobSpec
from TransferSegLib.sources.catalogue import find_source


class NextJob:
    """What the source model, the cases and the strategies that are chosen come to; see `protocols.Module`."""

    def __init__(self, module: Module, cases: CasesSection, run: RunSection) -> None:
        """Look at what is chosen whenever it is asked for.

        Args:
            module: The module, whose parameters and source model are taken.
            cases: The section with the cases.
            run: The section that knows of jobs that run.
        """
        self._module, self._cases, self._run = module, cases, run

    def hindrance(self) -> Hindrance | None:
        """What keeps a job from being started; None where nothing does."""
        parameters = self._module.parameters
        if parameters is None:
            return Hindrance(_("The scene is being closed"))
        if self._run.preparing:
            return Hindrance(_("The cases are being prepared"))
        if self._run.runs:
            return Hindrance(_("A job is running"))
        other = self._run.other_job()
        if other is not None:
            return Hindrance(_("Another job is running on this computer: {job}").format(job=other.name))
        return self._lacking(parameters)

    def plan_question(self) -> tuple[JobSpec, Any] | None:
        """The job as it stands, and a stamp that changes when its plan may; None while there is nothing to plan."""
        checks, source, parameters = self._cases.checks, self._module.source(), self._module.parameters
        if parameters is None or source is None or self._lacking(parameters) is not None:
            return None
        if checks.pending or checks.data_set is None:
            return None
        if dependencies.missing(dependencies.packages_of(source.card)):
            return None
        spec = jobs.job_spec(checks.data_set, source, **_asked(parameters, self._cases.cases()))
        return spec, (repr(spec), checks.generation)

    def create(self, parent: Path | None = None) -> Generator[None, None, Path]:
        """Make the job, a small part with each step, and return its folder.

        Args:
            parent: The finished job to go on from, with its source model; None for the one that is chosen.

        Raises:
            InputError: There is no source model, or the job cannot be made.
        """
        cases, parameters = self._cases.cases(), self._module.parameters
        source = (
            self._module.source() if parent is None else find_source(jobs.JobFolder(parent).read_spec().source or "")
        )
        if source is None or parameters is None:
            raise InputError("no-source-chosen", "No source model is chosen; choose one.")
        asked = _asked(parameters, cases)
        if parent is not None:  # whose folds stay
            before = remembered_cases(parameters, jobs.JobFolder(parent).identity)
            asked |= {"parent": parent, "folds": None, "parent_cases": jobs.parent_cases(cases, before)}
        folder = yield from self._module.logic.createJobInSteps(source, cases, **asked)
        identity = jobs.JobFolder(folder).identity
        remember_cases(parameters, identity, jobs.case_keys(cases))
        began = [jobs.job_name(n) for n, case in enumerate(cases) if corrections.began_as(case.segmentation)]
        remember_predictions(parameters, identity, began)
        return folder

    def _lacking(self, parameters: Parameters) -> Hindrance | None:
        """What a job lacks that is made of what is chosen; None where nothing is lacking."""
        if self._module.source() is None:
            return Hindrance(_("Choose a source model that is on this computer"), SOURCE)
        cases = self._cases.cases()
        if not any(case.role == "train" and case.segmentation is not None for case in cases):
            return Hindrance(
                _("Add at least one annotated case"), CASES, adds_cases=not cases and bool(images_of_scene())
            )
        if self._cases.label_problem:
            return Hindrance(self._cases.label_problem, CASES)
        if waiting := self._cases.waiting():
            return Hindrance(waiting)
        if error := self._cases.error():
            return Hindrance(_("Correct the cases first: {what}").format(what=error), CASES)
        if not chosen_strategies(parameters):
            return Hindrance(_("Tick at least one strategy"), STRATEGY)
        if parameters.budgetUnit == MINUTES and training_settings(parameters).get("deterministic"):
            return Hindrance(
                _(
                    "Give the budget in steps: how many fit into minutes differs from run to run, and every run is to end "
                    "with the same weights"
                ),
                STRATEGY,
            )
        return None


def _asked(parameters: Parameters, cases: Sequence[TargetCase]) -> dict[str, Any]:
    """The settings of a job beside its source and target, as arguments of `jobs.job_spec`."""
    names = [name for case in cases for name in case.label_names]
    return {
        "strategies": chosen_strategies(parameters),
        "training": training_options(parameters),
        "folds": None if parameters.folds == AUTOMATIC_FOLDS else parameters.folds,
        "label_map": label_map(parameters, names),
        "source_data": source_data(parameters),
        "lesions": lesion_options(parameters),
    }
