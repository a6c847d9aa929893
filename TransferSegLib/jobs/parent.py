"""The job that a job goes on from: its models take the source model's place, each fold's in that fold alone.

A training of a fold begins from the model that the parent had for the same fold, and the final one from the parent's kept
model. So no case is scored by a model that saw it, in any ancestor. What each of these models has seen is recorded
(`FoldRecord`), and `Parent.refuse_leaks` looks at that record and not at where a file lies.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from torch import Tensor

from TransferSegLib.cases.digests import Digests
from TransferSegLib.core.card import ModelCard, read_card
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.problems import Problem
from TransferSegLib.evaluation.comparison import BASELINE
from TransferSegLib.jobs.advised_jobs import is_of_source
from TransferSegLib.jobs.earlier_cases import EarlierCases
from TransferSegLib.jobs.fold_models import FoldModels, FoldRecord
from TransferSegLib.jobs.folder import DIGESTS, SPLIT, JobFolder
from TransferSegLib.jobs.folds import Fold, go_on_with_folds
from TransferSegLib.jobs.results import unit_result
from TransferSegLib.jobs.spec import StrategyChoice
from TransferSegLib.jobs.stored_split import stored_digests, stored_folds
from TransferSegLib.sources.catalogue import find_source
from TransferSegLib.sources.loading import load_state
from TransferSegLib.transfer.strategies import STRATEGIES


@dataclass(frozen=True, eq=False)
class Beginning:
    """A model of the parent that a training begins from.

    Attributes:
        state: Its weights by name.
        labels: The names of the labels that it segments, in the order of its classes.
        keeps_labels: Whether they are the source model's, and not the target's.
    """

    state: Mapping[str, Tensor]
    labels: tuple[str, ...]
    keeps_labels: bool


@dataclass(frozen=True, eq=False)
class Parent:
    """A finished job whose models a job goes on from.

    Attributes:
        job: The job.
        card: The card of its kept model.
        kept: The strategy of its kept model, as its scores call it; `auto` where it recommended one.
        folds: Its folds.
        records: Number of a fold → what its model is; a fold that the source model as it is was chosen for has none.
        earlier: The cases that it and the jobs before it had.
    """

    job: JobFolder
    card: ModelCard
    kept: StrategyChoice
    folds: tuple[Fold, ...]
    records: Mapping[int, FoldRecord]
    earlier: EarlierCases

    @classmethod
    def read(cls, folder: Path, source: ModelCard, called: Mapping[str, str] | None = None) -> Parent:
        """Read what a job has left, without its weights.

        Args:
            folder: The job's folder.
            source: The card of the source model, which must be the parent's.
            called: Name of a case of now → what the parent called it; None where names are the same.

        Raises:
            InputError: It has not finished, adapted another source model, or the models of its folds are gone.
        """
        job = JobFolder(folder)
        spec = job.read_spec()
        about = job.load_result("report")
        if spec.kind == "pretrain" or not isinstance(about, dict) or "kept" not in about:
            raise InputError(
                "parent-unfinished",
                "{path}: {new:?trained a new model|has not finished}, so no job can go on from it; "
                "{new:?give the model as the source|let it finish}.",
                path=job.path,
                new=spec.kind == "pretrain",
            )
        if not is_of_source(job, source):
            raise InputError(
                "parent-of-other-source",
                "{path}: this job adapted another source model than `{model}`, so none can go on from it with `{model}`; "
                "give its own source model, or leave {option} out.",
                path=job.path,
                model=source.name,
                option="--parent",
            )
        card, folds, records = read_card(job.model), stored_folds(job), {}
        kept = StrategyChoice.parse(str(about["kept"]))
        earlier = EarlierCases.read(job, called)
        if kept.key == BASELINE:
            return cls(job, card, kept, folds, {}, earlier)
        for fold in folds:
            unit = f"{kept.slug}.fold{fold.number}"
            # The source model as it is was chosen for a fold, or nothing was scored because that has seen all cases.
            if job.load_result(unit) is None or unit_result(job, unit).settings is None:
                continue
            record = FoldModels(job, kept).record(fold.number)
            if record is None:
                raise InputError(
                    "parent-fold-gone",
                    "{path}: the model of fold {fold} is not there any more, or an earlier version made it and did not "
                    "note what it had seen, so a job that goes on could score cases with models that saw them; run that "
                    "job anew, or leave {option} out.",
                    path=job.path,
                    fold=fold.number + 1,
                    option="--parent",
                )
            records[fold.number] = record
        networks = [*(record.network for record in records.values()), card.network]
        if any(network != source.network for network in networks):
            raise InputError(
                "parent-of-other-network",
                "{path}: the strategy `{strategy}` made another network of the source model's, which no job can go on "
                "from; leave {option} out.",
                path=job.path,
                strategy=kept.key,
                option="--parent",
            )
        return cls(job, card, kept, folds, records, earlier)

    @property
    def kept_source(self) -> bool:
        """Whether it kept the source model as it is, so that all begins from that again."""
        return self.kept.key == BASELINE

    @property
    def about(self) -> Problem:
        """What a job that goes on from it says of that."""
        return Problem(
            "goes-on-from-job",
            "The job goes on from an earlier one, which kept {source:?the source model as it is, from which all begins again|"
            "`{strategy}`: cases stay in their folds, and {count} of {folds} folds begin from their own models of then, the "
            "others from the source model}",
            {
                "source": self.kept_source,
                "strategy": self.kept.key,
                "count": len(self.records),
                "folds": len(self.folds),
            },
            "note",
        )

    def beginning(self, fold: int | None) -> Beginning | None:
        """The model that a training begins from.

        Args:
            fold: The number of the fold; None for the final model.

        Returns:
            The model; None where that is the source model as it is.

        Raises:
            InputError: Its file is damaged, or another than when it was made.
        """
        if self.kept_source:
            return None
        if fold is None:
            state = load_state(find_source(self.job.model))
            return Beginning(state, self.card.label_names, self._keeps_labels)
        if fold not in self.records:
            return None
        record = self.records[fold]
        return Beginning(FoldModels(self.job, self.kept).load_scored(fold), record.labels, record.keeps_labels)

    def seen(self, fold: int | None) -> frozenset[str]:
        """The digests of the images whose labels one of its models, or one before that, has seen.

        Args:
            fold: The number of the fold; None for the kept model.
        """
        if fold is None:
            return frozenset() if self.kept_source else frozenset(self.card.seen)
        return frozenset(self.records[fold].seen) if fold in self.records else frozenset()

    @cached_property
    def weights(self) -> dict[str, str]:
        """`final` and the number of each fold → the SHA-256 of the weights that are gone on from."""
        own = {} if self.kept_source else {"final": str(self.card.weights_sha256)}
        return own | {str(number): record.weights_sha256 for number, record in self.records.items()}

    def go_on_with_folds(
        self, names: Sequence[str], digests: Mapping[str, Digests], wanted: int | None, seed: int
    ) -> tuple[Fold, ...]:
        """The parent's folds with the cases of now: what the parent had stays where it was.

        Args:
            names: The names of the annotated cases of now.
            digests: Those of all cases' files, by name, as far as they are known. A case is the parent's that has its voxels
                or its name, see `EarlierCases`.
            wanted: How many folds were asked for; None leaves it to the parent.
            seed: Decides which of the smallest folds a new case goes to.

        Raises:
            InputError: Another number was asked for, a fold would have no case, or it is not sure whether a case is new.
        """
        if wanted is not None and wanted != len(self.folds):
            raise InputError(
                "parent-with-other-folds",
                "{option}: the job that is gone on from has {count} folds, and a case must stay in its fold; leave "
                "{option} out.",
                option=f"--folds {wanted}",
                count=len(self.folds),
            )
        known = self.earlier.folds(names, digests)
        return go_on_with_folds(len(self.folds), names, known, seed)

    def other_voxels(self, names: Sequence[str], digests: Mapping[str, Digests]) -> Problem | None:
        """Say which cases have other voxels than in an earlier job; None where none has.

        Args:
            names: The names of the cases.
            digests: The digests of their files by name.
        """
        changed = self.earlier.with_other_voxels(names, digests)
        if not changed:
            return None
        return Problem(
            "parent-case-rewritten",
            "The {cases:~image|images} of {cases:~case|cases} {cases:…`} {cases:~has|have} other voxels than in an earlier "
            "job; {cases:~it counts|they count} as the same {cases:~case|cases} and {cases:~stays in its fold|stay in their "
            "folds}, so that no model scores what it has seen. If that is another patient now, make it a case of its own.",
            {"cases": tuple(changed)},
            "note",
        )

    def refuse_leaks(
        self,
        folds: Sequence[Fold],
        digests: Mapping[str, Digests],
        tests: Sequence[str] = (),
        validation: Sequence[str] = (),
    ) -> None:
        """Refuse cases to be scored or validated on which the model that is begun from has seen.

        A case counts as seen where its voxels were, or those that it had in an earlier job. One that the parent validated on
        may be validated on again.

        Args:
            folds: The folds of now.
            digests: The digests of the cases' files by name.
            tests: The names of the test cases.
            validation: The names of the cases that decide when a training ends.

        Raises:
            InputError: There is such a case.
        """
        for fold in folds:
            seen = self.seen(fold.number)
            leaks = [name for name in fold.held_out if seen & self.earlier.images(name, digests)]
            if leaks:
                raise InputError(
                    "parent-saw-held-out",
                    "{path}: its model of fold {fold} was trained on {count:~case|cases} {cases:…`}, which that fold would "
                    "score: {count:~its score|their scores} would be too good; run that job anew, or leave {option} out.",
                    path=self.job.path,
                    fold=fold.number + 1,
                    count=len(leaks),
                    cases=leaks,
                    option="--parent",
                )
        final = self.seen(None)
        taught = final.union(*(self.seen(fold.number) for fold in self.folds)) - self._validated_on
        for role, names, seen in (("test", tests, final), ("validation", validation, taught)):
            leaks = [name for name in names if seen & self.earlier.images(name, digests)]
            if leaks:
                raise InputError(
                    "parent-saw-role",
                    "{path}: its models have seen {count:~case|cases} {cases:…`}, now of the role {role}: "
                    "{count:~its score|their scores} would be too good; give {count:~it|them} the role that "
                    "{count:~it|they} had, run that job anew, or leave {option} out.",
                    path=self.job.path,
                    count=len(leaks),
                    cases=leaks,
                    role=role,
                    option="--parent",
                )

    @property
    def _validated_on(self) -> frozenset[str]:
        """The digests of the images that the parent validated on, which are among those that its models have seen."""
        roles = dict((self.job.load_result(SPLIT) or {}).get("cases") or {})
        known = stored_digests(self.job, DIGESTS)
        return frozenset(
            digest
            for name, role in roles.items()
            if role == "validation" and name in known
            for digest in known[name].images
        )

    @property
    def _keeps_labels(self) -> bool:
        name = self.kept.name
        if name not in STRATEGIES:  # of a job that recommends one, the card names it
            name = StrategyChoice.parse(str(self.card.made_by.get("strategy", "open"))).name
        return STRATEGIES[name].keeps_labels
