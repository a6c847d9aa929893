"""The analysis of what the networks of one or several jobs represent, from the snapshots that the jobs kept."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from TransferSegLib.cases.preprocessing import prepare_case
from TransferSegLib.core.case_set import Case
from TransferSegLib.core.records import to_json
from TransferSegLib.core.texts import as_name
from TransferSegLib.evaluation.comparison import and_words
from TransferSegLib.evaluation.representation.activations import BLOCKS, POINTS, draw_blocks
from TransferSegLib.evaluation.representation.analysis import (
    PARTS,
    Analysis,
    Origin,
    Training,
    analyse,
    count_looks,
    too_few_points,
)
from TransferSegLib.evaluation.representation.similarity import snapshot_at
from TransferSegLib.evaluation.representation.writing import write_analysis
from TransferSegLib.jobs.context import JobContext
from TransferSegLib.jobs.spec import JobSpec, StrategyChoice
from TransferSegLib.jobs.trainings import KeptTraining, Member, kept_trainings
from TransferSegLib.networks.memory import memory_watch
from TransferSegLib.networks.staged import StagedNetwork
from TransferSegLib.sources.untrusted.weights import load_weights

_OF_FOLDS = (
    "The trainings of one job begin with the same weights, also those from scratch, and its folds share most of their cases. "
    "So they are more alike than trainings with other seeds, and intervals over them are too narrow."
)
_OF_OTHER_FOLDS = (
    "Other cases are scored in each fold, so no image is new to all networks: some were trained on those that all were run "
    "on."
)
# Blocks are cut out of so many cases at most; each has to be prepared anew.
MOST_CASES = 8


@dataclass(frozen=True)
class Sampling:
    """How an analysis looks.

    Attributes:
        parts: What is looked at, see `PARTS`.
        blocks: How many blocks of images the networks are run on.
        points: How many points of each block are compared.
        seed: Decides blocks, points and what is shown.
    """

    parts: Collection[str] = PARTS
    blocks: int = BLOCKS
    points: int = POINTS
    seed: int = 0


@dataclass(frozen=True, eq=False)
class _Member:
    """A job with what is known of its networks."""

    member: Member
    spec: JobSpec
    context: JobContext
    trainings: tuple[KeptTraining, ...]

    @property
    def alike(self) -> str:
        """The same for jobs that are looked at together: their networks have one architecture and one target."""
        target = self.member.target, self.spec.target, *self.spec.pooled
        return json.dumps([to_json(self.context.card.network), target], default=str)

    @property
    def view(self) -> str:
        """The same for jobs whose networks see images alike, see `Training.view`."""
        return json.dumps(to_json(self.context.card.preprocessing))


@dataclass(frozen=True, eq=False)
class JobAnalysis:
    """What was found in jobs of one architecture and one target.

    Attributes:
        network: The name of the networks' architecture.
        target: What the target is called; empty where all jobs have one.
        found: What was found.
        facts: (name, value) of how it was made, for the report.
        notes: What the reader has to know, a sentence each.
    """

    network: str
    target: str
    found: Analysis
    facts: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]


def analyse_jobs(
    members: Sequence[Member],
    sampling: Sampling,
    device: str,
    on_share: Callable[[float], None] = lambda share: None,
) -> list[JobAnalysis]:
    """Analyse the trainings of jobs.

    Args:
        members: The jobs; those without a finished training with snapshots are left out.
        sampling: How to look.
        device: What the networks run on.
        on_share: Receives the share (0…1) of the work that is done, after each network that was looked at.

    Returns:
        An analysis for each architecture and target.

    Raises:
        InputError: A data set, a source model or a snapshot is gone or damaged.
        OutOfMemory: A network does not fit into memory with one block.
    """
    groups: dict[str, list[_Member]] = {}
    for member in members:
        spec = member.job.read_spec()
        trainings = kept_trainings(member.job, spec)
        if trainings:
            known = _Member(member, spec, JobContext.read(spec), trainings)
            groups.setdefault(known.alike, []).append(known)
    of_groups = {alike: [one for member in group for one in _trainings(member)] for alike, group in groups.items()}
    total = sum(count_looks(one, sampling.parts) for one in of_groups.values())
    done = itertools.count(1)
    found: list[JobAnalysis] = []
    for alike, group in groups.items():
        with memory_watch():
            found.append(
                _analyse(group, of_groups[alike], sampling, device, lambda: on_share(next(done) / total)),
            )
    return found


def write_analyses(folder: Path, analyses: Sequence[JobAnalysis], title: str) -> list[Path]:
    """Write analyses: one into the folder, several into folders in it that are named after networks and targets.

    Args:
        folder: The folder; made if need be.
        analyses: What `analyse_jobs` found.
        title: The title of the reports.

    Returns:
        The path of each report.

    Raises:
        OSError: A file cannot be written.
    """
    written = []
    several = len({one.target for one in analyses}) > 1
    for number, one in enumerate(analyses, start=1):
        alone = len(analyses) == 1
        whose = [one.network, one.target] if several and one.target else [one.network]
        place = folder if alone else folder / as_name("-".join([str(number), *whose]), str(number))
        heading = title if alone else ", ".join([title, *whose])
        written.append(write_analysis(place, one.found, heading, one.facts, one.notes))
    return written


def _analyse(
    group: Sequence[_Member],
    trainings: Sequence[Training],
    sampling: Sampling,
    device: str,
    on_look: Callable[[], None],
) -> JobAnalysis:
    """Analyse jobs of one architecture and target."""
    first = group[0]
    name = first.context.card.network.name
    kept = [training for member in group for training in member.trainings]
    cases, notes = choose_cases([member.context for member in group])
    if any(training.fold is not None for training in kept):
        notes.append(_OF_FOLDS)
    views: dict[str, _Member] = {}
    for member in group:
        views.setdefault(member.view, member)
    if len(views) > 1:
        notes.append(_about_views(trainings))
    blocks = {view: _blocks(member, cases, sampling) for view, member in views.items()}
    sizes = dict.fromkeys("×".join(map(str, some[0].shape[1:])) for some in blocks.values())
    found = analyse(
        trainings,
        blocks,
        sampling.parts,
        sampling.points,
        sampling.seed,
        device,
        on_look,
    )
    few = too_few_points(found.courses)
    if few:
        notes.append(
            f"Too few points for the channels of {and_words([f'`{layer}`' for layer in few])}: RSIM says nothing there, and "
            "reuse and advice leave it out. More blocks (`--blocks`) or a training with larger patches give more."
        )
    facts = (
        ("Network", name),
        ("Trainings", str(len(kept))),
        ("Blocks", f"{sampling.blocks} of {and_words(list(sizes))} voxels"),
        ("Cases", ", ".join(case.name for case in cases)),
        ("Points of each layer", str(found.points)),
        ("Seed", str(sampling.seed)),
    )
    return JobAnalysis(name, first.member.target, found, facts, tuple(notes))


def choose_cases(contexts: Sequence[JobContext]) -> tuple[list[Case], list[str]]:
    """Choose the cases that blocks are cut out of: test cases, as in Karimi 2021 §2.3, where there are any.

    They are those of the first job, without what another job was trained on, as far as that leaves any.

    Args:
        contexts: The jobs, of one target.

    Returns:
        At most `MOST_CASES` cases, and a note where some network was trained on them.
    """
    first = contexts[0]
    unseen = [*first.tests, *first.unlabelled]
    trained = {case.name for context in contexts for case in context.training_cases}
    new_to_all = [case for case in unseen if case.name not in trained]
    cases = new_to_all or unseen or first.training_cases
    step = max(1, -(-len(cases) // MOST_CASES))
    note = "There are no test cases, so the networks were run on images that they were trained on."
    return cases[::step], [] if new_to_all else [_OF_OTHER_FOLDS if unseen else note]


def _about_views(trainings: Sequence[Training]) -> str:
    """Says which networks see images in which way, and what follows from it."""
    views: dict[str, dict[str, None]] = {}
    for training in trainings:
        views.setdefault(training.view, {})[training.condition] = None
    ways = "; ".join(and_words([f"`{condition}`" for condition in found]) for found in views.values())
    return (
        f"The networks see the images in {len(views)} ways, which differ in voxel size or intensities: {ways}. Pairs of "
        "networks are of one way. Feature reuse and advice compare each network with itself, so they are of all. For more "
        "pairs, name one `spacing` under `preprocessing` of the study, and train the source models in the study."
    )


def _blocks(member: _Member, cases: Sequence[Case], sampling: Sampling) -> tuple[np.ndarray, ...]:
    images = [prepare_case(case, member.context.card.preprocessing).image for case in cases]
    return draw_blocks(images, member.trainings[0].windows, sampling.blocks, sampling.seed)


def _trainings(member: _Member) -> list[Training]:
    about, single = member.member, len(member.trainings) == 1
    return [
        Training(
            name=kept.name if not about.name else about.name if single else f"{about.name}, {kept.name}",
            condition=about.condition or kept.choice.key,
            setting=about.setting,
            origin=_origin(kept.choice),
            network=lambda choice=kept.choice: _network(member.spec, choice),  # type: ignore[misc]
            states={step: lambda path=path: load_weights(path) for step, path in kept.files.items()},  # type: ignore[misc]
            converged=snapshot_at(list(kept.files), kept.converged_step),
            view=member.view,
        )
        for kept in member.trainings
    ]


def _network(spec: JobSpec, choice: StrategyChoice) -> StagedNetwork:
    """The network of a strategy; what it needs of the source is read again, so that memory holds one source at a time."""
    return JobContext.read(spec).plan(choice).network


def _origin(choice: StrategyChoice) -> Origin:
    return {"scratch": "scratch", "random-encoder": "frozen"}.get(choice.name, "source")  # type: ignore[return-value]
