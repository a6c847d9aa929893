"""Volumes from and to files, with every voxel in its place.

NIfTI files are read and written here (see `nifti` for why), NRRD and MetaImage files and pictures through SimpleITK. A DICOM
series from a tilted gantry is placed by the positions of its slices.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from TransferSegLib.cases import dicom, nifti
from TransferSegLib.cases.endings import SUFFIXES, suffix_of
from TransferSegLib.cases.layers import is_segmentation, listed_segments, merged_layers
from TransferSegLib.cases.nifti_place import NiftiPlace
from TransferSegLib.cases.pictures import is_picture, read_picture, read_values
from TransferSegLib.cases.pictures import read_grid as grid_of_picture
from TransferSegLib.cases.placing import placed_labels
from TransferSegLib.cases.text_headers import read_text_header, unpacked
from TransferSegLib.cases.volume_error import VolumeError, explain_memory, is_memory, no_place
from TransferSegLib.core.errors import InputError, JobError
from TransferSegLib.core.files import FULL, replacing
from TransferSegLib.core.grid import Grid, times
from TransferSegLib.core.labels import label_type
from TransferSegLib.core.not_the_file import must_be_the_file
from TransferSegLib.core.problems import Problem

_WRITTEN = (".nii.gz", ".nii", ".nrrd", ".mha")
# The errors of files that are no image, or not all of one.
_NO_IMAGES = ("not-nifti", "damaged-nifti", "truncated-nifti", "not-an-image", "damaged-image", "damaged-picture")
_WHOLE = 1e-4  # scaled integers come back with an error of this order at most


@dataclass(frozen=True, eq=False)
class Volume:
    """A volume.

    Attributes:
        array: (I, J, K).
        grid: Where its voxels lie.
        doubts: Warnings: what its file says of it twice and differently, or not at all.
    """

    array: np.ndarray
    grid: Grid
    doubts: tuple[Problem, ...] = ()


def stem_of(path: Path) -> str:
    """Return the file name without its volume ending."""
    if suffix := suffix_of(path):
        return path.name[: -len(suffix)]
    name, mark, choice = path.name.partition("#")  # what is chosen of a file stays in the name
    return stem_of(Path(name)) + mark + choice if mark else name


def read_volume(path: Path) -> Volume:
    """Read the intensities of a file, or of a folder with one DICOM series.

    Returns:
        The volume, float32.

    Raises:
        VolumeError: The file is missing, truncated, no image, or not one 3D frame.
    """
    path = Path(path)
    found = _read(path)
    # Numbers that float32 cannot hold become infinite, and are found as such.
    with _explain_system_errors(path), np.errstate(over="ignore", invalid="ignore"):
        return replace(found, array=_changeable(found.array, np.float32))


def read_labels(path: Path, renumbered: Sequence[tuple[int, int]] = (), image: Path | Grid | None = None) -> Volume:
    """Read label values.

    Args:
        path: The file, or a folder with a DICOM segmentation.
        renumbered: Values in the file, each with the value that it becomes, see `Case.renumbered`.
        image: The image that it is of, or the grid of that: labels that were saved without the voxels around them get those
            of it, see `placing`.

    Returns:
        The volume, uint8 where the values fit and int32 otherwise.

    Raises:
        VolumeError: As of `read_volume`, and for values that are not whole numbers.
    """
    path = Path(path)
    with explain_memory(path):
        return _labels(path, renumbered, image)


def _labels(path: Path, renumbered: Sequence[tuple[int, int]], image: Path | Grid | None) -> Volume:
    drawn = drawn_file(path)
    grid = image if isinstance(image, Grid) else _grid_of(image)
    if drawn:
        with _explain_system_errors(drawn):
            found = Volume(*dicom.labels_of(dicom.read_segmentation(drawn), grid))
    elif is_picture(picture := dicom.split_choice(path)[0]):
        with _explain_system_errors(picture):
            _must_exist(picture)
            found = Volume(*read_values(*dicom.split_choice(path)))
    else:
        found = _read(path)
    array = whole_numbers(path, found.array)
    if renumbered:
        array = _renumbered(path, array, dict(renumbered))
    own = found.grid
    if grid is not None:
        array, own = placed_labels(array, own, grid, by_frames=drawn is not None)
    return replace(found, array=array, grid=own)


def _renumbered(path: Path, array: np.ndarray, becomes: dict[int, int]) -> np.ndarray:
    for value in sorted(set(becomes.values()) - becomes.keys()):
        if (array == value).any():
            raise VolumeError(
                "value-of-no-segment",
                path,
                "has the value {value}, which none of its segments has, and another segment is to get it",
                "load it in Slicer and save it again",
                value=value,
            )
    top = max(becomes)
    new = np.arange(top + 1)
    new[list(becomes)] = list(becomes.values())
    values = np.array([array.min(), array.max(), *becomes.values()])
    whole = np.empty(array.shape, label_type(values), order="F")
    for plane, renumbered in zip(array.T, whole.T, strict=True):  # a slice at a time: places take eight bytes a voxel
        is_known = (plane >= 0) & (plane <= top)
        renumbered[...] = np.where(is_known, new[np.where(is_known, plane, 0)], plane)
    return whole


def whole_numbers(path: Path, array: np.ndarray) -> np.ndarray:
    """Turn what was read from a file into label values.

    Args:
        path: Names the file in an error.
        array: Of two axes or more; floating-point numbers are rounded in place.

    Returns:
        uint8 where the values fit, else int32.

    Raises:
        VolumeError: Values are not whole numbers, or too large.
    """
    if array.dtype.kind == "f":
        array = np.require(array, requirements="W")
        # A slice at a time, in place: an image that is taken for labels is refused at its first one.
        for part in array.T if array.flags.f_contiguous else array:
            rounded = np.rint(part)
            with np.errstate(invalid="ignore"):
                wrong = ~(np.abs(part - rounded) <= _WHOLE)  # True for NaN and infinity too
            if wrong.any():
                raise VolumeError(
                    "labels-not-whole",
                    path,
                    "has label values that are not whole numbers, {value:g} for one",
                    "export the segmentation as a label map and resample it with nearest neighbour",
                    value=part[wrong][0],
                )
            part[...] = rounded
    low, high = array.min(), array.max()
    if low < np.iinfo(np.int32).min or high > np.iinfo(np.int32).max:
        raise VolumeError(
            "label-values-too-large", path, "has label values up to {high:g}", "number the labels from 1", high=high
        )
    return _changeable(array, label_type(array))


def drawn_file(path: Path) -> Path | None:
    """Find the DICOM segmentation that a path means as labels: itself, or the only one of a folder; None if there is none.

    Raises:
        VolumeError: The folder has several.
    """
    path = dicom.split_choice(path)[0]
    if not path.exists() or not _is_dicom(path):
        return None
    with _explain_system_errors(path):
        return dicom.drawn_file(path)


def _grid_of(image: Path | None) -> Grid | None:
    """The grid of an image; None where it is not known or cannot be read, which is said of the image."""
    try:
        return None if image is None else read_grid(image)
    except VolumeError:
        return None


def read_grid(path: Path, image: Path | None = None) -> Grid:
    """Read the grid alone, from headers only.

    Args:
        path: The file or folder.
        image: For labels, the image that they are of. The grid is that of their file, and not yet that of the image.

    Raises:
        VolumeError: As of `read_volume`, as far as headers tell.
    """
    path, choice = dicom.split_choice(Path(path))
    with _explain_system_errors(path):
        _must_exist(path)
        # A folder of an image may have segmentations beside its slices.
        if (path.is_file() or image is not None) and (drawn := drawn_file(path)):
            return dicom.grid_of(dicom.read_segmentation(drawn), _grid_of(image))
        if is_picture(path):
            return grid_of_picture(path)
        if _is_dicom(path):
            return dicom.read_grid(path, choice)
        if _is_nifti(path):
            header = nifti.read_header(path)
            if header.dtype is None:
                raise nifti.unreadable_type(path, header)
            return _nifti_grid(path, header)
        read_text_header(path).must_have_data()
        return _itk_grid(path, _itk_header(path))


def write_labels(path: Path, array: np.ndarray, grid: Grid, like: Path | None = None) -> None:
    """Write label values as uint8, or as int32 where they do not fit; see `write_volume`.

    Args:
        path: The file.
        array: (I, J, K), whole numbers.
        grid: Where its voxels lie.
        like: The image that it is of, see `write_volume`.
    """
    _write(Path(path), array.astype(label_type(array), copy=False), grid, like)


def write_volume(path: Path, array: np.ndarray, grid: Grid, like: Path | None = None) -> None:
    """Write (I, J, K) as float32. The file appears whole or not at all.

    Args:
        path: A file ending in .nii, .nii.gz, .nrrd or .mha.
        array: (I, J, K).
        grid: Where its voxels lie.
        like: The image that it is of. If both are NIfTI files, this one gets the sform and the qform of the image with their
            codes, so that a program lays it over the image whichever of the two it takes.

    Raises:
        InputError: The path has another ending.
        JobError: The file cannot be written.
        MemoryError: Memory ran out before it was.
    """
    _write(Path(path), array.astype(np.float32, copy=False), grid, like)


def slicer_grid(path: Path) -> Grid | None:
    """Return where 3D Slicer lays a NIfTI file: ITK, which reads it there, has other rules than `nifti_place`.

    Returns:
        The grid; None where ITK cannot read the file, or it is no NIfTI file.
    """
    if path.is_dir() or not _is_nifti(path):
        return None
    try:
        return _itk_grid(path, _itk_header(path))
    except VolumeError:
        return None


def read_segment_names(path: Path) -> list[tuple[int, str]]:
    """Read the values and names of the segments of a segmentation, Slicer's or DICOM's, from its header.

    Returns:
        Value, as `read_labels` gives it, and name of each segment that has a name; none where the header lists no segments.

    Raises:
        VolumeError: The file cannot be read.
    """
    path = Path(path)
    if drawn := drawn_file(path):
        with _explain_system_errors(drawn):
            return [(number, name) for number, name in dicom.read_segmentation(drawn).names.items() if name]
    if path.is_dir() or not (suffix_of(path) or "").endswith((".nrrd", ".nhdr")):
        return []
    with _explain_system_errors(path):
        _must_exist(path)
        read_text_header(path).must_have_data()
        header = _itk_header(path)
        segments = listed_segments(_fields(header), _layers(header))
        return [(segment.value, segment.name) for segment in segments if segment.name]


def _fields(header: Any) -> dict[str, str]:
    return {key: _decoded(header.GetMetaData(key)) for key in header.GetMetaDataKeys()}


def _layers(header: Any) -> int:
    """How many layers a segmentation of Slicer's has; 1 for every other file."""
    if not is_segmentation(_fields(header)):
        return 1
    return header.GetNumberOfComponents() * (header.GetSize()[3] if header.GetDimension() == 4 else 1)


