"""PyTorch's installation into Slicer: paths too long for Windows, packages installed by half, old versions, pip's own words.

Slicer/light-the-torch#176: torch 2.13 brings licence files whose paths pass Windows' 260 characters in Slicer's usual folder;
the installation breaks off, and leaves a torch without a version. pypa/pip#10142: the error does not say that a path is too
long. fepegar/SlicerPyTorch#9: a torch that is too old is there.
"""

from __future__ import annotations

import importlib.metadata
import subprocess
import sys
import types
from email.message import Message
from pathlib import Path
from types import SimpleNamespace

import pytest

from TransferSegLib.core.errors import InputError

USUAL = "C:\\Users\\{name}\\AppData\\Local\\slicer.org\\Slicer 5.12.0\\lib\\Python\\Lib\\site-packages"


@pytest.fixture
def windows(scene, monkeypatch):
    """Slicer on Windows, in the folder and with the setting for long paths that a test names."""
    from TransferSegGui import site_packages

    computer = SimpleNamespace(folder=USUAL.format(name="radiologist"), long_paths=0)
    registry = types.ModuleType("winreg")

    class Key:
        def __enter__(self):
            return self

        def __exit__(self, *_):
            return None

    def value(_key, name):
        assert name == "LongPathsEnabled"
        if computer.long_paths is None:
            raise FileNotFoundError(name)
        return computer.long_paths, 4

    registry.HKEY_LOCAL_MACHINE, registry.OpenKey, registry.QueryValueEx = 1, lambda *_: Key(), value
    monkeypatch.setitem(sys.modules, "winreg", registry)
    monkeypatch.setattr(site_packages, "sys", SimpleNamespace(platform="win32"))
    monkeypatch.setattr(site_packages, "packages_folder", lambda: computer.folder)
    return computer


def test_the_longest_path_is_that_of_the_torch_that_is_installed_here(scene):
    from TransferSegGui.site_packages import LONGEST_IN_TORCH

    torch = importlib.metadata.distribution("torch")
    longest = max((str(file) for file in torch.files or ()), key=len)
    release = ".".join(torch.version.split(".")[:2])
    assert release != "2.13" or len(longest.partition("/")[2]) == len(LONGEST_IN_TORCH.partition("/")[2]), longest
    assert len(LONGEST_IN_TORCH) == 173


@pytest.mark.parametrize(
    ("folder", "long_paths", "wanted"),
    [
        (USUAL.format(name="radiologist"), 0, "torch>=2.10,<2.13"),
        (USUAL.format(name="radiologist"), None, "torch>=2.10,<2.13"),
        (USUAL.format(name="radiologist"), 1, "torch>=2.10"),
        (USUAL.format(name="a"), 0, "torch>=2.10"),
        ("C:\\Slicer\\lib\\Python\\Lib\\site-packages", 0, "torch>=2.10"),
    ],
)
def test_the_torch_whose_files_fit_into_slicers_folder_is_installed(windows, folder, long_paths, wanted):
    from TransferSegGui import dependencies, site_packages

    windows.folder, windows.long_paths = folder, long_paths
    assert site_packages.torch_to_install(dependencies.TORCH) == wanted


def test_other_systems_take_paths_of_any_length(scene):
    from TransferSegGui import dependencies, site_packages

    assert site_packages.torch_to_install(dependencies.TORCH) == "torch>=2.10"


