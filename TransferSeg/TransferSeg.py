"""The Slicer module TransferSeg: adapt a pretrained segmentation model to the scans of this scene, by clicks."""

from __future__ import annotations

import importlib.util
import itertools
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import qt
import slicer
import vtk
from slicer.i18n import tr as _
from slicer.i18n import translate
from slicer.ScriptedLoadableModule import (
    ScriptedLoadableModule,
    ScriptedLoadableModuleLogic,
    ScriptedLoadableModuleTest,
    ScriptedLoadableModuleWidget,
)
from slicer.util import VTKObservationMixin

if importlib.util.find_spec("TransferSegLib") is None:  # in a clone, the library is beside the module's folder
    sys.path.append(str(Path(__file__).resolve().parents[1]))

from TransferSegGui import dependencies, jobs, results, sample_data, showing
from TransferSegGui.annotated_labels import AnnotatedLabels
from TransferSegGui.apply_section import ApplySection
from TransferSegGui.cases_section import CasesSection
from TransferSegGui.correct_section import CorrectSection
from TransferSegGui.export_section import ExportSection
from TransferSegGui.exporting import Exporter
from TransferSegGui.next_job import NextJob
from TransferSegGui.parameters import OPEN, Parameters, parameters_of
from TransferSegGui.protocols import Hindrance, ShownResults, Signals
from TransferSegGui.results_section import ResultsSection
from TransferSegGui.rounds_section import RoundsSection
from TransferSegGui.run_section import RunSection
from TransferSegGui.section import Section, StepSection
from TransferSegGui.source_section import SourceSection
from TransferSegGui.steps import APPLY, CASES, RESULTS, ROUNDS, RUN, SOURCE, STRATEGY, Steps, tab_down
from TransferSegGui.strategy_section import StrategySection
from TransferSegGui.targets import TargetCase
from TransferSegGui.try_section import TrySection

from TransferSegLib.core.errors import InputError
from TransferSegLib.jobs.launch import WorkerProcess
from TransferSegLib.jobs.spec import JobSpec, StrategyChoice
from TransferSegLib.jobs.status import JobStatus, job_status
from TransferSegLib.sources.catalogue import find_source, list_sources
from TransferSegLib.sources.folder import SourceFolder
from TransferSegLib.training.options import TrainingOptions

# Seconds for which sections are refreshed in one turn of the event loop.
REFRESHING_S = 0.01


class TransferSeg(ScriptedLoadableModule):
    """What Slicer shows of the module before it is opened."""

    def __init__(self, parent: Any) -> None:
        ScriptedLoadableModule.__init__(self, parent)
        resources = Path(__file__).resolve().parent / "Resources"
        slicer.app.loadTranslations(str(resources / "Translations"))
        self.parent.title = _("TransferSeg")
        self.parent.categories = [translate("qSlicerAbstractCoreModule", "Segmentation")]
        self.parent.dependencies = []
        self.parent.contributors = ["The TransferSeg contributors"]
        self.parent.helpText = _(
            "<p>Adapts a pretrained segmentation model to your scans, with a handful of annotated cases, and says whether it "
            "got better.</p><ol><li>Choose a <b>source model</b>.</li><li>Add your <b>target cases</b>: volumes with their "
            "segmentations, from the scene or a folder.</li><li>Choose a <b>strategy</b>, or compare several.</li>"
            "<li>Press <b>Start</b>: the job runs in the background, also when Slicer is closed.</li>"
            "<li>Read the <b>verdict</b>, click cases to look at them, and keep or apply the adapted model.</li></ol>"
            "<p>Cases to try it with are in the module Sample Data. For research, not a medical device.</p>"
        )
        self.parent.acknowledgementText = _(
            "The strategies follow Mecheter et al. 2020 and 2023, Hossain et al. 2023, Karimi et al. 2021 and Zoetmulder "
            "et al. 2022. TransferSeg is built on PyTorch and MONAI."
        )
        slicer.app.connect("startupCompleted()", lambda: sample_data.register(resources / "Icons"))
        slicer.app.connect("startupCompleted()", showing.register_layout)


