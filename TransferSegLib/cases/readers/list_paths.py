"""The files that a list names, found also where the list was written on another computer."""

from __future__ import annotations

import os
from pathlib import Path

from TransferSegLib.cases.readers.parts import channel_of, missing_channel, spelling, volumes_in
from TransferSegLib.cases.volumes import stem_of, suffix_of
from TransferSegLib.core.problems import Problem


class ListedFiles:
    """Finds the files that a list names by paths relative to its folder.

    Lists that were written on Windows have backslashes and do not distinguish capitals. Some programs compress files or
    decompress them (`x.nii` for `x.nii.gz`). A path is taken as it stands where there is such a file; only otherwise is the
    one file taken that the list can mean.
    """

    def __init__(self, root: Path) -> None:
        """Look for files in a folder.

        Args:
            root: The folder that the paths are relative to.
        """
        self._root = root
        self._folders: dict[Path, list[Path]] = {}
        self._other_endings: list[str] = []

    def find(self, listed: str) -> Path:
        """The file that a path of the list means; the path as it stands where there is none, for the checks to report."""
        path = self._root / listed.strip()
        if not os.path.exists(path):
            path = self._root / listed.strip().replace("\\", "/")
        if os.path.exists(path):
            return path
        beside = self._volumes(path.parent)
        alike = [file for file in beside if spelling(file.name) == spelling(path.name)]
        if len(alike) == 1:
            return alike[0]
        segments = suffix_of(path) == ".seg.nrrd"
        name = spelling(stem_of(path))
        others = [f for f in beside if spelling(stem_of(f)) == name and (suffix_of(f) == ".seg.nrrd") == segments]
        if len(others) != 1 or suffix_of(path) is None:
            return path
        self._other_endings.append(others[0].name)
        return others[0]

    def channels(self, listed: str) -> tuple[Path, ...]:
        """The images that a path of the list means: nnU-Net's first version lists `x.nii.gz` for `x_0000.nii.gz`….

        Raises:
            InputError: A channel is missing before others.
        """
        path = self.find(listed)
        if os.path.exists(path):
            return (path,)
        numbered = [(file, channel_of(file)) for file in self._volumes(path.parent)]
        name = spelling(stem_of(path))
        found = {number[1]: file for file, number in numbered if number and spelling(number[0]) == name}
        for wanted, channel in enumerate(sorted(found)):
            if channel != wanted:
                raise missing_channel(found[channel], stem_of(path), wanted)
        return tuple(found[channel] for channel in sorted(found)) or (path,)

    def label_of(self, image: Path, listed: str) -> Path | None:
        """Find the label file of an image that a list names without one.

        Args:
            image: The image's file.
            listed: The image as the list names it.

        Returns:
            The file of the same name in `labelsTr` for an image in `imagesTr` (and likewise `labelsTs`); None where there is
            not exactly one.
        """
        name = Path(listed.strip().replace("\\", "/")).name
        if not image.parent.name.startswith("images"):
            return None
        folder = image.parent.with_name(f"labels{image.parent.name.removeprefix('images')}")
        found = [file for file in self._volumes(folder) if spelling(stem_of(file)) == spelling(stem_of(Path(name)))]
        return found[0] if len(found) == 1 else None

    def remarks(self) -> list[Problem]:
        """Say which files were taken though they have another ending than the list says."""
        if not self._other_endings:
            return []
        names = list(dict.fromkeys(self._other_endings))
        return [
            Problem(
                "other-ending-than-listed",
                "{count} {count:~file has|files have} another ending than the list says, and {count:~is|are} used: "
                "{files:…`}",
                {"count": len(names), "files": names},
                "warning",
                "correct the list if {count:~this is another file|these are other files}",
            )
        ]

    def _volumes(self, folder: Path) -> list[Path]:
        if folder not in self._folders:
            self._folders[folder] = volumes_in(folder)
        return self._folders[folder]
