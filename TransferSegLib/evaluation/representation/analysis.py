"""The analysis of trainings that kept snapshots: how representations and filters moved, and how alike the networks became.

Trainings of one `condition` are repeats of each other: folds, draws or seeds. All of one `view` see the same blocks.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeVar

import numpy as np
from torch import Tensor

from TransferSegLib.evaluation.representation.activations import POINTS, Activations, record, watched_layers
from TransferSegLib.evaluation.representation.advice import Advice, advise
from TransferSegLib.evaluation.representation.filters import FilterChange, Tile, changes_of_stages, filter_tiles
from TransferSegLib.evaluation.representation.maps import map_tiles
from TransferSegLib.evaluation.representation.reuse import Reuse, feature_reuse
from TransferSegLib.evaluation.representation.similarity import LayerMatrix, Similarity, between_layers, compare
from TransferSegLib.networks.staged import StagedNetwork

PARTS = ("rsim", "reuse", "filters")
# What the networks at their convergence may take together, to be compared with each other.
KEPT_BYTES = 512 * 2**20
FEWEST_POINTS = 32
# Pairs of networks of two conditions that are compared; ten networks have 45 pairs.
MOST_PAIRS = 50
# Frozen layers are the same but for rounding.
SAME = 1 - 1e-5
# With hardly more points than channels chance finds so much that RSIM says nothing of a layer.
MOST_CHANCE = 0.5


# A training begins with the source's weights, or with random ones that are all trained (feature reuse compares with these),
# or with random ones of which some are frozen.
Origin = Literal["source", "scratch", "frozen"]


@dataclass(frozen=True, eq=False)
class Training:
    """A training with the weights that it passed through.

    Attributes:
        name: What tells it from the others.
        condition: What it has in common with its repeats, in words.
        setting: What trainings must have in common to be compared for feature reuse, whatever they begin from.
        origin: What it began with, see `Origin`.
        network: Makes the network, whatever its weights.
        states: Step → reads the weights after it, by name; the first are those that the training began with.
        converged: The step that the others are compared with.
        view: Names the way in which the network sees images: their voxel size and intensities. Networks of two views get
            blocks of their own, so their answers cannot be compared point by point.
    """

    name: str
    condition: str
    setting: str
    origin: Origin
    network: Callable[[], StagedNetwork]
    states: Mapping[int, Callable[[], Mapping[str, Tensor]]]
    converged: int
    view: str = ""

    @property
    def alike(self) -> tuple[str, str]:
        """What two trainings must have in common for their networks to be a pair."""
        return self.setting, self.view


@dataclass(frozen=True)
class Moment:
    """How alike a network is to itself at its convergence.

    Attributes:
        step: How many steps were taken.
        layers: Layer by layer.
    """

    step: int
    layers: tuple[Similarity, ...]


@dataclass(frozen=True)
class Course:
    """How the representations of one training moved (Karimi 2021 figures 6 and 7).

    Attributes:
        training: Its name.
        condition: Its condition.
        origin: What it began with.
        converged: The step that all moments are compared with.
        moments: In the order of the steps. The first is the start, which is the source model where it began with that.
    """

    training: str
    condition: str
    origin: Origin
    converged: int
    moments: tuple[Moment, ...]

    @property
    def start(self) -> dict[str, float]:
        """Stage → RSIM of the start and the convergence, of layers with enough points to tell."""
        return {found.layer: found.rsim for found in self.moments[0].layers if found.chance < MOST_CHANCE}

    @property
    def frozen(self) -> set[str]:
        """The stages that are at the convergence what they were at the start; RSIM alone is also 1 with too few points."""
        return {found.layer for found in self.moments[0].layers if min(found.rsim, found.cka) >= SAME}


# A training, or its course: both have a condition.
_T = TypeVar("_T", "Training", "Course")


@dataclass(frozen=True)
class Pair:
    """How alike two networks are at their convergence (table 8).

    Attributes:
        trainings: Their names.
        conditions: Their conditions.
        layers: Layer by layer.
    """

    trainings: tuple[str, str]
    conditions: tuple[str, str]
    layers: tuple[Similarity, ...]


@dataclass(frozen=True)
class ConditionReuse:
    """The feature reuse of the trainings of a condition (table 9).

    Attributes:
        condition: The condition.
        layers: Layer by layer, without frozen ones and those with too few points; empty where there is no training from
            scratch in the same setting.
    """

    condition: str
    layers: tuple[Reuse, ...]


@dataclass(frozen=True)
class ConditionChange:
    """How much the filters of the trainings of a condition changed until convergence.

    Attributes:
        condition: The condition.
        stages: Stage by stage, the means over the trainings.
    """

    condition: str
    stages: tuple[FilterChange, ...]


@dataclass(frozen=True, eq=False)
class Pictures:
    """Filters and feature maps of one training, at its start and its convergence (figures 8, 9 and 10).

    Attributes:
        condition: The condition.
        training: The name of the training, the first of its condition.
        filters: Some kernels of each stage.
        maps: Some feature maps of each stage, on the first block.
        matrix: How alike its layers are to each other at the convergence; None where that was not asked for.
    """

    condition: str
    training: str
    filters: tuple[Tile, ...] = ()
    maps: tuple[Tile, ...] = ()
    matrix: LayerMatrix | None = None


@dataclass(frozen=True, eq=False)
class Analysis:
    """All that was found.

    Attributes:
        courses: One a training.
        pairs: The pairs of networks that were compared.
        reuse: One a condition that begins with the source's weights.
        changes: One a condition.
        pictures: One a condition.
        advice: One a condition that begins with the source's weights and trains all of the network.
        points: The points that each layer was compared on.
    """

    courses: tuple[Course, ...] = ()
    pairs: tuple[Pair, ...] = ()
    reuse: tuple[ConditionReuse, ...] = ()
    changes: tuple[ConditionChange, ...] = ()
    pictures: tuple[Pictures, ...] = ()
    advice: tuple[Advice, ...] = ()
    points: int = 0


def analyse(
    trainings: Sequence[Training],
    blocks: Mapping[str, Sequence[np.ndarray]],
    parts: Collection[str] = PARTS,
    points: int = POINTS,
    seed: int = 0,
    device: str = "cpu",
    on_look: Callable[[], None] = lambda: None,
) -> Analysis:
    """Analyse trainings of networks of one architecture.

    Two networks are compared only if they were trained with the same `view`, because only then do both see the same blocks.
    Feature reuse compares each network with its own start, so it does not depend on the view.

    Args:
        trainings: The trainings.
        blocks: View → its blocks, (C, I, J, K) each, of one size and as many in each view; see `draw_blocks`.
        parts: Of `PARTS`: `rsim` follows and compares the representations, `reuse` compares start and convergence alone,
            `filters` looks at the weights and shows feature maps.
        points: How many points of each block are drawn; fewer where memory asks for it.
        seed: Decides the points, and what is shown.
        device: What the networks run on.
        on_look: Called after each part of the work; there are `count_looks` of them.

    Raises:
        InputError: A file with weights is damaged.
    """
    found = _Found(trainings, blocks, parts, points, seed, device, on_look)
    for training in trainings:
        found.look_at(training)
    reuse = tuple(found.reuse_of(condition) for condition in found.from_source) if "reuse" in parts else ()
    return Analysis(
        courses=tuple(found.courses),
        pairs=tuple(found.pairs()) if "rsim" in parts else (),
        reuse=reuse,
        changes=tuple(ConditionChange(name, _mean_changes(all_of)) for name, all_of in found.changes.items()),
        pictures=tuple(found.pictures.values()),
        advice=tuple(found.advice()) if "reuse" in parts else (),
        points=found.points * max(map(len, blocks.values()), default=0),
    )


class _Found:
    """What is found, training after training."""

    def __init__(
        self,
        trainings: Sequence[Training],
        blocks: Mapping[str, Sequence[np.ndarray]],
        parts: Collection[str],
        points: int,
        seed: int,
        device: str,
        on_look: Callable[[], None],
    ) -> None:
        self.trainings, self.blocks, self.parts, self.seed, self.device = trainings, blocks, parts, seed, device
        self.on_look = on_look
        self.points = points
        self.courses: list[Course] = []
        self.changes: dict[str, list[tuple[FilterChange, ...]]] = {}
        self.pictures: dict[str, Pictures] = {}
        self._ends: dict[str, Activations] = {}
        self._settings = {training.name: training.setting for training in trainings}
        self._alike = {training.name: training.alike for training in trainings}

    def look_at(self, training: Training) -> None:
        """Run one training's network with its weights, one after the other."""
        network = training.network().to(self.device)
        start, end = (training.states[step]() for step in (min(training.states), training.converged))
        shown = Pictures(training.condition, training.name)
        if "filters" in self.parts:
            self.changes.setdefault(training.condition, []).append(changes_of_stages(network, start, end))
            if training.condition not in self.pictures:
                filters = filter_tiles(network, start, end, seed=self.seed)
                maps = map_tiles(network, start, end, self.blocks[training.view][0], seed=self.seed)
                shown = replace(shown, filters=filters, maps=maps)
            self.on_look()
        if {"rsim", "reuse"} & set(self.parts):
            converged = self._follow(training, network, end)
            if "rsim" in self.parts and training.condition not in self.pictures:
                shown = replace(shown, matrix=between_layers(converged, converged))
        self.pictures.setdefault(training.condition, shown)

    def _follow(self, training: Training, network: StagedNetwork, end: Mapping[str, Tensor]) -> Activations:
        blocks = self.blocks[training.view]
        layers = watched_layers(network, blocks[0])

        def answers(state: Mapping[str, Tensor]) -> Activations:
            network.load_state_dict(state)
            return record(network, blocks, self.points, self.seed, layers)

        def moment(step: int) -> Moment:
            recorded = converged if step == training.converged else answers(training.states[step]())
            found = Moment(step, compare(recorded, converged))
            self.on_look()
            return found

        converged = answers(end)
        if not self._ends:
            room = KEPT_BYTES // (len(self.trainings) * max(1, converged.nbytes // self.points))
            if room < self.points:
                self.points = max(FEWEST_POINTS, room)
                converged = answers(end)
        moments = [moment(step) for step in _followed(training.states, self.parts)]
        self.courses.append(
            Course(training.name, training.condition, training.origin, training.converged, tuple(moments))
        )
        self._ends[training.name] = converged
        return converged

    @property
    def from_source(self) -> list[str]:
        """The conditions that begin with the source's weights."""
        return list(dict.fromkeys(course.condition for course in self.courses if course.origin == "source"))

    def pairs(self) -> list[Pair]:
        """Compare the networks with each other at their convergence, at most `MOST_PAIRS` of each two conditions.

        Networks of two settings, such as of two sizes of the target set, differ in more than what they began from: they are
        no pair. Neither are those of two views.
        """
        found = []
        alike = [self._alike[course.training] for course in self.courses]
        for number, (conditions, pairs) in enumerate(_by_two_conditions(self.courses, alike).items()):
            rng = np.random.default_rng([self.seed, number])
            chosen = np.sort(rng.permutation(len(pairs))[:MOST_PAIRS])
            for one, other in (pairs[place] for place in chosen):
                layers = compare(self._ends[one.training], self._ends[other.training])
                found.append(Pair((one.training, other.training), conditions, layers))
                self.on_look()
        return found

    def reuse_of(self, condition: str) -> ConditionReuse:
        """The feature reuse of a condition, without layers that were frozen: these are the same, whatever they are worth."""
        own, scratch = self._compared(condition)
        reuse = feature_reuse([c.start for c in own], [c.start for c in scratch])
        frozen = _all_have(course.frozen for course in own)
        return ConditionReuse(condition, tuple(one for one in reuse if one.layer not in frozen))

    def advice(self) -> list[Advice]:
        """What the reuse suggests; nothing of conditions in which some part of the network was frozen."""
        found = []
        for condition in self.from_source:
            own, scratch = self._compared(condition)
            layers = {found.layer for found in own[0].moments[0].layers}
            moved = layers - _all_have(course.frozen for course in own)
            if _parts(moved) == _parts(layers):
                chance = {one.layer: one.chance for one in own[0].moments[0].layers if one.layer in own[0].start}
                found.append(advise(condition, [c.start for c in own], [c.start for c in scratch], chance))
        return found

    def _compared(self, condition: str) -> tuple[list[Course], list[Course]]:
        """The courses of a condition, and those that began from nothing in the same setting."""
        own = [course for course in self.courses if course.condition == condition]
        settings = {self._settings[course.training] for course in own}
        scratch = [c for c in self.courses if c.origin == "scratch" and self._settings[c.training] in settings]
        return own, scratch


