"""PyTorch and the other packages that the worker needs, installed when the person first starts something that needs them."""

from __future__ import annotations

import importlib
import importlib.metadata
import sys
from collections.abc import Sequence
from pathlib import Path

import slicer
import slicer.packaging
from packaging.requirements import Requirement
from slicer.i18n import tr as _

from TransferSegGui import site_packages
from TransferSegGui.pip_failures import heard, reason_in
from TransferSegLib.core.card import ModelCard
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.files import replacing
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.networks import own_packages
from TransferSegLib.sources.catalogue import find_source
from TransferSegLib.sources.folder import CARD_FILE
from TransferSegLib.sources.kinds import FOREIGN_KINDS
from TransferSegLib.sources.untrusted.file_kinds import zip_names

TORCH = "torch>=2.10"
REQUIREMENTS = Path(__file__).resolve().parents[1] / "Resources" / "requirements.txt"
# Packages that come with Slicer, and that other modules of its use as they are.
SLICERS_OWN = ("numpy", "SimpleITK", "scipy", "pydicom")
# What pip keeps in the version that is there: these, and what the PyTorch extension chose.
KEPT = (*SLICERS_OWN, "torch", "torchvision")
# About how many MB are downloaded for each, with what it needs itself: wheels for Python 3.12 on Linux.
SIZES_MB = {
    "torch": 200,
    "monai": 2,
    "einops": 0.1,
    "numpy": 16,
    "scipy": 35,
    "SimpleITK": 52,
    "pydicom": 2,
    "safetensors": 0.5,
    "PyYAML": 0.8,
    "matplotlib": 24,
    "dynamic-network-architectures": 0.1,
}
TORCH_WITH_CUDA_MB = 3000
# Requirement → the folder of the package that meets it. Reading a package's version takes some milliseconds.
_met: dict[str, str] = {}


def missing(own: Sequence[str] = ()) -> list[str]:
    """List the requirements that are not installed. Nothing is imported to find out.

    Args:
        own: What only the network at hand needs (`TransferSegLib.networks.own_packages`).

    Returns:
        The requirements, PyTorch first.
    """
    wanted = [TORCH, *(str(r) for r in slicer.packaging.load_requirements(REQUIREMENTS)), *own]
    return [requirement for requirement in wanted if not _is_met(requirement)]


def _is_met(requirement: str) -> bool:
    """Whether a requirement is met. It is looked up again only when another version is there."""
    try:
        # Its folder is named after the version; Python keeps the path to itself.
        there = str(getattr(importlib.metadata.distribution(Requirement(requirement).name), "_path", ""))
    except importlib.metadata.PackageNotFoundError:
        there = ""
    if there and _met.get(requirement) == there:
        return True
    if there and site_packages.is_half(Path(there)):
        return False  # it has no version that Slicer could compare
    met = bool(slicer.packaging.pip_check(requirement))
    if met:
        _met[requirement] = there
    return met


def packages_of(card: ModelCard) -> tuple[str, ...]:
    """What only this model's network needs."""
    return own_packages(card.network.name, card.network.arguments)


def packages_of_job(folder: Path) -> tuple[str, ...]:
    """What only the network of a job's source model needs.

    Raises:
        InputError: The job or its source model cannot be read.
    """
    spec = JobFolder(folder).read_spec()
    if spec.network is not None:
        return own_packages(spec.network.name, spec.network.arguments)
    return packages_of(find_source(Path(spec.source)).card) if spec.source else ()


def packages_of_model(model: Path) -> tuple[str, ...]:
    """The packages that only a model about to be added needs, guessed from the names of its files."""
    if model.is_dir():
        names = [path.name for path in model.iterdir()]
    else:
        names = [name.rpartition("/")[2] for name in zip_names(model)]
    if CARD_FILE in names or "job.json" in names:
        return packages_of(find_source(model).card) if model.is_dir() else ()
    return tuple(package for kind in FOREIGN_KINDS if kind.file.name in names for package in kind.packages)


def ensure(wheels: Path | None = None, own: Sequence[str] = ()) -> bool:
    """Install what is missing, after asking.

    Args:
        wheels: A folder of wheels to install from, for a computer without a network.
        own: What only the network at hand needs.

    Returns:
        Whether everything is installed; False when the person declined.

    Raises:
        InputError: The installation failed; the error says what to do next.
    """
    lacking = missing(own)
    if not lacking:
        return True
    _refuse_what_pip_cannot_do(lacking)
    if not slicer.util.confirmOkCancelDisplay(question(lacking), _("TransferSeg: install packages")):
        return False
    site_packages.clear_half_installed(Requirement(requirement).name for requirement in lacking)
    importlib.invalidate_caches()
    with heard() as output:
        try:
            if wheels is not None:
                _install_from(wheels, lacking, own)
            else:
                _install(lacking, own)
        except InputError:
            raise
        except Exception as error:  # pip, PyTorchUtils and the network fail in many ways
            raise reason_in(output.getvalue(), error) from error
    importlib.invalidate_caches()
    still = missing(own)
    if still and not slicer.app.testingEnabled():
        raise InputError(
            "packages-still-missing",
            "After the installation these packages are still missing: {packages}. Restart Slicer and try again.",
            packages=still,
        )
    return not still


