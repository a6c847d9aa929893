"""The recipe of a job against its paper, with what the job itself decides: how its images are prepared."""

from __future__ import annotations

from TransferSegLib.core.card import ModelCard
from TransferSegLib.core.declarations import declared_options, value_text
from TransferSegLib.core.preprocessing_options import PreprocessingOptions
from TransferSegLib.core.preprocessing_words import preprocessing_in_words
from TransferSegLib.jobs.spec import JobSpec
from TransferSegLib.training.recipes.table import Images, Row, recipe_rows


def recipe_of_job(spec: JobSpec, carried: bool, source: ModelCard | None = None) -> tuple[Row, ...]:
    """The table of a training's recipe; empty for `default`.

    Args:
        spec: What the job is asked to do.
        carried: Whether the network begins with weights of a source model.
        source: The source model's card; None for `pretrain`.
    """
    return recipe_rows(spec.training.for_training(carried), _images(spec, source))


def _images(spec: JobSpec, source: ModelCard | None) -> Images | None:
    """How the images are prepared; None where it is as the recipe has it."""
    if spec.kind != "pretrain":
        says = "" if source is None else f": {preprocessing_in_words(source.preprocessing, source.channels)}"
        why = "an adapted model takes its images as its source model does"
        return Images(f"as the source model's card says{says}", why)
    chosen = {
        option: value
        for option in declared_options(PreprocessingOptions)
        if (value := getattr(spec.preprocessing, option.name)) is not None
    }
    if all(option.name == "preprocessing" and value == spec.training.recipe for option, value in chosen.items()):
        return None
    preset = () if spec.preprocessing.preprocessing else (f"`--preprocessing {spec.training.recipe}`",)
    parts = [*preset, *(f"{option.title.lower()}: {value_text(option, value)}" for option, value in chosen.items())]
    return Images(", ".join(parts), f"chosen by {', '.join(option.flag for option in chosen)}")
