"""PyTorch and the other packages that the worker needs, installed when the person first starts something that needs them."""

from __future__ import annotations

import importlib
import importlib.metadata
from collections.abc import Sequence
from pathlib import Path

import slicer
import slicer.packaging
from slicer.i18n import tr as _

from TransferSegLib.errors import InputError

TORCH = "torch>=2.10"
REQUIREMENTS = Path(__file__).resolve().parents[1] / "Resources" / "requirements.txt"
# Packages that come with Slicer, or that the PyTorch extension chose: pip keeps the version that is there.
KEPT = ("numpy", "SimpleITK", "scipy", "torch", "torchvision")
SIZE = "0.4 GB (on a computer with an NVIDIA GPU about 3 GB)"


def missing() -> list[str]:
    """The requirements that are not installed, PyTorch first; nothing is imported to find out."""
    wanted = [TORCH, *(str(r) for r in slicer.packaging.load_requirements(REQUIREMENTS))]
    return [requirement for requirement in wanted if not slicer.packaging.pip_check(requirement)]


def ensure(wheels: Path | None = None) -> bool:
    """Install what is missing, after asking; False when the person declined.

    `wheels` is a folder of wheels to install from where there is no network. Raises `InputError` with what to do next when an
    installation fails.
    """
    lacking = missing()
    if not lacking:
        return True
    question = _(
        "TransferSeg needs {count} Python packages that are not installed yet: {names}.\n\n"
        "They are installed into Slicer's own Python, about {size} in all, which takes some minutes. Install them now?"
    ).format(count=len(lacking), names=", ".join(lacking), size=SIZE)
    if not slicer.util.confirmOkCancelDisplay(question, _("TransferSeg: install packages")):
        return False
    try:
        if wheels is not None:
            _install_from(wheels, lacking)
        else:
            _install(lacking)
    except InputError:
        raise
    except Exception as error:  # pip, PyTorchUtils and the network fail in many ways
        raise InputError(
            _(
                "The packages could not be installed ({error}). Check the network connection and the free disk space, "
                "restart Slicer and press Start again; without a network see docs/offline-installation.md."
            ).format(error=error)
        ) from error
    importlib.invalidate_caches()
    still = missing()
    if still and not slicer.app.testingEnabled():
        raise InputError(
            _("After the installation these packages are still missing: {names}. Restart Slicer and try again.").format(
                names=", ".join(still)
            )
        )
    return not still


def _install(lacking: Sequence[str]) -> None:
    if TORCH in lacking:
        try:
            import PyTorchUtils
        except ImportError:
            raise InputError(
                _(
                    "PyTorch is installed by the extension PyTorch: install it in the Extensions Manager and restart Slicer."
                )
            ) from None
        version = TORCH.removeprefix("torch")
        if (
            PyTorchUtils.PyTorchUtilsLogic().installTorch(askConfirmation=False, torchVersionRequirement=version)
            is None
        ):
            raise InputError(_("PyTorch was not installed; install it in the module PyTorch Utils and try again."))
    others = [requirement for requirement in lacking if requirement != TORCH]
    slicer.packaging.pip_ensure(others, constraints=_constraints(), prompt_install=False, requester="TransferSeg")


def _install_from(wheels: Path, lacking: Sequence[str]) -> None:
    if not any(wheels.glob("*.whl")):
        raise InputError(_("{folder}: holds no wheels (.whl); see docs/offline-installation.md.").format(folder=wheels))
    slicer.packaging.pip_install(
        ["--no-index", "--find-links", str(wheels), *lacking], constraints=_constraints(), requester="TransferSeg"
    )


def _constraints() -> Path:
    """A file that holds pip to the versions that are there, so that it replaces nothing of Slicer's own."""
    lines = []
    for name in KEPT:
        try:
            lines.append(f"{name}=={importlib.metadata.version(name)}\n")
        except importlib.metadata.PackageNotFoundError:
            continue
    path = Path(slicer.app.temporaryPath) / "transferseg-constraints.txt"
    path.write_text("".join(lines), encoding="utf-8")
    return path
