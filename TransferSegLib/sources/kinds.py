"""The kinds of models of other programs, and the files that they are recognised by.

Whoever only looks for models (the list of models, the panel) asks here and needs no torch; the importers read them.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from TransferSegLib.networks import NNUNET_PACKAGE

# Suffixes of files that may hold weights alone.
CHECKPOINT_SUFFIXES = (".pt", ".pth", ".ckpt", ".safetensors")


@dataclass(frozen=True)
class ForeignKind:
    """A kind of model of another program that is a folder.

    Attributes:
        title: What such models are called, in the plural.
        file: The file that they are recognised by, relative to the model's folder.
        packages: What their networks need beside the packages that all need.
        beside: A file that such a model has as well, where the first may be another program's.
    """

    title: str
    file: Path
    packages: tuple[str, ...] = ()
    beside: Path | None = None

    def has(self, folder: Path) -> bool:
        """Whether a folder has the files of such a model."""
        return all((folder / file).is_file() for file in (self.file, self.beside) if file)


MONAI_BUNDLE = ForeignKind("MONAI bundles", Path("configs", "metadata.json"))
NNUNET = ForeignKind("nnU-Net v2 models", Path("plans.json"), (NNUNET_PACKAGE,))
AUTO3DSEG_WEIGHTS, CTFM_WEIGHTS = Path("model.pt"), Path("model.safetensors")
AUTO3DSEG = ForeignKind("Auto3DSeg models", Path("labels.csv"), beside=AUTO3DSEG_WEIGHTS)
CTFM = ForeignKind("CT-FM models", Path("config.json"), beside=CTFM_WEIGHTS)
OPENMIND = ForeignKind("encoders of nnssl", Path("adaptation_plan.json"), (NNUNET_PACKAGE,))
FOREIGN_KINDS = (MONAI_BUNDLE, NNUNET, AUTO3DSEG, CTFM, OPENMIND)


def is_foreign_model(folder: Path) -> bool:
    """Whether a folder is a model of another program, as far as its files' names tell."""
    return any(kind.has(folder) for kind in FOREIGN_KINDS)