def _decoded(text: str) -> str:
    """Decode a text in which SimpleITK kept bytes that are no UTF-8: older programs write Latin-1."""
    data = text.encode("utf-8", "surrogateescape")
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _changeable(array: np.ndarray, dtype: type) -> np.ndarray:
    return np.require(array.astype(dtype, copy=False), requirements="W")


def _sitk() -> Any:
    import SimpleITK

    SimpleITK.ProcessObject.SetGlobalWarningDisplay(False)  # its warnings would appear among ours
    return SimpleITK


def _is_nifti(path: Path) -> bool:
    return (suffix_of(path) or "").startswith(".nii")


def _is_dicom(path: Path) -> bool:
    if path.is_dir() or suffix_of(path) == ".dcm":
        return True
    return suffix_of(path) is None and not is_picture(path) and dicom.is_dicom(path)


def _must_exist(path: Path) -> None:
    if not path.exists():
        raise VolumeError("missing-file", path, "no such file", "check the path, or take the case out of the list")
    if not path.is_file() and not path.is_dir():  # reading it might never end
        raise VolumeError(
            "not-a-regular-image", path, "is not a regular file, but a pipe or a device", "check the path"
        )
    if path.is_file() and suffix_of(path) is None and not is_picture(path) and not _is_dicom(path):
        raise VolumeError(
            "other-ending", path, "is not an image by its ending", "use one of {endings}", endings=SUFFIXES
        )


