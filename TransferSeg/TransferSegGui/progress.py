"""Work on many things one by one, with progress and Cancel where it takes a while."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

import qt
import slicer
from slicer.i18n import tr as _

Item = TypeVar("Item")
# What takes no longer than this shows the wait cursor alone.
QUIET_MS = 2000


def one_by_one(items: Sequence[Item], text: str) -> Iterator[Item]:
    """Go through some things; a dialog with Cancel appears when that takes longer than two seconds.

    While the dialog is seen Slicer draws itself after each of them, and takes no clicks but Cancel.

    Args:
        items: What is worked on, one after the other.
        text: What is being done, for the dialog.

    Yields:
        Each of them, until the person cancels.
    """
    dialog = slicer.util.createProgressDialog(
        maximum=len(items),
        labelText=text,
        windowTitle=_("TransferSeg"),
        windowModality=qt.Qt.WindowModal,
        minimumDuration=QUIET_MS,
    )
    try:
        for number, item in enumerate(items):
            dialog.value = number
            if dialog.wasCanceled:
                return
            yield item
    finally:
        dialog.close()
        dialog.deleteLater()
