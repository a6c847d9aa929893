"""The rounds of a job that recommends a strategy: what is tried in each, and what their scores recommend.

Successive halving (Jamieson and Talwalkar 2016, "Non-stochastic best arm identification and hyperparameter optimization";
Li et al. 2018, Hyperband): all candidates are trained for a tenth of the steps of a full training, the best two for a fifth,
the best one in full. Each round is a training of its own, so that its learning rate falls to the end.

What goes on is chosen for each fold on the scores of the other folds, so different folds may go on with different candidates;
what is kept is chosen on all. In the end every round counts: a model that was trained for a tenth of the steps is kept where
it is the best, and so is the source model as it is: for a fold, too, whose scores are then the source model's. See
`evaluation.recommendation` for how scores of few cases are compared.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from TransferSegLib.core.records import to_json
from TransferSegLib.evaluation.comparison import BASELINE
from TransferSegLib.evaluation.recommendation import (
    Dice,
    Recommendation,
    Tried,
    better_than_source,
    ranked,
    worth,
)
from TransferSegLib.evaluation.scores import ScoreRow, dice_of_cases
from TransferSegLib.jobs.context import JobContext
from TransferSegLib.jobs.files import copy_whole
from TransferSegLib.jobs.fold_models import FoldModels
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.folds import Fold
from TransferSegLib.jobs.recommended import LAST_ROUND
from TransferSegLib.jobs.results import UnitResult, left_out, unit_result
from TransferSegLib.jobs.spec import StrategyChoice
from TransferSegLib.jobs.unit import Unit
from TransferSegLib.transfer.recommended import AUTO
from TransferSegLib.transfer.strategies import STRATEGIES

# Of a full training's steps, the share in each round; and how many candidates go on to it.
SHARES: Mapping[int, float] = {1: 0.1, 2: 0.2, LAST_ROUND: 1.0}
GO_ON: Mapping[int, int] = {2: 2, LAST_ROUND: 1}
SCORED_AS = StrategyChoice(AUTO)
LABELS_FILE = "labels.json"


@dataclass(frozen=True)
class Way:
    """A way of training whose scores are known.

    Attributes:
        key: The key of the strategy; empty for the last round, in which each fold has a strategy of its own.
        round: The round that it was trained in; 0 for the source model as it is.
    """

    key: str
    round: int


SOURCE, IN_FULL = Way(BASELINE, 0), Way("", LAST_ROUND)


class Rounds:
    """What a job tries in its rounds, as far as its results decide it already.

    All of it follows from the results, so a job that is resumed goes on as it would have without a stop.

    Attributes:
        job: The job.
        context: What it adapts to what.
        folds: Its folds; there is at least one.
        numbers: The rounds that are taken: with few candidates not all of them are of use.
    """

    def __init__(self, job: JobFolder, context: JobContext, folds: Sequence[Fold], most: int | None = None) -> None:
        """Read nothing yet.

        Args:
            job: The job.
            context: What it adapts to what.
            folds: Its folds; there is at least one.
            most: How many candidates there is time for; None for all.
        """
        self.job, self.context, self.folds = job, context, tuple(folds)
        self._all = tuple(choice for choice in context.tried if STRATEGIES[choice.name].trains)[:most]
        self.numbers = tuple(n for n in SHARES if n == LAST_ROUND or len(self._all) > GO_ON[n + 1])
        self._results: dict[str, UnitResult] = {}
        self._known: dict[tuple[int, tuple[str, ...]], dict[Way, dict[str, float]]] = {}

    @property
    def candidates(self) -> tuple[StrategyChoice, ...]:
        """The strategies that are tried and train, in the order of their merit, without those that blew up."""
        gone = left_out(self.job)
        return tuple(choice for choice in self._all if choice.key not in gone)

    @property
    def compares_with_source(self) -> bool:
        """Whether the source model as it is can be recommended: it segments one of the labels."""
        return bool(self.source_units()) and any(self.context.task.source_classes[1:])

    def source_units(self) -> list[Unit]:
        """The units that score the source model as it is; none where it segments nothing."""
        return [Unit(choice, fold) for choice in self.context.tried if choice.key == BASELINE for fold in self.folds]

    def units(self, number: int) -> list[Unit]:
        """The units of a round, once the rounds before it have their scores.

        In the last, a fold has the candidate that the other folds chose. In those before, every candidate that goes on for
        any fold is tried in all of them, so that it can be compared.
        """
        if number == LAST_ROUND:
            return [Unit(choice, fold, round=number) for fold in self.folds for choice in self._going_on(number, fold)]
        going_on = {choice.key for fold in (None, *self.folds) for choice in self._going_on(number, fold)}
        tried = [choice for choice in self.candidates if choice.key in going_on]
        return [Unit(choice, fold, round=number) for choice in tried for fold in self.folds]

    def missing(self) -> Unit | None:
        """The next unit to run; None where the source model and all rounds have their scores."""
        for number in (0, *self.numbers):
            for unit in self.units(number) if number else self.source_units():
                if self.result(unit) is None:
                    return unit
        return None

    def result(self, unit: Unit) -> UnitResult | None:
        """The result of a unit; None where it is not finished."""
        if unit.name not in self._results:
            if self.job.load_result(unit.name) is None:
                return None
            self._results[unit.name] = unit_result(self.job, unit.name)
        return self._results[unit.name]

    def recommend(self) -> Recommendation:
        """What the scores of all rounds recommend."""
        chosen, of_folds = self._chosen(None), [self._chosen(fold) for fold in self.folds]
        scores = self._scores(LAST_ROUND)
        source = scores[SOURCE] if self.compares_with_source else None
        nested = [
            scores[way][case]
            for fold, way in zip(self.folds, of_folds, strict=True)
            for case in fold.held_out
            if case in scores[way]
        ]
        trained = ranked({way: dice for way, dice in scores.items() if way.round}, source)
        return Recommendation(
            chosen=self._strategy(chosen, None).key,
            round=chosen.round,
            of_folds=tuple(self._strategy(way, fold).key for fold, way in zip(self.folds, of_folds, strict=True)),
            cases=len(nested),
            dice=_mean(nested),
            source_dice=None if source is None else _mean(source.values()),
            gain=None if source is None or not chosen.round else worth(scores[chosen], source),
            best_trained=self._strategy(trained[0], None).key if trained else None,
            best_trained_dice=_mean(scores[trained[0]].values()) if trained else None,
            tried=tuple(self._tried(source)),
        )

    def take_over(self) -> None:
        """Make the unit that was chosen for each fold the one whose segmentations and result the job's scores are of.

        It can be done again where it was interrupted: nothing is taken away before the result is stored.

        Raises:
            JobError: A file cannot be written.
        """
        for fold in self.folds:
            way = self._chosen(fold)
            unit = Unit(self._strategy(way, fold), fold, round=way.round or None)
            here = self.job.state / "trials" / unit.name if unit.is_trial else self.job.segmentations / unit.called.slug
            there = self.job.segmentations / SCORED_AS.slug
            for name in (*(f"{case}.nii.gz" for case in fold.held_out), LABELS_FILE):
                copy_whole(here / name, there / name, self.job.path)
            weights = FoldModels(self.job, unit.called).file(fold.number)
            copy_whole(weights, FoldModels(self.job, SCORED_AS).file(fold.number), self.job.path)
            result = unit_result(self.job, unit.name)
            own = replace(
                result,
                strategy=SCORED_AS.key,
                rows=tuple(replace(row, strategy=SCORED_AS.key) for row in result.rows),
                lesions=tuple(replace(row, strategy=SCORED_AS.key) for row in result.lesions),
            )
            self.job.save_result(Unit(unit.choice, fold, scored_as=SCORED_AS).name, to_json(own))

    def _going_on(self, number: int, fold: Fold | None) -> list[StrategyChoice]:
        """The candidates of a round that the scores of the other folds chose; those of all folds for None."""
        place = self.numbers.index(number)
        if place == 0:
            return list(self.candidates)
        before = self.numbers[place - 1]
        scores = self._scores(before)
        options = {choice.key: scores[Way(choice.key, before)] for choice in self._going_on(before, fold)}
        source = scores[SOURCE] if self.compares_with_source else None
        best = ranked(options, source, _held_out(fold))[: GO_ON[number]]
        return [choice for key in best for choice in self.candidates if choice.key == key]

    def _chosen(self, fold: Fold | None) -> Way:
        """What the scores of the other folds recommend for a fold; those of all folds for None."""
        scores = self._scores(LAST_ROUND)
        able = {
            way: dice
            for way, dice in scores.items()
            if way in (SOURCE, IN_FULL) or way.key in [choice.key for choice in self._going_on(way.round, fold)]
        }
        if not self.compares_with_source:
            return ranked({way: dice for way, dice in able.items() if way != SOURCE}, None, _held_out(fold))[0]
        decide = [other.held_out for other in self.folds if fold is None or other.number != fold.number]
        options = {way: dice for way, dice in able.items() if way != SOURCE}
        return better_than_source(options, scores[SOURCE], decide) or SOURCE

    def _strategy(self, way: Way, fold: Fold | None) -> StrategyChoice:
        """The strategy of a way; of the last round, that of a fold, or for None the one that all folds chose."""
        if way == IN_FULL:
            return self._going_on(LAST_ROUND, fold)[0]
        return next(choice for choice in self.context.tried if choice.key == way.key)

    def _scores(self, number: int) -> dict[Way, dict[str, float]]:
        """The Dice of each case under each way that was tried up to a round, whose scores must all be there."""
        key = number, tuple(choice.key for choice in self.candidates)
        if key not in self._known:
            rows: dict[Way, list[ScoreRow]] = {}
            for unit in (*self.source_units(), *(u for n in self.numbers if n <= number for u in self.units(n))):
                way = IN_FULL if unit.round == LAST_ROUND else Way(unit.choice.key, unit.round or 0)
                result = self.result(unit)
                assert result is not None
                rows.setdefault(way, []).extend(result.rows)
            self._known[key] = dice_of_cases(rows)
        return self._known[key]

    def _tried(self, source: Dice | None) -> Iterator[Tried]:
        """What was tried in each round, by strategy."""
        found: dict[Way, list[UnitResult]] = {}
        for unit in (*self.source_units(), *(u for n in self.numbers for u in self.units(n))):
            result = self.result(unit)
            assert result is not None
            found.setdefault(Way(unit.choice.key, unit.round or 0), []).append(result)
        dice = dice_of_cases({way: [row for one in results for row in one.rows] for way, results in found.items()})
        for way, results in found.items():
            seconds = [one.seconds for one in results if one.seconds is not None]
            yield Tried(
                strategy=way.key,
                round=way.round,
                steps=max(one.steps for one in results),
                folds=len(results),
                dice=_mean(dice[way].values()),
                gain=None if source is None or way == SOURCE else worth(dice[way], source),
                seconds=round(sum(seconds), 1) if seconds and way.round else None,
            )


def _held_out(fold: Fold | None) -> tuple[str, ...]:
    return () if fold is None else fold.held_out


def _mean(values: Iterable[float]) -> float | None:
    found = list(values)
    return statistics.fmean(found) if found else None
