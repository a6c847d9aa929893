"""The picture of a loop over its rounds, and the page that shows it."""

from __future__ import annotations

from pathlib import Path

from TransferSegLib.evaluation.page import Table, marked, page, plain_table, section
from TransferSegLib.loop.folder import LoopFolder
from TransferSegLib.loop.standing import Round, Standing, sentence_of_change, sentence_of_reannotated

TITLE = "Dice over the rounds (more is better)"
EXPLAINED = (
    "All scores are of cases that the model did not see: each fold begins from its own model of the round before, so no case "
    "is scored by a model that saw it in any round. The shared cases were drawn at random and annotated without a "
    "prediction in sight. Cases that began as predictions lean to the model that made these, so their scores may be too good."
)


def write_progress(path: Path, standing: Standing) -> list[Path]:
    """Write `progress.png` and `report.html`.

    Args:
        path: The loop's folder.
        standing: How the loop stands.

    Returns:
        The files; without a finished round that was scored there is no picture.

    Raises:
        JobError: The disk refuses it.
    """
    from TransferSegLib.evaluation.figures.rounds import Point, Series, rounds_figure
    from TransferSegLib.evaluation.figures.style import inline_svg, write_png

    folder = LoopFolder(path)
    done = [one for one in standing.rounds if one.strategy is not None]
    figure = rounds_figure(
        TITLE,
        [_below(one) for one in done],
        [
            Series(
                "shared cases",
                [Point(one.shared_dice, one.shared_interval, [*one.shared_by_case.values()]) for one in done],
                1,
                "o",
            ),
            Series("all annotated cases", [Point(one.dice, one.interval) for one in done], 2, "s"),
            Series(
                "cases that began as predictions", [Point(one.prediction_dice) for one in done], 3, "D", is_open=True
            ),
            Series("shared cases, source model as it is", [Point(one.source_shared_dice) for one in done], 0, "^"),
        ],
    )
    parts = [f"<h1>{marked('The rounds')}</h1>", f"<p>{marked(standing.another_round.sentence)}</p>"]
    if standing.reannotated:
        parts.append(f"<p>{marked(sentence_of_reannotated(standing.reannotated).sentence)}</p>")
    written = []
    if figure is not None:
        write_png(figure, folder.progress_png)
        written.append(folder.progress_png)
        parts.append(section("How good by now", inline_svg(figure, "rounds", TITLE) + f"<p>{marked(EXPLAINED)}</p>"))
    parts.append(section("Rounds", plain_table(_table(standing))))
    folder.write(folder.report, page("The rounds", parts))
    return [*written, folder.report]


def _below(one: Round) -> list[str]:
    minutes = [] if one.seconds is None else [f"{one.seconds / 60:.1f} minutes"]
    return [one.name.replace("-", " "), f"{one.annotated} cases", *minutes]


def _table(standing: Standing) -> Table:
    columns = (
        "round",
        "annotated",
        "strategy",
        "Dice, all",
        "Dice, shared",
        "Dice, began as predictions",
        "change",
        "minutes",
    )
    return Table("Rounds", columns, [_row(one) for one in standing.rounds])


def _row(one: Round) -> list[str]:
    corrected = "–" if one.prediction_dice is None else f"{one.prediction_dice:.3f} ({one.prediction_cases} cases)"
    return [
        f"`{one.name}`",
        str(one.annotated),
        f"`{one.strategy}`" if one.strategy else one.state,
        _number(one.dice, one.interval),
        _number(one.shared_dice, one.shared_interval),
        corrected,
        "–" if one.change is None else sentence_of_change(one.change).sentence,
        "–" if one.seconds is None else f"{one.seconds / 60:.1f}",
    ]


def _number(dice: float | None, interval: tuple[float, float] | None) -> str:
    if dice is None:
        return "–"
    return f"{dice:.3f}" + ("" if interval is None else f" ({interval[0]:.3f} to {interval[1]:.3f})")
