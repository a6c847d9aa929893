"""The page that shows cases whose labels came from another image: what was made, how well it fits, and what was left out.

Its pictures lie beside it, in `overlays/`.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path
from urllib.parse import quote

from TransferSegLib.cases.from_other.data_set import MadeCase
from TransferSegLib.core.files import replacing
from TransferSegLib.evaluation.page import Table, bullets, marked, page, plain_table, section

COLUMNS = (
    "case",
    "mutual information",
    "edge agreement",
    "sharpness",
    "mirror image",
    "body shown",
    "turned",
    "bent",
    "time",
    "in the data set",
)
EXPLAINED = (
    "`mutual information`: how much one image tells of the other, 0 to 1.",
    "`edge agreement`: 1 where borders run alike in both, 0 as by chance.",
    "`sharpness`: the share of the mutual information that is lost where the image is moved by 6 mm.",
    "`mirror image`: the mutual information of the mirrored image, as a share. Near 1 it is another patient, or sides were "
    "exchanged.",
    "`body shown`: the share of the body that the other image shows.",
    "`turned`, `bent`: the rotation, and how far the B-spline moves what the rigid transform leaves (95th percentile).",
)


def overlay_path(out: Path, name: str) -> Path:
    """Where the picture of a case is."""
    return out / "overlays" / f"{name}.png"


def write_registration_report(out: Path, title: str, settings: Table, made: Sequence[MadeCase]) -> Path:
    """Write the page.

    Args:
        out: The folder of the data set.
        title: The title of the page.
        settings: How the cases were made.
        made: The cases.

    Returns:
        The file, `report.html`.
    """
    kept = [case for case in made if case.is_kept]
    flagged = [case for case in made if case.record is not None and not case.is_kept]
    broken = [case for case in made if case.record is None]
    parts = [f"<h1>{marked(title)}</h1>", f"<p>{marked(_summary(kept, flagged, broken))}</p>"]
    if flagged or broken:
        texts = [f"`{case.name}`: {'; '.join(f.message for f in case.failings)}" for case in flagged]
        texts += [f"`{case.name}`: could not be made, {case.error.sentence}" for case in broken if case.error]
        parts.append(section("Left out", bullets(texts), "warnings"))
    parts.append(
        section("How well the images fit", plain_table(Table("", COLUMNS, [_row(c) for c in made if c.record])))
    )
    parts.append(bullets(EXPLAINED))
    pictures = [_picture(out, case) for case in (*flagged, *kept) if overlay_path(out, case.name).exists()]
    parts.append(section("The cases", f'<div class="figures">{"".join(pictures)}</div>'))
    parts.append(section(settings.title, plain_table(settings)))
    path = out / "report.html"
    with replacing(path) as temporary:
        temporary.write_text(page(title, parts), encoding="utf-8")
    return path


def _summary(kept: Sequence[MadeCase], flagged: Sequence[MadeCase], broken: Sequence[MadeCase]) -> str:
    text = f"{len(kept)} case{'s' * (len(kept) != 1)} in the data set."
    if flagged:
        text += f" {len(flagged)} flagged, because the registration seems to have failed; these are in `flagged/`."
    if broken:
        text += f" {len(broken)} could not be made."
    return text


def _row(case: MadeCase) -> list[str]:
    assert case.record is not None
    quality = case.record.quality
    kept = "yes" if not case.failings else "yes, accepted" if case.is_kept else "no"
    return [
        f"`{case.name}`",
        f"{quality.mutual_information:.3f}",
        f"{quality.edge_agreement:.3f}",
        f"{quality.sharpness:.2f}",
        f"{quality.mirrored:.2f}",
        f"{quality.coverage:.0%}",
        f"{quality.rotation_deg:.1f}°",
        f"{quality.bent_mm:.1f} mm",
        f"{case.record.seconds:.0f} s",
        kept,
    ]


def _picture(out: Path, case: MadeCase) -> str:
    source = quote(overlay_path(out, case.name).relative_to(out).as_posix())
    words = "flagged" if case.failings and not case.is_kept else "in the data set"
    return (
        f'<figure><img class="chart" loading="lazy" src="{source}" alt="{escape(case.name)}, three views">'
        f"<figcaption>{marked(f'`{case.name}`')}, {words}</figcaption></figure>"
    )