def _refuse_what_pip_cannot_do(lacking: Sequence[str]) -> None:
    """Refuse an installation of which it is known before that it fails, or that another module would not survive.

    Raises:
        InputError: A package that comes with Slicer is too old, or PyTorch is too old and in use.
    """
    for requirement in lacking:
        name = Requirement(requirement).name
        version = site_packages.installed_version(name)
        if version is None or _is_met(requirement):
            continue
        if name in SLICERS_OWN:
            raise InputError(
                "slicers-package-too-old",
                "{package} {version} is there, which comes with Slicer, and TransferSeg needs {requirement}; install a newer "
                "Slicer.",
                package=name,
                version=version,
                requirement=requirement,
            )
        if requirement == TORCH and "torch" in sys.modules:
            raise InputError(
                "torch-too-old-and-in-use",
                "PyTorch {version} is there and in use by another module, and TransferSeg needs {requirement}; restart "
                "Slicer, and press Start before another module is opened, which replaces it.",
                version=version,
                requirement=requirement,
            )


def question(lacking: Sequence[str]) -> str:
    """The question whether these requirements may be installed, with the size of each and the version that is replaced."""
    lines = []
    for requirement in lacking:
        size = size_words(_size_mb(requirement))
        if requirement == TORCH:
            size = _("{size}; on Linux, with the libraries for NVIDIA GPUs, {more}").format(
                size=size, more=size_words(TORCH_WITH_CUDA_MB)
            )
        there = "" if _is_met(requirement) else site_packages.installed_version(Requirement(requirement).name)
        wanted = site_packages.torch_to_install(requirement) if requirement == TORCH else requirement
        lines.append(
            _("  {requirement}: {size}; replaces version {there}").format(requirement=wanted, size=size, there=there)
            if there
            else f"  {wanted}: {size}"
        )
    if left_behind := site_packages.half_installed():
        names = ", ".join(path.name for path in left_behind[:6])
        lines += ["", _("(An installation that broke off left behind: {names}.)").format(names=names)]
    return _(
        "TransferSeg needs {count} Python packages that are not installed yet:\n\n{names}\n\n"
        "They are installed into Slicer's own Python, {size} in all to download and about three times as much on disk, which "
        "takes some minutes. Install them now?"
    ).format(count=len(lacking), names="\n".join(lines), size=size_words(sum(map(_size_mb, lacking))))


def size_words(mb: float) -> str:
    """A size in words, as "about 2 MB"."""
    if mb < 1:
        return _("less than 1 MB")
    return _("about {n} MB").format(n=round(mb)) if mb < 950 else _("about {n} GB").format(n=round(mb / 1000, 1))


def _size_mb(requirement: str) -> float:
    return SIZES_MB[Requirement(requirement).name]


def _install(lacking: Sequence[str], own: Sequence[str]) -> None:
    if TORCH in lacking:
        try:
            import PyTorchUtils
        except ImportError:
            raise InputError(
                "no-pytorch-extension",
                "PyTorch is installed by the extension PyTorch: install it in the Extensions Manager and restart Slicer.",
            ) from None
        version = site_packages.torch_to_install(TORCH).removeprefix("torch")
        if (
            PyTorchUtils.PyTorchUtilsLogic().installTorch(askConfirmation=False, torchVersionRequirement=version)
            is None
        ):
            raise InputError(
                "pytorch-not-installed",
                "PyTorch was not installed; install it in the module PyTorch Utils and try again.",
            )
        importlib.invalidate_caches()
        if not _is_met(TORCH):
            raise InputError(
                "torch-still-too-old",
                "After the installation PyTorch {version} is there, and TransferSeg needs {requirement}; press Uninstall in "
                "the module PyTorch Utils, restart Slicer and press Start again.",
                version=site_packages.installed_version("torch") or "of no version",
                requirement=TORCH,
            )
    others = [requirement for requirement in lacking if requirement != TORCH and requirement not in own]
    if others:
        # To offer a restart, Slicer compares the versions of all packages, and cannot if one of them has none.
        slicer.packaging.pip_ensure(
            others,
            constraints=_constraints(lacking),
            prompt_install=False,
            prompt_restart=not site_packages.half_installed(),
            requester="TransferSeg",
        )
    _install_alone([requirement for requirement in own if requirement in lacking])


def _install_alone(own: Sequence[str], *more: str) -> None:
    """Install packages without their requirements: these would bring another PyTorch, and what is needed is there."""
    if own:
        slicer.packaging.pip_install(["--no-deps", *more, *own], requester="TransferSeg")


def _install_from(wheels: Path, lacking: Sequence[str], own: Sequence[str]) -> None:
    if not any(wheels.glob("*.whl")):
        raise InputError("no-wheels", "{path}: holds no wheels (.whl); see docs/offline-installation.md.", path=wheels)
    there = ["--no-index", "--find-links", str(wheels)]
    others = [
        site_packages.torch_to_install(requirement) if requirement == TORCH else requirement
        for requirement in lacking
        if requirement not in own
    ]
    if others:
        slicer.packaging.pip_install([*there, *others], constraints=_constraints(lacking), requester="TransferSeg")
    _install_alone([requirement for requirement in own if requirement in lacking], *there)


def _constraints(lacking: Sequence[str]) -> Path:
    """Write a file of constraints that keeps pip from replacing Slicer's own packages.

    Args:
        lacking: What is about to be installed: a version that is there and too old is not kept.
    """
    replaced = {Requirement(requirement).name for requirement in lacking if not _is_met(requirement)}
    if "torch" in replaced:
        replaced.add("torchvision")  # each goes with one version of PyTorch alone
    versions = {name: site_packages.installed_version(name) for name in KEPT if name not in replaced}
    path = Path(slicer.app.temporaryPath) / "transferseg-constraints.txt"
    lines = (f"{name}=={version}\n" for name, version in versions.items() if version)
    with replacing(path) as temporary:
        temporary.write_text("".join(lines), encoding="utf-8")
    return path
