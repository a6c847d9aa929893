"""The report of a job: `report.html`, and its figures as files.

A running job passes what it has in memory. For a finished job, everything is read from its folder, the data set and the
source model's card.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from TransferSegLib.cases.annotation import values_to_show
from TransferSegLib.cases.checks import unlabelled_cases
from TransferSegLib.cases.grouping import finding_lines
from TransferSegLib.cases.volumes import read_labels, read_volume
from TransferSegLib.core.card import ModelCard, read_card
from TransferSegLib.core.case_set import Case, CaseSet
from TransferSegLib.core.declarations import declared_options, value_text
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.labels import LabelTask
from TransferSegLib.core.records import problems_from_json, read_json
from TransferSegLib.core.texts import counted, share_text
from TransferSegLib.evaluation.comparison import TEST_FOLD
from TransferSegLib.evaluation.overlays import Overlay, overlay_cases, overlay_slice
from TransferSegLib.evaluation.page import Table
from TransferSegLib.evaluation.report import ReportInputs, write_report
from TransferSegLib.evaluation.report_parts.training import Curve
from TransferSegLib.evaluation.summary import Summary, with_kept
from TransferSegLib.jobs.choices_made import with_choices
from TransferSegLib.jobs.folder import FINDINGS, SOURCE_FINDINGS, JobFolder
from TransferSegLib.jobs.recipe_of_job import recipe_of_job
from TransferSegLib.jobs.report_of_choices import QUICK_DICE, choice_tables
from TransferSegLib.jobs.results import UnitResult, job_summary, seen_by_source, unit_results, validated_dice
from TransferSegLib.jobs.source_offer import stored_scored_otherwise
from TransferSegLib.jobs.spec import JobSpec
from TransferSegLib.jobs.target import read_target
from TransferSegLib.training.options import TrainingOptions
from TransferSegLib.training.recipes.table import HEADS, Row
from TransferSegLib.transfer.labels import label_task

# The folder of the report's figures, in the job's.
FIGURES = "figures"


@dataclass(frozen=True, eq=False)
class ReportContext:
    """What a report says beside the results.

    Attributes:
        spec: What the job is asked to do.
        target: The cases.
        source: The card of the source model; None for `pretrain`.
        task: The labels that the job's model segments, and what they begin from.
    """

    spec: JobSpec
    target: CaseSet
    source: ModelCard | None
    task: LabelTask

    @classmethod
    def read(cls, spec: JobSpec) -> ReportContext:
        """Read the data set and the card of the source model.

        Raises:
            InputError: One of them is gone, or cannot be read.
        """
        target = read_target(spec)
        source = None if spec.source is None else read_card(Path(spec.source))
        if spec.task == "autoencoding":  # it asks for no labels
            return cls(spec, target, source, LabelTask((), (), {}, ((),)))
        return cls(spec, target, source, label_task(target, source, spec.label_map))


def write_job_report(folder: Path) -> Path:
    """Write the report of a finished job again.

    Args:
        folder: The job's folder.

    Returns:
        The path of `report.html`.

    Raises:
        InputError: The job has no results yet, or its data set or source model is gone.
    """
    job = JobFolder(folder)
    spec = job.read_spec()
    results = unit_results(job, spec)
    about = job.load_result("report")
    if about is None or not results:
        raise InputError(
            "no-results-yet",
            "{path}: has no results yet; let the job finish (`{command}` says how far it is).",
            path=job.path,
            command="transferseg status",
        )
    context = ReportContext.read(spec)
    summary = job_summary(spec, results, context.task, seen_by_source(job))
    summary = with_choices(job, spec, summary, results)
    summary = with_kept(summary, about["kept"], validated_dice(results))
    write_report_of(job, context, results, summary, about["kept"], about["warnings"])
    return job.report


def write_report_of(
    job: JobFolder,
    context: ReportContext,
    results: Sequence[UnitResult],
    summary: Summary,
    kept: str,
    warnings: Sequence[str],
) -> None:
    """Write the report of a job; images and segmentations that are gone leave out their picture.

    Args:
        job: The job, its kept model and `scores.json` written.
        context: What it adapts to what.
        results: The results of its units.
        summary: `job_summary` of them.
        kept: The key of the strategy whose model is kept.
        warnings: The warnings of the run, a sentence each.

    Raises:
        OSError: A file cannot be written.
    """
    spec = context.spec
    findings = [
        f for name in (FINDINGS, SOURCE_FINDINGS) for f in problems_from_json(job.load_result(name) or [], name)
    ]
    card = read_card(job.model)
    validated = [case.name for case in context.target.with_role("validation")]
    inputs = ReportInputs(
        title=spec.title or f"{spec.kind}: {context.target.name}",
        rows=[row for result in results for row in result.rows],
        summary=summary,
        curves=[_curve(result) for result in results if result.losses],
        lesions=[row for result in results for row in result.lesions],
        overlays=_overlays(job, context, results, kept),
        colours={label.value: label.color for label in card.labels if label.color},
        hidden={label.value for label in card.labels if not label.in_3d},
        source=context.source.name if context.source else "",
        source_scored="" if (otherwise := stored_scored_otherwise(job)) is None else otherwise.sentence,
        settings=_settings(job, spec, results, _kept_model(summary, kept), validated),
        findings=[*finding_lines([*findings, *unlabelled_cases(context.target)]), *warnings],
        notes=_notes(results),
        tables=[
            *_round_table(summary),
            *_rate_table(summary),
            *choice_tables(job, spec, summary),
            *_label_table(context),
            *_recipe_tables(context, results),
            *_weight_tables(results),
        ],
    )
    write_report(job.report, inputs, job.path / FIGURES)


def _curve(result: UnitResult) -> Curve:
    return Curve(
        result.strategy,
        "final" if result.fold == TEST_FOLD else result.fold,
        [math.ceil(step) for step, _ in result.losses],
        [loss for _, loss in result.losses],
        [(int(step), dice) for step, dice in result.validation] or None,
        result.check_seconds,
    )


def _overlays(job: JobFolder, context: ReportContext, results: Sequence[UnitResult], strategy: str) -> list[Overlay]:
    """The best, the median and the worst case of a strategy."""
    rows = [row for result in results for row in result.rows]
    by_name = {case.name: case for case in context.target.cases}
    slugs = {choice.key: choice.slug for choice in context.spec.scored}
    found = []
    for kind, name in overlay_cases(rows, strategy).items():
        case, scored = by_name.get(name), {row.strategy for row in rows if row.case == name}
        if case is None or case.label is None:
            continue
        try:
            found.append(
                _overlay(job, case, context.task, strategy, {k: s for k, s in slugs.items() if k in scored}, kind)
            )
        except InputError:
            continue
    return found


def _overlay(
    job: JobFolder, case: Case, task: LabelTask, strategy: str, slugs: Mapping[str, str], kind: str
) -> Overlay:
    """A slice of a case, with what `strategy` segmented, and all others in `slugs` whose segmentation is there."""
    image = read_volume(case.images[0])
    assert case.label is not None
    labels = read_labels(case.label, case.renumbered, image.grid).array
    reference = values_to_show(case, labels, image.grid, task)
    files = {key: job.segmentations / slug / f"{case.name}.nii.gz" for key, slug in slugs.items()}
    prediction = np.asarray(read_labels(files.pop(strategy)).array)
    others = {key: np.asarray(read_labels(path).array) for key, path in files.items() if path.is_file()}
    return overlay_slice(strategy, case.name, kind, image.array, reference, prediction, image.grid, others)


def _kept_model(summary: Summary, kept: str) -> str:
    """The strategy of the kept model, and that it was recommended, where its scores are called so."""
    made = summary.recommendation
    return kept if made is None or kept == made.chosen else f"{made.chosen}, recommended by {kept}"


def _settings(
    job: JobFolder, spec: JobSpec, results: Sequence[UnitResult], kept: str, validated: Sequence[str] = ()
) -> list[tuple[str, str]]:
    made_by = read_json(job.scores_json).get("made_by", {})
    options = spec.training
    budget = next(
        (f"{getattr(options, n)} {n}" for n in ("steps", "epochs", "minutes") if getattr(options, n) is not None),
        "chosen by the job",
    )
    # Minutes are what the person has; the trainings share them.
    whose = "a training" if options.minutes is None else "all trainings together"
    if spec.recommends:
        whose = "a training in full" if options.minutes is None else "the whole job"
    shown: list[tuple[str, str]] = [
        ("Kept model", kept),
        *([("Validated on", ", ".join(validated))] if validated else []),
        (
            "Source model",
            Path(spec.source).name if spec.source else f"none (network {spec.network.name})" if spec.network else "",
        ),
        (f"Budget of {whose}", budget),
    ]
    for option in declared_options(TrainingOptions):
        value = getattr(options, option.name)
        if value is not None and option.group != "budget" and option.name != "device":
            shown.append((option.title, value_text(option, value)))
    shown += _segmented_with(results)
    shown += _seconds_a_case(results)
    for result in results:
        if result.settings and result.fold in ("0", "test"):
            execution, patch = result.settings["execution"], "×".join(str(n) for n in result.settings["patch_size"])
            order = ", channels last" if execution["channels_last"] else ""
            shown.append(
                (
                    f"{result.strategy}, {'final' if result.fold == 'test' else 'folds'}",
                    f"{_steps(result)}, batch {result.settings['batch_size']}, patch {patch} voxels, "
                    f"{execution['device']}, {execution['precision']}{order}{_between(result)}",
                )
            )
    versions = ", ".join(
        f"{k} {made_by[k]}" for k in ("transferseg", "torch", "monai", "numpy", "python") if k in made_by
    )
    shown.append(("Code", versions + (f", commit {made_by['commit'][:12]}" if "commit" in made_by else "")))
    if made_by.get("peak_memory_mb"):
        shown.append(("Peak memory", f"{made_by['peak_memory_mb']:.0f} MiB"))
    return shown


def _segmented_with(results: Sequence[UnitResult]) -> list[tuple[str, str]]:
    """The windows and the precision in which cases were segmented: one row where all strategies share them."""
    found: dict[str, dict[str, None]] = {}
    for result in results:
        if result.windows is not None:
            size = "×".join(map(str, result.windows))
            found.setdefault(f"windows of {size} voxels, {result.precision}", {})[result.strategy] = None
    if len(found) == 1:
        return [("Segmented in", next(iter(found)))]
    return [(f"Segmented in, {', '.join(strategies)}", conditions) for conditions, strategies in found.items()]


def _seconds_a_case(results: Sequence[UnitResult]) -> list[tuple[str, str]]:
    """How long it took to segment a case by each strategy's folds, and by its final model where that was scored."""
    found: dict[str, list[float]] = {}
    for result in results:
        if result.case_s is not None:
            who = f"{result.strategy}, final model" if result.fold == "test" else result.strategy
            found.setdefault(who, []).append(result.case_s)
    shown = ", ".join(f"{who} {statistics.fmean(each):.2g} s" for who, each in found.items())
    return [("Segmenting a case took", shown)] if shown else []


