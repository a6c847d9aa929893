"""A study of two cells on made-up heads, and running it."""

from __future__ import annotations

from pathlib import Path

from TransferSegLib.studies.executors.executor import Where
from TransferSegLib.studies.folder import StudyFolder
from TransferSegLib.studies.grid import Study, parse_study
from TransferSegLib.studies.run import StudyEnd, begin_study, run_study

TINY = """
title: Two cells
data:
  t1w: {phantom: t1w, cases: 2, seed: 1, train: 1, voxels: [16, 16, 8], test: 1}
  t2w: {phantom: t2w, cases: 3, seed: 2, train: 2, voxels: [16, 16, 8], test: 1}
sources:
  heads: {pretrain: {data: [t1w], network: "monai-unet:channels=2-4:strides=2:num_res_units=0"}}
training: {steps: 2, patch_size: [8, 8, 8], batch_size: 1, device: cpu, deterministic: true}
grids:
- {strategy: [direct, open], source: heads, target: t2w, size: 1}
"""


def tiny(*replaced: tuple[str, str]) -> Study:
    text = TINY
    for old, new in replaced:
        assert old in text
        text = text.replace(old, new)
    return parse_study(text, "tiny.yaml")


def run_here(folder: StudyFolder, study: Study | None = None, where: Where | None = None) -> StudyEnd:
    if study is not None:
        begin_study(study, folder)
    return run_study(folder, where or Where(), lambda fraction, left, text: None)


def events_of(job: Path, kind: str) -> int:
    return (job / "events.jsonl").read_text(encoding="utf-8").count(f'"kind": "{kind}"')
