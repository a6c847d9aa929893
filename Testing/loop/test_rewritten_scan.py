"""A scan that is written anew between two rounds is still the case of its name."""

from __future__ import annotations

import shutil

from TransferSegLib.cases.volumes import read_volume, write_volume
from TransferSegLib.cli import main
from TransferSegLib.jobs.fold_models import FoldModels
from TransferSegLib.jobs.folder import DIGESTS, JobFolder
from TransferSegLib.jobs.spec import StrategyChoice
from TransferSegLib.jobs.stored_split import stored_digests, stored_folds
from TransferSegLib.loop.accepting import accept
from TransferSegLib.loop.beginning import init_loop
from TransferSegLib.loop.folder import LoopFolder
from TransferSegLib.sources.catalogue import find_source


def test_scans_that_are_brighter_in_the_second_round_stay_in_their_folds(tmp_path, tiny_source, heads):
    """All of six, so that no chance of where a new case goes would leave each in its fold."""
    scans = tmp_path / "scans"
    shutil.copytree(heads[0], scans)
    loop = LoopFolder(tmp_path / "loop")
    init_loop(loop.path, find_source(tiny_source), scans, seed=1)
    for name, label in heads[1].items():
        accept(loop.path, name, label)
    adapt = ["loop", "adapt", str(loop.path), "--strategy", "open", "--steps", "1", "--deterministic"]
    assert main(adapt) == 0
    for name in heads[1]:
        volume = read_volume(scans / f"{name}.nii.gz")
        write_volume(scans / f"{name}.nii.gz", volume.array + 1, volume.grid)
    assert main(adapt) == 0
    first, second = (JobFolder(loop.path / f"round-{n}") for n in (1, 2))
    assert [fold.held_out for fold in stored_folds(first)] == [fold.held_out for fold in stored_folds(second)]
    old = stored_digests(first, DIGESTS)
    for fold in stored_folds(second):
        record = FoldModels(second, StrategyChoice("open")).record(fold.number)
        assert record is not None and not {*record.seen} & {old[name].images[0] for name in fold.held_out}
    assert "other voxels than in an earlier job" in second.report.read_text(encoding="utf-8")
