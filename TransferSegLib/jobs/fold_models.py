"""The models of a job's folds.

While a job runs, what its folds have trained lies in `JOB/state/folds/STRATEGY` as `fold0.safetensors`: before anything is
blended. A finished job has in `scored`, of the strategy that it keeps, the models that segmented the cases of their folds. To
each belongs a record of what it is and what it has seen, so that a job can go on from it (`jobs.parent`).
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from TransferSegLib.core.card import CardNetwork
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.files import remove_folder
from TransferSegLib.core.records import from_json, read_json
from TransferSegLib.jobs.files import explain_write_errors, write_json
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.spec import JobSpec, StrategyChoice

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class FoldRecord:
    """What the model of a fold is that segmented the fold's cases.

    Attributes:
        weights_sha256: The SHA-256 of its file.
        network: How its network is built.
        labels: The names of the labels that it segments, in the order of its classes.
        keeps_labels: Whether they are the source model's, and not the target's.
        seen: The digests of the images whose labels it has seen, or was chosen by, and so those of the models before it.
    """

    weights_sha256: str
    network: CardNetwork
    labels: tuple[str, ...]
    keeps_labels: bool
    seen: tuple[str, ...]


@dataclass(frozen=True)
class FoldModels:
    """The models of a strategy's folds.

    Attributes:
        job: The job.
        choice: The strategy.
    """

    job: JobFolder
    choice: StrategyChoice

    @property
    def path(self) -> Path:
        """The folder, which need not be there."""
        return self.job.state / "folds" / self.choice.slug

    def file(self, fold: int) -> Path:
        """The file of a fold, counted from 0; it need not be there."""
        return self.path / f"fold{fold}.safetensors"

    def files(self) -> dict[int, Path]:
        """Number of a fold → its file, for all that are there, in the order of the folds."""
        found = {int(path.stem.removeprefix("fold")): path for path in self.path.glob("fold[0-9]*.safetensors")}
        return dict(sorted(found.items()))

    def save(self, fold: int, state: Mapping[str, Tensor]) -> None:
        """Keep the weights of a fold.

        Args:
            fold: Its number, counted from 0.
            state: The weights by name.

        Raises:
            JobError: They cannot be written.
        """
        from TransferSegLib.sources.untrusted.weights import save_weights

        with explain_write_errors(self.file(fold), self.job.path):
            self.path.mkdir(parents=True, exist_ok=True)
            save_weights(self.file(fold), {k: v.detach().to("cpu").contiguous() for k, v in state.items()})

    def load(self, fold: int) -> dict[str, Tensor]:
        """The weights of a fold by name.

        Raises:
            InputError: They are not there, or damaged.
        """
        from TransferSegLib.sources.untrusted.weights import load_weights

        return load_weights(self.file(fold))

    def scored_file(self, fold: int) -> Path:
        """The file of the model that segmented the cases of a fold; it need not be there."""
        return self.path / "scored" / f"fold{fold}.safetensors"

    def save_scored(
        self,
        fold: int,
        state: Mapping[str, Tensor],
        network: CardNetwork,
        labels: Sequence[str],
        keeps_labels: bool,
        seen: Collection[str],
    ) -> None:
        """Keep the model that segmented the cases of a fold; its record is written last.

        Args:
            fold: Its number, counted from 0.
            state: The weights by name.
            network: How its network is built.
            labels: The names of the labels that it segments, in the order of its classes.
            keeps_labels: Whether they are the source model's.
            seen: The digests of the images whose labels it, or a model before it, has seen.

        Raises:
            JobError: It cannot be written.
        """
        from TransferSegLib.sources.folder import file_sha256
        from TransferSegLib.sources.untrusted.weights import save_weights

        file = self.scored_file(fold)
        with explain_write_errors(file, self.job.path):
            file.parent.mkdir(parents=True, exist_ok=True)
            save_weights(file, {k: v.detach().to("cpu").contiguous() for k, v in state.items()})
            record = FoldRecord(file_sha256(file), network, tuple(labels), keeps_labels, tuple(sorted(seen)))
        write_json(file.with_suffix(".json"), record, self.job.path)

    def record(self, fold: int) -> FoldRecord | None:
        """What the model is that segmented the cases of a fold; None where it or its record is not there.

        Raises:
            InputError: The record holds something else.
        """
        path = self.scored_file(fold).with_suffix(".json")
        if not (path.is_file() and self.scored_file(fold).is_file()):
            return None
        return from_json(FoldRecord, read_json(path), str(path))

    def load_scored(self, fold: int) -> dict[str, Tensor]:
        """The weights of the model that segmented the cases of a fold.

        Raises:
            InputError: They are not there, damaged, or others than when the record was written.
        """
        from TransferSegLib.sources.folder import file_sha256
        from TransferSegLib.sources.untrusted.weights import load_weights

        record, file = self.record(fold), self.scored_file(fold)
        if record is None or file_sha256(file) != record.weights_sha256:
            raise InputError(
                "fold-model-changed",
                "{path}: the model of fold {fold} is gone, or another than when that was noted; run the job anew.",
                path=file,
                fold=fold + 1,
            )
        return load_weights(file)

    def drop_trained(self) -> None:
        """Delete the weights as they were trained, once those that segmented are kept."""
        for fold, file in self.files().items():
            if self.scored_file(fold).is_file():
                with contextlib.suppress(OSError):  # What stays does no harm.
                    file.unlink()


def drop_other_folds(job: JobFolder, spec: JobSpec, kept: StrategyChoice) -> None:
    """Delete the fold models of all strategies of a finished job but the one that is kept.

    Args:
        job: The finished job.
        spec: What it was to do.
        kept: The strategy whose fold models stay.
    """
    if spec.recommends:  # those of its rounds, too
        drop_folds(job, {kept.slug})
        return
    for choice in spec.strategies:
        if choice != kept:
            with contextlib.suppress(OSError):  # What stays does no harm.
                remove_folder(FoldModels(job, choice).path)


def drop_folds(job: JobFolder, kept: Collection[str]) -> None:
    """Delete the fold models of all but some.

    Args:
        job: The job.
        kept: The `slug` of each whose models stay.
    """
    for folder in (job.state / "folds").glob("*"):
        if folder.is_dir() and folder.name not in kept:
            with contextlib.suppress(OSError):  # What stays does no harm.
                remove_folder(folder)