@pytest.fixture
def installed(scene, monkeypatch, tmp_path):
    """Packages with the versions that a test gives (None: installed by half), and what pip is asked to do."""
    import slicer.packaging
    from TransferSegGui import dependencies, site_packages

    folder = tmp_path / "site-packages"
    folder.mkdir()
    done = SimpleNamespace(folder=folder, asked=[], calls=[], kept="", torch_after=None)

    def put(name: str, version: str | None, named: str = "2.13.0") -> Path:
        path = folder / f"{name}-{version or named}.dist-info"
        path.mkdir()
        if version:
            (path / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        return path

    def pip(arguments, constraints=None, **how):
        done.calls.append((arguments, how))
        done.kept = Path(constraints).read_text(encoding="utf-8") if constraints else ""

    def install_torch(**how):
        done.calls.append(("torch", how))
        for path in folder.glob("torch-*"):
            (path / "METADATA").unlink(missing_ok=True)
            path.rmdir()
        if done.torch_after:
            put("torch", done.torch_after)
        return object()

    done.put = put
    monkeypatch.setattr(dependencies, "_met", {})
    monkeypatch.setattr(site_packages, "packages_folder", lambda: folder)
    monkeypatch.setattr(sys, "path", [str(folder)])
    monkeypatch.delitem(sys.modules, "torch", raising=False)
    monkeypatch.setattr(slicer.packaging, "pip_ensure", pip)
    monkeypatch.setattr(slicer.packaging, "pip_install", pip)
    logic = SimpleNamespace(installTorch=install_torch)
    monkeypatch.setitem(sys.modules, "PyTorchUtils", SimpleNamespace(PyTorchUtilsLogic=lambda: logic))
    ask = lambda text, title: (done.asked.append(text), True)[1]  # noqa: E731
    monkeypatch.setattr(scene.util, "confirmOkCancelDisplay", ask)
    monkeypatch.setattr(scene.app, "testingEnabled", lambda: True, raising=False)
    return done


def put_all(installed, **others: str | None) -> None:
    versions = {
        "torch": "2.12.0",
        "monai": "1.6.0",
        "einops": "0.8",
        "numpy": "2.0",
        "scipy": "1.14",
        "SimpleITK": "2.5",
    }
    versions |= {"safetensors": "0.6", "PyYAML": "6.0", "matplotlib": "3.10", "pydicom": "3.0.1"}
    for name, version in (versions | others).items():
        installed.put(name, version)


def test_a_package_installed_by_half_is_missing_and_not_among_the_constraints(installed):
    from TransferSegGui import dependencies

    put_all(installed, torch=None)
    assert importlib.metadata.version("torch") is None  # what "torch==None" was made of
    assert dependencies.missing() == ["torch>=2.10"]
    installed.torch_after = "2.12.1"
    half = installed.folder / "torch-2.13.0.dist-info"
    assert dependencies.ensure()
    assert "An installation that broke off left behind: torch-2.13.0.dist-info." in installed.asked[0]
    assert not half.exists() and dependencies.missing() == []


def test_constraints_name_what_has_a_version_and_nothing_else(installed):
    from TransferSegGui import dependencies

    put_all(installed, monai="1.0.0", torchvision=None)
    (installed.folder / "~orch").mkdir()
    assert dependencies.missing() == ["monai>=1.5"]
    dependencies.ensure()
    assert sorted(installed.kept.split()) == [
        "SimpleITK==2.5",
        "numpy==2.0",
        "pydicom==3.0.1",
        "scipy==1.14",
        "torch==2.12.0",
    ]
    assert "left behind: torchvision-2.13.0.dist-info, ~orch." in installed.asked[0]
    assert (installed.folder / "torchvision-2.13.0.dist-info").exists()  # not ours to delete


def test_a_too_old_torch_is_replaced_by_pytorch_utils_and_the_question_says_so(installed):
    from TransferSegGui import dependencies

    put_all(installed, torch="2.4.1")
    installed.torch_after = "2.12.1"
    assert dependencies.ensure()
    assert "torch>=2.10: about 200 MB" in installed.asked[0] and "replaces version 2.4.1" in installed.asked[0]
    assert installed.calls == [("torch", {"askConfirmation": False, "torchVersionRequirement": ">=2.10"})]


def test_a_too_old_torch_is_not_kept_where_wheels_replace_it(installed, tmp_path):
    from TransferSegGui import dependencies

    put_all(installed, torch="2.4.1", torchvision="0.19.1")
    (tmp_path / "torch-2.12.0-cp312-none-any.whl").touch()
    dependencies.ensure(tmp_path)
    assert installed.calls[0][0][-1] == "torch>=2.10"
    assert "torch" not in installed.kept and "numpy==2.0" in installed.kept


def test_a_too_old_torch_that_is_in_use_asks_for_a_restart_before_anything_is_done(installed, monkeypatch):
    from TransferSegGui import dependencies

    put_all(installed, torch="2.4.1")
    monkeypatch.setitem(sys.modules, "torch", types.ModuleType("torch"))
    with pytest.raises(InputError, match=r"PyTorch 2\.4\.1 is there and in use.*needs torch>=2\.10; restart Slicer"):
        dependencies.ensure()
    assert not installed.asked and not installed.calls


def test_a_torch_that_stays_too_old_is_said_with_both_versions(installed):
    from TransferSegGui import dependencies

    put_all(installed, torch="2.4.1")
    installed.torch_after = "2.4.1"
    with pytest.raises(
        InputError, match=r"PyTorch 2\.4\.1 is there, and TransferSeg needs torch>=2\.10; press Uninstall"
    ):
        dependencies.ensure()


def test_a_package_of_slicers_own_that_is_too_old_is_not_replaced(installed):
    from TransferSegGui import dependencies

    put_all(installed, numpy="1.20.0")
    with pytest.raises(
        InputError, match=r"numpy 1\.20\.0 is there, which comes with Slicer.*needs numpy>=1\.26; install a"
    ):
        dependencies.ensure()
    assert not installed.calls


LONG_PATH = USUAL.format(name="radiologist") + "\\torch-2.13.0.dist-info\\licenses\\" + "x" * 200
FAILED = "ERROR: Could not install packages due to an OSError: "
OUTPUTS = {
    "packages-disk-full": FAILED + "[Errno 28] No space left on device",
    "packages-path-too-long": FAILED + f"[Errno 2] No such file or directory: '{LONG_PATH}'",
    "packages-in-use": FAILED + "[WinError 5] Access is denied: 'C:\\\\x\\\\_C.pyd'",
    "packages-not-writable": FAILED + "[Errno 13] Permission denied: '/opt/Slicer'",
    "packages-half-there": "ERROR: Cannot uninstall torch None, RECORD file not found.",
    "packages-conflict": "ERROR: Cannot install torch>=2.10 because these package versions have conflicting dependencies.\n\n"
    "The conflict is caused by:\n    The user requested torch>=2.10\n    The user requested (constraint) torch==2.4.1\n\n"
    "ERROR: ResolutionImpossible: for help visit https://pip.pypa.io",
    "packages-no-network": "WARNING: Retrying after connection broken by 'NewConnectionError('<pip>: Failed to "
    "establish a new connection: [Errno 11001] getaddrinfo failed')': /simple/monai/\n"
    "ERROR: Could not find a version that satisfies the requirement monai>=1.5 (from versions: none)\n"
    "ERROR: No matching distribution found for monai>=1.5",
    "packages-certificate": "Could not fetch URL: SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED]'))\n"
    "ERROR: No matching distribution found for monai>=1.5",
    "packages-not-found": "ERROR: Could not find a version that satisfies the requirement monai>=1.5 (from versions: 1.0)\n"
    "ERROR: No matching distribution found for monai>=1.5",
    "packages-damaged": "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.",
    "packages-not-installed": "ERROR: something new",
}


@pytest.mark.parametrize(("code", "output"), OUTPUTS.items(), ids=OUTPUTS)
def test_why_pip_failed_is_told_from_its_own_words(installed, monkeypatch, capsys, code, output):
    import slicer.packaging
    from TransferSegGui import dependencies

    def fail(*_what, **_how):
        print(output)  # as Slicer shows what pip prints, before it raises no more than this
        raise subprocess.CalledProcessError(1, "pip install")

    put_all(installed, monai="1.0.0")
    monkeypatch.setattr(slicer.packaging, "pip_ensure", fail)
    with pytest.raises(InputError) as caught:
        dependencies.ensure()
    assert caught.value.problem.code == code
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 700
    assert output.splitlines()[0] in capsys.readouterr().out
    if code == "packages-conflict":
        assert "The user requested (constraint) torch==2.4.1" in str(caught.value)
    assert ("network" in str(caught.value)) == (
        code in ("packages-no-network", "packages-certificate", "packages-not-installed")
    )


def test_a_package_whose_version_python_refuses_to_tell_has_none(scene, monkeypatch):
    from TransferSegGui import site_packages

    class Refuses:
        @property
        def metadata(self):
            raise importlib.metadata.PackageNotFoundError("no metadata")

    found = [Refuses(), SimpleNamespace(metadata=Message())]
    monkeypatch.setattr(importlib.metadata, "distributions", lambda name: iter(found))
    assert site_packages.installed_version("torch") is None
