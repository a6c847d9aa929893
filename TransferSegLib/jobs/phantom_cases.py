"""Made heads in place of a source model's own cases, where a strategy is trained with these and the person has none."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import get_args

from TransferSegLib.cases.phantom.anatomy import LABEL_NAMES
from TransferSegLib.cases.phantom.dataset import write_phantoms
from TransferSegLib.cases.phantom.imaging import PhantomModality
from TransferSegLib.cases.readers import read_case_set
from TransferSegLib.core.card import ModelCard
from TransferSegLib.core.case_set import CaseSet
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.labels import LabelTask

# As many as the target's, within these.
FEWEST, MOST = 4, 16
# The number of voxels of a head: that of the phantom.
SIZE = (96, 96, 48)
# Far from the seeds that source models, examples and tests are made of: heads that no model has seen.
FIRST_SEED = 1_000_000


def check_phantom(card: ModelCard, task: LabelTask) -> None:
    """Refuse to put made heads in place of a source model's own cases where they show something else.

    Args:
        card: The source model's.
        task: The target's labels, and what they begin from.

    Raises:
        InputError: None of the target's labels begins from a label that made heads have, or the images are of another kind.
    """
    begins = {card.label_names[n - 1].lower() for own in task.source_classes[1:] for n in own}
    if modality_of_heads(card) is not None and len(card.channels) == 1 and begins & set(_labels()):
        return
    raise InputError(
        "no-source-data",
        "the source model's own cases are not given, and digital heads cannot stand for them: these have {labels:…`} in one "
        "image ({modalities:…}), and the source model `{model}` has {theirs:…`} in {channels:…} ({modality}); give "
        "{option}, or choose another strategy.",
        labels=_labels(),
        modalities=get_args(PhantomModality),
        model=card.name,
        theirs=card.label_names,
        channels=card.channels,
        modality=card.modality,
        option="--source-data",
    )


def modality_of_heads(card: ModelCard) -> PhantomModality | None:
    """What heads must show to stand for a source model's cases; None where they cannot. Of MR in general that is T1w."""
    said = card.modality.lower()
    return "t1w" if said == "mr" else next((one for one in get_args(PhantomModality) if one == said), None)


class PhantomCases:
    """Digital head phantoms with their labels, written to a temporary folder.

    The folder is deleted together with this object. The same seed gives the same heads, so a job that is resumed makes them
    again.

    Attributes:
        cases: The phantoms as a set of cases.
    """

    def __init__(self, modality: PhantomModality, wanted: int, seed: int) -> None:
        """Make the heads.

        Args:
            modality: The contrast of the images.
            wanted: How many heads to make: the number of target cases. Fewer than 4 become 4, more than 16 become 16.
            seed: The job's seed.

        Raises:
            InputError: They cannot be written.
            JobError: The disk is full.
        """
        self._folder = tempfile.TemporaryDirectory(prefix="transferseg-heads-", ignore_cleanup_errors=True)
        count = min(MOST, max(FEWEST, wanted))
        self.cases: CaseSet = read_case_set(
            write_phantoms(Path(self._folder.name), modality, count, FIRST_SEED + seed, SIZE)
        )


def _labels() -> tuple[str, ...]:
    return tuple(name for name in LABEL_NAMES.values() if name != "lesion")
