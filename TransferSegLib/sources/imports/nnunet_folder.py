"""The folder of a trained nnU-Net v2 model: which configuration it is of, and which checkpoint of which fold is read.

nnU-Net's results, and the archives that it exports, have a folder for each trainer, plans and configuration
(`nnUNetTrainer__nnUNetPlans__3d_fullres`). Each holds `plans.json`, which lists all configurations, and one of them was
trained. The checkpoint says which, and the folder's name says it, too, unless somebody renamed it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from TransferSegLib.core.errors import InputError
from TransferSegLib.sources.imports.importer import ImportOptions, inside
from TransferSegLib.sources.kinds import NNUNET
from TransferSegLib.sources.untrusted.weights import peek

PLANS, DATASET = NNUNET.file.name, "dataset.json"
# The folder of the network that was trained on all cases.
ALL_CASES = "fold_all"
CHECKPOINTS = ("checkpoint_final.pth", "checkpoint_best.pth")


def is_nnunet(folder: Path, options: ImportOptions) -> bool:
    """Whether a folder is a nnU-Net v2 model, as far as its files' names tell."""
    return NNUNET.has(folder) and (folder / DATASET).is_file()


def explain_incomplete(folder: Path) -> InputError | None:
    """The error for a folder that lacks one of the two files that a nnU-Net model consists of beside its checkpoints."""
    missing = next((name for name in (PLANS, DATASET) if not (folder / name).is_file()), None)
    if missing is None or not (checkpoints_in(folder) or (NNUNET.has(folder) and missing == DATASET)):
        return None
    return InputError(
        "nnunet-file-missing",
        "{path}: no such file, and without it a nnU-Net model cannot be read; put the one of its training there, or fetch "
        "the model again.",
        path=folder / missing,
    )


def options_of_part(folder: Path, part: Path, options: ImportOptions) -> ImportOptions | None:
    """Make the options that choose one fold of a model, or one of its checkpoints; see `Importer`.

    Args:
        folder: The model's folder.
        part: A fold's folder in it, or a checkpoint.
        options: What a person chose so far.

    Returns:
        The options; None where `part` is neither.
    """
    fold, *names = part.relative_to(folder).parts
    if not fold.startswith("fold_") or len(names) > 1 or (names and Path(names[0]).suffix != ".pth"):
        return None
    return replace(options, fold=fold, weights=names[0] if names else options.weights)


def checkpoints_in(folder: Path) -> list[Path]:
    """The checkpoints of all folds, relative to the model's folder."""
    found = (path for fold in folds_in(folder) for path in sorted((folder / fold).glob("*.pth")))
    return [path.relative_to(folder) for path in found]


def folds_in(folder: Path) -> list[str]:
    """The names of the folds' folders."""
    return sorted(path.name for path in folder.glob("fold_*") if path.is_dir())


def configuration_of(folder: Path) -> str:
    """The configuration that a model was trained with, by its checkpoint, else by its folder's name; else empty."""
    for checkpoint in checkpoints_in(folder):
        if trained := trained_configuration(peek(folder / checkpoint), folder):
            return trained
    return _named_configuration(folder)


def trained_configuration(content: Mapping[str, Any], folder: Path) -> str:
    """The configuration that a checkpoint says it was trained with, else the one in its folder's name.

    Args:
        content: What the checkpoint holds, untrusted.
        folder: The model's folder.

    Returns:
        The configuration's name; empty if neither says one.
    """
    said = init_args(content).get("configuration")
    return said if isinstance(said, str) and said else _named_configuration(folder)


def init_args(content: Mapping[str, Any]) -> Mapping[str, Any]:
    """What nnU-Net's trainer was begun with, by its checkpoint, untrusted: the plans, the configuration, the data set."""
    said = content.get("init_args")
    return said if isinstance(said, Mapping) else {}


def find_checkpoints(folder: Path, options: ImportOptions) -> list[Path]:
    """Find the checkpoints of the networks that are averaged, the first of them the one that a job begins from.

    Where nobody chose, it is the network that was trained on all cases, if there is one, else those of all folds whose
    training has ended, as nnU-Net takes them.

    Args:
        folder: The model's folder.
        options: What the person chose: one fold or checkpoint, or several folds.

    Raises:
        InputError: There is none, or not one that was chosen.
    """
    first = find_checkpoint(folder, options)
    if options.fold or (options.weights and len(Path(options.weights).parts) > 1):
        return [first]
    numbered = [fold for fold in folds_in(folder) if fold != ALL_CASES]
    if options.folds not in (None, "all"):
        chosen = [word.strip() for word in str(options.folds).split(",")]
        return [find_checkpoint(folder, replace(options, fold=fold)) for fold in dict.fromkeys(chosen)]
    if not numbered or (options.folds is None and first.parent.name == ALL_CASES):
        return [first]
    if first.parent.name == ALL_CASES:
        first = find_checkpoint(folder, replace(options, fold=numbered[0]))
    of_same_name = [
        inside(folder, Path(fold) / first.name) for fold in numbered if (folder / fold / first.name).is_file()
    ]
    return [first, *(path for path in of_same_name if path != first)]


def find_checkpoint(folder: Path, options: ImportOptions) -> Path:
    """Find the checkpoint that is read: of the fold trained on all cases, else of the first; the final one, else the best.

    Args:
        folder: The model's folder.
        options: What the person chose; `fold` and `weights` choose another.

    Raises:
        InputError: There is none, or not the one that was chosen.
    """
    folds = folds_in(folder)
    wanted = options.fold and (options.fold if options.fold.startswith("fold_") else f"fold_{options.fold}")
    if wanted and folds and wanted not in folds:
        raise InputError(
            "nnunet-no-such-fold", "{path}: has no `{fold}`; there are {folds}.", path=folder, fold=wanted, folds=folds
        )
    if options.weights and Path(options.weights) in checkpoints_in(folder):
        return inside(folder, options.weights)
    for fold in [wanted] if wanted else [ALL_CASES, *folds]:
        for name in [options.weights] if options.weights else CHECKPOINTS:
            if (folder / fold / name).is_file():
                return inside(folder, Path(fold) / name)
    found = [path for path in checkpoints_in(folder) if not wanted or path.parent.name == wanted]
    if found and options.weights:
        raise InputError(
            "nnunet-no-such-checkpoint",
            "{path}: has no `{name}` in {wanted:?{wanted}|any fold}; there are {found:…`}.",
            path=folder,
            name=options.weights[:80],
            wanted=wanted or "",
            found=[path.as_posix() for path in found],
        )
    if found:
        raise InputError(
            "nnunet-unusual-checkpoint",
            "{path}: has no {usual} in {wanted:?{wanted}|a fold}, but {found:…`} (nnU-Net writes checkpoint_latest.pth "
            "while a training goes on, so it may not have ended); to take that one, add {option}.",
            path=folder,
            usual=" or ".join(CHECKPOINTS),
            wanted=wanted or "",
            found=[path.as_posix() for path in found],
            option=f"--weights {found[0].name}",
        )
    raise InputError(
        "nnunet-no-checkpoint",
        "{path}: holds no fold_*/checkpoint_final.pth; the model is not complete, fetch it again.",
        path=folder,
    )


def _named_configuration(folder: Path) -> str:
    parts = folder.name.split("__")
    return parts[-1] if len(parts) >= 3 else ""
