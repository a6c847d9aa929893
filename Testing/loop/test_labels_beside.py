"""Segmentations beside the scans are said to be left out, and how they are taken along."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from TransferSegLib.cases.readers import cases_from_images
from TransferSegLib.cli import main
from TransferSegLib.loop.folder import LoopFolder


def laid_out(folder: Path, heads, how: str) -> tuple[Path, Path]:
    """Scans and, of the first three, segmentations beside them: the folder of the scans, and the data set."""
    scans, labels = heads
    images = folder / "set" / "imagesTr" if how == "labelsTr" else folder / "scans"
    images.mkdir(parents=True)
    for name in labels:
        whole = f"{name}_T1w" if how == "bids" else name
        shutil.copy(scans / f"{name}.nii.gz", images / f"{whole}.nii.gz")
    for name in sorted(labels)[:3]:
        ending = {"labelsTr": "", "label": "_label", "dseg": "_dseg", "bids": "_dseg"}[how]
        target = folder / "set" / "labelsTr" if how == "labelsTr" else images
        target.mkdir(exist_ok=True)
        shutil.copy(labels[name], target / f"{name}{ending}.nii.gz")
    if how == "labelsTr":
        content = json.loads((labels[name].parents[1] / "dataset.json").read_text())
        annotated = [one for one in content["training"] if (folder / "set" / one["label"]).is_file()]
        assert len(annotated) == 3
        (folder / "set" / "dataset.json").write_text(json.dumps({**content, "training": annotated}))
    return images, folder / "set" if how == "labelsTr" else images


@pytest.mark.parametrize("how", ["labelsTr", "label", "dseg", "bids"])
def test_init_says_which_segmentations_it_leaves_out_and_takes_them_along_where_it_is_told(
    tmp_path, tiny_source, heads, capsys, how
):
    images, data_set = laid_out(tmp_path, heads, how)
    assert len(cases_from_images([images], 1)) == 6, "segmentations are no scans"
    assert main(["loop", "init", str(tmp_path / "a"), "--source", str(tiny_source), "--images", str(images)]) == 0
    said = capsys.readouterr().err
    assert "3 scans have segmentations beside them (`" in said and "not taken along" in said
    assert f"begin another loop with --target {data_set}." in said
    given = ["loop", "init", str(tmp_path / "b"), "--source", str(tiny_source), "--images", str(images)]
    main([*given, "--target", str(data_set)])
    assert "beside them" not in capsys.readouterr().err
    assert len(LoopFolder(tmp_path / "b").read().annotations) == 3


def test_nothing_is_said_where_there_are_scans_alone(tmp_path, tiny_source, heads, capsys):
    main(["loop", "init", str(tmp_path / "a"), "--source", str(tiny_source), "--images", str(heads[0])])
    assert "beside" not in capsys.readouterr().err
