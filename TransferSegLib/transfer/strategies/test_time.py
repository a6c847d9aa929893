"""Test-time adaptation: the source model is adapted to the scans themselves, without any label."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from TransferSegLib.core.errors import InputError
from TransferSegLib.transfer.plan import Strategy, Transfer, TransferPlan, trainable_everywhere
from TransferSegLib.transfer.strategies import direct

# Of every layer. The images alone say little, so the weights stay close to the source's.
RATE = 1e-5


def plan(transfer: Transfer, options: Mapping[str, Any]) -> TransferPlan:
    """Adapt every layer so that two views of the same place are segmented alike (Weihsbach et al., DG-TTA, Sensors 2025).

    Like `direct`, the network keeps the source's labels, and its output is translated to the target's. DG-TTA adapts to one
    scan, or to all of them together (`tta_across_all_samples`). A job leaves one model, so here it is all scans together.

    Raises:
        InputError: The target has a label that the source lacks: without labels nothing can teach it.
    """
    if transfer.task.new_names:
        raise InputError(
            "test-time-new-labels",
            "strategy `{strategy}`: uses no labels, so it cannot learn {count:~the label|the labels} {labels:…`}, which the "
            "source model lacks; choose another strategy, or a label map that leaves {count:~it|them} out.",
            strategy="test-time",
            count=len(transfer.task.new_names),
            labels=transfer.task.new_names,
        )
    made = direct.plan(transfer, {})
    trainable = trainable_everywhere(made.network, RATE)
    return replace(made, strategy="test-time", trainable=trainable, teach="consistency")


STRATEGY = Strategy(
    name="test-time",
    title="Adapt to the scans without labels",
    when="When the scans look unlike the source's and few or none are annotated: the model is adapted to the images of all "
    "scans of the job, and no label teaches it. So a case that is scored may have been adapted to as an image.",
    paper="Weihsbach et al., DG-TTA, Sensors 2025",
    plan=plan,
    needs_unlabelled=True,
    keeps_labels=True,
)
