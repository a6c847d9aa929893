"""Natural images as cases: PNG and JPEG files, read through SimpleITK as volumes of one slice.

Zoetmulder 2022 (§3.1) pre-trains on natural images. They are read in grey here, with the weights of red, green and blue of
ITU-R BT.601, so that what is learnt from them starts a network for one grey channel (after Xie and Richmond, ECCV 2018, whom
the paper cites for it). Transparency is left out. A pixel has no size: it counts as 1 mm. The picture's top is the front of
the patient, as in an axial slice that is shown on a screen.

`photo.jpg#class=3` as a segmentation is a picture that shows class 3 everywhere: how a folder for each class is read.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from TransferSegLib.cases.dicom import Choice
from TransferSegLib.cases.volume_error import VolumeError
from TransferSegLib.core.grid import Grid

_READERS = {".png": "PNGImageIO", ".jpg": "JPEGImageIO", ".jpeg": "JPEGImageIO"}
PICTURES = tuple(_READERS)
# Of red, green and blue (ITU-R BT.601).
_GREY = (0.299, 0.587, 0.114)
CLASS = "class"
# ITK reads what is left of a file that was cut off, and another file's content, without a word.
_BEGINS = {"PNGImageIO": b"\x89PNG\r\n\x1a\n", "JPEGImageIO": b"\xff\xd8\xff"}
# The byte of a PNG that says how colours are kept, and its value for grey with transparency, which SimpleITK does not read.
_PNG_COLOURS, _GREY_AND_ALPHA = 25, 4
_PNG_END = b"IEND\xaeB`\x82"
_JPEG_SCAN, _JPEG_END = b"\xff\xda", b"\xff\xd9"
MOST_PIXELS = 2**27


def is_picture(path: Path) -> bool:
    """Say whether a file is a picture by its ending."""
    return path.suffix.lower() in PICTURES


def of_class(path: Path, value: int) -> Path:
    """Make the path that stands for the segmentation of a picture with one class everywhere; no file has this name.

    Args:
        path: The picture.
        value: The class's label value.
    """
    return path.with_name(f"{path.name}#{CLASS}={value}")


def read_picture(path: Path) -> tuple[np.ndarray, Grid]:
    """Read a picture in grey.

    Returns:
        (I, J, 1) float32, and its grid, pixels of 1 mm.

    Raises:
        VolumeError: It is damaged, or no picture.
    """
    values, grid = _read(path)
    if values.ndim == 3:
        colours = values.shape[2]
        values = values[..., 0] if colours < 3 else values[..., :3].astype(np.float32) @ np.array(_GREY, np.float32)
    return _as_slice(values.astype(np.float32, copy=False)), grid


def read_values(path: Path, choice: Choice) -> tuple[np.ndarray, Grid]:
    """Read the label values of a picture (I, J, 1), and its grid.

    Args:
        path: A picture of one grey channel, whose values are labels.
        choice: What stands behind the path: `class` is the value that all of the picture has.

    Raises:
        VolumeError: It is damaged, or has colours or losses.
    """
    if CLASS in choice.values:
        grid = read_grid(path)
        return np.full(grid.size, int(choice.values[CLASS]), np.uint8), grid
    if path.suffix.lower() != ".png":
        raise VolumeError(
            "lossy-labels",
            path,
            "is a JPEG file, which changes the values of labels",
            "write the labels as PNG",
        )
    values, grid = _read(path)
    if values.ndim == 3:
        raise VolumeError(
            "labels-in-colour",
            path,
            "has colours where each pixel should be the number of its label",
            "write it as a grey PNG with the numbers of the labels",
        )
    return _as_slice(values), grid


def read_grid(path: Path) -> Grid:
    """Read the grid of a picture, from its header only.

    Raises:
        VolumeError: It is damaged, or no picture.
    """
    return _grid(_header(path).GetSize())


def _header(path: Path) -> Any:
    import SimpleITK as sitk

    kind = _READERS[path.suffix.lower()]
    with path.open("rb") as file:
        begin = file.read(32)
    if not begin.startswith(_BEGINS[kind]):
        raise _damaged(path)
    if kind == "PNGImageIO" and begin[_PNG_COLOURS : _PNG_COLOURS + 1] == bytes([_GREY_AND_ALPHA]):
        raise VolumeError(
            "grey-with-transparency",
            path,
            "is a grey PNG with transparency, which cannot be read",
            "write it without transparency (alpha)",
        )
    sitk.ProcessObject.SetGlobalWarningDisplay(False)
    reader = sitk.ImageFileReader()
    reader.SetFileName(str(path))
    reader.SetImageIO(kind)
    try:
        reader.ReadImageInformation()
    except RuntimeError:
        raise _damaged(path) from None
    width, height = reader.GetSize()[:2]
    if width * height > MOST_PIXELS:
        raise VolumeError(
            "picture-too-large",
            path,
            "has {width:,} × {height:,} pixels, more than {most:,} in all",
            "make it smaller",
            width=width,
            height=height,
            most=MOST_PIXELS,
        )
    return reader


def _read(path: Path) -> tuple[np.ndarray, Grid]:
    """The pixels as the file has them, (J, I) or (J, I, colours), and the grid."""
    import SimpleITK as sitk

    reader = _header(path)
    if not _is_whole(path.read_bytes()):
        raise _damaged(path)
    try:
        values = sitk.GetArrayFromImage(reader.Execute())
    except RuntimeError:
        raise _damaged(path) from None
    return values, _grid(reader.GetSize())


def _is_whole(content: bytes) -> bool:
    """Whether a file goes to its end: a PNG to its last chunk, a JPEG to the end of its last scan."""
    if content.startswith(_BEGINS["PNGImageIO"]):
        return _PNG_END in content[-4096:]
    return content.rfind(_JPEG_END) > content.rfind(_JPEG_SCAN)


def _damaged(path: Path) -> VolumeError:
    return VolumeError("damaged-picture", path, "is no picture, or is damaged", "copy it again")


def _as_slice(values: np.ndarray) -> np.ndarray:
    return np.asfortranarray(values.T[:, :, None])


def _grid(size: tuple[int, ...]) -> Grid:
    return Grid((size[0], size[1], 1), np.diag([1.0, -1.0, 1.0, 1.0]))
