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
    """What a number of cases has brought source models that were about as good as each other.

    Attributes:
        cases: The number of annotated cases.
        low: The smallest change of the mean Dice.
        high: The largest.
        measured: The Dice of these source models as they were, the lowest and the highest.
    """

    cases: int
    low: float
    high: float
    measured: tuple[float, float]


def experience(direct: float, body_part: str) -> tuple[tuple[Experience, ...], tuple[Experience, ...]]:
    """What fine-tuning has brought, for each number of cases that was measured.

    Nothing is interpolated: between a source model that finds nothing and one that finds nearly all, what a training brings
    may be anything.

    Args:
        direct: The mean Dice of the source model as it is, over the labels that it has.
        body_part: As the source model's card has it.

    Returns:
        What it brought source models that were about as good, which is what to expect; and what it brought others. Both are
        empty for another part of the body.
    """
    if MEASURED_ON not in body_part.lower():
        return (), ()
    alike: list[Experience] = []
    others: list[Experience] = []
    for group in _groups():
        near = min(abs(one.direct - direct) for one in group) <= ALIKE
        for cases in sorted({one.cases for one in group}):
            same = [one for one in group if one.cases == cases]
            gains, directs = [one.dice - one.direct for one in same], [one.direct for one in same]
            made = Experience(cases, min(gains), max(gains), (min(directs), max(directs)))
            (alike if near else others).append(made)
    return tuple(alike), tuple(others)


def _groups() -> list[list[Measured]]:
    """The measurements, those of source models alike together, from the lowest Dice to the highest."""
    groups: list[list[Measured]] = []
    for one in sorted(MEASUREMENTS, key=lambda one: one.direct):
        if groups and one.direct - groups[-1][0].direct <= ALIKE:
            groups[-1].append(one)
        else:
            groups.append([one])
    return groups