class TransferSegWidget(ScriptedLoadableModuleWidget, VTKObservationMixin):
    """The panel: numbered steps, and a bar below them. It holds the parameter node, and connects the sections' signals.

    Attributes:
        ui: The widgets of the panel by name.
        logic: The module's logic.
        parameters: The parameter node; None while the scene closes.
        signals: What the sections tell each other.
    """

    logic: TransferSegLogic
    ui: Any

    def __init__(self, parent: Any = None) -> None:
        ScriptedLoadableModuleWidget.__init__(self, parent)
        VTKObservationMixin.__init__(self)
        self.parameters: Parameters | None = None
        self.signals = Signals()
        self._gui_tag: Any = None

    def setup(self) -> None:
        """Make the panel, as it is opened for the first time."""
        ScriptedLoadableModuleWidget.setup(self)
        panel = slicer.util.loadUI(self.resourcePath("UI/TransferSeg.ui"))
        self.layout.addWidget(panel)
        trying = slicer.util.loadUI(self.resourcePath("UI/TransferSegTry.ui"))
        slicer.util.findChild(panel, "sourceModelContents").layout().addWidget(trying)
        correcting = slicer.util.loadUI(self.resourcePath("UI/TransferSegCorrect.ui"))
        slicer.util.findChild(panel, "targetCasesContents").layout().addWidget(correcting)
        rounds = slicer.util.loadUI(self.resourcePath("UI/TransferSegRounds.ui"))
        apply = slicer.util.findChild(panel, "applySection")
        apply.parent().layout().insertWidget(apply.parent().layout().indexOf(apply) + 1, rounds)
        self.ui = slicer.util.childWidgetVariables(panel)
        for part in (panel, trying):
            part.setMRMLScene(slicer.mrmlScene)
        showing.register_layout()  # also where the module was installed after Slicer started
        self.logic = TransferSegLogic()
        self._later = qt.QTimer()
        self._later.setSingleShot(True)
        self._later.setInterval(0)
        self._later.connect("timeout()", self._refresh_on)
        self._wanted = False  # whether a refresh was asked for and has not begun,
        self._left: list[Section] = []  # and the sections that the present one has left to do
        self._imported = qt.QTimer()
        self._imported.setSingleShot(True)
        self._imported.setInterval(0)
        self._imported.connect("timeout()", self._show_imported)
        self.source_section = SourceSection(self)
        self.try_section = TrySection(self)
        self.run_section = RunSection(self)
        self.results_section = ResultsSection(self)
        self.apply_section = ApplySection(self)
        self.export_section = ExportSection(self)
        self.cases_section = CasesSection(self)
        self.annotated_labels = AnnotatedLabels(self)
        self.strategy_section = StrategySection(self)
        self.correct_section = CorrectSection(self)
        self.rounds_section = RoundsSection(self)
        self.next_job = NextJob(self, self.cases_section, self.run_section)
        self.sections = (
            self.source_section,
            self.try_section,
            self.cases_section,
            self.annotated_labels,
            self.strategy_section,
            self.run_section,
            self.results_section,
            self.apply_section,
            self.correct_section,
            self.rounds_section,
            self.export_section,
        )
        self.steps = Steps(self.ui.stepsArea, lambda: self.parameters)
        steps: dict[str, StepSection] = {
            SOURCE: self.source_section,
            CASES: self.cases_section,
            STRATEGY: self.strategy_section,
            RUN: self.run_section,
            RESULTS: self.results_section,
            APPLY: self.apply_section,
            ROUNDS: self.rounds_section,
        }
        for name, section in steps.items():
            self.steps.add(name, section.header, section.summary)
        tab_down(panel)
        self._connect_sections()
        self.results_section.show(None)
        scene = slicer.mrmlScene
        self.addObserver(scene, scene.StartCloseEvent, self.onSceneStartClose)
        self.addObserver(scene, scene.EndCloseEvent, self.onSceneEndClose)
        self.addObserver(scene, scene.StartImportEvent, self.onSceneStartImport)
        self.addObserver(scene, scene.EndImportEvent, self.onSceneEndImport)
        for event in (scene.NodeAddedEvent, scene.NodeRemovedEvent):
            self.addObserver(scene, event, self.refresh_later)
        self.initializeParameterNode()
        self.run_section.list_again()

    def cleanup(self) -> None:
        """Stop everything but jobs, which go on, as Slicer closes or the module is reloaded."""
        self._leave_refreshing()
        self._imported.stop()
        for section in self.sections:
            section.cleanup()
        self.correct_section.close()
        self.setParameterNode(None)
        self.removeObservers()
        self.logic.cleanup()

    def enter(self) -> None:
        """Show the scene, as the person comes to this module."""
        self._show_scene()
        self.run_section.list_again()
        self.results_section.enter()

    def exit(self) -> None:
        """Leave the views as they were, as the person goes to another module."""
        self._leave_refreshing()
        self.results_section.exit()
        if self.parameters is not None and self._gui_tag is not None:
            self.parameters.disconnectGui(self._gui_tag)
            self._gui_tag = None

    def onSceneStartClose(self, _caller: Any, _event: Any) -> None:
        """Forget what is in the scene."""
        showing.leave_layout()  # Slicer opens the last layout again, and there would be no case in this one
        self.run_section.stop_preparing()
        self.setParameterNode(None)
        self.strategy_section.forget()
        self.cases_section.forget()
        self.apply_section.forget()
        self.export_section.forget()
        self.try_section.forget()
        self.correct_section.forget()
        self.logic.exporter.forget()

    def onSceneEndClose(self, _caller: Any, _event: Any) -> None:
        """Show the new, empty scene."""
        if self.entered:
            self._show_scene()

    def onSceneStartImport(self, _caller: Any, _event: Any) -> None:
        """Keep the panel's lists from writing "none" over what was chosen while the nodes come one by one."""
        self.run_section.stop_preparing()
        self.setParameterNode(None)

    def onSceneEndImport(self, _caller: Any, _event: Any) -> None:
        """Show what was chosen in the scene that was loaded."""
        self.setParameterNode(None)
        if not self.run_section.runs:
            self.run_section.follower = None
        # Lists of nodes are filled after this event, and can show what was chosen only then.
        self._imported.start()
        self.refresh_later()

    def _show_imported(self) -> None:
        if self.entered:
            self._show_scene()

    def _show_scene(self) -> None:
        """Show the scene's parameter node. A job that is followed stays shown in a new scene."""
        self.initializeParameterNode()
        if self.parameters is not None and not self.parameters.job:
            if self.run_section.follower is not None:
                self.parameters.job = str(self.run_section.follower.job.path)
            elif self.results_section.follower is not None:  # the results are of a job of the earlier scene
                self.run_section.forget()
        self.export_section.suggest_name()

    def initializeParameterNode(self) -> None:
        """Show the scene's parameter node."""
        self.setParameterNode(self.logic.getParameterNode())

    def setParameterNode(self, parameters: Parameters | None) -> None:
        """Show another parameter node, or none."""
        if self.parameters is not None:
            if self._gui_tag is not None:
                self.parameters.disconnectGui(self._gui_tag)
            self.removeObserver(self.parameters, vtk.vtkCommand.ModifiedEvent, self.refresh_later)
        self.parameters, self._gui_tag = parameters, None
        if parameters is not None:
            self._gui_tag = parameters.connectGui(self.ui)
            self.addObserver(parameters, vtk.vtkCommand.ModifiedEvent, self.refresh_later)
            self.refresh()

    def refresh_later(self, _caller: Any = None, _event: Any = None) -> None:
        """Refresh the panel once the present event is dealt with, unless nobody sees it. Many events are one refresh."""
        if self.entered:
            self._wanted = True
            self._later.start()

    def _refresh_on(self) -> None:
        """Refresh some more sections. A refresh that was asked for meanwhile comes after the last one."""
        if self.parameters is None:  # the sections are refreshed when there are parameters again
            self._leave_refreshing()
            return
        if not self._left:
            self._wanted, self._left = False, list(self.sections)
        until = time.monotonic() + REFRESHING_S
        try:
            self._left.pop(0).refresh()
            while self._left and time.monotonic() < until:
                self._left.pop(0).refresh()
            if not self._left:
                self.steps.refresh()
        finally:  # an error in one section keeps no other from being refreshed
            if self._left or self._wanted:
                self._later.start()

    def refresh(self) -> None:
        """Show the parameter node in all sections now."""
        self._leave_refreshing()  # what it would show later is shown now
        if self.parameters is not None:
            for section in self.sections:
                section.refresh()
            self.steps.refresh()

    def _leave_refreshing(self) -> None:
        self._later.stop()
        self._wanted, self._left = False, []

    def _checkCanApply(self, _caller: Any = None, _event: Any = None) -> None:
        self.run_section.refresh()

    def _connect_sections(self) -> None:
        """Connect the signals of the sections, which `protocols.Signals` explains."""
        signals = self.signals
        signals.casesSelected.connect(self.annotated_labels.refresh)
        signals.casesSelected.connect(self.correct_section.refresh)
        signals.casesChecked.connect(self.strategy_section.plan_later)
        signals.casesChecked.connect(self._checkCanApply)
        signals.preparingChanged.connect(self.cases_section.job_changed)
        signals.jobChanged.connect(lambda _follower, _ended: self.cases_section.job_changed())
        signals.jobChanged.connect(lambda _follower, _ended: self.strategy_section.give_way())
        signals.jobChanged.connect(lambda _follower, _ended: self.refresh_later())
        signals.jobChanged.connect(self.results_section.show)
        signals.jobsFolderChanged.connect(self.run_section.list_again)
        signals.packagesInstalled.connect(self.strategy_section.ask_for_devices)
        signals.resultsChanged.connect(self.apply_section.offer)
        signals.resultsChanged.connect(self.export_section.offer)
        signals.resultsChanged.connect(self.correct_section.forget_ranking)
        signals.resultsChanged.connect(self.rounds_section.read)
        signals.segmentationsLoaded.connect(self.apply_section.say)
        signals.applyingChanged.connect(self.run_section.refresh)
        for signal in (signals.casesChecked, signals.preparingChanged):
            signal.connect(self.rounds_section.refresh)
        for signal in (signals.casesChecked, signals.preparingChanged, signals.resultsChanged, signals.applyingChanged):
            signal.connect(self.steps.refresh)
        signals.jobChanged.connect(self._show_end)

    def _show_end(self, _follower: Any, ended: bool) -> None:
        """Open the results as soon as the job that was followed has some."""
        if ended and self.results_section.results is not None:
            self.open_step(RESULTS)
        else:
            self.steps.refresh()

    # What the sections ask, see `protocols.Module`

    @property
    def entered(self) -> bool:
        """Whether the panel is the one that the person sees."""
        return bool(self.parent.isEntered)

    def source(self) -> SourceFolder | None:
        """The chosen source model, where it is on this computer."""
        return self.source_section.source()

    def job_runs(self) -> bool:
        """Whether the shown job is running."""
        return self.run_section.runs

    def busy(self) -> bool:
        """Whether any job is running or being prepared, so that what can wait should wait."""
        return self.run_section.preparing or self.job_runs() or self.run_section.other_job() is not None

    def may_show_charts(self) -> bool:
        """Whether a chart may appear in the layout without a click: not in another module, nor beside a case."""
        wanted = self.parameters is not None and self.parameters.showCurves
        return self.entered and wanted and not showing.shows_a_case_beside()

    def ensure_packages(self, own: Sequence[str] = ()) -> bool:
        """Install the missing Python packages, after asking.

        Args:
            own: What only the network at hand needs.

        Returns:
            Whether everything is installed; False when the person declined.
        """
        complete = dependencies.ensure(self.strategy_section.wheels(), own)
        self.signals.packagesInstalled.emit()
        return complete

    def hindrance(self) -> Hindrance | None:
        """What keeps a job from being started; None where nothing does."""
        return self.next_job.hindrance()

    def mend(self) -> None:
        """Do what the hindrance asks for, or open the step in which the person does it."""
        found = self.hindrance()
        if found is None or not found.step:
            return
        self.open_step(found.step)
        if found.adds_cases:
            self.cases_section.add_from_scene()

    def estimated_s(self) -> float | None:
        """About how many seconds the job takes that is chosen; None where that is not known."""
        return self.strategy_section.estimated_s()

    def open_step(self, name: str) -> None:
        """Open a step of the panel, and close the others."""
        self.steps.open(name)
        self.run_section.refresh()

    def step_is_open(self, name: str) -> bool:
        """Whether this step of the panel is the open one."""
        return self.steps.opened == name

    def create_job(self, parent: Path | None = None) -> Generator[None, None, Path]:
        """Make a job of what is chosen, a small part with each step, and return its folder.

        Args:
            parent: The finished job to go on from, with its source model; None for the one that is chosen.

        Raises:
            InputError: There is no source model, or the job cannot be made.
        """
        return self.next_job.create(parent)

    def start_round(self, parent: Path) -> None:
        """Make a job that goes on from this one, and start it."""
        self.run_section.start(parent)

    def selected_cases(self) -> list[str]:
        """The keys of the cases that are selected in the table."""
        return self.cases_section.selected()

    def plan_question(self) -> tuple[JobSpec, Any] | None:
        """The job as it stands, and a stamp that changes when its plan may; None while there is nothing to plan."""
        return self.next_job.plan_question()

    def add_model(self, folder: Path, name: str, say: Callable[[str], None]) -> None:
        """Copy a model to the person's own models under this name; `say` shows how that goes where it was asked for."""
        self.source_section.add(folder, name, say)

    def measure(self, say: Callable[[str], None]) -> None:
        """Measure what models of the shown job have found, and show the table; `say` says so where it was asked for."""
        self.export_section.measure(say)

    def applied_job(self) -> Path | None:
        """The job whose model is being applied; None where none is."""
        return self.apply_section.applied_job

    def shown_results(self) -> ShownResults:
        """The results of the job that is shown."""
        return self.results_section

    def annotate_another(self) -> None:
        """Open the next case to annotate; where none is left, the step in which the person adds some."""
        if self.correct_section.waits:
            self.open_step(ROUNDS)
            self.correct_section.next_case()
        else:
            self.open_step(CASES)


