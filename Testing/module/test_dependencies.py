from __future__ import annotations

import importlib.metadata
import sys
import tomllib
from pathlib import Path
from types import SimpleNamespace

import pytest

from TransferSegLib.core.errors import InputError

pytestmark = pytest.mark.cold  # what a person's computer does is looked at

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture
def installing(scene, monkeypatch):
    """Packages are missing, and what would be installed is written down."""
    import slicer.packaging
    from TransferSegGui import dependencies

    done = SimpleNamespace(asked=[], installed=[], answer=True, lacking=["torch>=2.10", "monai>=1.5"])
    monkeypatch.setattr(dependencies, "missing", lambda own=(): list(done.lacking))
    ask = lambda text, title: (done.asked.append(text), done.answer)[1]  # noqa: E731
    monkeypatch.setattr(scene.util, "confirmOkCancelDisplay", ask)

    def install(what, **how):
        done.installed.append((what, how))
        done.lacking = []

    monkeypatch.setattr(slicer.packaging, "pip_ensure", install)
    monkeypatch.setattr(slicer.packaging, "pip_install", install)
    torch = SimpleNamespace(installTorch=lambda **how: (done.installed.append(("torch", how)), True)[1])
    monkeypatch.setitem(sys.modules, "PyTorchUtils", SimpleNamespace(PyTorchUtilsLogic=lambda: torch))
    return done


def test_the_modules_requirements_are_those_of_the_library(scene):
    from TransferSegGui import dependencies

    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    lines = dependencies.REQUIREMENTS.read_text(encoding="utf-8").splitlines()
    assert sorted([dependencies.TORCH, *(line for line in lines if not line.startswith("#"))]) == sorted(project)


def test_nothing_is_asked_where_everything_is_there(scene):
    from TransferSegGui import dependencies

    assert dependencies.missing() == []
    assert dependencies.ensure()


def test_the_version_of_a_package_is_read_once_and_one_that_is_taken_away_is_missed(scene, monkeypatch):
    import slicer.packaging
    from TransferSegGui import dependencies

    assert dependencies.missing() == []
    monkeypatch.setattr(slicer.packaging, "pip_check", lambda requirement: requirement != "monai>=1.5")
    assert dependencies.missing() == []
    here = importlib.metadata.distribution

    def without_monai(name: str):
        if name == "monai":
            raise importlib.metadata.PackageNotFoundError(name)
        return here(name)

    monkeypatch.setattr(importlib.metadata, "distribution", without_monai)
    assert dependencies.missing() == ["monai>=1.5"] == dependencies.missing()
    monkeypatch.undo()
    assert dependencies.missing() == []
    other = SimpleNamespace(_path=Path("site-packages/monai-1.0.dist-info"))
    monkeypatch.setattr(importlib.metadata, "distribution", lambda name: other if name == "monai" else here(name))
    monkeypatch.setattr(slicer.packaging, "pip_check", lambda requirement: requirement != "monai>=1.5")
    assert dependencies.missing() == ["monai>=1.5"]


def test_the_person_is_told_what_and_how_much_and_may_say_no(installing):
    from TransferSegGui import dependencies

    installing.answer = False
    assert not dependencies.ensure()
    assert "torch>=2.10: about 200 MB; on Linux, with the libraries for NVIDIA GPUs, about 3" in installing.asked[0]
    assert "monai>=1.5: about 2 MB" in installing.asked[0] and "about 202 MB in all" in installing.asked[0]
    assert installing.installed == []


def test_each_requirement_has_a_size_and_a_place_in_the_offline_page(scene):
    import slicer.packaging
    from TransferSegGui import dependencies

    from TransferSegLib.networks import NNUNET_PACKAGE

    page = (REPOSITORY / "docs" / "offline-installation.md").read_text(encoding="utf-8")
    assert f'"{dependencies.TORCH}"' in page and f'"{NNUNET_PACKAGE}"' in page and "Resources/requirements.txt" in page
    lacking = [
        dependencies.TORCH,
        *map(str, slicer.packaging.load_requirements(dependencies.REQUIREMENTS)),
        NNUNET_PACKAGE,
    ]
    lines = [line for line in dependencies.question(lacking).splitlines() if line.startswith("  ")]
    assert [line.partition(": ")[0].strip() for line in lines] == lacking
    assert all(" MB" in line for line in lines)
    assert "about 333 MB in all" in dependencies.question(lacking)


def test_the_network_of_nnunet_asks_for_its_package_and_no_other_does(scene, tiny, tmp_path):
    import zipfile
    from dataclasses import replace

    from TransferSegGui import dependencies

    from TransferSegLib.core.card import CardNetwork
    from TransferSegLib.networks import NETWORKS, NNUNET_PACKAGE, own_packages
    from TransferSegLib.sources.catalogue import find_source

    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["optional-dependencies"]["nnunet"] == [NNUNET_PACKAGE]
    in_its_package = {name for name, (module, _) in NETWORKS.items() if module.endswith(".nnunet")}
    assert {name for name in NETWORKS if own_packages(name)} == in_its_package
    assert own_packages("hybrid", {"network": "nnunet-plain", "fusion": "multiply"}) == (NNUNET_PACKAGE,)
    card = find_source(tiny).card
    assert dependencies.packages_of(card) == ()
    assert dependencies.packages_of(replace(card, network=CardNetwork("nnunet-resenc"))) == (NNUNET_PACKAGE,)
    (tmp_path / "plans.json").touch()
    assert dependencies.packages_of_model(tmp_path) == (NNUNET_PACKAGE,)
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("Dataset004/fold/plans.json", "{}")
    assert dependencies.packages_of_model(tmp_path / "a.zip") == (NNUNET_PACKAGE,)
    assert dependencies.packages_of_model(find_source(tiny).folder) == ()