def _must_be_the_file(path: Path) -> None:
    """Call a file that cannot be read what it is, where that is known."""
    try:
        must_be_the_file(path)
    except InputError as error:
        raise VolumeError.of(error.problem) from None


@contextmanager
def _explain_system_errors(path: Path) -> Iterator[None]:
    try:
        with explain_memory(path):
            yield
    except VolumeError as error:
        if error.problem.code in _NO_IMAGES:
            _must_be_the_file(path)
        raise
    except OSError as error:
        raise VolumeError(
            "cannot-read-image",
            path,
            "cannot be read ({reason})",
            "check the file and its permissions",
            reason=error.strerror,
        ) from None


def _read(path: Path) -> Volume:
    path, choice = dicom.split_choice(path)
    with _explain_system_errors(path):
        _must_exist(path)
        if is_picture(path):
            return Volume(*read_picture(path))
        if _is_dicom(path):
            array, grid = dicom.read(path, choice)
            return Volume(array, grid, (_gaps(path, grid),) if choice.apart else ())
        if _is_nifti(path):
            header, voxels = nifti.read_voxels(path)
            grid = _nifti_grid(path, header)
            array = voxels.reshape(grid.size, order="F")
            array = array if array.dtype.isnative else array.astype(array.dtype.newbyteorder("="))
            return Volume(array, grid, tuple(header.place.doubts(path, grid.size)))
        text = read_text_header(path)
        text.must_have_data()
        with unpacked(text) as file:
            reader = _itk_header(path, file)
            grid = _itk_grid(path, reader)
            image = _execute(path, reader)
        return Volume(_array(path, reader, image, grid), grid, tuple(text.doubts()))