class TransferSegLogic(ScriptedLoadableModuleLogic):
    """Adapts models without the panel, from Slicer's Python console.

    Errors that a person can mend are `TransferSegLib.core.errors.InputError`, whose text says what was found and what to do.

    Attributes:
        exporter: Writes cases of the scene to files, and keeps the files of cases that did not change.

    Example:
    >>> from TransferSeg import TransferSegLogic                                            # doctest: +SKIP
    >>> logic = TransferSegLogic()
    >>> cases = [logic.case(volume, segmentation) for volume, segmentation in pairs]
    >>> job = logic.createJob("head-t1w", cases, strategies=["direct", "open"], minutes=5)
    >>> logic.startJob(job)
    >>> logic.wait(job).verdict
    >>> logic.loadResults(job).comparison
    >>> logic.loadSegmentations(job, cases)
    """

    def __init__(self) -> None:
        ScriptedLoadableModuleLogic.__init__(self)
        self._folder = tempfile.TemporaryDirectory(
            prefix="transferseg-", dir=slicer.app.temporaryPath, ignore_cleanup_errors=True
        )
        self._numbers = itertools.count()
        self._processes: dict[Path, WorkerProcess] = {}
        self.exporter = Exporter(Path(self._folder.name) / "cases")

    def getParameterNode(self) -> Parameters:
        """The parameters of the scene, also of one that version 0.1.0 saved."""
        return parameters_of(super().getParameterNode())

    def cleanup(self) -> None:
        """Delete the temporary files. Jobs that run go on."""
        self._folder.cleanup()

    def fresh_folder(self, name: str) -> Path:
        """The path of a temporary folder that is not there yet; whoever asks for it deletes it."""
        return Path(self._folder.name) / f"{name}-{next(self._numbers)}"

    def sourceModels(self) -> list[SourceFolder]:
        """The models that can be started from; `card` says what each is for."""
        return list_sources()

    def case(
        self,
        volumes: slicer.vtkMRMLVolumeNode | Sequence[slicer.vtkMRMLVolumeNode],
        segmentation: slicer.vtkMRMLNode | None = None,
        role: str | None = None,
    ) -> TargetCase:
        """Make a case.

        Args:
            volumes: One volume, or several that are the channels of one image.
            segmentation: The reference segmentation: a segmentation node or a label map.
            role: "train" (annotated), "test" (annotated, only scored) or "unlabelled" (only segmented). None is "train" with
                a segmentation, else "unlabelled".
        """
        images = tuple(volumes) if isinstance(volumes, Sequence) else (volumes,)
        return TargetCase(images, segmentation, role or ("unlabelled" if segmentation is None else "train"))  # type: ignore[arg-type]

    def createJob(
        self,
        source: SourceFolder | str | Path,
        cases: Sequence[TargetCase],
        strategies: Sequence[StrategyChoice | str] = (OPEN,),
        *,
        minutes: float | None = None,
        steps: int | None = None,
        training: TrainingOptions | None = None,
        folds: int | None = None,
        label_map: Mapping[str, Any] | None = None,
        source_data: str | None = None,
        title: str = "",
        folder: Path | None = None,
    ) -> Path:
        """Make a job from cases of the scene; nothing runs yet.

        The cases are written as numbered files: no name of a node or a patient goes into a job.

        Args:
            source: The source model: its folder, its path, or its name.
            cases: The target cases.
            strategies: Names with options as on the command line, "conservative:layers=6". Several are compared on the same
                folds.
            minutes: The budget of the whole job.
            steps: The budget of each training.
            training: Budget, device and settings of the training, in place of `minutes` and `steps`.
            folds: How many folds; None leaves it to the job, 0 trains the final model alone.
            label_map: Segment name → a label of the source model, "new", or None to leave it out.
            source_data: The folder of the source model's own cases.
            title: A title for the list of jobs.
            folder: A new or empty folder; None is a new one in the jobs folder.

        Returns:
            The job's folder.

        Raises:
            InputError: A case cannot be exported, or the job cannot be made.
        """
        folder = Path(folder or jobs.new_folder(jobs.jobs_folder())).absolute()
        work = self.createJobInSteps(
            source,
            cases,
            folder,
            strategies=strategies,
            training=training or TrainingOptions(minutes=minutes, steps=steps),
            folds=folds,
            label_map=label_map,
            source_data=source_data,
            title=title,
        )
        for _step in work:
            pass
        return folder

    def createJobInSteps(
        self,
        source: SourceFolder | str | Path,
        cases: Sequence[TargetCase],
        folder: Path | None = None,
        *,
        strategies: Sequence[StrategyChoice | str],
        **asked: Any,
    ) -> Generator[None, None, Path]:
        """Make a job as `createJob` does, a small part with each step, so that Slicer can answer in between.

        Args:
            source: The source model: its folder, its path, or its name.
            cases: The target cases.
            folder: A new or empty folder; None is a new one in the jobs folder.
            strategies: Strategies, or their names with options.
            asked: Further arguments of `jobs.job_spec`.

        Returns:
            The job's folder.
        """
        model = source if isinstance(source, SourceFolder) else find_source(source)
        if not strategies:
            raise InputError("no-strategy-chosen", "no strategy is chosen; choose at least one.")
        chosen = [StrategyChoice.parse(s) if isinstance(s, str) else s for s in strategies]
        numbered = [c if c.key else replace(c, key=f"n{n}") for n, c in enumerate(cases)]
        known = all(c.key for c in cases)
        exporter = self.exporter if known else Exporter(self.fresh_folder("cases"))
        folder = folder or jobs.new_folder(jobs.jobs_folder())
        try:
            return (yield from jobs.create_in_steps(folder, numbered, model, exporter, strategies=chosen, **asked))
        finally:
            if not known:  # files of cases without a key are not used again
                shutil.rmtree(exporter.folder, ignore_errors=True)

    def startJob(self, job: Path) -> WorkerProcess:
        """Start or resume a job in the background. It goes on when Slicer is closed."""
        self._processes[Path(job)] = jobs.start(Path(job))
        return self._processes[Path(job)]

    def status(self, job: Path) -> JobStatus:
        """How a job stands: state, phase, fraction, seconds left, verdict. It does not wait."""
        status = job_status(Path(job))
        return replace(status, phase=_("Starting…")) if status.state == "running" and not status.phase else status

    def wait(self, job: Path, seconds: float = float("inf")) -> JobStatus:
        """Wait for a job to end, with Slicer at work meanwhile.

        Args:
            job: The job's folder.
            seconds: How long to wait at most.

        Returns:
            How the job stands then.
        """
        follower = jobs.JobFollower(Path(job), self._processes.get(Path(job)))
        until = time.monotonic() + seconds
        while follower.running and time.monotonic() < until:
            slicer.app.processEvents()
            time.sleep(0.1)
            follower.poll()
        return follower.status

    def cancelJob(self, job: Path) -> None:
        """Ask a job to stop in good order. What is trained so far is kept, and the job can be resumed."""
        jobs.JobFolder(Path(job)).request_cancel()

    def loadResults(self, job: Path) -> results.Results:
        """Read the verdict, the scores and the adapted model of a job that is done."""
        return results.load_results(Path(job))

    def loadSegmentations(
        self, job: Path, cases: Sequence[TargetCase] = (), strategy: str | None = None
    ) -> list[slicer.vtkMRMLSegmentationNode]:
        """Load the segmentations of a job into the scene.

        Segmentations that were not in the scene before are not shown, as all would lie over one image:
        `node.GetDisplayNode().SetVisibility(True)` shows one.

        Args:
            job: The job's folder.
            cases: The cases that the job was made of, in the same order. Their volumes are used while they are in the scene;
                without them the images are read from the job.
            strategy: The strategy whose segmentations are loaded; None is the kept model.

        Returns:
            The nodes.
        """
        from TransferSegGui.exporting import job_name
        from TransferSegGui.showing import ResultNodes

        found = self.loadResults(job)
        return ResultNodes(found, {job_name(n): case for n, case in enumerate(cases)}).load_all(strategy)


