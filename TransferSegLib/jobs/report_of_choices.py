"""What a job has chosen and decided, as tables of its report."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence

from TransferSegLib.core.declarations import declared_options
from TransferSegLib.core.problems import Problem
from TransferSegLib.core.texts import counted
from TransferSegLib.evaluation.choice import STEPS_SHARE
from TransferSegLib.evaluation.page import Table
from TransferSegLib.evaluation.post_processing_choice import CANDIDATES, LabelChoice
from TransferSegLib.evaluation.summary import Summary
from TransferSegLib.jobs.events import read_events
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.label_choices import label_choices
from TransferSegLib.jobs.spec import JobSpec
from TransferSegLib.training.options import TrainingOptions

# What decided a choice, in the words of the report.
_BY = {
    "out-of-fold": "out-of-fold; a fold's scores by the other folds",
    "validation": "cases to validate on",
    "training": "cases that were trained on",
}
# How the Dice by which most is chosen differs from the scores of a report.
QUICK_DICE = (
    "a Dice that is measured quickly: of one copy of each image, at the network's own voxel size. So it differs a little "
    "from the scores above, which are of all copies that are averaged, at the image's own voxel size."
)
_HEADS = ("Strategy", "What", "Chosen", "Of each fold", "Mean Dice of each", "By")
Row = tuple[str, ...]


def choice_tables(job: JobFolder, spec: JobSpec, summary: Summary) -> list[Table]:
    """The tables of what was chosen by scores, and of what else holds for all that the job computes.

    Args:
        job: The job.
        spec: What it is asked to do.
        summary: Its scores, with its choices.
    """
    chosen = label_choices_that_change(job, spec)
    rows = [*_rows_of_settings(summary), *(_row_of_label(strategy, one) for strategy, one in chosen)]
    about = "Labels are compared by segmentations as the scores above are of. " if chosen else ""
    about += f"{'All else is' if chosen else 'Settings are'} compared by {QUICK_DICE}" if summary.choices else ""
    tables = [Table("Choices by scores", _HEADS, rows, about.strip())] if rows else []
    said = [(f"`{strategy}`", one.problem.sentence) for strategy, one in chosen]
    said += [("all", problem.sentence) for problem in _told_of_all(job)]
    return [*tables, Table("What was decided", ("Strategy", "Decision"), said)] if said else tables


def label_choices_that_change(job: JobFolder, spec: JobSpec) -> list[tuple[str, LabelChoice]]:
    """(strategy, choice) of each label of which components are removed or holes filled, as the cases have chosen.

    Args:
        job: The job.
        spec: What it is asked to do.

    Raises:
        InputError: A file of the job holds something else.
    """
    return [(choice.key, one) for choice in spec.scored for one in label_choices(job, choice) or () if one.changes]


def _rows_of_settings(summary: Summary) -> Iterator[Row]:
    titles = {option.name: option.title for option in declared_options(TrainingOptions)}
    titles |= {STEPS_SHARE: "Share of the steps"}
    for made in summary.choices:
        tried = zip(made.candidates, made.dice, strict=True)
        dice = ", ".join(f"{one}: {mean:.3f}" for one, mean in tried if mean is not None)
        what, folds = titles.get(made.what, made.what), ", ".join(made.of_folds) or "–"
        by = f"{_BY[made.by]} ({counted(made.cases, 'case', 'cases')})"
        yield f"`{made.strategy}`", what, made.chosen, folds, dice, by


def _row_of_label(strategy: str, made: LabelChoice) -> Row:
    dice = ", ".join(f"{one}: {mean:.3f}" for one, mean in zip(CANDIDATES, made.dice, strict=True))
    by = f"{_BY['out-of-fold']} ({counted(made.cases, 'case', 'cases')})"
    return f"`{strategy}`", f"Label `{made.label}`", made.chosen, ", ".join(made.of_folds) or "–", dice, by


def _told_of_all(job: JobFolder) -> Sequence[Problem]:
    """What the job has said of all its strategies, each kind as it was said last."""
    found: dict[str, Problem] = {}
    for event in read_events(job.events)[0]:
        if event["kind"] == "choice" and "strategy" not in event and "problem" in event:
            with contextlib.suppress(ValueError):  # an event of another program
                problem = Problem.from_json(event["problem"])
                found[problem.code] = problem
    return list(found.values())
