"""What the networks of the study represent, for tables 8 and 9 and figures 6 to 10 (§2.3, 3.6 and 3.7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from TransferSegLib.core.errors import InputError
from TransferSegLib.core.problems import Problem
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.trainings import Member
from TransferSegLib.studies.folder import StudyFolder
from TransferSegLib.studies.papers.karimi2021.rows import RI, TL
from TransferSegLib.studies.results import Results

if TYPE_CHECKING:
    from TransferSegLib.evaluation.representation.analysis import Analysis, Course, Pictures
    from TransferSegLib.evaluation.representation.reuse import Reuse

# §3.7 compares six layers: the first three stages of the encoder and the last three of the decoder, in forward order.
SIDE = 3


def look(folder: StudyFolder, results: Results) -> Results:
    """Look into the networks that kept snapshots, or take what was found in them before, where they are the same.

    Without their files, or without memory for them, nothing is found, and the results say why.
    """
    from TransferSegLib.jobs.analysing import Sampling, analyse_jobs
    from TransferSegLib.networks.execution import pick_device
    from TransferSegLib.networks.memory import OutOfMemory
    from TransferSegLib.studies.kept_analysis import kept_or_made

    members = []
    for cell, rows in results.groups("cell").items():
        row, job = rows.rows[0], JobFolder(folder.cell(str(cell)))
        if job.snapshots.is_dir():
            began = RI if row["source"] == "none" else f"{TL} from {row['source']}"
            setting = f"{row['target']}, {row['size']} cases"
            members.append(Member(job, str(cell), f"{row['target']}, {began}", setting, str(row["target"])))
    if not members:
        return results
    sampling = Sampling()

    def make() -> tuple[Analysis, ...]:
        device = members[0].job.read_spec().training.device
        return tuple(one.found for one in analyse_jobs(members, sampling, pick_device(device)))

    try:
        return replace(results, analyses=kept_or_made(folder, members, sampling, make))
    except InputError as error:
        why = error.problem
    except OSError as error:
        why = Problem(
            "study-networks-unreadable",
            "{path}: cannot be read ({reason}); put it back or make it readable, then run `{command}`.",
            {
                "path": error.filename or folder.path,
                "reason": error.strerror or str(error),
                "command": f"transferseg study report {folder.path}",
            },
        )
    except OutOfMemory:
        why = Problem(
            "study-networks-out-of-memory",
            "memory ran out while the networks were looked into; close other programs, then run `{command}`.",
            {"command": f"transferseg study report {folder.path}"},
        )
    return replace(results, not_looked_into=why)


def courses(results: Results, some: Results) -> list[Course]:
    """How the representations of the trainings of some rows moved."""
    cells = set(some.levels("cell"))
    return [course for one in results.analyses for course in one.courses if course.training in cells]


def pictures(results: Results, some: Results) -> Pictures | None:
    """The filters and feature maps of the first training of some rows that has any."""
    cells = set(some.levels("cell"))
    return next((p for one in results.analyses for p in one.pictures if p.training in cells), None)


def reuse(results: Results, own: Results, scratch: Results) -> tuple[Reuse, ...]:
    """The feature reuse of each stage (§3.7).

    Each training is compared with itself, so the two kinds may see their images in different ways.

    Args:
        results: The results of the study.
        own: The rows of transfer learning.
        scratch: Those of random initialisation.
    """
    from TransferSegLib.evaluation.representation.reuse import feature_reuse

    return feature_reuse([c.start for c in courses(results, own)], [c.start for c in courses(results, scratch)])


def shown_layers(stages: Sequence[str]) -> dict[str, str]:
    """The stages that stand for the paper's six layers → what it calls them."""
    parts = {part: [name for name in stages if name.split(".")[0] == part] for part in ("encoder", "decoder")}
    chosen = [*parts["encoder"][:SIDE], *parts["decoder"][-SIDE:]]
    first = len(parts["decoder"]) - min(SIDE, len(parts["decoder"]))
    return {
        name: f"{part}-{int(number) + 1 - (first if part == 'decoder' else 0)}"
        for name in chosen
        for part, _, number in [name.partition(".")]
    }
