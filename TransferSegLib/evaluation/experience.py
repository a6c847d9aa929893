"""What fine-tuning on few cases has brought, by how good the source model was as it is.

The numbers are means over test cases that no model has seen, of real images of the hippocampus, from `docs/`. They hold
there. Elsewhere nothing of the kind was measured. All are of trainings with the default settings.
"""

from __future__ import annotations

from dataclasses import dataclass

# Source models whose Dice as it is differs by less count as alike.
ALIKE = 0.05
# What a card's body part must name.
MEASURED_ON = "hippocampus"


@dataclass(frozen=True)
class Measured:
    """One measurement.

    Attributes:
        cases: The number of annotated cases that were adapted to.
        direct: The mean Dice of the source model as it is.
        dice: The mean Dice after fine-tuning everything (`open`).
        where: Where it is reported.
    """

    cases: int
    direct: float
    dice: float
    where: str


MEASUREMENTS = (
    Measured(4, 0.011, 0.828, "docs/benchmarks.md, another scanner, contrast inverted"),
    Measured(8, 0.011, 0.843, "docs/benchmarks.md, another scanner, contrast inverted"),
    Measured(4, 0.855, 0.855, "docs/benchmarks.md, source model of any contrast, contrast inverted"),
    Measured(8, 0.855, 0.859, "docs/benchmarks.md, source model of any contrast, contrast inverted"),
    Measured(4, 0.856, 0.856, "docs/benchmarks.md, source model of any contrast, contrast kept"),
)


@dataclass(frozen=True)
class Experience:
    """What a number of cases has brought source models that were about as good.

    Attributes:
        cases: The number of annotated cases.
        low: The smallest change of the mean Dice.
        high: The largest.
        measured: The Dice of the source models as they were, from the lowest to the highest that this rests on.
        how: `measured` on source models alike; `between`, interpolated; `beyond` all that was measured, that of the nearest.
    """

    cases: int
    low: float
    high: float
    measured: tuple[float, float]
    how: str


def experience(direct: float, body_part: str) -> tuple[Experience, ...]:
    """What to expect of fine-tuning, for each number of cases that was measured; empty for another part of the body.

    Args:
        direct: The mean Dice of the source model as it is, over the labels that it has.
        body_part: As the source model's card has it.
    """
    if MEASURED_ON not in body_part.lower():
        return ()
    return tuple(_of(direct, cases) for cases in sorted({one.cases for one in MEASUREMENTS}))


def _of(direct: float, cases: int) -> Experience:
    known = [one for one in MEASUREMENTS if one.cases == cases]
    nearest = min(known, key=lambda one: abs(one.direct - direct))
    is_alike = abs(nearest.direct - direct) <= ALIKE
    below = [one for one in known if one.direct < direct]
    above = [one for one in known if one.direct > direct]
    if is_alike or not (below and above):
        used = [one for one in known if abs(one.direct - nearest.direct) <= ALIKE]
        low, high = _range(used)
        return Experience(cases, low, high, _directs(used), "measured" if is_alike else "beyond")
    left, right = max(below, key=lambda one: one.direct), min(above, key=lambda one: one.direct)
    at_left = [one for one in below if left.direct - one.direct <= ALIKE]
    at_right = [one for one in above if one.direct - right.direct <= ALIKE]
    share = (direct - left.direct) / (right.direct - left.direct)
    low, high = (a + share * (b - a) for a, b in zip(_range(at_left), _range(at_right), strict=True))
    return Experience(cases, low, high, (left.direct, right.direct), "between")


def _range(of: list[Measured]) -> tuple[float, float]:
    gains = [one.dice - one.direct for one in of]
    return min(gains), max(gains)


def _directs(of: list[Measured]) -> tuple[float, float]:
    return min(one.direct for one in of), max(one.direct for one in of)
