"""Any header: SimpleITK, nibabel and this library put the same value at the same place in mm, or a sentence says why not.

nipy/nibabel#801, AIM-Harvard/pyradiomics#482: what one program wrote lies elsewhere in another.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import nibabel
import numpy as np
import pytest
import SimpleITK
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from TransferSegLib.cases.volumes import read_grid, read_labels, read_volume, slicer_grid, write_labels
from TransferSegLib.core.grid import LPS_TO_RAS, Grid

DTYPES = ["u1", "i1", "i2", "u2", "i4", "u4", "f4", "f8"]


@st.composite
def affines(draw: st.DrawFn, sheared: bool = True) -> np.ndarray:
    """Rotated, flipped, permuted and perhaps sheared axes of voxels of 0.1 to 9 mm."""
    turn = Rotation.from_euler("xyz", draw(st.tuples(*[st.floats(-180, 180)] * 3)), degrees=True).as_matrix()
    if draw(st.booleans()):
        turn = np.eye(3)
    flips = np.array(draw(st.tuples(*[st.sampled_from([-1.0, 1.0])] * 3)))
    affine = np.eye(4)
    affine[:3, :3] = (turn * flips * draw(st.tuples(*[st.floats(0.1, 9)] * 3)))[:, draw(st.permutations(range(3)))]
    if sheared and draw(st.booleans()):
        affine[:3, 2] += affine[:3, 0] * draw(st.floats(-0.5, 0.5))  # a tilted gantry
    affine[:3, 3] = draw(st.tuples(*[st.floats(-900, 900)] * 3))
    return affine


@st.composite
def arrays(draw: st.DrawFn) -> np.ndarray:
    size = draw(st.tuples(*[st.integers(2, 6)] * 3))
    dtype = np.dtype(draw(st.sampled_from("<>")) + draw(st.sampled_from(DTYPES)))
    values = np.random.default_rng(draw(st.integers(0, 9))).integers(0, 120, size)
    return values.astype(dtype, order=draw(st.sampled_from("CF")))


def same_place(ours: Grid, theirs: np.ndarray, rounding: float = 1e-6) -> bool:
    """Within what the header's 32 bits round, of the offset and of the far corner."""
    return ours.farthest_mm(Grid(ours.size, theirs)) <= rounding * (1000 + ours.diagonal_mm)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    array=arrays(),
    sform=affines(),
    qform=affines(sheared=False),
    codes=st.tuples(*[st.sampled_from([0, 1, 2, 4])] * 2),
    agree=st.booleans(),
    scale=st.sampled_from([(1, 0), (0.5, -1024), (-2, 3), (0.0123, 7.5), (np.nan, np.nan)]),
    second=st.booleans(),
    name=st.sampled_from(["x.nii", "x.nii.gz"]),
    units=st.sampled_from(["mm", "unknown", "micron", "meter"]),
)
def test_nifti(array, sform, qform, codes, agree, scale, second, name, units) -> None:
    image = (nibabel.Nifti2Image if second else nibabel.Nifti1Image)(array, None)
    header = image.header.as_byteswapped(array.dtype.byteorder.replace("|", "<").replace("=", "<"))
    header.set_data_dtype(array.dtype)
    header.set_qform(qform, code=codes[1])
    header.set_sform(qform if agree else sform, code=codes[0])
    header.set_xyzt_units(units)
    image = image.__class__(array, None, header)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        nibabel.save(image, path)
        data = bytearray(b"" if name.endswith("gz") else path.read_bytes())
        if data:  # nibabel scales what it saves by itself
            at, kind = (176, "f8") if second else (112, "f4")
            data[at : at + 2 * int(kind[1])] = np.array(scale, header.endianness + kind).tobytes()
            path.write_bytes(data)
        theirs = nibabel.load(path)
        ours = read_volume(path)
        np.testing.assert_allclose(ours.array, theirs.get_fdata(), rtol=1e-6, atol=1e-4)
        doubts = {doubt.code for doubt in ours.doubts}
        place = theirs.affine
        if units in ("micron", "meter"):
            assert "nifti-units" in doubts
            if max(codes):
                place = np.vstack([place[:3] * {"micron": 1e-3, "meter": 1e3}[units], place[3]])
        assert read_grid(path).same_as(ours.grid)
        if units in ("mm", "unknown"):
            assert same_place(ours.grid, place, 1e-3 if codes[0] == 0 else 1e-6)
            slicer = slicer_grid(path)
            if slicer is not None and not ours.grid.same_as(slicer):
                assert doubts & {"nifti-two-places", "nifti-nowhere"}
        if agree and max(codes) and units in ("mm", "unknown"):
            assert not doubts
        write_labels(Path(folder, "labels.nii.gz"), ours.array > 5, ours.grid, like=path)
        assert read_labels(Path(folder, "labels.nii.gz")).grid.same_as(ours.grid)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    array=arrays(), affine=affines(), name=st.sampled_from(["x.nrrd", "x.mha", "x.nhdr", "x.mhd"]), packed=st.booleans()
)
def test_nrrd_and_metaimage(array, affine, name, packed) -> None:
    image = SimpleITK.GetImageFromArray(array.astype(array.dtype.newbyteorder("=")).T)
    lps = LPS_TO_RAS @ affine
    spacing = np.linalg.norm(lps[:3, :3], axis=0)
    image.SetSpacing(spacing.tolist())
    image.SetDirection((lps[:3, :3] / spacing).ravel().tolist())
    image.SetOrigin(lps[:3, 3].tolist())
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        SimpleITK.WriteImage(image, str(path), packed)
        ours = read_volume(path)
        np.testing.assert_array_equal(ours.array, array.astype(np.float32))
        assert ours.doubts == ()
        assert same_place(ours.grid, affine)
        theirs = SimpleITK.ReadImage(str(path))
        far = tuple(n - 1 for n in array.shape)
        point = LPS_TO_RAS @ (*theirs.TransformIndexToPhysicalPoint(far), 1.0)
        assert ours.grid.affine @ (*far, 1) == pytest.approx(point, abs=1e-6)
        assert float(theirs[far]) == float(ours.array[far])
