"""The endings of images' files."""

from __future__ import annotations

from pathlib import Path

SUFFIXES = (".nii.gz", ".nii", ".seg.nrrd", ".nrrd", ".nhdr", ".mha", ".mhd", ".dcm")


def suffix_of(path: Path) -> str | None:
    """Return the file name's ending among `SUFFIXES`, or None when it is not a volume's."""
    return next((s for s in SUFFIXES if path.name.lower().endswith(s) and len(path.name) > len(s)), None)