class TransferSegTest(ScriptedLoadableModuleTest):
    """The module's self-tests. They need no network and less than two minutes. Without PyTorch, no job is run."""

    def setUp(self) -> None:
        """Empty the scene."""
        slicer.mrmlScene.Clear(0)

    def runTest(self) -> None:
        """Run all self-tests."""
        for test in (
            self.test_sample_cases_go_to_a_job_and_come_back_voxel_by_voxel,
            self.test_a_job_names_nobody,
            self.test_overlapping_segments_are_refused_by_name,
            self.test_a_small_job_ends_with_a_verdict,
        ):
            self.setUp()
            test()
        self.delayDisplay(_("The self-tests of TransferSeg passed."))

    def test_sample_cases_go_to_a_job_and_come_back_voxel_by_voxel(self) -> None:
        """A segmentation under a rotation is sampled, added and sampled again: every voxel is the same."""
        import numpy as np
        from TransferSegGui.segmentations import add_segmentation, sample_segments, segment_names, segment_styles
        from TransferSegGui.volumes import world_grid

        self.delayDisplay(_("Cases go to a job and come back voxel by voxel"))
        volume = sample_data.load_heads(count=2, size=(24, 24, 16))[0]
        turn = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
        matrix = vtk.vtkTransform()
        matrix.RotateWXYZ(30, 1, 2, 3)
        turn.SetMatrixTransformToParent(matrix.GetMatrix())
        volume.SetAndObserveTransformNodeID(turn.GetID())
        own = _segmentation_of(volume)
        assert own is not None
        own.SetAndObserveTransformNodeID(turn.GetID())
        values = {name: value for value, name in enumerate(segment_names(own), start=1)}
        labels = sample_segments(own, world_grid(volume), values)
        styles = {values[name]: style for name, style in segment_styles(own).items()}
        back = sample_segments(add_segmentation(labels, styles, "back", volume), world_grid(volume), values)
        self.assertTrue(labels.array.any())
        self.assertTrue(np.array_equal(labels.array, back.array))

    def test_a_job_names_nobody(self) -> None:
        """The name of a node is in no file of a job."""
        self.delayDisplay(_("A job names nobody"))
        logic = TransferSegLogic()
        volumes = sample_data.load_heads(count=2, size=(24, 24, 16))
        volumes[0].SetName("DOE^JANE")
        cases = [logic.case(v, _segmentation_of(v)) for v in volumes]
        job = logic.createJob(self._model(logic), cases, steps=2, folder=logic.fresh_folder("job"))
        for path in job.rglob("*"):
            self.assertNotIn("DOE", path.name)
            if path.is_file():
                self.assertNotIn(b"DOE", path.read_bytes())
        self.assertTrue((job / "target" / "images" / "case_001.nrrd").exists())
        logic.cleanup()

    def test_overlapping_segments_are_refused_by_name(self) -> None:
        """Two segments with the same voxels cannot be a label map; the error names them."""
        import numpy as np
        from TransferSegGui.segmentations import sample_segments
        from TransferSegGui.volumes import add_volume, world_grid

        from TransferSegLib.cases.volumes import Volume
        from TransferSegLib.core.grid import Grid

        self.delayDisplay(_("Overlapping segments are refused by name"))
        image = add_volume(Volume(np.zeros((8, 8, 8), np.float32), Grid.from_spacing((8, 8, 8), (1, 1, 1))), "image")
        node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", "two")
        node.SetReferenceImageGeometryParameterFromVolumeNode(image)
        for name in ("liver", "tumour"):
            segment = node.GetSegmentation().AddEmptySegment("", name)
            slicer.util.updateSegmentBinaryLabelmapFromArray(np.ones((8, 8, 8), np.uint8), node, segment, image)
        with self.assertRaises(InputError) as caught:
            sample_segments(node, world_grid(image), {"liver": 1, "tumour": 2})
        self.assertIn("`liver` and `tumour` overlap", str(caught.exception))

    def test_a_small_job_ends_with_a_verdict(self) -> None:
        """Three small heads are adapted to in two steps."""
        if dependencies.missing():
            self.delayDisplay(_("PyTorch is not installed: no job is run"))
            return
        self.delayDisplay(_("A small job ends with a verdict"))
        logic = TransferSegLogic()
        volumes = sample_data.load_heads(count=3, size=(24, 24, 16))
        cases = [logic.case(v, _segmentation_of(v)) for v in volumes]
        training = TrainingOptions(steps=2, copies=1)
        job = logic.createJob(self._model(logic), cases, training=training, folder=logic.fresh_folder("job"))
        logic.startJob(job)
        self.assertEqual(logic.wait(job, 300).state, "done")
        self.assertTrue(logic.status(job).verdict)
        self.assertEqual(len(logic.loadSegmentations(job, cases)), 3)
        logic.cleanup()

    def _model(self, logic: TransferSegLogic) -> SourceFolder:
        """The smallest model that ships; the person's own models are not used."""
        bundled = [source for source in logic.sourceModels() if source.origin == "bundled"]
        return min(bundled, key=lambda source: source.weights.stat().st_size)


def _segmentation_of(volume: slicer.vtkMRMLVolumeNode) -> slicer.vtkMRMLNode | None:
    from TransferSegGui.targets import find_segmentation

    return find_segmentation(volume)
