"""`report.html` of a job, written anew from what the folder holds."""

from __future__ import annotations

import contextlib
import math
import statistics
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from TransferSegLib.cases.checks import together
from TransferSegLib.cases.readers import read_case_set
from TransferSegLib.cases.volumes import read_labels, read_volume
from TransferSegLib.core.card import ModelCard, read_card
from TransferSegLib.core.case_set import Case, CaseSet
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.labels import LabelTask
from TransferSegLib.core.records import from_json, problems_from_json, read_json
from TransferSegLib.evaluation.comparison import BASELINE
from TransferSegLib.evaluation.overlays import Overlay, overlay_cases, overlay_slice
from TransferSegLib.evaluation.report import Curve, ReportInputs, Table, write_report
from TransferSegLib.evaluation.scores import ScoreRow
from TransferSegLib.evaluation.summary import Summary, summarise
from TransferSegLib.evaluation.verdict import Verdict, encoder_trained
from TransferSegLib.evaluation.verdict import seen_by_source as after_warning
from TransferSegLib.jobs.folder import FINDINGS, SOURCE_FINDINGS, JobFolder
from TransferSegLib.jobs.spec import JobSpec
from TransferSegLib.transfer.checks import SEEN_BY_SOURCE
from TransferSegLib.transfer.labels import label_task


@dataclass(frozen=True)
class UnitResult:
    """What a finished unit leaves in `state/results`: its scores, its learning curve, how it was run.

    losses: (step, mean loss) over groups of steps; validation: (step, mean Dice) where the fold had validation cases.
    """

    strategy: str
    fold: str
    rows: tuple[ScoreRow, ...]
    losses: tuple[tuple[float, float], ...]
    steps: int
    validation: tuple[tuple[int, float], ...]
    best_step: int | None
    settings: Mapping[str, Any] | None
    plan: Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class ReportContext:
    """What a report is about, as a run has it already or as it is read for a finished job.

    Attributes:
        target: The job's cases.
        source_card: The source model's card; None for `pretrain`.
        task: The labels that the job's model segments.
    """

    target: CaseSet
    source_card: ModelCard | None
    task: LabelTask

    @classmethod
    def read(cls, spec: JobSpec) -> ReportContext:
        """Read the cases and the source model's card.

        Raises:
            InputError: One of them cannot be read.
        """
        target = read_case_set(Path(spec.target))
        card = None if spec.source is None else read_card(Path(spec.source))
        task = label_task(target, card, spec.label_map) if spec.task != "autoencoding" else LabelTask((), (), {}, ((),))
        return cls(target, card, task)


def unit_results(job: JobFolder, spec: JobSpec) -> list[UnitResult]:
    """The results that are there, in the order of the job's strategies and folds."""
    found = []
    for choice in spec.strategies:
        names = sorted(p.stem for p in (job.state / "results").glob("*.json") if _is_unit(p.stem, choice.slug))
        for name in names:
            value = job.load_result(name)
            if value is not None:
                found.append(from_json(UnitResult, _of_this_format(value), name))
    return found


def _of_this_format(result: Any) -> Any:
    """The stored result of a unit as it is written now; version 0.1.0 had other names."""
    with contextlib.suppress(KeyError, TypeError, AttributeError):  # `from_json` tells what is damaged
        for row in result["rows"]:
            scores = row["scores"]
            if "values" not in scores:
                row["scores"] = {"missed": scores.pop("missed"), "values": scores}
        settings = result["settings"]
        if settings is not None and "speed" in settings:
            settings["execution"] = settings.pop("speed")
    return result


def seen_by_source(job: JobFolder) -> set[str]:
    """The names of the cases that the source model was trained on, as far as its card knows."""
    found = problems_from_json(job.load_result(FINDINGS) or [], FINDINGS)
    return {finding.case for finding in found if finding.case and finding.code == SEEN_BY_SOURCE}