def _between(result: UnitResult) -> str:
    """Which weights a model has that lie between those at the beginning and at the end of its training."""
    if result.adapted_share in (None, 1):
        return ""
    return f", {result.adapted_share:g} of the way from the weights that the training began with to the adapted ones"


def _steps(result: UnitResult) -> str:
    """How long a model was trained, and of which step its weights are where cases to validate on chose it."""
    steps = counted(result.steps, "step", "steps")
    if result.best_step is None:
        return steps
    best = max(dice for _, dice in result.validation)
    return f"{steps} (weights of step {result.best_step}, Dice {best:.3f} on cases to validate on)"


def _notes(results: Sequence[UnitResult]) -> list[str]:
    """For each strategy, which layers it trained and what became of the source's weights."""
    notes: dict[str, str] = {}
    for result in results:
        weights = result.plan.get("weights")
        notes[result.strategy] = f"{result.strategy}: {result.plan['sentence']}" + (
            f" {weights['sentence']}" if weights and weights.get("sentence") else ""
        )
        for note in result.plan.get("notes", []):
            notes[result.strategy] += f" {note}"
    return list(notes.values())


def _round_table(summary: Summary) -> list[Table]:
    """What a job that recommends a strategy tried, and how it did."""
    made = summary.recommendation
    if made is None or not made.tried:
        return []

    def number(value: float | None, form: str) -> str:
        return "–" if value is None else format(value, form).replace("-", "−")

    rows = [
        (
            f"`{one.strategy}`",
            str(one.round or "–"),
            str(one.steps or "–"),
            str(one.folds),
            number(one.dice, ".3f"),
            number(one.gain, "+.3f"),
            number(one.seconds, ".0f"),
        )
        for one in made.tried
    ]
    heads = ("Strategy", "Round", "Steps", "Folds", "Mean Dice of one copy", "Gain to be expected", "Seconds")
    title = f"Rounds: each fold has the scores of {', '.join(f'`{key}`' for key in made.of_folds)}"
    return [Table(title, heads, rows, f"The kept model is of the last round. Rounds are compared by {QUICK_DICE}")]


