"""The extension's CMake files: every file is listed, installed where Slicer looks for it, and enough by itself."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
REPOSITORY = HERE.parents[1]
MODULES = Path("lib/Slicer-5.13/qt-scripted-modules")
# Nothing is compiled, so a compiler need not be there.
NO_COMPILER = [
    option
    for language in ("C", "CXX")
    for option in (
        f"-DCMAKE_{language}_COMPILER={shutil.which('true') or sys.executable}",
        f"-DCMAKE_{language}_COMPILER_FORCED=ON",
        f"-DCMAKE_{language}_COMPILER_ID_RUN=ON",
    )
]


def cmake() -> str:
    beside = Path(sys.executable).with_name("cmake")
    found = str(beside) if beside.is_file() else shutil.which("cmake")
    if found is None:
        pytest.skip("no cmake: pip install cmake")
    return found


def configure(source: Path, build: Path, prefix: Path) -> subprocess.CompletedProcess[str]:
    command = [cmake(), "-S", source, "-B", build, f"-DSlicer_DIR={HERE / 'slicer_config'}", *NO_COMPILER]
    command.append(f"-DCMAKE_INSTALL_PREFIX={prefix}")
    return subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, encoding="utf-8", check=False
    )


@pytest.fixture(scope="module")
def build(tmp_path_factory):
    folder = tmp_path_factory.mktemp("extension with spaces, ü")
    done = configure(REPOSITORY, folder / "build", folder / "installed")
    assert done.returncode == 0, done.stderr
    install = [cmake(), "--install", str(folder / "build")]
    subprocess.run(install, capture_output=True, text=True, encoding="utf-8", check=True)
    return folder


@pytest.fixture(scope="module")
def installed(build):
    return build / "installed" / MODULES


def shipped() -> dict[str, Path]:
    """Where each file of the module, the library and the models belongs under qt-scripted-modules, and where it is."""
    listing = subprocess.run(
        [
            "git",
            "ls-files",
            "-co",
            "--exclude-standard",
            "-z",
            "TransferSeg",
            "TransferSegLib",
            "Resources/SourceModels",
        ],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    if listing.returncode:
        pytest.skip("not a git checkout")
    paths = [Path(name) for name in listing.stdout.split("\0") if name]
    paths = [path for path in paths if path.name != "CMakeLists.txt" and (REPOSITORY / path).is_file()]
    return {
        (path.relative_to("TransferSeg") if path.parts[0] == "TransferSeg" else path).as_posix(): REPOSITORY / path
        for path in paths
    }


def test_every_file_on_disk_is_installed_where_slicer_looks_for_it(installed):
    expected = set(shipped())
    found = {path.relative_to(installed).as_posix() for path in installed.rglob("*") if path.is_file()}
    assert expected - found == set(), "run python docs/make_cmake_lists.py"
    assert found - expected == set()


def test_installed_files_are_the_ones_on_disk(installed):
    for target, source in shipped().items():
        copy = installed / target
        if copy.is_file() and source.stat().st_size < 1_000_000:
            assert copy.read_bytes() == source.read_bytes()


def test_a_list_that_names_a_file_that_is_gone_is_refused(tmp_path):
    for name in ("CMakeLists.txt", "TransferSeg/CMakeLists.txt", "TransferSegLib/CMakeLists.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(REPOSITORY / name, tmp_path / name)
    done = configure(tmp_path, tmp_path / "build", tmp_path / "installed")
    assert done.returncode != 0
    assert "nonexistent file or directory '__init__.py'" in " ".join(done.stderr.split())


def test_the_self_test_is_registered(build):
    ctest = Path(cmake()).with_name("ctest")
    listed = subprocess.run(
        [str(ctest), "--show-only=json-v1"],
        cwd=build / "build",
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    tests = {test["name"]: " ".join(test["command"]) for test in json.loads(listed.stdout)["tests"]}
    assert list(tests) == ["py_TransferSeg"]
    assert "slicer.testing.runUnitTest" in tests["py_TransferSeg"]


def run_alone(script: str, installed: Path, tmp_path: Path) -> str:
    """A Python with Testing/SlicerRuntime and what is installed, far from the checkout."""
    environment = {**os.environ, "PYTHONPATH": str(HERE.parent), "TRANSFERSEG_MODELS": str(tmp_path / "no-models")}
    run = subprocess.run(
        [sys.executable, "-c", script, str(installed)],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert run.returncode == 0, run.stderr[-3000:]
    return run.stdout


def test_the_installed_library_finds_its_models_by_itself(installed, tmp_path):
    script = """
