"""The source model as a job keeps it where nothing was trained: whole, as it is by itself.

All strategies of a job are compared alike, so the source model is scored as a single network, in the windows of the job and
with its copies. The model that is kept is the source model all the same, with its members and its own settings; a single
network also keeps the copies, which cost little and gain a little. Where the two differ, a sentence says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from torch import Tensor

from TransferSegLib.core.card import ModelCard
from TransferSegLib.core.grid import times
from TransferSegLib.core.inference_settings import InferenceOptions, InferenceSettings
from TransferSegLib.core.problems import Problem
from TransferSegLib.evaluation.clauses import clause
from TransferSegLib.evaluation.comparison import BASELINE
from TransferSegLib.jobs.conditions import Conditions
from TransferSegLib.jobs.context import JobContext
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.label_choices import label_choices
from TransferSegLib.jobs.shown_otherwise import shown_otherwise
from TransferSegLib.jobs.spec import StrategyChoice
from TransferSegLib.sources.catalogue import find_source
from TransferSegLib.sources.loading import load_member_states
from TransferSegLib.transfer.strategies import make_plan


def kept_source_card(context: JobContext, scored: InferenceSettings | None) -> ModelCard:
    """The card of the source model as a job keeps it: as it is by itself, with what was chosen for it on top.

    Args:
        context: The source model, the copies that the job averages, and what a person chose for the job: copies, mirroring,
            smoothing, an ensemble or none.
        scored: How the source model segments in the job, with the components and holes that the folds' cases chose; None
            where these are not looked for.
    """
    assert context.whole is not None
    own, options = context.whole, context.spec.training
    chosen = InferenceOptions(copies=options.copies, post_processing=options.post_processing)
    inference = chosen.inference_settings(own.inference, own.label_names)
    if (
        not own.members and own.inference.as_nnunet is None
    ):  # a single network averages the copies that it was scored with
        of_job = context.card.inference
        inference = replace(inference, copies=of_job.copies, copies_up_to_windows=of_job.copies_up_to_windows)
    if options.mirror is not None:
        mirror = context.card.inference.mirror
        as_nnunet = None if inference.as_nnunet is None else replace(inference.as_nnunet, mirror=mirror)
        inference = replace(inference, mirror=mirror, as_nnunet=as_nnunet)
    if scored is not None:
        inference = replace(inference, largest_component=scored.largest_component, fill_holes=scored.fill_holes)
    smoothing = own.smoothing_mm if options.smoothing_mm is None else options.smoothing_mm
    members = () if options.ensemble == "none" else own.members
    return replace(own, inference=inference, smoothing_mm=smoothing, members=members)


def kept_source_members(context: JobContext) -> dict[str, Mapping[str, Tensor]]:
    """The further weights of the source model, where it is an ensemble: what each is called → its weights by name.

    Raises:
        InputError: A file of the source model is gone, or is another than its card names.
    """
    members = kept_source_card(context, None).members
    if not members:
        return {}
    assert context.spec.source is not None
    states = load_member_states(find_source(Path(context.spec.source)))
    # The network has the target's channels, and so have these.
    networks = (make_plan(replace(context.transfer, state=state), BASELINE, {}).network for state in states)
    return {Path(member.file).stem: network.state_dict() for member, network in zip(members, networks, strict=True)}


def scored_otherwise(job: JobFolder, context: JobContext, conditions: Conditions, is_kept: bool) -> Problem | None:
    """Say that the source model was scored otherwise than it segments by itself.

    Args:
        job: The job, whose folds have chosen what is done with labels.
        context: The source model, and how the job segments.
        conditions: The job's windows and precision.
        is_kept: Whether the source model is the kept model.

    Returns:
        The sentence; None where there is no difference. It is a warning where the source model is kept, and where it is
        another one by itself, an ensemble or one that is run as nnU-Net does. Else it is a note: its settings alone differ.
    """
    if context.whole is None:
        return None
    by_itself = kept_source_card(context, None) if is_kept else context.whole
    another = _another_model(context, by_itself)
    how = [*another, *_other_settings(context.card, by_itself, conditions)]
    if not is_kept:
        changed = [one.label for one in label_choices(job, StrategyChoice(BASELINE)) or () if one.changes]
        how += [_components(changed)] if changed else []
    if not how:
        return None
    return Problem(
        "source-scored-as-in-job",
        "The source model was scored as all models of this job segment: {how:;}. Used by itself it segments as its own card "
        "says{ensemble:?, with all of its {count} networks|}, so it may find something else.",
        {"how": how, "ensemble": bool(by_itself.members), "count": 1 + len(by_itself.members)},
        "warning" if another or is_kept else "note",
    )


def _another_model(context: JobContext, by_itself: ModelCard) -> list[Problem]:
    """In what the source model is another one by itself."""
    found = []
    if by_itself.members:
        found.append(
            clause(
                "scored-as-first-network", "the first of its {count} networks alone", count=1 + len(by_itself.members)
            )
        )
    if by_itself.inference.as_nnunet is not None:
        found.append(clause("scored-not-as-nnunet", "prepared and run as all models are here, not as nnU-Net does"))
    elif shown_otherwise(context):
        found.append(clause("scored-in-usual-axes", "shown images with the axes right, anterior, superior"))
    return found


def _other_settings(of_job: ModelCard, by_itself: ModelCard, conditions: Conditions) -> list[Problem]:
    """With what other settings a job scores than the source model has by itself."""
    found = []
    ours, own = of_job.inference, by_itself.inference
    if conditions.windows != by_itself.patch_size:
        found.append(clause("scored-in-windows", "in windows of {size} voxels", size=times(conditions.windows)))
    if (ours.overlap, ours.blending) != (own.overlap, own.blending) and own.as_nnunet is None:
        percent = round(100 * ours.overlap)
        found.append(clause("scored-with-overlap", "with windows that overlap by {percent} %", percent=percent))
    if (ours.copies, ours.copies_up_to_windows) != (own.copies, own.copies_up_to_windows):
        some, copies = ours.copies_up_to_windows is not None, ours.copies
        found.append(
            clause(
                "scored-with-copies",
                "with {copies} averaged {copies:~copy|copies} of each image{some:? with up to {windows} windows|}",
                copies=copies,
                some=some,
                windows=ours.copies_up_to_windows or 0,
            )
        )
    if ours.mirror != own.mirror and own.as_nnunet is None:
        found.append(
            clause(
                "scored-with-mirrored-copies",
                "{some:?with copies mirrored along {axes}|without mirrored copies}",
                some=bool(ours.mirror),
                axes=list(ours.mirror),
            )
        )
    if of_job.smoothing_mm != by_itself.smoothing_mm:
        found.append(clause("scored-with-smoothing", "smoothed by {mm:g} mm", mm=of_job.smoothing_mm))
    return found


def _components(labels: Sequence[str]) -> Problem:
    return clause(
        "scored-with-components",
        "with single components or filled holes of {labels:…`}, which your cases chose",
        labels=labels,
    )