def _rate_table(summary: Summary) -> list[Table]:
    """Which learning rate was chosen for each strategy, and by what."""
    if not summary.learning_rates:
        return []
    rows = []
    for made in summary.learning_rates:
        tried = zip(made.rates, made.dice, strict=True)
        dice = ", ".join(f"{rate:g}: " + ("blew up" if mean is None else f"{mean:.3f}") for rate, mean in tried)
        by = "cases to validate on" if made.by == "validation" else "out-of-fold; a fold's scores by the other folds"
        folds = ", ".join(f"{rate:g}" for rate in made.of_folds) or "–"
        rows.append((f"`{made.strategy}`", f"{made.chosen:g}", folds, dice, by))
    return [Table("Learning rates", ("Strategy", "Chosen", "Of each fold", "Mean Dice of each", "By"), rows)]


def _label_table(context: ReportContext) -> list[Table]:
    """Where each label of an adapted model comes from."""
    source, task = context.source, context.task
    if source is None or context.spec.task != "segmentation":
        return []
    names = ("background", *source.label_names)
    rows = [
        (name, str(value), " + ".join(names[n] for n in begins) or "new, drawn at random")
        for name, value, begins in zip(task.names, task.values, task.source_classes[1:], strict=True)
    ]
    rows += [(name, "", "not segmented (counts as background)") for name in task.dropped]
    return [Table("Labels", ("Label", "Value", "Begins as the source model's"), rows)]


