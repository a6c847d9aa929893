"""The rounds of a job that recommends a strategy: what is tried in each, and what their scores recommend.

Successive halving (Jamieson and Talwalkar 2016, "Non-stochastic best arm identification and hyperparameter optimization";
Li et al. 2018, Hyperband): all candidates are trained for a tenth of the steps of a training in full, the best one for
four tenths, or for all of them where the source model does not cope and much is to be learned. Each round is a training of
its own, so that its learning rate falls to the end. The first one says what goes on to the last, and what was trained there
is kept, or the source model as it is.

Every training leaves the Dice of each case that it did not see, with each share of the adapted weights. These raw scores are
all that is chosen by. What is chosen for a fold (what goes on, the strategy, the share, or the source model)
is chosen on the raw scores of the other folds alone, with all that is chosen on the way; what is kept, on those of all. So
nothing that a case scored has a say in what it is scored with, but for the steps of the last round, which are more where
the source model does not cope. Different folds may choose differently. What any of them needs is trained in all folds: a
choice is among models that were scored on the same cases.

Only what was chosen is segmented and scored in full, in every fold, as it would be kept. See `evaluation.recommendation` for
how scores of few cases are compared.
"""

from __future__ import annotations

import functools
import statistics
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from TransferSegLib.core.records import to_json
from TransferSegLib.evaluation.choice import Choice, mean_of, usual
from TransferSegLib.evaluation.clauses import NEGLIGIBLE_DICE
from TransferSegLib.evaluation.comparison import BASELINE
from TransferSegLib.evaluation.recommendation import (
    Dice,
    FoldDice,
    Recommendation,
    Tried,
    better_than_source,
    deciding,
    hd95_of_cases,
    is_farther,
    ranked,
    with_chosen_shares,
    worth,
)
from TransferSegLib.evaluation.scores import ScoreRow, dice_of_cases
from TransferSegLib.jobs.choices import ADAPTED_SHARE, TrainedFold, trained_fold
from TransferSegLib.jobs.context import JobContext
from TransferSegLib.jobs.files import copy_segmentations, copy_whole, explain_write_errors
from TransferSegLib.jobs.fold_models import FoldModels
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.folds import Fold
from TransferSegLib.jobs.recommended import LAST_ROUND, SHARES
from TransferSegLib.jobs.results import UnitResult, left_out, seen_by_source, unit_result
from TransferSegLib.jobs.spec import StrategyChoice
from TransferSegLib.jobs.unit import Unit
from TransferSegLib.transfer.recommended import AUTO, usual_gain
from TransferSegLib.transfer.strategies import STRATEGIES

# How many candidates go on to a round.
GO_ON: Mapping[int, int] = {LAST_ROUND: 1}
# A source model does not cope where a tenth of the steps gains so much Dice.
MUCH = 0.05
# How many ways are segmented and scored in full, about: more where the folds disagree.
WAYS = 2
SCORED_AS = StrategyChoice(AUTO)
# The share of the adapted weights in the source model as it is.
NOTHING_ADAPTED = "0"


@dataclass(frozen=True)
class Way:
    """A way to make a model whose scores are known.

    Attributes:
        key: The key of the strategy.
        round: The round that it was trained in; 0 for the source model as it is.
        share: The share of the adapted weights, as a text; empty where the model has chosen for itself, or has none.
    """

    key: str
    round: int
    share: str = ""


SOURCE = Way(BASELINE, 0)


def _usual(way: Way) -> float:
    """What a source model that copes usually gains in a way."""
    return usual_gain(StrategyChoice.parse(way.key).name)


