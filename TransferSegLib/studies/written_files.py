"""Which tables and figures a study's report wrote, so that the next one removes those that it does not write again."""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path

from TransferSegLib.core.errors import InputError
from TransferSegLib.core.files import replacing
from TransferSegLib.core.records import read_json
from TransferSegLib.studies.folder import StudyFolder


def remove_stale(folder: StudyFolder, written: Collection[Path]) -> None:
    """Remove the tables and figures that an earlier report wrote and this one did not. Other files stay.

    Args:
        folder: The study's folder.
        written: The files that were written now.

    Raises:
        OSError: A file cannot be removed, or the list cannot be written.
    """
    names = {path.relative_to(folder.path).as_posix() for path in written}
    for name in _written_before(folder) - names:
        path = folder.path / name
        # The list is a file that anybody may have changed.
        if path.parent in (folder.tables, folder.figures) and path.is_file():
            path.unlink()
    folder.path.mkdir(parents=True, exist_ok=True)
    with replacing(folder.written) as temporary:
        temporary.write_text(json.dumps(sorted(names), indent=1) + "\n", encoding="utf-8")


def _written_before(folder: StudyFolder) -> set[str]:
    try:
        found = read_json(folder.written)
    except InputError:
        return set()
    return {name for name in found if isinstance(name, str)} if isinstance(found, list) else set()
