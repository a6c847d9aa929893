"""What ITK does not say of NRRD and MetaImage files: their headers are text, and are read here as far as that goes.

ITK calls a file damaged whose data file is missing, cannot unpack bzip2 (5.4), and takes an NRRD file that does not say
where it lies for one that lies at 0.

http://teem.sourceforge.net/nrrd/format.html, https://itk.org/Wiki/ITK/MetaIO/Documentation
"""

from __future__ import annotations

import bz2
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from TransferSegLib.cases.volume_error import VolumeError
from TransferSegLib.core.problems import Problem

_LONGEST_HEADER = 1 << 22
# The spaces of patients; ITK takes every other one, too, for left-posterior-superior.
_SPACES = re.compile(r"(right|left)-(anterior|posterior)-superior(-time)?|(ras|las|lps)t?", re.IGNORECASE)


@dataclass(frozen=True)
class TextHeader:
    """The header of an NRRD or MetaImage file.

    Attributes:
        path: The file.
        fields: Field in lower case without blanks → its text; of the fields that every such file can have.
        lines: The names of the data files, where the last field says that they are listed after it.
        size: The bytes of the header, up to the data.
    """

    path: Path
    fields: dict[str, str]
    lines: tuple[str, ...]
    size: int

    @property
    def data_files(self) -> list[Path]:
        """The files that have the voxels; none where the voxels lie behind the header."""
        named = self.fields.get("datafile", self.fields.get("elementdatafile", ""))
        first, *numbers = named.split() or ["LOCAL"]
        pattern = re.fullmatch(r"(.*%.*?)\s+(-?\d+)\s+(-?\d+)\s+(-?\d+)(?:\s+\d+)?", named)
        if first.upper() == "LOCAL" and not numbers:
            names = []
        elif first.upper() == "LIST":
            names = [line for line in self.lines if line.strip()]
        elif pattern:
            begin, end, step = (int(text) for text in pattern.groups()[1:])
            try:
                names = [pattern[1] % number for number in range(begin, end + (1 if step > 0 else -1), step or 1)]
            except (TypeError, ValueError):
                names = []
        else:
            names = [named]
        return [self.path.parent / name.strip() for name in names]

    @property
    def is_bzip2(self) -> bool:
        """Whether the voxels are packed by bzip2."""
        return self.fields.get("encoding", "").lower() in ("bz2", "bzip2")

    def must_have_data(self) -> None:
        """Refuse a header without its data.

        Raises:
            VolumeError: A data file is missing.
        """
        missing = [file for file in self.data_files if not file.is_file()]
        if missing:
            raise VolumeError(
                "data-file-missing",
                self.path,
                "its data file {file} is missing{more:?, and {more} more|}",
                "put it where this header says, or export the image as one file (.nii.gz or .nrrd)",
                file=missing[0].relative_to(self.path.parent)
                if missing[0].is_relative_to(self.path.parent)
                else missing[0],
                more=len(missing) - 1,
            )

    def doubts(self) -> Iterator[Problem]:
        """Say what an NRRD header does not say of its place.

        Yields:
            Warnings.
        """
        if "sizes" not in self.fields:
            return  # a MetaImage file
        space = self.fields.get("space", "")
        if not _SPACES.fullmatch(space):
            yield Problem(
                "nrrd-nowhere",
                "{path}: its header does not say where in a patient the image lies, nor which of its sides is left (its "
                "space is {space:?{space}|not given}); it is taken to count towards left, posterior, superior",
                {"path": self.path, "space": space},
                "warning",
                "check its sides against the original, or convert it again",
            )
        units = re.findall(r'"([^"]*)"', self.fields.get("spaceunits", ""))
        other = next(
            (unit for unit in units if unit.strip().lower() not in ("mm", "millimeter", "millimetre", "")), None
        )
        if other is not None:
            yield Problem(
                "nrrd-units",
                "{path}: its header gives lengths in {unit}, which are taken for mm",
                {"path": self.path, "unit": other},
                "warning",
                "write it in mm",
            )


def read_text_header(path: Path) -> TextHeader:
    """Read the text of a header of NRRD (ends with an empty line) or MetaImage (ends with the field of the data)."""
    fields: dict[str, str] = {}
    lines: list[str] = []
    named = False
    with path.open("rb") as file:
        is_nrrd = file.read(4) == b"NRRD"
        file.seek(0)
        while file.tell() < _LONGEST_HEADER and (line := file.readline(_LONGEST_HEADER)):
            text = line.decode("utf-8", "replace").strip()
            if is_nrrd and not text:
                break
            name, separator, value = text.partition(":" if is_nrrd else "=")
            if named:
                lines.append(text)
            elif separator and not value.startswith("="):
                key = re.sub(r"\s", "", name).lower()
                fields[key] = value.strip()
                is_list = value.strip().upper().startswith("LIST")
                named = is_list and key in ("datafile", "elementdatafile")
                if key == "elementdatafile" and not is_list:
                    break
        return TextHeader(path, fields, tuple(lines), file.tell())


@contextmanager
def unpacked(header: TextHeader) -> Iterator[Path]:
    """Give a file that ITK can read: the header's own or, where bzip2 packed its voxels, a temporary one.

    Raises:
        VolumeError: The packed voxels are damaged.
    """
    if not header.is_bzip2:
        yield header.path
        return
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "unpacked.nrrd")
        with file.open("wb") as out, header.path.open("rb") as start:
            for line in start.read(header.size).splitlines():
                name = re.sub(rb"\s", b"", line.partition(b":")[0]).lower()
                if name == b"datafile" and header.lines:
                    break
                if line.strip() and name != b"datafile":
                    out.write(b"encoding: raw\n" if name == b"encoding" else line + b"\n")
            out.write(b"\n")
            try:
                if header.data_files:
                    for data in header.data_files:
                        with data.open("rb") as packed:
                            _unpack(packed, out)
                else:
                    _unpack(start, out)
            except (EOFError, OSError) as error:
                if getattr(error, "errno", None) is not None:
                    raise
                raise VolumeError(
                    "damaged-image", header.path, "is truncated or damaged", "copy or export it again"
                ) from None
        yield file


def _unpack(packed: IO[bytes], out: IO[bytes]) -> None:
    with bz2.BZ2File(packed) as voxels:
        shutil.copyfileobj(voxels, out, 1 << 20)