def job_summary(spec: JobSpec, results: Sequence[UnitResult], seen: Collection[str], context: ReportContext) -> Summary:
    """All scores of a job; where it taught something else than to segment, the sentence says how that went.

    Args:
        spec: What the job was asked to do.
        results: The results of its units.
        seen: The cases that the source model was trained on; of scores on these the sentence warns first.
        context: The job's cases and labels.
    """
    rows = [row for result in results for row in result.rows]
    summary = summarise(rows, unknown_to_source=_unknown_to_source(spec, context))
    scored = {row.case for row in rows}
    # What begins at random has learned nothing from the source.
    known = scored.intersection(seen) if any(choice.name != "scratch" for choice in spec.strategies) else ()
    if known:
        summary = replace(summary, verdict=after_warning(summary.verdict, len(known), len(scored)))
    curve = [loss for result in results for _, loss in result.losses]
    if spec.task == "segmentation" or not curve:
        return summary
    # One batch says little: the mean of a tenth of the training at either end.
    tenth = -(-len(curve) // 10)
    first, last = (statistics.fmean(part) for part in (curve[:tenth], curve[-tenth:]))
    trained = encoder_trained(spec.task, results[-1].steps, first, last)
    return replace(summary, verdict=Verdict.of(summary.verdict.kind, trained))


def write_job_report(folder: Path, context: ReportContext | None = None) -> Path:
    """Write `report.html` from the folder's results and segmentations.

    Images that are gone leave out their overlay.

    Args:
        folder: The job's folder.
        context: What the report is about, where a run has it; else it is read.

    Returns:
        The report's path.

    Raises:
        InputError: The job has no scores yet, or its cases or source model cannot be read.
    """
    job = JobFolder(folder)
    spec = job.read_spec()
    results = unit_results(job, spec)
    about = job.load_result("report")
    if about is None or not results:
        raise InputError(
            f"{job.path}: has no results yet; let the job finish (`transferseg status` says how far it is)."
        )
    rows = [row for result in results for row in result.rows]
    findings = [
        f for name in (FINDINGS, SOURCE_FINDINGS) for f in problems_from_json(job.load_result(name) or [], name)
    ]
    context = context or ReportContext.read(spec)
    target = context.target
    write_report(
        job.report,
        ReportInputs(
            title=spec.title or f"{spec.kind}: {target.name}",
            rows=rows,
            summary=job_summary(spec, results, seen_by_source(job), context),
            curves=[
                Curve(
                    r.strategy,
                    "final" if r.fold == "test" else r.fold,
                    [math.ceil(step) for step, _ in r.losses],
                    [loss for _, loss in r.losses],
                    [(int(step), dice) for step, dice in r.validation] or None,
                )
                for r in results
                if r.losses
            ],
            overlays=_overlays(job, spec, context, rows, about["kept"]),
            colours={label.value: label.color for label in read_card(job.model).labels if label.color},
            settings=_settings(job, spec, results, about),
            findings=[f"{f.severity}: {where}{f.message}; {f.advice}" for where, f in together(findings)]
            + list(about["warnings"]),
            notes=_notes(results),
            tables=[*_label_table(spec, context), *_weight_tables(results)],
        ),
    )
    return job.report


def _unknown_to_source(spec: JobSpec, context: ReportContext) -> list[int]:
    """The values of the labels that the source model does not have, where it is scored beside the others."""
    if spec.source is None or not any(choice.name == BASELINE for choice in spec.strategies):
        return []
    task = context.task
    return [value for value, begins in zip(task.values, task.source_classes[1:], strict=True) if not begins]


def _is_unit(stem: str, slug: str) -> bool:
    prefix, _, last = stem.rpartition(".")
    return prefix == slug and (last == "final" or last.startswith("fold"))


def _overlays(
    job: JobFolder, spec: JobSpec, context: ReportContext, rows: Sequence[ScoreRow], kept: str
) -> list[Overlay]:
    """Best, median and worst case of the kept strategy, and the source model's work on the worst."""
    scored = [row for row in rows if row.fold != "test"] or list(rows)
    if not scored:
        return []
    by_name = {case.name: case for case in context.target.cases}
    found = []
    slugs = {choice.key: choice.slug for choice in spec.strategies}
    for kind, name in overlay_cases(scored, kept).items():
        case = by_name.get(name)
        if case is None or case.label is None:
            continue
        try:
            found.append(_overlay(job, case, context.task, kept, slugs[kept], kind))
        except InputError:
            continue
    return found


def _overlay(job: JobFolder, case: Case, task: LabelTask, strategy: str, slug: str, kind: str) -> Overlay:
    image = read_volume(case.images[0])
    assert case.label is not None
    reference = task.decode(task.encode(read_labels(case.label).array))
    prediction = read_labels(job.segmentations / slug / f"{case.name}.nii.gz").array
    return overlay_slice(strategy, case.name, kind, image.array, reference, np.asarray(prediction), image.grid)


def _settings(
    job: JobFolder, spec: JobSpec, results: Sequence[UnitResult], about: Mapping[str, Any]
) -> list[tuple[str, str]]:
    made_by = read_json(job.scores_json).get("made_by", {})
    options = spec.training
    budget = next(
        (f"{getattr(options, n)} {n}" for n in ("steps", "epochs", "minutes") if getattr(options, n) is not None),
        "chosen by the job",
    )
    # Minutes are what the person has; the trainings share them.
    whose = "a training" if options.minutes is None else "all trainings together"
    shown: list[tuple[str, str]] = [
        ("Kept model", str(about["kept"])),
        (
            "Source model",
            Path(spec.source).name if spec.source else f"none (network {spec.network.name})" if spec.network else "",
        ),
        (f"Budget of {whose}", budget),
        ("Seed", str(options.seed)),
        ("Augmentation", options.augment),
        ("Learning rule", options.lr_schedule),
        ("Deterministic", "yes" if options.deterministic else "no"),
    ]
    for result in results:
        if result.settings and result.fold in ("0", "test"):
            execution, patch = result.settings["execution"], "×".join(str(n) for n in result.settings["patch_size"])
            order = ", channels last" if execution["channels_last"] else ""
            shown.append(
                (
                    f"{result.strategy}, {'final' if result.fold == 'test' else 'folds'}",
                    f"{result.steps} steps, batch {result.settings['batch_size']}, patch {patch} voxels, "
                    f"{execution['device']}, {execution['precision']}{order}",
                )
            )
    versions = ", ".join(
        f"{k} {made_by[k]}" for k in ("transferseg", "torch", "monai", "numpy", "python") if k in made_by
    )
    shown.append(("Code", versions + (f", commit {made_by['commit'][:12]}" if "commit" in made_by else "")))
    if made_by.get("peak_memory_mb"):
        shown.append(("Peak memory", f"{made_by['peak_memory_mb']:.0f} MiB"))
    return shown


def _notes(results: Sequence[UnitResult]) -> list[str]:
    """What each strategy trained, and what became of the source's weights, once a strategy."""
    notes: dict[str, str] = {}
    for result in results:
        weights = result.plan.get("weights")
        notes[result.strategy] = f"{result.strategy}: {result.plan['sentence']}" + (
            f" {weights['sentence']}" if weights and weights.get("sentence") else ""
        )
        for note in result.plan.get("notes", []):
            notes[result.strategy] += f" {note}"
    return list(notes.values())


def _label_table(spec: JobSpec, context: ReportContext) -> list[Table]:
    """Where each label of an adapted model comes from."""
    source, task = context.source_card, context.task
    if source is None or spec.task != "segmentation":
        return []
    names = ("background", *source.label_names)
    rows = [
        (name, str(value), " + ".join(names[n] for n in begins) or "new, drawn at random")
        for name, value, begins in zip(task.names, task.values, task.source_classes[1:], strict=True)
    ]
    rows += [(name, "", "not segmented (counts as background)") for name in task.dropped]
    return [Table("Labels", ("Label", "Value", "Begins as the source model's"), rows)]


def _weight_tables(results: Sequence[UnitResult]) -> list[Table]:
    """What became of each tensor of the source model, a table a strategy; those that fared alike share a row."""
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
        title = f"Weights: {strategy}, {100 * weights['share']:.4g} % of the network's values from the source"
        tables.append(Table(title, ("What became of them", "How", "Tensors", "Names"), rows))
    return tables
