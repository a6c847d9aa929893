"""Says what a folder or an archive holds where there is no model in it that can be imported."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath

from TransferSegLib.core.errors import InputError
from TransferSegLib.sources.folder import CARD_FILE
from TransferSegLib.sources.kinds import CHECKPOINT_SUFFIXES
from TransferSegLib.sources.untrusted.file_kinds import of_other_programs

ARCHIVES = (".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar")
# How files end that hold weights alone, also as some other programs call them.
WEIGHTS = (*CHECKPOINT_SUFFIXES, ".pth.tar", ".pt.tar", "pytorch_model.bin")
# The files of a trained model of the first version of nnU-Net.
OLD_NNUNET = ("plans.pkl", "model_final_checkpoint.model", "model_best.model", "model_latest.model")


def nothing_to_import(path: Path, names: Iterable[str], known: Sequence[str]) -> InputError:
    """The error for a folder or an archive without a model: what it holds, as far as its files' names tell.

    Args:
        path: The folder or the archive.
        names: The files in it, relative to it.
        known: The kinds of models that can be imported.
    """
    files = [PurePosixPath(name.replace("\\", "/")) for name in names]
    if any(file.name in OLD_NNUNET for file in files):
        return InputError(
            "nnunet-first-version",
            "{path}: is a model of the first version of nnU-Net (its plans are a pickle), and only those of nnU-Net v2 are "
            "read; ask its author for one, or train it again with v2.",
            path=path,
        )
    if own := [file for file in files if file.name == CARD_FILE]:
        return InputError(
            "own-model-inside",
            "{path}: holds a model of TransferSeg's own, in {folder}; unpack it where it is packed, and add that folder.",
            path=path,
            folder=own[0].parent.as_posix(),
        )
    if programs := of_other_programs(map(str, files)):
        name, title = next(iter(programs.items()))
        return InputError(
            "folder-of-other-program",
            "{path}: holds {title} (`{name}`), which is not read, and no model that is ({known}); ask its author for the "
            "weights as PyTorch has them (a state dict, or safetensors).",
            path=path,
            title=title,
            name=name[:80],
            known=list(known),
        )
    if scripts := [str(file) for file in files if file.suffix.lower() == ".ts"]:
        return InputError(
            "folder-of-torchscript",
            "{path}: holds TorchScript (`{name}`), a program, which is not read, and no model that is ({known}); ask its "
            "author for the state dict.",
            path=path,
            name=scripts[0][:80],
            known=list(known),
        )
    if weights := [str(file) for file in files if file.name.lower().endswith(WEIGHTS)]:
        return InputError(
            "folder-of-bare-weights",
            "{path}: holds weights alone ({files:…`}), and nothing that says which network they are for; unpack it where it "
            "is packed, and give one of the files with {option}.",
            path=path,
            files=[name[:80] for name in weights],
            option="--card card.json",
        )
    if packed := [str(file) for file in files if file.suffix.lower() in ARCHIVES]:
        return InputError(
            "archives-inside",
            "{path}: holds no model, but {archives:…`}; unpack that, and import what is in it.",
            path=path,
            archives=[name[:80] for name in packed],
        )
    return InputError(
        "nothing-to-import",
        "{path}: holds no model that can be imported ({known}); choose the model's own folder.",
        path=path,
        known=list(known),
    )