def test_the_package_of_nnunet_comes_without_its_own_requirements(installing, tmp_path):
    from TransferSegGui import dependencies

    own = ["dynamic-network-architectures>=0.4"]
    installing.lacking = list(own)
    assert dependencies.ensure(own=own)
    assert [what for what, _ in installing.installed] == [["--no-deps", *own]]
    installing.lacking = ["monai>=1.5", *own]
    (tmp_path / "monai-1.5-py3-none-any.whl").touch()
    assert dependencies.ensure(tmp_path, own)
    there = ["--no-index", "--find-links", str(tmp_path)]
    assert [what for what, _ in installing.installed[-2:]] == [[*there, "monai>=1.5"], ["--no-deps", *there, *own]]


def test_start_asks_for_what_the_chosen_models_network_needs(panel, heads, runtime, monkeypatch):
    from dataclasses import replace

    from TransferSegGui import dependencies

    from TransferSegLib.core.card import CardNetwork

    source = panel.source()
    chosen = replace(source, card=replace(source.card, network=CardNetwork("nnunet-plain")))
    monkeypatch.setattr(panel.source_section, "source", lambda: chosen)
    asked = []
    monkeypatch.setattr(dependencies, "ensure", lambda wheels=None, own=(): asked.append(own))
    heads(2)
    panel.ui.addFromSceneButton.click()
    runtime.wait_until(lambda: panel.ui.startButton.enabled, 30)
    panel.ui.startButton.click()
    assert asked == [("dynamic-network-architectures>=0.4",)]
    assert not panel.job_runs()


def test_torch_comes_through_the_pytorch_extension_and_slicers_own_packages_are_kept(installing):
    from TransferSegGui import dependencies

    assert dependencies.ensure()
    (first, torch), (others, how) = installing.installed
    assert first == "torch" and torch["torchVersionRequirement"] == ">=2.10"
    assert others == ["monai>=1.5"]
    kept = Path(how["constraints"]).read_text(encoding="utf-8")
    assert f"numpy=={importlib.metadata.version('numpy')}\n" in kept
    assert f"SimpleITK=={importlib.metadata.version('SimpleITK')}\n" in kept


def test_without_the_pytorch_extension_the_person_is_told_to_install_it(installing, monkeypatch):
    from TransferSegGui import dependencies

    monkeypatch.setitem(sys.modules, "PyTorchUtils", None)
    with pytest.raises(InputError, match="extension PyTorch: install it in the Extensions Manager"):
        dependencies.ensure()


def test_a_folder_of_wheels_takes_the_place_of_the_network(installing, tmp_path):
    from TransferSegGui import dependencies

    (tmp_path / "torch-2.13.0-cp312-none-any.whl").touch()
    assert dependencies.ensure(tmp_path)
    ((arguments, _),) = installing.installed
    assert arguments == ["--no-index", "--find-links", str(tmp_path), "torch>=2.10", "monai>=1.5"]


def test_a_folder_without_wheels_is_refused(installing, tmp_path):
    from TransferSegGui import dependencies

    with pytest.raises(InputError, match="holds no wheels"):
        dependencies.ensure(tmp_path)


def test_a_failed_installation_says_what_to_do_next(installing, monkeypatch):
    import slicer.packaging
    from TransferSegGui import dependencies

    def fail(*_what, **_how):
        raise RuntimeError("no route to host")

    monkeypatch.setattr(slicer.packaging, "pip_ensure", fail)
    with pytest.raises(InputError, match=r"no route to host.*offline-installation.md"):
        dependencies.ensure()


def test_the_panel_works_before_anything_is_installed(panel, heads, runtime, monkeypatch):
    from TransferSegGui import dependencies

    monkeypatch.setattr(dependencies, "missing", lambda own=(): ["torch>=2.10"])
    monkeypatch.setattr(scene_util(), "confirmOkCancelDisplay", lambda *_: False)
    heads(2)
    panel.ui.addFromSceneButton.click()
    runtime.wait_until(lambda: not panel.cases_section.checks.pending, 30)
    assert panel.cases_section.checks.findings
    assert panel.ui.startButton.enabled
    panel.ui.startButton.click()
    assert not panel.job_runs()


def scene_util():
    import slicer

    return slicer.util


def test_the_module_imports_neither_torch_nor_monai():
    import subprocess

    code = (
        "import sys; sys.path.insert(0, 'Testing'); import SlicerRuntime;"
        "w = SlicerRuntime.load_module('TransferSeg/TransferSeg.py'); SlicerRuntime.process_events(100);"
        "print(sorted({'torch', 'monai'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, encoding="utf-8", check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"
