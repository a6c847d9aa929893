"""Learning curves, and how long each strategy was trained until it had converged."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure

from TransferSegLib.evaluation.comparison import TEST_FOLD
from TransferSegLib.evaluation.convergence import TrainingTime
from TransferSegLib.evaluation.figures.curves import Line, line_chart
from TransferSegLib.evaluation.figures.style import inline_svg
from TransferSegLib.evaluation.page import Table, plain_table, section

_LABELS = {
    "loss": "Training loss at each step",
    "validation-dice": "Dice on validation cases at each step",
    "validation-dice-time": "Dice on validation cases over time",
}
NO_VALIDATION = (
    "When a training had converged is known only where it had validation cases. Give some cases the role `validation`; those "
    "that are scored are never looked at meanwhile."
)
# Up to so many seconds, the axis of time is in seconds; then in minutes, and in hours.
MOST_SECONDS, MOST_MINUTES = 300.0, 180.0


@dataclass(frozen=True)
class Curve:
    """What one training logged.

    Attributes:
        strategy: The key of its strategy.
        fold: The number of its fold, or `final`.
        steps: Steps at which there is a loss.
        loss: The mean training loss up to each of them.
        dice: (step, validation Dice) where that was measured.
        seconds: The seconds of all steps until each of `dice`; empty where they are not known.
    """

    strategy: str
    fold: str
    steps: Sequence[int]
    loss: Sequence[float]
    dice: Sequence[tuple[int, float]] | None = None
    seconds: Sequence[float] = ()


def training_figures(curves: Sequence[Curve], numbers: Mapping[str, int]) -> dict[str, Figure | None]:
    """Draw the loss over steps, and the Dice on validation cases over steps and over time.

    Args:
        curves: What each training logged.
        numbers: The number of each strategy in `color_numbers`.
    """
    losses = [_line(curve, numbers, list(zip(curve.steps, curve.loss, strict=True))) for curve in curves]
    dice = [_line(curve, numbers, curve.dice or ()) for curve in curves]
    timed = [curve for curve in curves if curve.dice and len(curve.seconds) == len(curve.dice)]
    longest = max((curve.seconds[-1] for curve in timed), default=0.0)
    unit, factor = unit_of_time(longest)
    over_time = [
        _line(curve, numbers, [(s / factor, d) for s, (_, d) in zip(curve.seconds, curve.dice or (), strict=True)])
        for curve in timed
    ]
    title = "Dice on validation cases"
    return {
        "loss": line_chart("Training loss", "step", losses),
        "validation-dice": line_chart(f"{title}, over steps", "step", dice, upper=1.0),
        "validation-dice-time": line_chart(f"{title}, over time", unit, over_time, upper=1.0, whole=False),
    }


def training_sections(
    curves: Sequence[Curve], times: Sequence[TrainingTime], figures: Mapping[str, Figure]
) -> list[str]:
    """The sections with the curves and with the times, as HTML; none where nothing was trained."""
    parts = []
    if curves:
        shown = "".join(inline_svg(figures[name], name, _LABELS[name]) for name in _LABELS if name in figures)
        caption = '<p class="caption">One line a training run: each fold, and the final model.</p>'
        parts.append(section("Learning curves", f'<div class="charts">{shown}</div>{caption}'))
    if times:
        parts.append(section("Training time", plain_table(time_table(times)) + _about(times)))
    return parts


def time_table(times: Sequence[TrainingTime]) -> Table:
    """A row for the folds and one for the final model of each strategy, means over its trainings."""
    groups: dict[tuple[str, str], list[TrainingTime]] = {}
    for time in times:
        groups.setdefault((time.strategy, "final" if time.fold == TEST_FOLD else "folds"), []).append(time)
    rows = []
    for (strategy, what), same in groups.items():
        steps = sorted({time.steps for time in same})
        step_s = _mean([time.step_s for time in same])
        seconds = [time.seconds for time in same if time.seconds is not None]
        converged = [time.converged_step for time in same if time.converged_step is not None]
        after = _mean([time.converged_s for time in same])
        rows.append(
            (
                f"`{strategy}`",
                "final model" if what == "final" else f"{len(same)} fold{'s' * (len(same) > 1)}",
                "not known" if step_s is None else f"{step_s:.3g} s",
                f"{steps[0]:,}" if len(steps) == 1 else f"{steps[0]:,} to {steps[-1]:,}",
                duration(sum(seconds)) if len(seconds) == len(same) else "not known",
                f"{statistics.fmean(converged):,.0f}" if converged else "not known",
                "not known" if after is None else duration(after),
            )
        )
    columns = (
        "Strategy",
        "Trainings",
        "A step",
        "Steps each",
        "All together",
        "Converged at step",
        "Converged after",
    )
    return Table("Training time", columns, rows)


def duration(seconds: float) -> str:
    """A time in words, `12.3 s`, `4 min 5 s` or `2 h 10 min`."""
    if seconds < 60:
        return f"{seconds:.3g} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min"


def fold_words(fold: str) -> str:
    """A fold as people count, `fold 1` for 0: the files count from 0."""
    return f"fold {int(fold) + 1}" if fold.isdigit() else fold


def _about(times: Sequence[TrainingTime]) -> str:
    text = (
        "Means over the trainings of a row. Seconds are those of the steps on the clock, without looks at validation cases. "
        "A training had converged at the first look whose Dice was within 0.5 % of its best (Karimi 2021, §3.6)."
    )
    if all(time.converged_step is None for time in times):
        text += f" {NO_VALIDATION}"
    return f'<p class="caption">{text.replace("`validation`", "<code>validation</code>")}</p>'


def _line(curve: Curve, numbers: Mapping[str, int], points: Sequence[tuple[float, float]]) -> Line:
    return Line(f"{curve.strategy}, {fold_words(curve.fold)}", curve.strategy, numbers[curve.strategy], points)


def unit_of_time(longest_s: float) -> tuple[str, float]:
    """The unit of an axis up to so many seconds, and how many seconds it has."""
    if longest_s <= MOST_SECONDS:
        return "seconds", 1.0
    return ("minutes", 60.0) if longest_s <= 60 * MOST_MINUTES else ("hours", 3600.0)


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return statistics.fmean(known) if known else None
