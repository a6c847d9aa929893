"""The checks of a job's cases: of the target's, and of the source's own where a strategy is trained with them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from TransferSegLib.cases.digests import Digests
from TransferSegLib.core.card import ModelCard
from TransferSegLib.core.case_set import CaseSet
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.inference_settings import sided_axes
from TransferSegLib.core.problems import Problem
from TransferSegLib.core.records import problems_from_json, to_json
from TransferSegLib.jobs.context import JobContext
from TransferSegLib.jobs.events import EventLog
from TransferSegLib.jobs.folder import DIGESTS, FINDINGS, SOURCE_DIGESTS, SOURCE_FINDINGS, SPLIT, JobFolder
from TransferSegLib.jobs.phantom_cases import modality_of_heads
from TransferSegLib.jobs.stored_split import stored_digests
from TransferSegLib.transfer.checks import check_cases
from TransferSegLib.transfer.strategies import STRATEGIES, check_source


@dataclass(frozen=True, eq=False)
class CaseCheck:
    """One check of a data set: which cases, against what.

    Attributes:
        cases: The cases that are checked.
        source_card: The source model's card; None where the model is yet to be made.
        label_map: Target label → source label, as the job has it.
        apart_from: Cases that must not be among these, because a model that is trained on these is scored on them.
        findings: The name of the result that keeps what was found.
        digests: The name of the result that keeps the digests of the files.
        ignored: Codes of findings that are none in this job.
        known: What is known without reading a file.
    """

    cases: CaseSet
    source_card: ModelCard | None
    label_map: Mapping[str, Any] | None
    apart_from: CaseSet | None
    findings: str
    digests: str
    ignored: frozenset[str] = frozenset()
    known: tuple[Problem, ...] = ()

    @classmethod
    def of_target(cls, context: JobContext) -> CaseCheck:
        """The check of the target's cases."""
        # Auto-encoding asks for no annotations, and neither does a job that keeps the source's labels.
        needs_labels = context.spec.task != "autoencoding" and (
            context.spec.kind == "pretrain" or context.spec.learns_labels
        )
        ignored = frozenset(() if needs_labels else {"no-annotated-case"})
        known = (
            *_mirrored_sides(context),
            *_images_alone(context),
            *_source_ensemble(context),
            *_source_data_unused(context),
        )
        card, label_map = context.source_card, context.spec.label_map
        return cls(context.target, card, label_map, None, FINDINGS, DIGESTS, ignored, known)

    @classmethod
    def of_source_data(cls, context: JobContext) -> CaseCheck:
        """The check of the source's own cases."""
        cases = context.source_data.cases
        known = () if context.spec.source_data is not None else (_made_heads(context),)
        return cls(cases, context.card, None, context.target, SOURCE_FINDINGS, SOURCE_DIGESTS, known=known)

    def run(self, on_case: Callable[[], None] = lambda: None) -> tuple[list[Problem], dict[str, Digests]]:
        """Read every file of the cases.

        Args:
            on_case: Called after each case; may raise to stop.

        Returns:
            What was found, and the digests of each case's files.
        """
        digests: dict[str, Digests] = {}
        found = check_cases(
            self.cases, self.source_card, lambda done, total: on_case(), self.label_map, self.apart_from, digests
        )
        return [*self.known, *(problem for problem in found if problem.code not in self.ignored)], digests


def _mirrored_sides(context: JobContext) -> tuple[Problem, ...]:
    """The labels that have a side, where the training mirrors patches: the network could not tell left from right."""
    augment = context.spec.training.for_training(carried=context.spec.kind != "pretrain").augment
    sided = sided_axes(context.task.names).get("right", ())
    if "flips" not in augment.split("+") or not sided:
        return ()
    without = "+".join(word for word in augment.split("+") if word != "flips") or "none"
    problem = Problem(
        "flips-of-sided-labels",
        "{option} mirrors patches, and {count:~the label|the labels} {names:`…} {count:~has|have} a side: the network would "
        "take left for right",
        {"option": f"--augment {augment}", "count": len(sided), "names": sided, "other": f"--augment {without}"},
        "warning",
        "give {other}",
    )
    return (problem,)


