"""How the anatomy of a phantom looks in a scanner: T1-weighted and T2-weighted MR at 3 T, and CT.

MR signals follow the signal equations from the proton density, T1, T2 and T2* of each tissue. A voxel is the mean of its
eight fine voxels, which gives partial volume. Then come a receive field and Rician noise. CT is in Hounsfield units, with
partial volume and Gaussian noise.
"""

from __future__ import annotations

from typing import Literal, NamedTuple, get_args

import numpy as np

from TransferSegLib.cases.phantom.anatomy import Anatomy, Tissue, block_sum
from TransferSegLib.cases.phantom.shapes import Noise
from TransferSegLib.core.errors import InputError

PhantomModality = Literal["t1w", "t2w", "ct"]


class _Properties(NamedTuple):
    """Proton density (1 = water), relaxation times in s at 3 T, CT number in HU."""

    density: float
    t1_s: float
    t2_s: float
    t2_star_s: float
    hu: float


# Grey and white matter: T1 of Wansapura et al., J Magn Reson Imaging 1999;9:531, T2 of Stanisz et al., Magn Reson Med
# 2005;54:507, T2* of Peters et al., Magn Reson Imaging 2007;25:748. Muscle and fat: Gold et al., Am J Roentgenol
# 2004;183:343; marrow is that fat with some water. Cerebrospinal fluid: Lin et al., Proc ISMRM 2001:1391. Cortical bone:
# Reichert et al., Magn Reson Imaging 2005;23:611. Proton densities: Tofts, Quantitative MRI of the Brain, 2003. Skin,
# mucosa, lens, lesion and the CT numbers are usual clinical values; the tables of bone exceed the 600 HU, and air stays
# below the -500 HU, that Mecheter et al. 2023 label CT with.
_PROPERTIES = {
    Tissue.AIR: _Properties(0.0, 1.0, 1.0, 1.0, -1000),
    Tissue.SKIN: _Properties(0.70, 1.10, 0.040, 0.020, 45),
    Tissue.FAT: _Properties(0.90, 0.371, 0.133, 0.045, -95),
    Tissue.MUSCLE: _Properties(0.80, 1.42, 0.032, 0.025, 55),
    Tissue.CORTICAL_BONE: _Properties(0.20, 0.22, 0.0004, 0.0004, 1350),
    Tissue.MARROW: _Properties(0.70, 0.40, 0.100, 0.015, 520),
    Tissue.CSF: _Properties(1.00, 4.16, 1.50, 0.50, 8),
    Tissue.GREY_MATTER: _Properties(0.82, 1.331, 0.099, 0.066, 37),
    Tissue.WHITE_MATTER: _Properties(0.70, 0.832, 0.069, 0.053, 29),
    Tissue.VITREOUS: _Properties(0.99, 4.00, 1.00, 0.40, 10),
    Tissue.LENS: _Properties(0.60, 1.30, 0.030, 0.020, 80),
    Tissue.MUCOSA: _Properties(0.85, 1.50, 0.090, 0.030, 40),
    Tissue.LESION: _Properties(0.90, 1.50, 0.160, 0.100, 20),
}