def count_looks(trainings: Sequence[Training], parts: Collection[str] = PARTS) -> int:
    """Count the parts of the work: the filters of each training, its moments, and the pairs of networks.

    Args:
        trainings: The trainings, as `analyse` takes them.
        parts: Of `PARTS`.
    """
    filters = len(trainings) if "filters" in parts else 0
    followed = trainings if {"rsim", "reuse"} & set(parts) else ()
    moments = sum(len(_followed(training.states, parts)) for training in followed)
    alike = [training.alike for training in trainings]
    pairs = _by_two_conditions(trainings, alike).values() if "rsim" in parts else ()
    return filters + moments + sum(min(MOST_PAIRS, len(found)) for found in pairs)


def _by_two_conditions(
    all_of: Sequence[_T], alike: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], list[tuple[_T, _T]]]:
    """All pairs of one setting and view, by the conditions of their two."""
    together: dict[tuple[str, str], list[tuple[_T, _T]]] = {}
    for (one, its), (other, others) in itertools.combinations(zip(all_of, alike, strict=True), 2):
        if its == others:
            together.setdefault((one.condition, other.condition), []).append((one, other))
    return together


def _followed(steps: Collection[int], parts: Collection[str]) -> list[int]:
    """The steps at which a training is looked at: all, or for the reuse alone the first."""
    return sorted(steps) if "rsim" in parts else [min(steps)]


