"""The colours of labels, strategies, views and pages, the same in pictures, tables, the report and the panel.

Those of labels and strategies are hues of Okabe and Ito (2008), which most colour-blind eyes tell apart.
"""

from __future__ import annotations

from dataclasses import dataclass

Rgb = tuple[int, int, int]

# Of labels, on grey images and in 3D, in the order in which labels without a colour get them.
LABELS: tuple[Rgb, ...] = (
    (230, 159, 0),
    (86, 180, 233),
    (0, 158, 115),
    (240, 228, 66),
    (0, 114, 178),
    (213, 94, 0),
    (204, 121, 167),
)
# Of the bars above Slicer's views of the reference, the source model and the adapted model; Slicer writes on them in black.
VIEWS: tuple[Rgb, ...] = (LABELS[0], LABELS[1], (95, 201, 165))
# Of strategies: grey for the source model as it is, then in the order they were run (`comparison.color_numbers`). Thin lines
# and dots need contrast to the ground: the hues are darker on a white one and lighter on a dark one.
STRATEGIES: tuple[Rgb, ...] = (
    (91, 100, 112),
    (0, 114, 178),
    (213, 94, 0),
    (0, 138, 99),
    (181, 81, 143),
    (138, 109, 0),
    (42, 147, 207),
    (59, 59, 143),
)
STRATEGIES_ON_DARK: tuple[Rgb, ...] = (
    (163, 171, 181),
    (86, 169, 224),
    (255, 138, 61),
    (44, 197, 150),
    (224, 143, 192),
    (224, 185, 58),
    (143, 208, 247),
    (165, 165, 245),
)


@dataclass(frozen=True)
class PageColors:
    """The colours of a page and of the figures on it, as `#rrggbb`.

    Attributes:
        ground: Of the page itself.
        panel: Of boxes on it.
        ink: Of texts.
        soft: Of texts beside, such as captions, and of marks that many lie over.
        line: Of grid lines and borders.
        good: Of what is better.
        bad: Of what is worse, and of warnings.
        unsure: Of what may be either.
    """

    ground: str
    panel: str
    ink: str
    soft: str
    line: str
    good: str
    bad: str
    unsure: str


# Of the ground behind a verdict's word: dark enough for white letters on it in Slicer's light and dark style.
BETTER, WORSE, NEITHER, CAUTION = "#1b7837", "#b2182b", "#4f5b66", "#8a5a00"
# From white to dark blue, for shares from 0 to 1.
SHARES = ("#ffffff", "#8fbfe6", "#123f7a")
# Of numbers on these, light ones and dark ones; on a dark page, too, so they are not those of a page.
ON_LIGHT_SHARES, ON_DARK_SHARES = "#222222", "#ffffff"
# Of a network's stages, from the first one to the deepest one, and of those that are neither encoder nor decoder.
ENCODER: tuple[Rgb, Rgb] = ((130, 190, 235), (35, 95, 175))
DECODER: tuple[Rgb, Rgb] = ((250, 175, 95), (195, 75, 20))
OTHER_STAGES: Rgb = (130, 130, 130)
# Of what rises and what falls, in the picture of a difference.
RISES: Rgb = (178, 24, 43)
FALLS: Rgb = (33, 102, 172)
# Of the stripes over voxels that nobody annotated.
UNKNOWN: Rgb = (200, 200, 200)

LIGHT = PageColors("#ffffff", "#f4f5f7", "#1c2024", "#5b6470", "#d9dde3", "#00694e", "#b03a00", "#5b6470")
DARK = PageColors("#16181b", "#1f2226", "#e8eaed", "#a3abb5", "#363b42", "#35c99a", "#ff8f52", "#a3abb5")


def hexadecimal(color: Rgb) -> str:
    """A colour as `#rrggbb`."""
    return "#{:02x}{:02x}{:02x}".format(*color)


def strategy_color(number: int) -> Rgb:
    """The colour of a strategy on a white ground, by its number; grey is only that of number 0."""
    return STRATEGIES[0] if number == 0 else STRATEGIES[1 + (number - 1) % (len(STRATEGIES) - 1)]
