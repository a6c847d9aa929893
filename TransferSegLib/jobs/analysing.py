"""The analysis of what the networks of one or several jobs represent, from the snapshots that the jobs kept."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from TransferSegLib.cases.preprocessing import prepare_case
from TransferSegLib.core.case_set import Case
from TransferSegLib.core.records import to_json
from TransferSegLib.evaluation.representation.activations import BLOCKS, POINTS, draw_blocks
from TransferSegLib.evaluation.representation.analysis import PARTS, Analysis, Origin, Training, analyse
from TransferSegLib.evaluation.representation.similarity import snapshot_at
from TransferSegLib.evaluation.representation.writing import write_analysis
from TransferSegLib.jobs.context import JobContext
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.spec import JobSpec, StrategyChoice
from TransferSegLib.jobs.trainings import KeptTraining, kept_trainings
from TransferSegLib.networks.staged import StagedNetwork
from TransferSegLib.sources.untrusted.weights import load_weights

_OF_FOLDS = (
    "The trainings of one job begin with the same weights, also those from scratch, and its folds share most of their cases. "
    "So they are more alike than trainings with other seeds, and intervals over them are too narrow."
)
# Blocks are cut out of so many cases at most; each has to be prepared anew.
MOST_CASES = 8


@dataclass(frozen=True)
class Member:
    """A job of an analysis.

    Attributes:
        job: The job.
        name: What tells its trainings from those of other jobs; empty for a job that is analysed alone.
        condition: What its trainings have in common with their repeats; empty for their strategies.
        setting: What trainings from the source and from scratch must have in common to be compared.
    """

    job: JobFolder
    name: str = ""
    condition: str = ""
    setting: str = ""


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
        """The same for jobs whose networks can be compared: they have one architecture and see images alike."""
        card = self.context.card
        return json.dumps([to_json(card.network), to_json(card.preprocessing), len(self.context.channels)])


def analyse_jobs(
    members: Sequence[Member],
    folder: Path,
    title: str,
    sampling: Sampling,
    device: str,
    on_done: Callable[[int, int], None] = lambda done, total: None,
) -> list[tuple[Path, Analysis]]:
    """Analyse the trainings of jobs and write what was found.

    Args:
        members: The jobs; those without a finished training with snapshots are left out.
        folder: Where to; jobs whose networks cannot be compared with each other get folders in it, named after the networks.
        title: The title of the report.
        sampling: How to look.
        device: What the networks run on.
        on_done: Receives how many of how many trainings are done.

    Returns:
        The path of each report that was written, and what it shows.

    Raises:
        InputError: A data set, a source model or a snapshot is gone or damaged.
        OSError: A file cannot be written.
    """
    groups: dict[str, list[_Member]] = {}
    for member in members:
        spec = member.job.read_spec()
        trainings = kept_trainings(member.job, spec)
        if trainings:
            known = _Member(member, spec, JobContext.read(spec), trainings)
            groups.setdefault(known.alike, []).append(known)
    total, before, written = sum(len(m.trainings) for group in groups.values() for m in group), 0, []
    for number, group in enumerate(groups.values(), start=1):
        name = group[0].context.card.network.name
        place = folder if len(groups) == 1 else folder / f"{number}-{name}"
        count = sum(len(member.trainings) for member in group)
        cases, notes = _cases(group[0].context)
        if any(kept.fold is not None for member in group for kept in member.trainings):
            notes.append(_OF_FOLDS)
        found = analyse(
            [training for member in group for training in _trainings(member)],
            _blocks(group[0], cases, sampling),
            sampling.parts,
            sampling.points,
            sampling.seed,
            device,
            lambda done, _, before=before: on_done(before + done, total),  # type: ignore[misc]
        )
        before += count
        facts = [
            ("Network", name),
            ("Trainings", str(count)),
            ("Blocks", f"{sampling.blocks} of {'×'.join(map(str, group[0].trainings[0].patch_size))} voxels"),
            ("Cases", ", ".join(case.name for case in cases)),
            ("Points of each layer", str(found.points)),
            ("Seed", str(sampling.seed)),
        ]
        whose = title if len(groups) == 1 else f"{title}, {name}"
        written.append((write_analysis(place, found, whose, facts, notes), found))
    return written


def _cases(context: JobContext) -> tuple[list[Case], list[str]]:
    """The cases that blocks are cut out of: test cases, as in Karimi 2021 §2.3, where there are any; and a note if not."""
    unseen = [*context.tests, *context.unlabelled]
    cases = unseen or context.training_cases
    step = max(1, -(-len(cases) // MOST_CASES))
    note = "There are no test cases, so the networks were run on images that they were trained on."
    return cases[::step], [] if unseen else [note]


def _blocks(member: _Member, cases: Sequence[Case], sampling: Sampling) -> tuple[np.ndarray, ...]:
    images = [prepare_case(case, member.context.card.preprocessing).image for case in cases]
    return draw_blocks(images, member.trainings[0].patch_size, sampling.blocks, sampling.seed)


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
        )
        for kept in member.trainings
    ]


def _network(spec: JobSpec, choice: StrategyChoice) -> StagedNetwork:
    """The network of a strategy; what it needs of the source is read again, so that memory holds one source at a time."""
    return JobContext.read(spec).plan(choice).network


def _origin(choice: StrategyChoice) -> Origin:
    return {"scratch": "scratch", "random-encoder": "frozen"}.get(choice.name, "source")  # type: ignore[return-value]
