"""`slicer.app`: the Qt application, with the folders, settings, views and managers that modules ask it for."""

from __future__ import annotations

import atexit
import os
import platform
import shutil
import stat
import sys
import tempfile
from pathlib import Path
from typing import Any

import matplotlib
import slicer
from PySide6 import QtCore, QtGui, QtWidgets
from PySide6.QtCore import Property, Signal

from SlicerRuntime.io import CoreIOManager
from SlicerRuntime.modules import ModuleManager
from SlicerRuntime.views import LayoutManager


def _constant(kind: Any, value: Any) -> Any:
    return Property(kind, lambda self: value(self) if callable(value) else value)


class Application(QtWidgets.QApplication):
    """qSlicerApplication's part that modules use. `folder` takes the place of Slicer's own folder."""

    startupCompleted = Signal()
    mrmlSceneChanged = Signal(object)
    signatures = {"mrmlSceneChanged(vtkMRMLScene*)": "mrmlSceneChanged"}  # noqa: RUF012  PySide makes no ClassVar of a property

    slicerHome = _constant(str, lambda self: str(self._folder))
    temporaryPath = _constant(str, lambda self: str(self._folder / "tmp"))
    cachePath = _constant(str, lambda self: str(self._folder / "cache"))
    defaultScenePath = _constant(str, lambda self: str(self._folder / "documents"))
    extensionsInstallPath = _constant(str, lambda self: str(self._folder / "extensions"))
    slicerUserSettingsFilePath = _constant(str, lambda self: str(self._folder / "Slicer.ini"))
    slicerRevisionUserSettingsFilePath = _constant(str, lambda self: str(self._folder / "Slicer-revision.ini"))
    documentationBaseUrl = _constant(str, "https://slicer.readthedocs.io/en/latest/")
    revision = _constant(str, "34000")
    repositoryRevision = _constant(str, "0" * 40)
    majorVersion = _constant(int, 5)
    minorVersion = _constant(int, 13)
    os = _constant(str, {"linux": "linux", "darwin": "macosx", "win32": "win"}.get(sys.platform, sys.platform))
    arch = _constant(str, platform.machine())
    platform = _constant(str, f"{sys.platform}-{platform.machine()}")

    def __init__(self, folder: Path):
        super().__init__(["Slicer", "--testing", "--no-main-window"])
        self._folder = folder
        for each in ("tmp", "cache", "documents", "extensions"):
            (folder / each).mkdir(exist_ok=True)
        # One font everywhere, so that a text is as wide on every machine.
        for font in Path(matplotlib.get_data_path(), "fonts", "ttf").glob("DejaVuSans*.ttf"):
            QtGui.QFontDatabase.addApplicationFont(str(font))
        self.setFont(QtGui.QFont("DejaVu Sans", 9))
        self.setApplicationName("Slicer")
        self.setApplicationVersion("5.13.0")
        self.setOrganizationName("slicer.org")
        form = QtCore.QSettings.Format.IniFormat
        QtCore.QSettings.setDefaultFormat(form)
        QtCore.QSettings.setPath(form, QtCore.QSettings.Scope.UserScope, str(folder))
        self._testing = True
        self._locale = "en_US"
        self._translators: list[QtCore.QTranslator] = []
        self._startup = dict(os.environ)
        self._module_manager = ModuleManager()
        self._io = CoreIOManager()
        self._scene = slicer.vtkMRMLScene()
        self._scene.SetRootDirectory(self.defaultScenePath)
        self._logic = slicer.vtkSlicerApplicationLogic()
        self._logic.SetTemporaryPath(self.temporaryPath)
        self._logic.SetHomeDirectory(self.slicerHome)
        shutil.copytree(Path(__file__).parent / "share", folder / "share")
        self._logic.SetShareDirectory("share")
        self._logic.SetMRMLScene(self._scene)
        self._layout = None

    def mrmlScene(self) -> Any:
        return self._scene

    def applicationLogic(self) -> Any:
        return self._logic

    def layoutManager(self) -> LayoutManager:
        if self._layout is None:
            self._layout = LayoutManager(self._logic, self._scene)
        return self._layout

    def moduleManager(self) -> ModuleManager:
        return self._module_manager

    def moduleLogic(self, name: str) -> Any:
        return self._module_manager.module(name).logic()

    def coreIOManager(self) -> CoreIOManager:
        return self._io

    def ioManager(self) -> CoreIOManager:
        return self._io

    def testingEnabled(self) -> bool:
        return self._testing

    def settings(self) -> QtCore.QSettings:
        return QtCore.QSettings()

    userSettings = settings
    revisionUserSettings = settings

    def translate(self, context: str, text: str, *_: Any) -> str:
        return QtCore.QCoreApplication.translate(context, text)

    @property
    def applicationLocaleName(self) -> str:
        return self._locale

    def loadTranslations(self, folder: str) -> None:
        """Install the translations of a folder into the application's language, or else into it without its country."""
        whole, general = self._locale, self._locale.partition("_")[0]
        found = self._translations(folder, whole) or (self._translations(folder, general) if general != whole else [])
        for path in found:
            translator = QtCore.QTranslator(self)
            if not translator.load(str(path)):
                return
            self.installTranslator(translator)
            self._translators.append(translator)

    @staticmethod
    def _translations(folder: str, language: str) -> list[Path]:
        names = (f"*{language.replace('-', '_')}.qm", f"*{language.replace('_', '-')}.qm")
        return [*dict.fromkeys(path for name in names for path in sorted(Path(folder).glob(name)))]

    def speak(self, locale: str) -> None:
        """What a test does in place of choosing a language in the settings and starting Slicer again."""
        for translator in self._translators:
            self.removeTranslator(translator)
        self._locale, self._translators = locale, []

    def moduleDocumentationUrl(self, name: str) -> str:
        return f"{self.documentationBaseUrl}user_guide/modules/{name.lower()}.html"

    def toSlicerHomeAbsolutePath(self, path: str) -> str:
        return str(self._folder / path)

    def startupEnvironment(self) -> QtCore.QProcessEnvironment:
        environment = QtCore.QProcessEnvironment()
        for key, value in self._startup.items():
            environment.insert(key, value)
        return environment

    def pauseRender(self) -> None:
        self._logic.PauseRender()

    def resumeRender(self) -> None:
        self._logic.ResumeRender()


def put_python_slicer_on_path(folder: Path) -> Path:
    """`PythonSlicer` as Slicer has it: a launcher that starts Python as a child of its own, and hands its exit code on.

    Ending the launcher does not end the child, as with Slicer's.
    """
    folder = folder / "bin"
    folder.mkdir(exist_ok=True)
    launcher = folder / "PythonSlicer"
    launcher.write_text(f'#!/bin/sh\n"{sys.executable}" "$@"\nexit $?\n')
    launcher.chmod(launcher.stat().st_mode | stat.S_IXUSR)
    os.environ["PATH"] = f"{folder}{os.pathsep}{os.environ.get('PATH', '')}"
    return launcher


def new_folder() -> Path:
    """An empty folder that goes when Python ends."""
    folder = Path(tempfile.mkdtemp(prefix="SlicerRuntime-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