def _execute(path: Path, reader: Any) -> Any:
    try:
        return reader.Execute()
    except RuntimeError as error:
        if is_memory(error):
            raise MemoryError from None
        raise VolumeError("damaged-image", path, "is truncated or damaged", "copy or export it again") from None


def _array(path: Path, reader: Any, image: Any, grid: Grid) -> np.ndarray:
    layers = _layers(reader)
    if layers == 1:
        # ITK keeps i fastest: the transposed view is (I, J, K) without a copy
        return _sitk().GetArrayFromImage(image).T.reshape(grid.size, order="F")
    array = _sitk().GetArrayViewFromImage(image)
    # The layers lie side by side in each voxel, or one after the other.
    parts = np.moveaxis(array, -1, 0) if reader.GetNumberOfComponents() > 1 else array
    return merged_layers(path, [part.T for part in parts], listed_segments(_fields(reader), layers))


def _itk_header(path: Path, file: Path | None = None) -> Any:
    """ITK's reader of a file, which has read the header; `file` is read in the place of `path`, which errors name."""
    reader = _sitk().ImageFileReader()
    reader.SetFileName(str(file or path))
    try:
        reader.ReadImageInformation()
    except RuntimeError:
        raise VolumeError("not-an-image", path, "is not an image, or is damaged", "copy or export it again") from None
    return reader


def _gaps(path: Path, grid: Grid) -> Problem:
    return Problem(
        "slices-apart",
        "{path}: its slices are read as if each lay {step_mm:.3g} mm beside the last, whatever the gaps between them are",
        {"path": path, "step_mm": grid.spacing_mm[2]},
        "warning",
        "take volumes and distances across slices as rough, and segmentations as lying on these slices alone",
    )


def _size_3d(path: Path, size: tuple[int, ...]) -> tuple[int, int, int]:
    if len(size) < 3 or any(n > 1 for n in size[3:]):
        raise VolumeError(
            "not-3d",
            path,
            "is {axes}D ({size}) where 3D is meant",
            "{more:?export one frame or channel a file|give a volume of slices}",
            axes=len(size),
            size=times(size),
            more=len(size) > 3,
        )
    return size[0], size[1], size[2]


