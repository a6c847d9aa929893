"""The analysis of a study's networks, kept in its folder, and used again while what it was made from is the same."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import TransferSegLib
from TransferSegLib.core.records import to_json
from TransferSegLib.evaluation.representation.analysis import Analysis
from TransferSegLib.evaluation.representation.storing import load_analyses, save_analyses
from TransferSegLib.jobs.analysing import Sampling
from TransferSegLib.jobs.target import read_target
from TransferSegLib.jobs.trainings import Member
from TransferSegLib.studies.folder import StudyFolder


def kept_or_made(
    folder: StudyFolder, members: Sequence[Member], sampling: Sampling, make: Callable[[], tuple[Analysis, ...]]
) -> tuple[Analysis, ...]:
    """The analysis of some jobs: the one that is kept, where it is of these jobs as they are now, else a new one.

    Args:
        folder: The study's folder.
        members: The jobs.
        sampling: How they are looked at.
        make: Makes the analysis.

    Raises:
        InputError: A job cannot be read, or `make` raises it.
    """
    path = folder.analyses / f"{_made_from(members, sampling)}.npz"
    found = load_analyses(path)
    if found is None:
        found = make()
        with contextlib.suppress(OSError):  # it is made anew the next time
            save_analyses(path, found)
            for other in folder.analyses.glob("*.npz"):
                if other != path:
                    other.unlink()
    return found


def _made_from(members: Sequence[Member], sampling: Sampling) -> str:
    """A digest of what an analysis follows from: the jobs, their snapshots and results, and the images they look at."""
    parts: list[object] = [TransferSegLib.__version__, to_json(sampling)]
    images: dict[str, list[object]] = {}
    for member in members:
        spec = member.job.read_spec()
        files = [*member.job.snapshots.rglob("*.safetensors"), *(member.job.state / "results").glob("*.json")]
        said = [member.name, member.condition, member.setting, member.target]
        parts += [*said, to_json(spec), *map(_stat, sorted(files))]
        if spec.target not in images:
            images[spec.target] = [_stat(path) for case in read_target(spec).cases for path in case.images]
    return hashlib.sha256(json.dumps([parts, images], default=str).encode()).hexdigest()[:16]


def _stat(path: Path) -> tuple[str, int, int]:
    """What changes when a file is written again."""
    try:
        found = path.stat()
    except OSError:
        return path.name, 0, 0
    return path.name, found.st_size, found.st_mtime_ns