def image(anatomy: Anatomy, modality: PhantomModality, rng: np.random.Generator) -> np.ndarray:
    """Image an anatomy.

    `t1w` is an MPRAGE (TR 2.3 s, TI 0.9 s, 9°, TE 3 ms), `t2w` a spin echo (TR 5 s, TE 0.1 s). Both are magnitudes from 0
    up, with the brightest tissue near 1000. `ct` is in HU.

    Args:
        anatomy: The head.
        modality: `t1w`, `t2w` or `ct`.
        rng: Draws what differs between two scans of one head: the tissues' properties (by about 4 %), the receive field of
            MR, and noise.

    Returns:
        (I, J, K) float32, on the anatomy's grid.

    Raises:
        InputError: The modality is not known.
    """
    check_modality(modality)
    rows = np.array([_PROPERTIES[t] for t in Tissue], dtype=np.float64)
    if modality == "ct":
        varied = rows[:, 4] * rng.normal(1.0, 0.04, len(rows)) * (rows[:, 4] > -1000) - 1000 * (rows[:, 4] <= -1000)
        mean = _voxel_mean(varied.astype(np.float32)[anatomy.tissues])
        return (mean + rng.normal(0, 18, mean.shape)).clip(-1024, 3071).astype(np.float32)
    rows[:, :4] *= rng.normal(1.0, 0.04, (len(rows), 4)).clip(0.9, 1.1)
    signal = _mprage(rows) if modality == "t1w" else _spin_echo(rows)
    signal *= 1000 / np.abs(signal).max()
    voxels = _voxel_mean(signal.astype(np.float32)[anatomy.tissues])
    field = np.exp(np.float32(rng.uniform(0.08, 0.2)) * Noise(rng, 90.0).on(_axes(anatomy)))
    sigma = rng.uniform(0.02, 0.04) * abs(signal[Tissue.GREY_MATTER] + signal[Tissue.WHITE_MATTER]) / 2
    real, imaginary = rng.normal(0, sigma, (2, *voxels.shape)).astype(np.float32)
    return np.hypot(voxels * field + real, imaginary)


def check_modality(modality: str) -> None:
    """Check that phantoms can be imaged with this modality.

    Raises:
        InputError: It is not known.
    """
    if modality not in get_args(PhantomModality):
        raise InputError(
            "unknown-phantom-modality",
            "phantom: unknown modality `{modality}`; choose one of {known}.",
            modality=modality,
            known=get_args(PhantomModality),
        )


def _mprage(
    rows: np.ndarray,
    tr_s: float = 2.3,
    ti_s: float = 0.9,
    te_s: float = 0.003,
    echo_s: float = 0.007,
    echoes: int = 176,
) -> np.ndarray:
    """The MPRAGE signal of each tissue at the centre of the echo train (Deichmann et al., NeuroImage 2000;12:112).

    Inversion, recovery, `echoes` low-angle pulses and a second recovery repeat until the magnetisation is steady. Each of
    them is an affine map of the longitudinal magnetisation. The steady state is the fixed point of all four in a row.
    """
    density, t1, _, t2_star = rows[:, :4].T
    angle = np.deg2rad(9.0)
    half_train = echoes / 2 * echo_s
    before, after = np.exp(-(ti_s - half_train) / t1), np.exp(-(tr_s - ti_s - half_train) / t1)
    relax = np.exp(-echo_s / t1)
    pulse = relax * np.cos(angle)
    driven = (1 - relax) / (1 - pulse)

    def train(gain: np.ndarray, offset: np.ndarray, pulses: float) -> tuple[np.ndarray, np.ndarray]:
        return gain * pulse**pulses, driven + (offset - driven) * pulse**pulses

    gain, offset = train(-before, 1 - before, echoes)
    gain, offset = gain * after, 1 - after + offset * after
    start = offset / (1 - gain)
    gain, offset = train(-before, 1 - before, echoes / 2)
    return density * (gain * start + offset) * np.sin(angle) * np.exp(-te_s / t2_star)


def _spin_echo(rows: np.ndarray, tr_s: float = 5.0, te_s: float = 0.1) -> np.ndarray:
    density, t1, t2, _ = rows[:, :4].T
    return density * (1 - np.exp(-tr_s / t1)) * np.exp(-te_s / t2)


def _voxel_mean(fine: np.ndarray) -> np.ndarray:
    return block_sum(fine) / np.float32(8)


def _axes(anatomy: Anatomy) -> list[np.ndarray]:
    """World coordinates in mm along each axis of the grid."""
    grid = anatomy.grid
    return [o + s * np.arange(n) for o, s, n in zip(grid.origin_mm, grid.spacing_mm, grid.size, strict=True)]
