"""Where a job shows images otherwise than the source model's own program, and that what foresees a job says so."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import SimpleITK as sitk

from TransferSegLib.jobs.advising import advise
from TransferSegLib.jobs.context import JobContext
from TransferSegLib.jobs.formats import JOB_FORMAT
from TransferSegLib.jobs.shown_otherwise import shown_otherwise
from TransferSegLib.jobs.spec import JobSpec, StrategyChoice
from TransferSegLib.loop.model import LoopModel
from TransferSegLib.sources.catalogue import find_source


@pytest.fixture
def in_file_order(tiny_source, tmp_path) -> Path:
    """A model that is shown the axes of the file."""
    folder = Path(shutil.copytree(tiny_source, tmp_path / "source"))
    card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    (folder / "card.json").write_text(json.dumps({**card, "inference": {"file_order": True}}), encoding="utf-8")
    return folder


@pytest.fixture
def scans(phantoms, tmp_path):
    """A function that makes a table of two scans without labels, the second of them turned to other axes."""
    images = sorted((phantoms("t1w", 2) / "imagesTr").iterdir())

    def make(axes: str) -> Path:
        turned = tmp_path / f"{axes}.nii.gz"
        sitk.WriteImage(sitk.DICOMOrient(sitk.ReadImage(str(images[1])), axes), str(turned))
        table = tmp_path / f"{axes}.csv"
        table.write_text(f"case,image,label,role\na,{images[0]},,unlabelled\nb,{turned},,unlabelled\n")
        return table

    return make


def context_of(source: Path, target: Path) -> JobContext:
    direct = StrategyChoice("direct")
    return JobContext.read(JobSpec(JOB_FORMAT, "adapt", str(target), (direct,), direct.key, source=str(source)))


def test_a_job_says_how_many_cases_it_turns_that_the_model_by_itself_would_not_see_turned(
    in_file_order, scans, tiny_source
):
    (said,) = shown_otherwise(context_of(in_file_order, scans("LPS")))
    assert said.code == "job-not-in-file-order" and said.fields["count"] == 1 and "in 1 case," in said.sentence
    assert not shown_otherwise(context_of(in_file_order, scans("RAS"))), "right, anterior, superior"
    assert not shown_otherwise(context_of(tiny_source, scans("LPS")))
    found = advise(find_source(in_file_order), scans("LPS"))
    assert "job-not-in-file-order" in [one.code for one in found.problems]


def test_a_scan_is_looked_at_in_the_order_of_its_file_where_the_model_is_shown_that(
    in_file_order, scans, tiny_source, monkeypatch
):
    seen = []
    whole = LoopModel._segment

    def note(self, network, case, *words, **more):
        seen.append((case.file_order, case.image))
        return whole(self, network, case, *words, **more)

    monkeypatch.setattr(LoopModel, "_segment", note)
    target = scans("LPS")
    for source in (in_file_order, tiny_source):
        model = LoopModel(find_source(source), target, device="cpu")
        case = next(case for case in model.context.target.cases if case.name == "b")
        look = model.look(case)
        assert look.values.shape == sitk.ReadImage(str(case.images[0])).GetSize()
    (shown, own), (turned, upright) = seen
    assert shown and not turned and (own == upright[:, ::-1, ::-1, :]).all()
