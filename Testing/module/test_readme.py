"""The README's lines for Slicer's Python console, run as they stand there."""

from __future__ import annotations

import re
from pathlib import Path

from TransferSegLib.training.options import TrainingOptions

REPOSITORY = Path(__file__).resolve().parents[2]


def test_the_readmes_lines_for_the_python_console_run(panel, scene, heads, capsys):
    from TransferSegGui.targets import find_segmentation

    from TransferSeg import TransferSegLogic

    (snippet,) = re.findall(r"```python\n(from TransferSeg import TransferSegLogic\n.*?)```", (
        REPOSITORY / "README.md"
    ).read_text(encoding="utf-8"), re.DOTALL)  # fmt: skip
    for call in (
        "sourceModels", "case", "createJob", "startJob", "status", "cancelJob", "wait", "loadResults", "loadSegmentations",
    ):  # fmt: skip
        assert f"logic.{call}(" in snippet
    given = 'strategies=["direct", "open"], minutes=5)'
    assert given in snippet
    volumes = heads(3)
    pairs = [(volume, find_segmentation(volume)) for volume in volumes[:2]]
    # Two steps and two folds in place of five minutes.
    namespace = {"pairs": pairs, "__name__": "console", "shortly": TrainingOptions(steps=2, copies=1)}
    exec(snippet.replace(given, 'strategies=["direct", "open"], training=shortly, folds=2)'), namespace)
    lines = capsys.readouterr().out.splitlines()
    assert "'head-t1w'" in lines[0]
    assert any("ancelled" in line for line in lines)
    assert "mean Dice" in lines[-2]
    assert 0 <= float(lines[-1].split()[1]) <= 1
    assert isinstance(namespace["logic"], TransferSegLogic)
    assert len([n for n in scene.util.getNodesByClass("vtkMRMLSegmentationNode") if "model" in n.GetName()]) == 2
    # The panel, opened on this job, says what became of the weights.
    panel.run_section.follow(namespace["job"])
    assert "tensors loaded" in panel.ui.weightsLabel.text and "come from the source" in panel.ui.weightsLabel.text
    assert panel.ui.weightsLabel.isVisibleTo(panel.ui.resultsContents)
    namespace["logic"].cleanup()


def test_the_self_tests_use_only_models_that_ship(scene, tiny):
    from TransferSeg import TransferSegLogic, TransferSegTest

    logic = TransferSegLogic()
    sizes = {source.card.name: source.weights.stat().st_size for source in logic.sourceModels()}
    assert min(sizes, key=sizes.get) == tiny  # the person's own would be the quickest
    chosen = TransferSegTest._model(TransferSegTest(), logic)
    assert chosen.origin == "bundled"
    logic.cleanup()