def _recipe_tables(context: ReportContext, results: Sequence[UnitResult]) -> list[Table]:
    """A paper's recipe against what was done here; strategies that were trained alike share a table."""
    alike: dict[tuple[Row, ...], list[str]] = {}
    for strategy, plan in {r.strategy: r.plan for r in results if r.settings}.items():
        table = recipe_of_job(context.spec, plan.get("weights") is not None, context.source)
        alike.setdefault(table, []).append(strategy)
    paper = context.spec.training.named.paper
    return [
        Table(
            f"Recipe of {', '.join(strategies)}: {paper}", HEADS, [(r.what, r.paper, r.here, r.differs) for r in rows]
        )
        for rows, strategies in alike.items()
        if rows
    ]


def _weight_tables(results: Sequence[UnitResult]) -> list[Table]:
    """What became of each tensor of the source model: a table for each strategy, a row for tensors with one outcome."""
    tables = []
    for strategy, weights in {r.strategy: r.plan.get("weights") for r in results}.items():
        if not weights:
            continue
        alike: dict[tuple[str, str], list[str]] = {}
        for entry in weights["entries"]:
            alike.setdefault((entry["status"], entry["how"]), []).append(entry["name"])
        rows = [
            (status, how or "as they are", str(len(names)), ", ".join(f"`{name}`" for name in names))
            for (status, how), names in alike.items()
        ]
        title = f"Weights: {strategy}, {share_text(weights['share'])} of the network's values from the source"
        tables.append(Table(title, ("What became of them", "How", "Tensors", "Names"), rows))
    return tables