def _itk_grid(path: Path, reader: Any) -> Grid:
    sitk = _sitk()
    size = reader.GetSize()[:3] if _layers(reader) > 1 else _size_3d(path, reader.GetSize())
    complex_types = (sitk.sitkComplexFloat32, sitk.sitkComplexFloat64)
    several = reader.GetNumberOfComponents() > 1 and _layers(reader) == 1
    if several or reader.GetPixelID() in complex_types:
        raise nifti.not_intensities(path)
    axes = reader.GetDimension()
    direction = np.array(reader.GetDirection()).reshape(axes, axes)[:3, :3]
    grid = Grid.from_lps(size, reader.GetSpacing()[:3], direction, reader.GetOrigin()[:3])
    # What gives voxels no size makes not-a-number of a direction, or a volume of 0.
    if not np.isfinite(grid.affine).all() or not grid.voxel_ml > 0:
        raise no_place(path, "spacing or direction")
    return grid


def _nifti_grid(path: Path, header: nifti.NiftiHeader) -> Grid:
    size = _size_3d(path, header.size)
    return Grid(size, header.place.affine(path, size))


def _write(path: Path, array: np.ndarray, grid: Grid, like: Path | None) -> None:
    suffix = next((s for s in _WRITTEN if path.name.lower().endswith(s)), None)
    if suffix is None:
        raise InputError(
            "unwritable-ending",
            "{path}: cannot be written under this ending; use one of {endings}.",
            path=path,
            endings=_WRITTEN,
        )
    if array.shape != grid.size:
        raise ValueError(f"array of shape {array.shape} on a grid of size {grid.size}")
    if not grid.right_angles and not suffix.startswith(".nii"):
        raise InputError(
            "axes-need-nifti", "{path}: the image's axes are not at right angles; write it as .nii.gz.", path=path
        )
    with written_whole(path) as temporary:
        if suffix.startswith(".nii"):
            nifti.write_voxels(temporary, array, _place_like(grid, like))
        else:
            _write_itk(temporary, array, grid)
            _must_be_kept(temporary)


def _place_like(grid: Grid, like: Path | None) -> NiftiPlace:
    """How a NIfTI file says that it lies on a grid: as `like` says it, where that is a NIfTI file on this grid."""
    if like is not None and not like.is_dir() and _is_nifti(like):
        try:
            header = nifti.known_header(like)
            if grid.same_as(_nifti_grid(like, header)):
                return header.place
        except (OSError, VolumeError):  # it is gone meanwhile: its place is known, and what it said of the qform is not
            pass
    return NiftiPlace.of_grid(grid)


def _must_be_kept(path: Path) -> None:
    """`OSError` unless all of a volume that ITK just wrote is on the disk: it is silent where it ran full (ITK 5.4)."""
    try:
        with path.open("r+b") as file:
            os.fsync(file.fileno())
        _read(path)
    except VolumeError as error:
        if error.code == "no-memory-to-read":
            raise MemoryError from None
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from None


def disk_full(path: Path) -> JobError:
    """The error that says that a file of a data set does not fit on the disk any more."""
    return JobError("disk-full-volume", "{path}: the disk is full; free space and run it again.", path=path)


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Write a volume whole, see `core.files.replacing`.

    Raises:
        JobError: It cannot be written.
        MemoryError: Memory ran out before it was.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as temporary:
            yield temporary
    except (OSError, RuntimeError) as error:
        if is_memory(error):
            raise MemoryError from None
        if isinstance(error, OSError) and error.errno in FULL:
            raise disk_full(path) from None
        # ITK does not say why
        refused = path.parent.is_dir() and not os.access(path.parent, os.W_OK)
        reason = getattr(error, "strerror", None) or ("writing is not allowed" if refused else "is the disk full?")
        raise JobError(
            "cannot-write-volume",
            "{path}: cannot be written ({reason}); make room or choose another folder.",
            path=path,
            reason=reason,
        ) from None


def _write_itk(path: Path, array: np.ndarray, grid: Grid) -> None:
    sitk = _sitk()
    image = sitk.GetImageFromArray(array.T)
    spacing, direction, origin = grid.to_lps()
    image.SetSpacing(spacing)
    image.SetDirection(direction.ravel().tolist())
    image.SetOrigin(origin)
    sitk.WriteImage(image, str(path), True)
