"""Stands in for Slicer's handling of Python packages: what is missing, asking, and pip by `PythonSlicer -m pip`."""

from __future__ import annotations

import importlib
import importlib.metadata
import logging
import shlex
import tomllib
from pathlib import Path

import slicer.util
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

_in_progress = False


def load_requirements(path):
    """The requirements of a file, without its comments and pip's options."""
    lines = (line.strip() for line in Path(path).read_text(encoding="utf-8").splitlines())
    return [Requirement(line) for line in lines if line and not line.startswith(("#", "-"))]


def load_pyproject_dependencies(path):
    data = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    if "project" not in data:
        raise KeyError(f"pyproject.toml has no [project] table: {path}")
    return [Requirement(text) for text in data["project"].get("dependencies", [])]


def _requirements(given):
    if isinstance(given, Requirement):
        return [given]
    if isinstance(given, list):
        return [Requirement(each) if isinstance(each, str) else each for each in given]
    if not isinstance(given, str):
        raise TypeError(f"Expected str, Requirement, or list, got {type(given).__name__}")
    try:
        return [Requirement(given)]
    except InvalidRequirement:
        return [Requirement(each) for each in given.split()]


def pip_check(req, _seen=None):
    """Whether every requirement is met, with the extras that it asks for; a marker that is false asks for nothing."""
    seen = set() if _seen is None else _seen
    return all(_met(each, seen) for each in _requirements(req))


def _met(requirement, seen):
    key = (requirement.name.lower(), frozenset(requirement.extras))
    if key in seen or (requirement.marker is not None and not requirement.marker.evaluate()):
        return True
    seen.add(key)
    try:
        if importlib.metadata.version(requirement.name) not in requirement.specifier:
            return False
    except importlib.metadata.PackageNotFoundError:
        return False
    for text in (importlib.metadata.requires(requirement.name) or []) if requirement.extras else []:
        needed = Requirement(text)
        if needed.marker and any(needed.marker.evaluate({"extra": extra}) for extra in requirement.extras):
            needed.marker = None
            if not _met(needed, seen):
                return False
    return True


def isPipInstallInProgress():
    return _in_progress


def pip_ensure(
    requirements,
    constraints=None,
    skip_packages=None,
    prompt_install=True,
    prompt_restart=True,
    requester=None,
    skip_in_testing=True,
    show_progress=True,
):
    """Install what is missing, after asking; a RuntimeError when the person declines. Nothing while Slicer is tested."""
    missing = [each for each in _requirements(requirements) if not pip_check(each)]
    if not missing:
        return None
    if skip_in_testing and slicer.app.testingEnabled():
        logging.info(f"Testing mode is enabled: skipping pip_ensure for [{', '.join(map(str, missing))}]")
        return None
    if prompt_install:
        title = f"{requester} - Install Python Packages" if requester else "Install Python Packages"
        message = f"{len(missing)} Python package(s) need to be installed.\n\n"
        message += "This will modify Slicer's Python environment. Continue?"
        detail = "\n".join(f"- {each}" for each in missing)
        if not slicer.util.confirmOkCancelDisplay(message, title, detailedText=detail):
            raise RuntimeError("User declined package installation")
    return pip_install(
        [str(each) for each in missing],
        constraints=constraints,
        skip_packages=skip_packages,
        show_progress=show_progress,
        requester=requester,
    )


def pip_install(
    requirements,
    constraints=None,
    no_deps_requirements=None,
    skip_packages=None,
    blocking=True,
    show_progress=True,
    requester=None,
    logCallback=None,
    completedCallback=None,
):
    """`pip install`; with `skip_packages` one package after the other, leaving those out, and returning them."""
    global _in_progress
    if skip_packages is not None:
        if no_deps_requirements is not None:
            raise ValueError("skip_packages and no_deps_requirements are mutually exclusive.")
        if not blocking:
            raise ValueError("skip_packages requires blocking=True.")
        return _install_skipping(requirements, {canonicalize_name(name) for name in skip_packages}, constraints)
    if no_deps_requirements is not None:
        _pip(_arguments(no_deps_requirements, constraints, ["--no-deps"]))
    if blocking:
        _pip(_arguments(requirements, constraints))
        return None
    if _in_progress:
        raise RuntimeError("A non-blocking pip_install is already in progress.")
    _in_progress = True

    def completed(code):
        global _in_progress
        _in_progress = False
        if completedCallback:
            completedCallback(code)

    slicer.util.executePythonModule(
        "pip",
        _arguments(requirements, constraints),
        blocking=False,
        logCallback=logCallback,
        completedCallback=completed,
    )
    return None


def pip_uninstall(requirements, blocking=True, logCallback=None, completedCallback=None):
    names = shlex.split(requirements) if isinstance(requirements, str) else list(requirements)
    slicer.util.executePythonModule(
        "pip",
        ["uninstall", *names, "--yes"],
        blocking=blocking,
        logCallback=logCallback,
        completedCallback=completedCallback,
    )


def _arguments(requirements, constraints, options=()):
    if not isinstance(requirements, (str, list)):
        raise ValueError("pip_install requirement input must be string or list")
    names = shlex.split(requirements) if isinstance(requirements, str) else requirements
    return ["install", *names, *options, *(["-c", str(constraints)] if constraints is not None else [])]


def _pip(arguments):
    slicer.util.executePythonModule("pip", arguments, blocking=True)


def _install_skipping(requirements, skipped_names, constraints):
    names = shlex.split(requirements) if isinstance(requirements, str) else requirements
    waiting = [Requirement(name) for name in names]
    seen, skipped = set(), []
    while waiting:
        requirement = waiting.pop(0)
        name = canonicalize_name(requirement.name)
        if name in seen:
            continue
        seen.add(name)
        if name in skipped_names:
            skipped.append(str(requirement))
            continue
        if requirement.marker is not None and not requirement.marker.evaluate():
            continue
        if pip_check(requirement):
            continue
        requirement.marker = None
        _pip(_arguments([str(requirement)], constraints, ["--no-deps"]))
        importlib.invalidate_caches()
        try:
            needed = importlib.metadata.requires(requirement.name) or []
        except importlib.metadata.PackageNotFoundError:
            needed = []
        waiting += [each for each in map(Requirement, needed) if "extra" not in str(each.marker or "")]
    return skipped
