"""nnU-Net's cascades: a `3d_cascade_fullres` model, which is shown what the model of its previous stage found.

Both are folders of nnU-Net's results, beside each other. They become one card, with that of the first stage on it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from TransferSegLib.core.card import ModelCard
from TransferSegLib.core.errors import InputError
from TransferSegLib.sources.folder import Weights
from TransferSegLib.sources.imports.importer import Imported, ImportOptions
from TransferSegLib.sources.imports.nnunet_folder import checkpoints_in, configuration_of, is_nnunet
from TransferSegLib.sources.imports.nnunet_inference import SPLINES

# What nnU-Net's function does where plans leave a setting out, and what its planner writes.
_OF_SEGMENTATIONS = {"order": 3, "order_z": 0, "force_separate_z": False}
_KNOWN = {"order": 1, "order_z": 0}


def first_stage_folder(folder: Path, previous: str, options: ImportOptions) -> Path:
    """Find the model of a cascade's first stage: beside that of the second, with the same trainer and plans if there is one.

    Args:
        folder: The second stage's folder.
        previous: The first stage's configuration, by the second's plans.
        options: What the person chose for the import.

    Raises:
        InputError: It is not there.
    """
    beside = [path for path in sorted(folder.absolute().parent.iterdir()) if path.is_dir() and path.name != folder.name]
    models = [path for path in beside if is_nnunet(path, options) and checkpoints_in(path)]
    found = [path for path in models if configuration_of(path) == previous]
    trained_alike = folder.name.rpartition("__")[0]
    named = [path for path in found if path.name == f"{trained_alike}__{previous}"]
    if named or len(found) == 1:
        return (named or found)[0]
    raise InputError(
        "nnunet-first-stage-missing",
        "{path}: is the second stage of a cascade, and needs the model of the first, `{previous}`, of the same training; "
        "{several:?of several folders beside it that hold one ({found:…}), leave one there|put its folder beside this one}.",
        path=folder,
        previous=previous[:80],
        several=len(found) > 1,
        found=[path.name for path in found],
    )


def refuse_third_stage(folder: Path, name: str, is_first_stage: bool) -> None:
    """Refuse a first stage that has a previous stage itself, which nnU-Net plans for none.

    Raises:
        InputError: It has.
    """
    if is_first_stage:
        raise InputError(
            "nnunet-third-stage",
            "{path}: `{name}` is the first stage of a cascade and has a `previous_stage` itself, and cascades have two "
            "stages; fetch the model again.",
            path=folder,
            name=name[:80],
        )


def options_of_first_stage(options: ImportOptions) -> ImportOptions:
    """What a person chose for the second stage and holds for the first as well: folds, and orientation."""
    return replace(options, configuration=None, weights=None, folder=None)


def as_second_stage(card: ModelCard, first: Imported, configuration: Mapping[str, Any], folder: Path) -> ModelCard:
    """The card of a cascade's second stage with that of the first on it.

    Args:
        card: The second stage's.
        first: The first stage.
        configuration: The settings of the second stage's configuration, untrusted.
        folder: The second stage's folder, for errors.

    Raises:
        InputError: The two are not of one data set, or cannot be run one after the other.
    """
    of_first = first.card
    alike = (of_first.channels, of_first.labels, of_first.regions) == (card.channels, card.labels, card.regions)
    if not alike:
        raise InputError(
            "nnunet-first-stage-differs",
            "{path}: its labels are {labels:…} (channels: {channels:…}), those of the first stage beside it {first_labels:…} "
            "({first_channels:…}); put the first stage of the same training there.",
            path=folder,
            labels=card.label_names,
            channels=card.channels,
            first_labels=of_first.label_names,
            first_channels=of_first.channels,
        )
    as_nnunet = card.inference.as_nnunet
    if as_nnunet is None or not _resamples_labels(configuration, as_nnunet.slices_apart):
        raise InputError(
            "nnunet-cascade-resampling",
            "{path}: its plans resample images, labels or outputs in a way that is not known here, so what the first stage "
            "finds cannot be shown to the second; import the first stage by itself.",
            path=folder,
        )
    return replace(card, first_stage=of_first)


def weights_of(first: Imported) -> Weights:
    """The weights of a first stage that was read."""
    return Weights(first.state, first.members)


def _resamples_labels(configuration: Mapping[str, Any], slices_apart: bool) -> bool:
    """Whether segmentations are resampled as nnU-Net plans it, and slices apart where those of images are."""
    if not any(name.startswith("resampling_fn") for name in configuration):  # of the first versions
        return True
    given = configuration.get("resampling_fn_seg_kwargs")
    settings = _OF_SEGMENTATIONS | (dict(given) if isinstance(given, Mapping) else {})
    if configuration.get("resampling_fn_seg", SPLINES) != SPLINES or settings.get("is_seg") is not True:
        return False
    return all(settings[name] == value for name, value in _KNOWN.items()) and settings["force_separate_z"] in (
        (None,) if slices_apart else (False,)
    )