class Rounds:
    """What a job tries in its rounds, as far as its results decide it already.

    All of it follows from the results, so a job that is resumed goes on as it would have without a stop.

    Attributes:
        job: The job.
        context: What it adapts to what.
        folds: Its folds; there is at least one.
        short_of_time: The keys of the strategies that there is no time to try.
        numbers: The rounds that are taken: with one candidate there is nothing to choose by the first.
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
        trained = tuple(choice for choice in context.tried if STRATEGIES[choice.name].trains)
        self._all = trained[:most]
        # What there is no time for, by the key.
        self.short_of_time = tuple(choice.key for choice in trained[len(self._all) :])
        self.numbers = tuple(n for n in SHARES if n == LAST_ROUND or len(self._all) > GO_ON[n + 1])
        self._records: dict[str, TrainedFold] = {}
        self._results: dict[str, UnitResult] = {}
        self._chosen_to_go_on: dict[tuple[object, ...], list[StrategyChoice]] = {}
        self._of_trainings: dict[Way, list[FoldDice]] = {}

    @functools.cached_property
    def _seen(self) -> set[str]:
        """The cases that the source model was trained on: on them it, and what is near to it, looks better than it is."""
        return seen_by_source(self.job)

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

    def trainings(self, number: int) -> list[Unit]:
        """The trainings of a round, once those of the rounds before it are finished.

        Every candidate that goes on for any fold, or for the model that is kept, is trained in all folds.
        """
        going_on = {choice.key for fold in (None, *self.folds) for choice in self._going_on(number, fold)}
        tried = [choice for choice in self.candidates if choice.key in going_on]
        return [Unit(choice, fold, round=number) for choice in tried for fold in self.folds]

    @property
    def first_round_decides_steps(self) -> bool:
        """Whether the scores of the first round decide how many steps the last one has; else it has all."""
        return self.compares_with_source and self.numbers[0] != LAST_ROUND and not self.context.task.new_names

    def share_of_steps(self, number: int) -> float:
        """Of a full training's steps, the share in a round; to be asked once the rounds before it are finished.

        All cases decide it, and what was trained in these rounds: `RoundBudget` asks once and keeps it.
        """
        if number != LAST_ROUND or self._source_copes():
            return SHARES[number]
        return 1.0

    def _source_copes(self) -> bool:
        """Whether little is to be learned: the best of the first round gains little over the source model as it is.

        Of a label that the source model lacks, little may be found after a tenth of the steps because much is to be learned.
        """
        source, cases = self._source(), self._cases(None)
        if source is None or not self.first_round_decides_steps:
            return False
        options = self._options(None, self.numbers[:1])
        best = options[ranked(options, source, cases, _usual)[0]]
        gains = [best[case] - source[case] for case in cases if case in best and case in source]
        return not gains or statistics.fmean(gains) < MUCH

    def finished(self) -> list[Unit]:
        """The trainings of the rounds that are finished."""
        found = []
        for number in self.numbers:
            units = self.trainings(number)
            found += [unit for unit in units if self.record(unit) is not None]
            if any(self.record(unit) is None for unit in units):
                break
        return found

    def missing(self) -> Unit | None:
        """The next training; None where all are finished."""
        for number in self.numbers:
            for unit in self.trainings(number):
                if self.record(unit) is None:
                    return unit
        return None

    def record(self, unit: Unit) -> TrainedFold | None:
        """What a training of a round left; None where it is not finished."""
        if unit.name not in self._records:
            found = trained_fold(self.job, unit.name)
            if found is None:
                return None
            self._records[unit.name] = found
        return self._records[unit.name]

    def to_score(self) -> list[Unit]:
        """What is segmented and scored in full, in every fold, once all trainings are finished.

        It is all that any fold or the kept model may have. The first is the best of what was trained, even where the source
        model is better: it is told beside it.
        """
        if not self.candidates:
            return []
        best = self._best(None)
        ways = dict.fromkeys((best, *(self._by_dice(fold) for fold in (None, *self.folds))))
        return [self._unit(way, fold) for way in ways if way.round for fold in self.folds]

    def of_use(self) -> set[str]:
        """The names of the trainings, without their fold, whose weights may still be segmented with.

        What is not the best for any fold or for the kept model will not be: later rounds only add to what there is.
        """
        ways = (self._best(fold) for fold in (None, *self.folds)) if self.candidates and self._complete() else ()
        return {self._unit(way, None).trained_as.slug for way in ways}

    def chosen_share(self) -> Choice | None:
        """The choice of the share of the adapted weights, as it is told; None where none was chosen by the folds."""
        way = self._chosen(None)
        if not way.share:
            return None
        folds = self._trained(replace(way, share=""))
        cases = self._cases(None)
        scores = [deciding(one.dice, cases) for one in folds]
        shares = tuple(folds[0].dice)
        of_folds = tuple(own.share or NOTHING_ADAPTED for own in map(self._chosen, self.folds))
        default = usual(shares, [one.default for one in folds])
        means = tuple(mean_of(scores, share) for share in shares)
        count = sum(len(one[default]) for one in scores)
        return Choice(ADAPTED_SHARE, way.key, "out-of-fold", shares, means, default, way.share, of_folds, count)

    def final(self) -> Unit:
        """The unit that makes the kept model."""
        return replace(self._unit(self._chosen(None), None), scored_as=SCORED_AS)

    def recommend(self) -> Recommendation:
        """What the scores of all rounds recommend."""
        chosen, of_folds = self._chosen(None), [self._chosen(fold) for fold in self.folds]
        best = self._best(None) if self.candidates else None
        rows = {"": self._rows(SOURCE) if self.source_units() else []}
        rows["auto"] = self._rows_of_choices(of_folds)
        rows["kept"] = self._rows(chosen) if chosen.round else []
        if best is not None:
            rows["best"] = self._rows(best)
        cases = set(self._cases(None))
        rows = {name: [row for row in own if row.case in cases] for name, own in rows.items()}
        dice = dice_of_cases(rows)
        shared = dice_of_cases({name: self._of_shared(own) for name, own in rows.items()})
        compared, new = self.compares_with_source, self.context.task.new_names
        vetoed = best is not None and best == self._by_dice(None) and chosen != best and self._is_farther(best, None)
        distances = self._distances(best) if best is not None and vetoed else None
        return Recommendation(
            chosen=chosen.key,
            round=chosen.round,
            of_folds=tuple(way.key for way in of_folds),
            cases=len(dice["auto"]),
            dice=_mean(dice["auto"].values()),
            source_dice=_mean(shared[""].values()) if compared else None,
            new_labels=new if compared else (),
            shared_dice=_mean(shared["auto"].values()) if compared and new else None,
            gain=worth(shared["kept"], shared[""], None, _usual(chosen)) if compared and chosen.round else None,
            best_trained=best.key if best is not None else None,
            best_trained_dice=_mean(dice["best"].values()) if best is not None else None,
            hd95_mm=None if distances is None else _mean(distances[0].values()),
            source_hd95_mm=None if distances is None else _mean(distances[1].values()),
            tried=tuple(self._tried()),
            left_out=self.short_of_time,
        )

    def take_over(self) -> None:
        """Store for each fold the segmentations, weights and result of the model that was chosen for it.

        They are copied from where its training left them to the place of the strategy `auto`, which the job's scores are made
        of. Where the source model was chosen there are no weights. It can be called again after an interruption: the copies
        are made anew, and the originals stay.

        Raises:
            JobError: A file cannot be written.
        """
        for fold in self.folds:
            unit = self._unit(self._chosen(fold), fold)
            here = self.job.state / "trials" / unit.name if unit.is_trial else self.job.segmentations / unit.called.slug
            copy_segmentations(here, self.job.segmentations / SCORED_AS.slug, fold.held_out, self.job.path)
            weights = FoldModels(self.job, unit.trained_as).file(fold.number)
            own_weights = FoldModels(self.job, SCORED_AS).file(fold.number)
            copy_whole(weights, own_weights, self.job.path)
            if unit.round is None:  # those of what was chosen before, where a strategy was left out since
                with explain_write_errors(own_weights, self.job.path):
                    own_weights.unlink(missing_ok=True)
            result = self._result(unit)
            own = result.called(SCORED_AS)
            self.job.save_result(Unit(unit.choice, fold, scored_as=SCORED_AS).name, to_json(own))

    def _result(self, unit: Unit) -> UnitResult:
        """The result of a unit that is finished."""
        if unit.name not in self._results:
            self._results[unit.name] = unit_result(self.job, unit.name)
        return self._results[unit.name]

    def _unit(self, way: Way, fold: Fold | None) -> Unit:
        choice = next(choice for choice in self.context.tried if choice.key == way.key)
        return Unit(choice, fold, round=way.round or None, share=way.share)

    def _folds_that_decide(self, fold: Fold | None) -> list[list[str]]:
        """The cases by which is chosen for a fold: those of the other folds, for the kept model of all; none that is seen."""
        others = [other for other in self.folds if fold is None or other.number != fold.number]
        return [cases for other in others if (cases := [case for case in other.held_out if case not in self._seen])]

    def _cases(self, fold: Fold | None) -> list[str]:
        return [case for cases in self._folds_that_decide(fold) for case in cases]

    def _going_on(self, number: int, fold: Fold | None) -> list[StrategyChoice]:
        """The candidates of a round that the scores of the other folds chose; those of all folds for None.

        Args:
            number: The round.
            fold: The fold, or None for the kept model.
        """
        place, candidates = self.numbers.index(number), self.candidates
        if place == 0:
            return list(candidates)
        key = number, None if fold is None else fold.number, *(choice.key for choice in candidates)
        if key not in self._chosen_to_go_on:
            options = self._options(fold, [self.numbers[place - 1]])
            best = ranked(options, self._source(), self._cases(fold), _usual)[: GO_ON[number]]
            found = [choice for way in best for choice in candidates if choice.key == way.key]
            self._chosen_to_go_on[key] = found
        return self._chosen_to_go_on[key]

    def _tried_in(self, number: int, fold: Fold | None) -> list[str]:
        """The keys of the strategies of a round that a fold may have; for None of all that were trained in it."""
        if fold is None:
            return list(dict.fromkeys(unit.choice.key for unit in self.trainings(number)))
        return [choice.key for choice in self._going_on(number, fold)]

    def _options(self, fold: Fold | None, numbers: Sequence[int]) -> dict[Way, Dice]:
        """What there is to choose from for a fold, with the shares that the cases that decide for it choose.

        For a fold that is what the others sent on; for the kept model all that was trained.
        """
        ways = [Way(key, number) for number in numbers for key in self._tried_in(number, fold)]
        trainings = {way: self._trained(way) for way in ways}
        defaults = {}
        for way, folds in trainings.items():
            own = [one.default for one in folds]
            defaults[way] = usual(tuple(folds[0].dice), own) if fold is None else own[self.folds.index(fold)]
        found = with_chosen_shares(trainings, defaults, self._cases(fold))
        return {replace(way, share=share): dice for (way, share), dice in found.items()}

    def _complete(self) -> list[int]:
        """The rounds whose trainings are finished."""
        found = []
        for number in self.numbers:
            if any(self.record(unit) is None for unit in self.trainings(number)):
                break
            found.append(number)
        return found

    def _best(self, fold: Fold | None) -> Way:
        """The best of what was trained, by the scores of the other folds."""
        return ranked(self._options(fold, self._complete()[-1:]), self._source(), self._cases(fold), _usual)[0]

    def _by_dice(self, fold: Fold | None) -> Way:
        """What the Dice of the other folds recommends for a fold; that of all folds for None."""
        if not self.candidates:
            return SOURCE
        source = self._source()
        if source is None:
            return self._best(fold)
        return better_than_source(self._options(fold, self.numbers[-1:]), source, self._cases(fold), _usual) or SOURCE

    def _chosen(self, fold: Fold | None) -> Way:
        """What is recommended for a fold by the other folds; by all folds for None.

        A trained model is kept only where the scores that the job reports are not below the source model's by what counts as
        a loss.
        """
        way = self._by_dice(fold)
        if way == SOURCE or not self.compares_with_source:
            return way
        if self._is_farther(way, fold) or (fold is None and not self._loses_little()):
            return SOURCE
        return way

    def _is_farther(self, way: Way, fold: Fold | None) -> bool:
        """Whether the cases that decide for a fold, or for the kept model, say that a model is too far off; `is_farther`."""
        decide = self._cases(fold)
        dice = dice_of_cases({way: self._rows(way), SOURCE: self._rows(SOURCE)})
        mine, before = ({case: own[case] for case in decide if case in own} for own in (dice[way], dice[SOURCE]))
        return is_farther(mine, before, *(self._hd95_mm(one, decide) for one in (way, SOURCE)))

    def _loses_little(self) -> bool:
        """Whether what the folds' own choices score in full is not below the source model's by what counts as a loss.

        A fold that decides alone cannot be asked: there are no others to choose for it.
        """
        if len(self._folds_that_decide(None)) < 2:
            return True
        rows = {True: self._rows_of_choices([self._chosen(fold) for fold in self.folds]), False: self._rows(SOURCE)}
        dice, decide = dice_of_cases(rows), set(self._cases(None))
        gains = [dice[True][case] - dice[False][case] for case in decide.intersection(dice[True], dice[False])]
        return statistics.fmean(gains) > -NEGLIGIBLE_DICE

    def _rows(self, way: Way) -> list[ScoreRow]:
        return self._rows_of_choices([way] * len(self.folds))

    def _rows_of_choices(self, ways: Sequence[Way]) -> list[ScoreRow]:
        """The scores of all cases where each fold has a way of its own."""
        pairs = zip(self.folds, ways, strict=True)
        return [row for fold, way in pairs for row in self._result(self._unit(way, fold)).rows]

    def _distances(self, way: Way) -> tuple[dict[str, float], dict[str, float]]:
        """The HD95 of each case that decides for the kept model, and that of the source model."""
        ours, before = (self._hd95_mm(one, self._cases(None)) for one in (way, SOURCE))
        return ours, before

    def _hd95_mm(self, way: Way, cases: Collection[str]) -> dict[str, float]:
        """The HD95 of some cases over the labels that the source model has."""
        return hd95_of_cases(self._of_shared(self._rows(way)), cases)

    def _of_shared(self, rows: Iterable[ScoreRow]) -> list[ScoreRow]:
        """Of some scores, those of the labels that the source model has: on the others it is not to be compared with."""
        return [row for row in rows if row.label_name not in self.context.task.new_names]

    def _source(self) -> Dice | None:
        """The Dice of each case under the source model as it is; None where it cannot be recommended.

        A label that it lacks counts as 0: a trained model that finds one is better for it, as strategies are ranked.
        """
        if not self.compares_with_source:
            return None
        return {case: dice for unit in self.source_units() for case, dice in self._result(unit).network_dice.items()}

    def _trained(self, way: Way) -> list[FoldDice]:
        """What a training scored in each fold."""
        if way in self._of_trainings:
            return self._of_trainings[way]
        found = []
        for fold in self.folds:
            record = self.record(self._unit(way, fold))
            assert record is not None
            names = [case.name for case in self.context.training_cases if case.name in fold.held_out]
            dice = {share: dict(zip(names, scores, strict=True)) for share, scores in record.dice.items()}
            found.append(FoldDice(record.default, dice))
        self._of_trainings[way] = found
        return found

    def _tried(self) -> Iterator[Tried]:
        """What was tried in each round, by strategy, with the share that all folds chose for it."""
        source, cases = self._source(), self._cases(None)
        all_known = source is not None and not self.context.task.new_names
        if source is not None:
            known = [source[case] for case in cases if case in source]
            yield Tried(BASELINE, 0, 0, len(self.folds), _mean(known) if all_known else None)
        for number in self._complete():
            tried = self._tried_in(number, None)
            trainings = {Way(key, number): self._trained(Way(key, number)) for key in tried}
            defaults = {way: usual(tuple(own[0].dice), [one.default for one in own]) for way, own in trainings.items()}
            for (way, _), dice in with_chosen_shares(trainings, defaults, cases).items():
                records = [self.record(self._unit(way, fold)) for fold in self.folds]
                seconds = [one.seconds for one in records if one is not None and one.seconds is not None]
                yield Tried(
                    strategy=way.key,
                    round=number,
                    steps=max(len(one.losses) for one in records if one is not None),
                    folds=len(records),
                    dice=_mean(dice[case] for case in cases if case in dice),
                    gain=worth(dice, source, cases, _usual(way)) if all_known else None,
                    seconds=round(sum(seconds), 1) if seconds else None,
                )


def _mean(values: Iterable[float]) -> float | None:
    found = list(values)
    return statistics.fmean(found) if found else None
