"""How the trainings of a study went, over steps and over time: figures that every study has beside those of its paper."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Literal

from TransferSegLib.core.texts import as_name
from TransferSegLib.studies.folder import StudyFolder
from TransferSegLib.studies.general import level_texts, varied, way_name
from TransferSegLib.studies.paper import PaperFigure
from TransferSegLib.studies.results import Results

if TYPE_CHECKING:
    from matplotlib.figure import Figure

OVER: tuple[Literal["steps", "time"], ...] = ("steps", "time")
# More colours are not told apart, and more lines hide each other.
MOST_WAYS, MOST_LINES = 12, 40
_WHAT = {"dice": "Dice on validation cases", "loss": "Training loss"}
_NAMES = {"dice": "validation-dice", "loss": "training-loss"}


def learning_curves(results: Results) -> tuple[PaperFigure, ...]:
    """The Dice on the validation cases over steps and over time, two figures a target; the training loss where there is none.

    Args:
        results: The rows of a study.

    Returns:
        The figures; none where nothing was trained.
    """
    trained = Results(tuple(row for row in results if row["steps"]))
    several = len(trained.levels("target")) > 1
    figures = []
    for target, rows in trained.groups("target").items():
        what: Literal["dice", "loss"] = "dice" if rows.levels("converged_step") else "loss"
        ways, repeats_left_out = ways_of(rows)
        caption = "A line a training"
        caption += ", of repeats the first." if repeats_left_out else "."
        if what == "loss":
            caption += (
                " No Dice is known, as none of these trainings had validation cases on which it learned something."
            )
        for over in OVER:
            heading = f"{_WHAT[what]} over {over}" + (f", {target}" if several else "")
            name = f"{_NAMES[what]}-{over}" + (f"-{as_name(str(target), 'target')}" if several else "")
            figures.append(PaperFigure(name, heading, caption, partial(_draw, heading, ways, what, over)))
    return tuple(figures)


def ways_of(rows: Results) -> tuple[dict[str, Results], bool]:
    """The trainings of a target by what tells them apart, in at most `MOST_WAYS` groups as far as the strategies allow it.

    Args:
        rows: The rows of one target.

    Returns:
        The name of each group with its rows, and whether repeats were left out of them to have fewer lines.
    """
    factors = sorted(varied(rows), key=lambda name: name != "strategy")  # which is given up last
    repeats = len(rows.levels("cell")) > MOST_LINES
    if repeats:
        firsts = {group.rows[0].cell for group in rows.groups(factors).values()}
        rows = rows.where(cell=firsts)
    while len(rows.groups(factors)) > MOST_WAYS and len(factors) > 1:
        factors.pop()
    texts = level_texts(rows)
    return {way_name(factors, levels, texts): group for levels, group in rows.groups(factors).items()}, repeats


def _draw(
    title: str,
    ways: dict[str, Results],
    what: Literal["dice", "loss"],
    over: Literal["steps", "time"],
    folder: StudyFolder,
    results: Results,
) -> Figure | None:
    from TransferSegLib.studies.pictures import progress_chart

    return progress_chart(title, folder, ways, what, over)
