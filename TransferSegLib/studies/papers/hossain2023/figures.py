"""Figures 3.1 and 4.1 to 4.6 of Hossain 2023."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from TransferSegLib.cases.readers import read_case_set
from TransferSegLib.cases.selection.drawing import bin_of, equal_intervals
from TransferSegLib.core.errors import InputError
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.studies.entries import by_network, label_of_interest, with_most_cases
from TransferSegLib.studies.folder import StudyFolder
from TransferSegLib.studies.papers.hossain2023.grid import BINS, FULL, NETWORKS, PARTIAL, SCRATCH, WITH, WITHOUT
from TransferSegLib.studies.pictures import progress_chart, study_gallery
from TransferSegLib.studies.results import Results
from TransferSegLib.studies.selection import ALL_LABELS, label_volumes_ml

if TYPE_CHECKING:
    from matplotlib.figure import Figure

UNET = next(iter(NETWORKS))


def unet(results: Results, augment: str) -> Results:
    """The UNet from scratch with all cases."""
    return by_network(with_most_cases(results.where(strategy=SCRATCH, augment=augment))).get(UNET, Results(()))


def largest(results: Results, strategy: str, augment: str) -> Results:
    """Fine-tuning with the largest training sample, of its first draw."""
    some = results.where(strategy=strategy, augment=augment)
    sizes = some.levels("size")
    return some.where(size=sizes[-1], draw=some.levels("draw")[0]) if sizes else some


def figure_3_1(folder: StudyFolder, results: Results) -> Figure | None:
    """The volumes of the lesion in all cases to train on, and how many of each bin the training samples take."""
    from TransferSegLib.evaluation.figures.histogram import histogram

    everyone = _training_cases(folder, with_most_cases(results.where(strategy=SCRATCH)))
    tuned = results.where(strategy=PARTIAL, augment=WITHOUT)
    samples = {
        size: _training_cases(folder, largest(tuned.where(size=size), PARTIAL, WITHOUT))
        for size in tuned.levels("size")
    }
    if everyone is None:
        return None
    data, names = everyone
    label = label_of_interest(results)
    try:
        cases = read_case_set(Path(data))
        volumes = label_volumes_ml(cases, names, label or ALL_LABELS)
    except InputError:
        return None
    if not volumes:
        return None
    edges = equal_intervals(list(volumes.values()), BINS["bins"])
    bins = dict(zip(volumes, bin_of(list(volumes.values()), edges), strict=True))

    def counted(some: Sequence[str]) -> list[int]:
        return [sum(bins.get(name) == number for name in some) for number in range(BINS["bins"])]

    sets = [(f"{size} cases", counted(found[1])) for size, found in samples.items() if found is not None]
    return histogram(f"Volumes of {label or 'all labels'} in the cases to train on", "mL", edges, counted(names), sets)


def _training_cases(folder: StudyFolder, results: Results) -> tuple[str, tuple[str, ...]] | None:
    """The data set of the first cell, and the names of the cases that it was trained on; None without such a cell."""
    for cell in results.levels("cell"):
        try:
            spec = JobFolder(folder.cell(str(cell))).read_spec()
        except InputError:
            continue
        if spec.cases is not None:
            return spec.target, spec.cases.train
    return None


def figure_4_1(folder: StudyFolder, results: Results) -> Figure | None:
    """Cases as the UNet from scratch segments them, with augmentation."""
    return study_gallery("3D UNet from scratch, with augmentation", folder, {"3D UNet": unet(results, WITH)})


def figure_4_3(folder: StudyFolder, results: Results) -> Figure | None:
    """Cases as partial fine-tuning segments them, with the largest training sample."""
    return study_gallery("Partial fine-tuning", folder, _with_and_without(results, PARTIAL))


def figure_4_6(folder: StudyFolder, results: Results) -> Figure | None:
    """Cases as full fine-tuning segments them, with the largest training sample."""
    return study_gallery("Full fine-tuning", folder, _with_and_without(results, FULL))


def progress(what: Literal["loss", "dice"], ways: dict[str, Results], folder: StudyFolder, title: str) -> Figure | None:
    """The training loss, or the Dice on the validation cases, over the steps of one training."""
    said = "training loss" if what == "loss" else "Dice on validation cases"
    return progress_chart(f"{title}: {said}", folder, ways, what)


def progress_of_unet(what: Literal["loss", "dice"], folder: StudyFolder, results: Results) -> Figure | None:
    """Figure 4.2: the UNet from scratch, without augmentation."""
    return progress(what, {"3D UNet": unet(results, WITHOUT)}, folder, "3D UNet from scratch")


def progress_of(strategy: str, what: Literal["loss", "dice"], folder: StudyFolder, results: Results) -> Figure | None:
    """Figures 4.4 and 4.5: fine-tuning with the largest training sample, without augmentation."""
    title = "Partial fine-tuning" if strategy == PARTIAL else "Full fine-tuning"
    return progress(what, {title: largest(results, strategy, WITHOUT)}, folder, title)


def _with_and_without(results: Results, strategy: str) -> dict[str, Results]:
    return {
        "Without augmentation": largest(results, strategy, WITHOUT),
        "With augmentation": largest(results, strategy, WITH),
    }