def by_conditions(pairs: Sequence[Pair]) -> dict[tuple[str, str], list[Pair]]:
    """Group the pairs by the conditions of their networks."""
    found: dict[tuple[str, str], list[Pair]] = {}
    for pair in pairs:
        found.setdefault(pair.conditions, []).append(pair)
    return found


def too_few_points(courses: Sequence[Course]) -> list[str]:
    """The stages of which RSIM says nothing, because chance finds too much in them."""
    found = [layer for course in courses for moment in course.moments for layer in moment.layers]
    return list(dict.fromkeys(layer.layer for layer in found if layer.chance >= MOST_CHANCE))


def _all_have(sets: Iterable[set[str]]) -> set[str]:
    """What is in each of some sets."""
    return functools.reduce(set.intersection, sets)


def _parts(layers: Collection[str]) -> set[str]:
    """The parts of the network that some of its stages are of."""
    return {layer.split(".")[0] for layer in layers}


def _mean_changes(trainings: Sequence[tuple[FilterChange, ...]]) -> tuple[FilterChange, ...]:
    """The means over trainings, stage by stage."""
    numbers = ("mean", "low", "high", "of_norm")
    return tuple(
        replace(alike[0], **{name: float(np.mean([getattr(one, name) for one in alike])) for name in numbers})
        for alike in zip(*trainings, strict=True)
    )
