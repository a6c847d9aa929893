"""No case is segmented twice by the same weights within a job, so there is nothing to keep for it.

An ensemble is left out: its folds' models segment the cases without labels once to vote and once within the mean.
"""

from __future__ import annotations

import hashlib
from collections import Counter

import pytest

from TransferSegLib.inference import segmenter
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.spec import JOB_FORMAT, JobSpec, StrategyChoice
from TransferSegLib.jobs.worker import run_job
from TransferSegLib.training.options import TrainingOptions


def weights_of(network) -> str:
    found = hashlib.sha256()
    for tensor in network.state_dict().values():
        found.update(tensor.detach().cpu().contiguous().numpy().tobytes())
    return found.hexdigest()


@pytest.fixture
def data(phantoms, tmp_path):
    """Four annotated cases, of which one is to test on, and two without labels."""
    folder, rows = phantoms("t1w", 6), ["case,image,label,role"]
    for n, role in enumerate(("train", "train", "train", "test", "unlabelled", "unlabelled")):
        label = "" if role == "unlabelled" else f"{folder}/labelsTr/phantom_{n:03d}.nii.gz"
        rows.append(f"phantom_{n:03d},{folder}/imagesTr/phantom_{n:03d}.nii.gz,{label},{role}")
    path = tmp_path / "cases.csv"
    path.write_text("\n".join(rows), encoding="utf-8")
    return path


@pytest.mark.parametrize("asked", [{"copies": 1}, {"uncertainty": True}])
def test_no_case_is_segmented_twice_by_the_same_weights(data, tiny_source, tmp_path, monkeypatch, asked):
    seen: Counter[tuple[str, str]] = Counter()
    original = segmenter.segment

    def counted(network, case, *rest, **named):
        seen[case.name, weights_of(network)] += 1
        return original(network, case, *rest, **named)

    monkeypatch.setattr(segmenter, "segment", counted)
    choices = (StrategyChoice("direct"), StrategyChoice("open"))
    training = TrainingOptions(steps=2, deterministic=True, **asked)
    source = str(tiny_source)
    job = JobFolder.create(
        tmp_path / "job",
        JobSpec(JOB_FORMAT, "adapt", str(data), choices, "open", source=source, folds=3, training=training),
    )
    run_job(job.path)
    # By the source model: each annotated case. By the folds' models: one annotated case and those without labels each; by the
    # final one: the test case and those without labels.
    assert len({name for name, _ in seen}) == 6 and len(seen) == 4 + 3 * 3 + 3
    assert set(seen.values()) == {1}
