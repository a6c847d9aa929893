"""The anatomy of a head that varies with a seed.

Coordinates are in mm in the frame of the head: x right, y anterior, z superior. The origin is near the anterior commissure,
as in the MNI atlas. All structures are implicit surfaces (see `shapes`). They are sampled on a fine grid, with two voxels
for each voxel of the image along each axis. The cortex is a ribbon of constant thickness. Its sulci are where band-limited
noise is zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import scipy  # its parts come when they are used

from TransferSegLib.cases.phantom.shapes import Coordinates, Noise, Point, ellipsoid, intersection, step, tube, union
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.grid import Grid

FIELD_OF_VIEW_MM = (192.0, 240.0, 180.0)
_FIELD_CENTRE_MM = (0.0, -8.0, 11.0)
_SUPERSAMPLING = 2
_WARP_MARGIN_MM = 9.0

LABEL_NAMES = {1: "air", 2: "soft tissue", 3: "bone", 4: "lesion"}


class Tissue(IntEnum):
    """The tissues of the fine grid; each has its own MR and CT properties."""

    AIR = 0
    SKIN = 1
    FAT = 2
    MUSCLE = 3
    CORTICAL_BONE = 4
    MARROW = 5
    CSF = 6
    GREY_MATTER = 7
    WHITE_MATTER = 8
    VITREOUS = 9
    LENS = 10
    MUCOSA = 11
    LESION = 12


_LABEL_OF_TISSUE = np.full(len(Tissue), 2, dtype=np.uint8)
_LABEL_OF_TISSUE[Tissue.AIR] = 1
_LABEL_OF_TISSUE[[Tissue.CORTICAL_BONE, Tissue.MARROW]] = 3
_LABEL_OF_TISSUE[Tissue.LESION] = 4


@dataclass(frozen=True, eq=False)
class Anatomy:
    """The anatomy of one head.

    Attributes:
        tissues: `Tissue` values on the fine grid, (2I, 2J, 2K) uint8: twice the density of `grid` along each axis.
        labels: Label values on `grid`, (I, J, K) uint8; see `LABEL_NAMES`. A voxel has the most frequent label of its eight
            fine voxels, on a tie the higher value.
        grid: Where the voxels of `labels` lie.
    """

    tissues: np.ndarray
    labels: np.ndarray
    grid: Grid


def head_phantom(
    seed: int | Sequence[int], size: tuple[int, int, int] = (96, 96, 48), lesions: bool = False
) -> Anatomy:
    """Make the anatomy of one head.

    A seed gives the same head on every grid. With lesions it is still the same head, with lesions in its white matter.
    The labels are 1 air (also around the head), 2 soft tissue, 3 bone (with its marrow) and 4 lesion.

    Args:
        seed: What the head's shape follows from.
        size: The number of voxels (I, J, K), 8 or more along each axis. They always cover 192 × 240 × 180 mm.
        lesions: Whether the white matter has lesions.

    Raises:
        InputError: The grid has fewer than 8 voxels along an axis.
    """
    if len(size) != 3 or min(size) < 8:
        raise InputError(
            "phantom-too-coarse",
            "phantom: a grid of {size} voxels is too coarse for a head; give three sizes of 8 or more.",
            size="×".join(map(str, size)),
        )
    spacing = np.array(FIELD_OF_VIEW_MM) / size
    first = np.array(_FIELD_CENTRE_MM) - (np.array(FIELD_OF_VIEW_MM) - spacing) / 2
    affine = np.diag([*spacing, 1.0])
    affine[:3, 3] = first
    tissues = _Head(seed, size).tissues(lesions)
    return Anatomy(tissues, _majority(_LABEL_OF_TISSUE[tissues]), Grid(size, affine))


def _majority(fine: np.ndarray) -> np.ndarray:
    """Labels (I, J, K) from labels on the fine grid (2I, 2J, 2K): the most frequent one of each 2×2×2 block."""
    values = sorted(LABEL_NAMES)
    votes = np.stack([block_sum((fine == v).view(np.uint8)) for v in reversed(values)])
    return np.array(values[::-1], dtype=np.uint8)[votes.argmax(axis=0)]


def block_sum(fine: np.ndarray) -> np.ndarray:
    """Sum each 2×2×2 block: (2I, 2J, 2K) → (I, J, K)."""
    pairs = fine[..., ::2] + fine[..., 1::2]
    pairs = pairs[:, ::2] + pairs[:, 1::2]
    return pairs[::2] + pairs[1::2]


@dataclass(frozen=True)
class _Traits:
    """What differs from head to head; drawn before the head is modelled."""

    scale: tuple[float, float, float]
    rotation_deg: tuple[float, float, float]
    shift_mm: tuple[float, float, float]
    skull_mm: float
    scalp_mm: float
    fat_mm: float
    atrophy: float
    ventricles: float
    sulcus_depth_mm: float
    gyrus_mm: float
    sinuses: float
    air_cells: float

    @classmethod
    def draw(cls, rng: np.random.Generator) -> _Traits:
        x, y, z = rng.normal((1.0, 1.0, 1.0), (0.03, 0.03, 0.03)).clip(0.93, 1.02)
        a, b, c = rng.normal(0, (3.0, 2.5, 3.0)).clip(-7, 7)
        i, j, k = rng.uniform(-2, 2, 3)
        atrophy = float(rng.beta(1.5, 3))
        return cls(
            scale=(float(x), float(y), float(z)),
            rotation_deg=(float(a), float(b), float(c)),
            shift_mm=(float(i), float(j), float(k)),
            skull_mm=float(rng.uniform(5.5, 8.0)),
            scalp_mm=float(rng.uniform(5.0, 7.5)),
            fat_mm=float(rng.uniform(2.0, 4.5)),
            atrophy=atrophy,
            ventricles=float(rng.uniform(0.75, 1.1) + 0.6 * atrophy),
            sulcus_depth_mm=float(rng.uniform(16, 21)),
            gyrus_mm=float(rng.uniform(5.8, 6.8)),
            sinuses=float(rng.uniform(0.8, 1.15)),
            air_cells=float(rng.uniform(-0.3, 0.4)),
        )


class _Head:
    """Models one head from the outside in. Every method paints its tissues into the fine grid `self._t`."""

    def __init__(self, seed: int | Sequence[int], size: tuple[int, int, int]) -> None:
        shape_seed, noise_seed, self._lesion_seed = np.random.SeedSequence(seed).spawn(3)
        self._traits = _Traits.draw(np.random.default_rng(shape_seed))
        rng = np.random.default_rng(noise_seed)
        warps = [Noise(rng, 45.0) for _ in range(3)]
        self._slow, self._fast, self._cells = Noise(rng, 22.0), Noise(rng, 9.0), Noise(rng, 4.5)
        self._folds = Noise(rng, self._traits.gyrus_mm, band_pass=True)
        self._axes = [
            (c - f / 2 + (np.arange(n * _SUPERSAMPLING) + 0.5) * f / (n * _SUPERSAMPLING)).astype(np.float32)
            for c, f, n in zip(_FIELD_CENTRE_MM, FIELD_OF_VIEW_MM, size, strict=True)
        ]
        self._rotation = _rotation(self._traits.rotation_deg)
        self._p = self._head_frame(warps)
        self._abs_x = np.abs(self._p[0])
        self._t = np.zeros(self._p[0].shape, dtype=np.uint8)

    def tissues(self, lesions: bool) -> np.ndarray:
        """Paint all tissues: (2I, 2J, 2K) uint8 of `Tissue`."""
        self._cranium()
        self._soft_tissue()
        self._face_bones()
        self._skull()
        self._airways()
        self._orbits()
        self._brain(lesions)
        return self._t

    def _head_frame(self, warps: list[Noise]) -> Coordinates:
        """The coordinates of every fine voxel in the frame of the head, in mm.

        The head's pose and size are undone, then a smooth warp of about 2 mm is added.
        """
        inverse = (self._rotation / np.array(self._traits.scale)).T
        moved = [a - np.float32(s) for a, s in zip(self._axes, self._traits.shift_mm, strict=True)]
        columns = [moved[0][:, None, None], moved[1][None, :, None], moved[2][None, None, :]]
        rows = [sum(np.float32(w) * c for w, c in zip(row, columns, strict=True)) for row in inverse]
        x, y, z = (r + np.float32(2.0) * w.on(self._axes) for r, w in zip(rows, warps, strict=True))
        return x, y, z

    def _box(self, low: Point, high: Point) -> tuple[slice, ...]:
        """The part of the fine grid that holds the head-frame box from `low` to `high`, whatever the warp."""
        corners = np.array([[x, y, z] for x in (low[0], high[0]) for y in (low[1], high[1]) for z in (low[2], high[2])])
        world = (corners * self._traits.scale) @ self._rotation.T + self._traits.shift_mm
        return tuple(
            slice(*np.searchsorted(axis, (w.min() - _WARP_MARGIN_MM, w.max() + _WARP_MARGIN_MM)).tolist())
            for axis, w in zip(self._axes, world.T, strict=True)
        )

    def _within(self, box: tuple[slice, ...]) -> tuple[Coordinates, np.ndarray]:
        """Coordinates with the two sides folded onto one (|x|), and the tissues to paint."""
        return (self._abs_x[box], self._p[1][box], self._p[2][box]), self._t[box]

    def _noise(self, noise: Noise, box: tuple[slice, ...]) -> np.ndarray:
        return noise.on([a[s] for a, s in zip(self._axes, box, strict=True)])

    def _cranium(self) -> None:
        """Distances to the vault, to the cranial cavity and to the head's surface, and the skull's thickness."""
        traits = self._traits
        x, y, z = self._p
        ax = self._abs_x
        narrow = 1 + np.float32(0.10) * np.clip((y + 15) / 60, -1, 1)  # the forehead is narrower than the parietal part
        vault = ellipsoid((x * narrow, y, z), (0, -16, 8), (68, 86, 71))
        lateral = step(ax, 8, 22)
        floor_midline = -24 - np.float32(38) * np.clip(-y / 36, 0, 1)
        floor_lateral = -24 - np.float32(22) * step(y, 22, 12) - np.float32(16) * step(y, -24, -36)
        floor = floor_midline + lateral * (floor_lateral - floor_midline)
        cavity = intersection(vault, np.float32(0.85) * (floor - z), 6.0)
        canal = self._box((-14, -60, -110), (14, -28, -50))
        (cx, cy, cz), _ = self._within(canal)
        cavity[canal] = union(cavity[canal], tube((cx, cy, cz), [(0, -42, -55), (0, -45, -120)], [14, 11]), 8.0)

        brow = np.exp(-((x / 30) ** 2) - ((z + 8) / 15) ** 2) * (y > 20)
        temple = np.exp(-(((y - 12) / 30) ** 2) - ((z + 10) / 28) ** 2) * step(ax, 42, 58)
        thickness = np.float32(traits.skull_mm) * (1 + np.float32(0.12) * self._slow.on(self._axes))
        thickness *= 1 - np.float32(0.35) * temple
        self._vault_thickness = thickness + np.float32(7.0) * brow
        thin_floor = (cavity - vault > 2) & (y > 12)
        self._thickness = np.where(thin_floor, np.float32(2.6), self._vault_thickness)
        self._cavity = cavity

        scalp = np.float32(traits.scalp_mm) + np.float32(8.0) * temple
        surface = vault - self._vault_thickness - scalp
        face = ellipsoid(self._p, (0, 14, -52), (63, 70, 88))
        neck = ellipsoid(self._p, (0, -42, -110), (62, 62, 90))
        surface = union(union(surface, face, 14.0), neck, 12.0)
        nose = self._box((-25, 60, -80), (25, 115, -10))
        p, _ = self._within(nose)
        surface[nose] = union(surface[nose], tube(p, [(0, 79, -22), (0, 93, -54)], [4.5, 8.5]), 9.0)
        surface[nose] = union(surface[nose], tube(p, [(7, 86, -56), (8, 80, -60)], [6, 6]), 6.0)
        ears = self._box((-98, -45, -75), (98, 5, -5))
        p, _ = self._within(ears)
        tilted = (p[0] + np.float32(0.35) * (p[1] + 20) - np.float32(0.25) * (p[2] + 36), p[1], p[2])
        pinna = np.maximum(ellipsoid(tilted, (72, -22, -36), (3.6, 16, 28)), -ellipsoid(p, (82, -15, -38), (10, 9, 14)))
        surface[ears] = union(surface[ears], pinna, 3.0)
        self._surface = surface

    def _soft_tissue(self) -> None:
        """Skin, the fat below it, and muscle with planes of fat."""
        depth = -self._surface
        inside = depth > 0
        self._t[inside] = Tissue.MUSCLE
        deep = self._box((-90, -130, -110), (90, 90, -20))
        planes = np.abs(self._noise(self._slow, deep)) < 0.07
        self._t[deep][planes & (depth[deep] > 6)] = Tissue.FAT
        cheeks = np.float32(3.0) * step(self._p[2], -35, -55) * step(self._p[1], 10, 40)
        self._t[inside & (depth < 2 + np.float32(self._traits.fat_mm) + cheeks)] = Tissue.FAT
        self._t[inside & (depth < 2)] = Tissue.SKIN

    def _paint_bone(self, tissue: np.ndarray, distance: np.ndarray, cortex_mm: float) -> None:
        """Bone with marrow below a cortex of `cortex_mm`."""
        tissue[distance < 0] = Tissue.CORTICAL_BONE
        tissue[distance < -cortex_mm] = Tissue.MARROW

    def _face_bones(self) -> None:
        box = self._box((-75, -25, -110), (75, 85, -18))
        p, t = self._within(box)
        ax, y, z = p
        inside = self._surface[box] < -3.5
        zygoma = tube(p, [(26, 66, -52), (44, 56, -50), (59, 38, -48), (66, 8, -46), (62, -8, -46)], [5, 7, 4, 2.6, 4])
        rim = tube(p, [(44, 56, -50), (49, 54, -34), (42, 62, -18)], [5, 4, 5])
        jaw = tube(p, [(54, -6, -50), (50, 2, -85), (44, 20, -115)], [5.5, 6, 7])
        maxilla = ellipsoid(p, (20, 52, -62), (25, 25, 24))
        palate = np.maximum(np.abs(z + 79) - 3, ellipsoid(p, (0, 48, -79), (24, 30, 20)))
        sphenoid = ellipsoid(p, (0, 12, -38), (22, 18, 15))
        pterygoid = tube(p, [(14, 18, -45), (16, 18, -80)], [4.5, 3.5])
        nasal = np.maximum(
            tube(p, [(2, 78, -20), (4, 86, -42)], [5, 4.5]), -tube(p, [(0, 72, -24), (0, 80, -50)], [3, 6])
        )
        for shape, cortex in ((maxilla, 2.0), (palate, 1.8), (sphenoid, 2.0), (pterygoid, 1.8), (zygoma, 1.9)):
            self._paint_bone(t, np.where(inside, shape, 1), cortex)
        for shape in (rim, jaw):
            self._paint_bone(t, np.where(inside, shape, 1), 2.2)
        t[(nasal < 0) & inside] = Tissue.CORTICAL_BONE
        cone = (ax, y, z)
        cheek = ellipsoid(cone, (30, 66, -82), (22, 18, 14))
        t[(cheek < 0) & (t == Tissue.MUSCLE)] = Tissue.FAT

    def _skull(self) -> None:
        """The shell around the cavity: two tables of compact bone with marrow between, petrous bone and mastoid."""
        box = self._box((-75, -60, -85), (75, 5, -25))
        p, t = self._within(box)
        petrous = tube(p, [(16, -14, -42), (46, -26, -46)], [8, 12])
        mastoid = union(petrous, ellipsoid(p, (58, -30, -54), (12, 16, 21)), 6.0)
        self._mastoid = np.maximum(mastoid, self._surface[box] + 4)
        t[self._mastoid < 0] = Tissue.CORTICAL_BONE
        shell = (self._cavity > 0) & (self._cavity < self._thickness)
        self._t[shell] = Tissue.CORTICAL_BONE
        table = np.float32(1.7) + np.float32(0.25) * self._slow.on(self._axes)
        self._t[shell & (self._cavity > table) & (self._cavity < self._thickness - table)] = Tissue.MARROW
        self._t[box][(self._mastoid < 0) & (self._cavity[box] > 0)] = Tissue.CORTICAL_BONE
        self._t[self._cavity <= 0] = Tissue.CSF

    def _airways(self) -> None:
        """Sinuses, nasal cavity and throat, ear canals and the air cells of the mastoid."""
        size = self._traits.sinuses
        box = self._box((-48, -5, -110), (48, 100, -15))
        p, t = self._within(box)
        ax, y, z = p
        outside_brain = self._cavity[box] > 1.8
        fine = self._noise(self._cells, box)
        wavy = self._noise(self._fast, box)

        chamber = [ax - 9 + np.float32(0.25) * (z + 40), 20 - y, y - 84 + np.float32(0.35) * (z + 55), z + 40, -76 - z]
        nasal = np.maximum.reduce([*chamber, ellipsoid(p, (0, 50, -56), (30, 40, 22))]) + wavy
        t[(nasal < 1.5) & (self._surface[box] < -4)] = Tissue.MUCOSA
        septum = ax - np.float32(1.4)
        turbinates = tube(p, [(8, 28, -66), (8, 68, -66)], [4, 4])
        turbinates = np.minimum(turbinates, tube(p, [(7.5, 30, -52), (7.5, 64, -50)], [3.4, 3.4]))
        t[(nasal < 0) & (septum > 0) & (turbinates > 0) & (self._surface[box] < -3)] = Tissue.AIR
        nostril = tube(p, [(6, 82, -66), (5, 88, -74)], [4, 4])
        t[nostril < 0] = Tissue.AIR

        ethmoid = np.maximum.reduce([ax - 13, 24 - y, y - 62, z + 26, -44 - z])
        t[(ethmoid < 1.5) & outside_brain] = Tissue.CORTICAL_BONE
        t[(ethmoid < 0) & outside_brain & (np.abs(fine) > 0.22) & (ax > 0.9)] = Tissue.AIR

        for centre, radii in (((29, 50, -60), (13, 17, 15)), ((8.5, 13, -36), (7.5, 11, 8.5))):
            x, y_, z_ = radii
            sinus = ellipsoid(p, centre, (x * size, y_ * size, z_ * size)) + np.float32(1.2) * wavy
            t[(sinus < 2.0) & outside_brain & (self._surface[box] < -5)] = Tissue.CORTICAL_BONE
            t[(sinus < 0.0) & outside_brain & (self._surface[box] < -6)] = Tissue.MUCOSA
            t[(sinus < -0.9) & outside_brain & (self._surface[box] < -6)] = Tissue.AIR
        throat = tube(p, [(0, 20, -56), (0, 8, -70), (0, 2, -115)], [8, 8, 7])
        t[(throat < 1.5) & (t != Tissue.AIR)] = Tissue.MUCOSA
        t[throat < 0] = Tissue.AIR

        box = self._box((-32, 50, -24), (32, 90, 14))
        p, t = self._within(box)
        level = self._cavity[box]
        outline = ((p[0] - 11) / (10 * size)) ** 2 + ((p[2] + 8) / (11 * size)) ** 2
        hollow = (outline + np.float32(0.25) * self._noise(self._fast, box) < 1) & (p[0] > 0.8)
        t[hollow & (level > 2.3) & (level < self._thickness[box] - 2.5)] = Tissue.AIR

        box = self._box((-75, -60, -85), (75, 5, -25))
        p, t = self._within(box)
        deep = self._mastoid < np.float32(-1.9)
        cells = np.abs(self._noise(self._cells, box)) > 0.22 - 0.3 * self._traits.air_cells
        t[deep & cells & (p[0] > 40) & (self._cavity[box] > 2)] = Tissue.AIR
        ears = self._box((-98, -40, -60), (98, 0, -25))
        p, t = self._within(ears)
        canal = tube(p, [(86, -16, -42), (66, -15, -42), (46, -18, -43)], [4.5, 3.2, 4.0])
        wall = (canal < 1.6) & (self._cavity[ears] > 1.5)
        t[wall & (p[0] < 66)] = Tissue.CORTICAL_BONE
        t[wall & (p[0] >= 66) & (t == Tissue.FAT)] = Tissue.SKIN
        t[(canal < 0) & (self._cavity[ears] > 1.5)] = Tissue.AIR
        cochlea = ellipsoid(p, (27, -18, -40), (4, 3, 3))
        t[cochlea < 0] = Tissue.CSF

    def _orbits(self) -> None:
        box = self._box((-56, 0, -62), (56, 92, -8))
        p, t = self._within(box)
        globe = (32.0, 61.0, -35.0)
        wall = tube(p, [(14, 17, -30), (30, 48, -35), (33, 72, -35)], [4, 17, 18.5])
        skin = self._surface[box]
        free = (self._cavity[box] > 1.4) & (skin < -2) & (p[0] > 9)
        t[(wall < 2.0) & free & (p[1] < 64)] = Tissue.CORTICAL_BONE
        t[(wall < 0) & free] = Tissue.FAT
        for dx, dz in ((10.5, 0.0), (-10.5, 0.0), (0.0, 10.5), (0.0, -10.5)):
            path = [(16.0, 22.0, -31.0), (28.5 + dx, 46.0, -35 + dz), (32 + dx, 60.0, -35 + dz)]
            t[(tube(p, path, [1.8, 2.3, 1.2]) < 0) & (wall < 0)] = Tissue.MUSCLE
        nerve = tube(p, [(4, 6, -20), (14, 17, -29), (26, 36, -35), (31, 50, -35)], [2.5, 2.4, 2.4, 2.2])
        t[(nerve < 1.2) & (t != Tissue.CSF) & (p[1] > 14)] = Tissue.CSF
        t[nerve < 0] = Tissue.WHITE_MATTER
        eye = ellipsoid(p, globe, (12.3, 12.3, 12.3))
        t[(eye < 2.0) & (p[1] > 62) & (skin < 0)] = Tissue.SKIN
        t[eye < 0] = Tissue.MUSCLE
        t[eye < -1.2] = Tissue.VITREOUS
        t[ellipsoid(p, (32.0, 68.5, -35.0), (4.8, 2.3, 4.8)) < 0] = Tissue.LENS

    def _brain(self, lesions: bool) -> None:
        where = np.nonzero(self._cavity < 0)
        index = np.ravel_multi_index(where, self._t.shape)
        x, y, z, level = (a.ravel()[index] for a in (*self._p, self._cavity))
        p = (np.abs(x), y, z)
        t = self._t.ravel()[index]
        t[t != Tissue.WHITE_MATTER] = Tissue.CSF  # the optic nerves stay
        # Below the tentorium and behind the petrous ridges lies the posterior fossa.
        tent = 1 - np.float32(0.5) * p[0] - np.float32(0.45) * np.maximum(-(y + 42), 0)
        fossa = np.float32(0.85) * np.maximum(z - tent, y + 8 + np.float32(0.6) * p[0])
        stem = tube(p, [(0, -16, -6), (0, -22, -22)], [14, 13])
        stem = union(stem, ellipsoid(p, (0, -24, -33), (17, 11.5, 14)), 4.0)
        stem = union(stem, tube(p, [(0, -31, -46), (0, -42, -66), (0, -45, -120)], [9, 6.5, 5.5]), 4.0)
        self._cerebellum(p, t, level, fossa)
        t[(stem < 0) & (level < -1.5)] = Tissue.WHITE_MATTER
        fourth = ellipsoid(p, (0, -39, -36), (6, 4, 9))
        t[(fourth < 0) | (tube(p, [(0, -28, -4), (0, -39, -34)], [1.2, 1.6]) < 0)] = Tissue.CSF
        free_stem = np.where(z < -8, stem - 2, np.float32(99))
        self._cerebrum(p, x, t, np.minimum(-level, np.minimum(fossa - 0.8, free_stem)))
        if lesions:
            self._lesions(x, y, z, t)
        self._t.ravel()[index] = t

    def _cerebellum(self, p: Coordinates, t: np.ndarray, level: np.ndarray, fossa: np.ndarray) -> None:
        lobe = union(ellipsoid(p, (26, -60, -38), (38, 38, 32)), ellipsoid(p, (0, -56, -27), (24, 32, 29)), 8.0)
        depth = np.minimum.reduce([-level - 2, -fossa - 1.5, -lobe])
        angle = np.arctan2(p[2] + 40, -(p[1] + 36)) + np.float32(0.005) * p[0]
        radius = np.hypot(p[2] + 40, p[1] + 36)
        folia = np.abs(np.mod(angle, np.float32(0.24)) - np.float32(0.12)) * radius
        surface = np.minimum(depth, np.hypot(folia, np.maximum(depth - 8, 0)) - np.float32(0.4))
        t[(depth > 0) & (surface > 0)] = Tissue.GREY_MATTER
        t[(depth > 0) & (surface > 2.0)] = Tissue.WHITE_MATTER
        t[(tube(p, [(12, -28, -34), (20, -46, -38)], [7, 6]) < 0) & (level < -2)] = Tissue.WHITE_MATTER

    def _cerebrum(self, p: Coordinates, x: np.ndarray, t: np.ndarray, depth: np.ndarray) -> None:
        """Cortex, white matter, basal ganglia, hippocampus and ventricles.

        Args:
            p: The points of the brain as (|x|, y, z), in mm.
            x: Their x with its sign, in mm.
            t: Their tissues, which are painted.
            depth: Their depth below the inner surface, in mm.
        """
        traits = self._traits
        ax, y, z = p
        sulcus, wander = self._sulci(x, y, z)
        gap = np.float32(1.4 + 1.4 * traits.atrophy)
        width = np.float32(0.35 + 0.7 * traits.atrophy)
        reach = np.float32(traits.sulcus_depth_mm) * (1 + np.float32(0.35) * wander)
        callosum = ellipsoid((np.zeros_like(ax), y, z), (0, -8, 2), (1, 42, 26))
        midline = np.abs(x + np.float32(0.8) * wander)
        medial = np.hypot(midline, 3 * np.maximum(-callosum, 0))
        below_surface = np.minimum(depth, medial + 6)
        pia = np.minimum(depth - gap, np.hypot(sulcus, np.maximum(below_surface - reach, 0)) - width)
        pia = np.minimum(pia, np.hypot(midline, np.maximum(-callosum, 0)) - np.float32(0.9) - width / 2)
        insula = np.maximum(36 - ax, np.maximum(y - 34, -38 - y))
        sylvius = np.abs(z + 6 + np.float32(0.35) * y + np.float32(1.5) * wander) * np.float32(0.94)
        pia = np.minimum(pia, np.hypot(sylvius, np.maximum(insula, 0)) - np.float32(1.1) - width)

        cerebrum = depth > 0
        t[cerebrum & (t != Tissue.WHITE_MATTER)] = Tissue.CSF
        t[cerebrum & (pia > 0)] = Tissue.GREY_MATTER
        t[cerebrum & (pia > 2.8 - 0.4 * traits.atrophy)] = Tissue.WHITE_MATTER
        t[(callosum < 0) & (callosum > -6) & (ax < 14) & (z > -4)] = Tissue.WHITE_MATTER

        for centre, radii in (
            ((11, -17, 7), (9, 14, 8)),
            ((25, 4, 0), (6, 17, 10)),
            ((28, -20, -15), (6, 16, 5)),
            ((22, -3, -19), (7, 7, 7)),
        ):
            t[(ellipsoid(p, centre, radii) < 0) & cerebrum] = Tissue.GREY_MATTER
        caudate = tube(p, [(12, 20, 2), (15, 8, 16), (17, -14, 20)], [6.5, 4.5, 3])
        t[(caudate < 0) & cerebrum] = Tissue.GREY_MATTER
        v = traits.ventricles
        lateral = tube(p, [(7, 33, 2), (8, 18, 12), (9, -8, 18), (16, -34, 12)], [3 * v, 5 * v, 5 * v, 6.5 * v])
        horns = tube(p, [(16, -34, 12), (24, -44, 4), (24, -68, 4)], [6.5 * v, 6 * v, 1.5 * v])
        temporal = tube(p, [(24, -44, 4), (32, -26, -12), (29, -6, -20)], [5 * v, 2.2 * v, 1.8 * v])
        ventricle = np.minimum(np.minimum(lateral, horns), temporal)
        third = np.maximum(ellipsoid(p, (0, -8, -3), (30, 16, 12)), ax - np.float32(2.0 * v))
        t[((ventricle < 0) & (ax > 0.9) | (third < 0)) & cerebrum] = Tissue.CSF

    def _sulci(self, x: np.ndarray, y: np.ndarray, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The distance in mm to the nearest sulcus, and slow noise, at points in the frame of the head.

        Sulci are where the noise is zero, so the distance is the noise over its slope. The noise is read on a shell near the
        surface of the brain. So sulci run inward, nearly at right angles to that surface.
        """
        pitch = np.float32(3.0)
        axes = [np.arange(-h, h + pitch, pitch, dtype=np.float32) for h in (84, 108, 90)]
        value = self._folds.on(axes)
        slope = np.sqrt(sum(g * g for g in np.gradient(value, float(pitch))))
        distance = value / (slope + np.float32(0.02))
        wander = self._slow.on(axes)
        rel = (x, y + 17, z - 4)
        radius = np.sqrt((rel[0] / 60) ** 2 + (rel[1] / 80) ** 2 + (rel[2] / 62) ** 2) + np.float32(0.05)
        toward = np.float32(0.35) + np.float32(0.65) / radius
        toward = np.minimum(toward, 3)
        points = [(r * toward + h) / pitch for r, h in zip(rel, (84, 108, 90), strict=True)]
        folds = scipy.ndimage.map_coordinates(distance, points, order=1, mode="nearest")
        slow = scipy.ndimage.map_coordinates(wander, points, order=1, mode="nearest")
        return np.abs(folds) / np.maximum(toward, 1), slow

    def _lesions(self, x: np.ndarray, y: np.ndarray, z: np.ndarray, t: np.ndarray) -> None:
        """One to six lesions around the ventricles, as in multiple sclerosis; only white matter is affected."""
        rng = np.random.default_rng(self._lesion_seed)
        deep = np.nonzero((t == Tissue.WHITE_MATTER) & (np.abs(x) < 46) & (z > 0) & (z < 46))[0]
        p = (x[deep], y[deep], z[deep])
        for n in range(int(rng.integers(1, 7))):
            sides = rng.choice((-1.0, 1.0), 8)
            places = rng.uniform((20, -45, 12), (34, 25, 32), (8, 3))
            places[:, 0] *= sides
            white_near = [np.count_nonzero(ellipsoid(p, tuple(q.tolist()), (6, 6, 6)) < 0) for q in places]
            centre = places[int(np.argmax(white_near))]
            radii = rng.uniform(3.0, 8.0, 3) if n else rng.uniform(6.0, 10.0, 3)
            phase = rng.uniform(0, 2 * np.pi, 3)
            ripple = sum(np.sin(a / np.float32(3.5) + np.float32(f)) for a, f in zip(p, phase, strict=True))
            blob = ellipsoid(p, tuple(centre.tolist()), tuple(radii.tolist()))
            t[deep[blob + np.float32(0.7) * ripple < 0]] = Tissue.LESION


def _rotation(degrees: tuple[float, float, float]) -> np.ndarray:
    """The matrix (3, 3) that rotates about x, then y, then z."""
    matrix = np.eye(3)
    for axis, angle in enumerate(np.deg2rad(degrees)):
        i, j = [n for n in range(3) if n != axis]
        turn = np.eye(3)
        turn[[i, j], [i, j]] = np.cos(angle)
        turn[i, j], turn[j, i] = -np.sin(angle), np.sin(angle)
        matrix = turn @ matrix
    return matrix
