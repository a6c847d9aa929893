"""What is installed in Slicer's own Python, what an installation that broke off left there, and what fits into its folder."""

from __future__ import annotations

import importlib.metadata
import sys
import sysconfig
from collections.abc import Iterable
from pathlib import Path

from packaging.utils import canonicalize_name

from TransferSegLib.core.errors import InputError
from TransferSegLib.core.files import remove_folder

# Windows takes paths of fewer characters than this.
MAX_PATH = 260
# The longest path in PyTorch's CUDA build for Windows since 2.13, which brings the licences of all that is in it. In 2.12 the
# longest has 119 characters.
LONGEST_IN_TORCH = (
    "torch-2.13.0+cu130.dist-info/licenses/third_party/kineto/libkineto/third_party/dynolog/third_party/prometheus-cpp/"
    "3rdparty/civetweb/src/third_party/duktape-1.8.0/LICENSE.txt"
)
FIRST_WITH_LONG_PATHS = "2.13"
# Where Windows keeps whether programs may use longer paths.
REGISTRY_KEY = r"SYSTEM\CurrentControlSet\Control\FileSystem"


def packages_folder() -> Path:
    """The folder that packages are installed to."""
    return Path(sysconfig.get_paths()["purelib"])


def installed_version(name: str) -> str | None:
    """The version of a package; None where it is not installed, or only by half."""
    for found in importlib.metadata.distributions(name=name):
        if version := _version(found):
            return version
    return None


def half_installed() -> list[Path]:
    """The folders that an installation which broke off left behind.

    They are a package's `.dist-info` without its `METADATA`, so that it has no version, and those that pip had moved out of
    the way (`~orch` for `torch`).
    """
    folder = packages_folder()
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if is_half(path) or (path.name.startswith("~") and path.is_dir()))


def is_half(path: Path) -> bool:
    """Whether a package's folder of metadata lacks the metadata, because its installation broke off."""
    return path.suffix == ".dist-info" and path.is_dir() and not (path / "METADATA").is_file()


def clear_half_installed(names: Iterable[str]) -> None:
    """Delete the `.dist-info` folders that were installed by half of packages that are about to be installed.

    pip leaves them, and Python would go on finding them in place of the new ones.

    Args:
        names: The packages.

    Raises:
        InputError: One cannot be deleted.
    """
    wanted = {canonicalize_name(name) for name in names}
    for path in half_installed():
        if is_half(path) and canonicalize_name(path.stem.partition("-")[0]) in wanted:
            try:
                remove_folder(path)
            except OSError as error:
                raise InputError(
                    "half-installed-not-deleted",
                    "{path}: was left behind by an installation that broke off, and cannot be deleted ({reason}); close "
                    "Slicer, delete it, and try again.",
                    path=path,
                    reason=error.strerror or error,
                ) from None


def torch_to_install(requirement: str) -> str:
    """The requirement for PyTorch, below the versions whose files do not fit into Slicer's folder.

    Args:
        requirement: What TransferSeg needs.
    """
    return requirement if _fits(packages_folder()) else f"{requirement},<{FIRST_WITH_LONG_PATHS}"


def _fits(folder: Path) -> bool:
    """Whether PyTorch's longest path can be written into a folder."""
    return len(f"{folder}/{LONGEST_IN_TORCH}") < MAX_PATH or _takes_long_paths()


def _takes_long_paths() -> bool:
    """Whether this computer takes paths longer than `MAX_PATH`: all but Windows, which has to be told to."""
    if sys.platform != "win32":
        return True
    import winreg

    try:
        with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, REGISTRY_KEY) as key:
            return bool(winreg.QueryValueEx(key, "LongPathsEnabled")[0] == 1)
    except OSError:
        return False


def _version(found: importlib.metadata.Distribution) -> str | None:
    try:
        return found.metadata["Version"]
    except (importlib.metadata.PackageNotFoundError, KeyError):  # how later versions of Python say that it has none
        return None