def _images_alone(context: JobContext) -> tuple[Problem, ...]:
    """What a person should know of training with scans without labels: that none is there, or that no strategy does it."""
    able = [key for key, strategy in STRATEGIES.items() if strategy.needs_unlabelled]
    asked = [choice.key for choice in context.spec.strategies if choice.name in able]
    if context.spec.training.use_unlabelled and not asked:
        problem = Problem(
            "unlabelled-not-used",
            "{option} changes nothing, because no strategy of the job trains with scans without labels",
            {"option": "--use-unlabelled", "strategies": tuple(able)},
            "warning",
            "leave it out, or choose {strategies}",
        )
        return (problem,)
    if asked and not context.training_cases:
        problem = Problem(
            "images-alone",
            "no case is annotated, so the model is adapted to images alone, it has all of what was adapted (share 1), and "
            "{tests:?separate test cases alone say|nothing says} whether it is better than the source model",
            {"tests": bool(context.tests)},
            "note",
            "annotate a few cases to have models scored",
        )
        return (problem,)
    if asked and not context.unlabelled:
        problem = Problem(
            "no-unlabelled-scan",
            "no scan is without labels, so {strategies} can only learn from the {count:~image|images} of the {count} "
            "annotated {count:~case|cases}",
            {"strategies": tuple(asked), "count": len(context.training_cases)},
            "warning",
            "add the scans that are to be segmented",
        )
        return (problem,)
    return ()


def _made_heads(context: JobContext) -> Problem:
    """Say that digital heads stand for the source's own cases."""
    count, modality = len(context.source_data.cases.cases), modality_of_heads(context.card)
    return Problem(
        "made-heads",
        "the source model's own cases are not given, so {count} digital heads ({modality}) stand for them",
        {"count": count, "modality": modality, "option": "--source-data"},
        "note",
        "give {option} if you have them",
    )


def _source_ensemble(context: JobContext) -> tuple[Problem, ...]:
    """Say of a source model that is an ensemble that the job has one of its models."""
    if not context.card.members:
        return ()
    problem = Problem(
        "source-is-ensemble",
        "the source model is an ensemble of {count} models; the job begins from the first and scores it as `{strategy}`",
        {"count": 1 + len(context.card.members), "strategy": "direct"},
        "note",
    )
    return (problem,)


def _source_data_unused(context: JobContext) -> tuple[Problem, ...]:
    """Say that no strategy of the job takes the source model's own cases, where they are given."""
    if context.spec.source_data is None or context.needs_source_data:
        return ()
    takers = [name for name, strategy in STRATEGIES.items() if strategy.needs_source_data]
    problem = Problem(
        "source-data-unused",
        "the source model's own cases are given ({option}), and none of the job's strategies takes them",
        {"option": "--source-data", "strategies": takers},
        "warning",
        "name {strategies:`…} among the strategies, or leave them out",
    )
    return (problem,)


def check_once(check: CaseCheck, job: JobFolder, log: EventLog, on_case: Callable[[], None]) -> list[Problem]:
    """Check the cases of a running job, or read what an earlier run of the job found.

    Args:
        check: The check.
        job: The job's folder, where the findings are kept.
        log: The job's events; every finding becomes one.
        on_case: Called after each case that is checked.

    Returns:
        What was found, none of it an error.

    Raises:
        InputError: The cases cannot be used.
    """
    # Until the folds are drawn nothing depends on what was found, and the cases may be corrected.
    began = job.load_result(SPLIT) is not None and bool(stored_digests(job, check.digests))
    stored = job.load_result(check.findings) if began else None
    digests: dict[str, Digests] | None = None
    if stored is None:
        found, digests = check.run(on_case)
    else:
        found = problems_from_json(stored, check.findings)
    for problem in found:
        log.write("finding", **problem.to_json())
    refuse_errors(found)
    if digests is not None:
        job.save_result(check.digests, to_json(digests))
        job.save_result(check.findings, [problem.to_json() for problem in found])
    return found


def check_job(context: JobContext) -> list[Problem]:
    """What the checks find in the cases of a job that is not started.

    Raises:
        InputError: The job would be refused before it trains.
    """
    for choice in context.spec.strategies:
        check_source(choice.name, context.card)
    found, _ = CaseCheck.of_target(context).run()
    refuse_errors(found)
    context.folds()
    if context.needs_source_data:
        of_source, _ = CaseCheck.of_source_data(context).run()
        refuse_errors(of_source)
        found += of_source
    return found


def refuse_errors(found: Sequence[Problem]) -> None:
    """End a job whose cases cannot be used.

    Raises:
        InputError: One of the problems is an error: the first, with the number of further ones.
    """
    errors = [problem for problem in found if problem.severity == "error"]
    if not errors:
        return
    first, more = errors[0], len(errors) - 1
    fields = {"problem": first, "case": first.case, "more": more, "command": "transferseg cases check"}
    if first.case and more:
        raise InputError("case-errors", "case `{case}`: {problem} (and {more} more, see `{command}`).", **fields)
    if first.case:
        raise InputError("case-error", "case `{case}`: {problem}.", **fields)
    if more:
        raise InputError("data-set-errors", "{problem} (and {more} more, see `{command}`).", **fields)
    raise InputError("data-set-error", "{problem}.", **fields)
