"""The error of a file that cannot be used as a volume."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from TransferSegLib.core.errors import InputError


class VolumeError(InputError):
    """A file cannot be used as a volume.

    Its problem has what was found and what to do as separate texts, so that a check can show both in a table.

    Example:
        >>> raise VolumeError("not-nifti", path, "is not a NIfTI file, or its header is damaged", "export it again")
    """

    def __init__(self, code: str, path: Path, found: str, advice: str, /, **fields: Any) -> None:
        """Make the error.

        Args:
            code: One for each template `found`.
            path: The file, or the folder of a DICOM series.
            found: The template of what is wrong with it, to follow its name and a colon.
            advice: The template of what to do, without a full stop.
            fields: What the two templates name.
        """
        super().__init__(code, f"{{path}}: {found}", advice, path=path, **fields)

    @property
    def path(self) -> Path:
        """The file, or the folder of a DICOM series."""
        return Path(self.problem.fields["path"])


def no_place(path: Path, *forms: str) -> VolumeError:
    """Make the error for a header that gives voxels no place.

    Args:
        path: The file.
        forms: What in the header is not valid.
    """
    return VolumeError(
        "no-place",
        path,
        "does not say where its voxels lie: its {forms} {forms:~is|are} not valid (no size, or no numbers)",
        "export it again from its source",
        forms=forms,
    )


@contextmanager
def explain_memory(path: Path) -> Iterator[None]:
    """Turn memory that runs out, while a file is read or looked at, into an error that names the file.

    Raises:
        VolumeError: Memory ran out within the block.
    """
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if not is_memory(error):
            raise
        raise VolumeError(
            "no-memory-to-read",
            path,
            "takes more memory than this computer has free",
            "close other programs, or crop or resample it",
        ) from None


def is_memory(error: Exception) -> bool:
    """Whether an error says that memory ran out, in Python's way or in ITK's."""
    return isinstance(error, MemoryError) or any(words in str(error) for words in ("allocate memory", "bad_alloc"))