import sys
sys.path.insert(0, sys.argv[1])
import TransferSegLib
from TransferSegLib.sources.catalogue import broken_sources, list_sources
assert TransferSegLib.__file__.startswith(sys.argv[1]), TransferSegLib.__file__
assert broken_sources() == [], broken_sources()
print(*sorted(source.card.name for source in list_sources() if source.origin == "bundled"))
"""
    models = sorted(path.parent.name for path in (REPOSITORY / "Resources" / "SourceModels").glob("*/card.json"))
    assert run_alone(script, installed, tmp_path).split() == models


@pytest.mark.skipif(not (REPOSITORY / "TransferSeg" / "TransferSeg.py").exists(), reason="there is no module yet")
def test_the_installed_module_alone_passes_its_self_tests(installed, tmp_path):
    script = """
import sys
import SlicerRuntime
slicer = SlicerRuntime.start()
widget = SlicerRuntime.load_module(sys.argv[1] + "/TransferSeg.py")
for name in ("TransferSegLib", "TransferSegGui"):
    assert sys.modules[name].__file__.startswith(sys.argv[1]), sys.modules[name].__file__
slicer.selfTests["TransferSeg"](msec=0)
SlicerRuntime.unload_module("TransferSeg")
errors = SlicerRuntime.take_errors()
assert errors == [], errors
print("passed")
"""
    assert run_alone(script, installed, tmp_path).split()[-1] == "passed"


def test_the_index_entry_has_what_the_schema_asks_for():
    entry = json.loads((REPOSITORY / "Resources" / "ExtensionsIndex" / "TransferSeg.json").read_text(encoding="utf-8"))
    schema = "https://raw.githubusercontent.com/Slicer/Slicer/main/Schemas/slicer-extension-catalog-entry-schema-v1.0.2.json#"
    kinds = {
        "$schema": str,
        "category": str,
        "scm_url": str,
        "scm_revision": str,
        "build_dependencies": list,
        "build_subdirectory": str,
        "tier": int,
    }
    assert entry["$schema"] == schema
    assert {"$schema", "category", "scm_url"} <= set(entry) <= set(kinds), "the schema allows no other fields"
    assert all(isinstance(value, kinds[key]) for key, value in entry.items())
    assert entry["tier"] in (1, 3, 5)


def test_the_index_entry_and_the_extension_agree(build):
    entry = json.loads((REPOSITORY / "Resources" / "ExtensionsIndex" / "TransferSeg.json").read_text(encoding="utf-8"))
    description = (build / "build" / "description.txt").read_text(encoding="utf-8")
    said = dict(line.split(" ", 1) for line in description.splitlines())
    assert entry["build_dependencies"] == said["DEPENDS"].split(";")
    assert entry["scm_url"] == f"{said['HOMEPAGE']}.git"
    for picture in (said["ICONURL"], *said["SCREENSHOTURLS"].split()):
        path = re.sub(r".*/raw/main/", "", picture)
        assert (REPOSITORY / path).is_file(), path


def test_the_address_of_the_project_is_set_in_two_lines_that_agree():
    files = [REPOSITORY / name for name in ("CMakeLists.txt", "pyproject.toml", "setup.py", "Makefile", "README.md")]
    for folder, pattern in (("docs", "*.py"), ("Resources", "*.json"), ("TransferSeg", "*"), ("TransferSegLib", "*")):
        files += [
            path for path in (REPOSITORY / folder).rglob(pattern) if path.suffix in (".py", ".json", ".ui", ".txt")
        ]
    address = re.search(r'set\(REPOSITORY_URL "([^"]+[^/])"\)', files[0].read_text(encoding="utf-8"))[1]
    lines = [line for path in files for line in path.read_text(encoding="utf-8").splitlines() if address in line]
    assert [line.strip() for line in lines] == [f'set(REPOSITORY_URL "{address}")', f'"scm_url": "{address}.git",']


def test_the_icon_is_as_large_as_the_index_asks():
    from PIL import Image

    with Image.open(REPOSITORY / "TransferSeg" / "Resources" / "Icons" / "TransferSeg.png") as icon:
        assert icon.size == (128, 128)
        assert icon.mode == "RGBA"


def test_the_extension_is_small_enough_for_the_index():
    assert sum(source.stat().st_size for source in shipped().values()) <= 100 * 1024 * 1024
