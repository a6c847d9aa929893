"""What the sections of the panel need from the module, and the signals that they emit.

A section knows neither the module's class nor another section. It asks a `Module` and emits its `Signals`. The module
connects these to the sections that depend on them.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, ParamSpec, Protocol

from TransferSegGui.exporting import Exporter
from TransferSegGui.jobs import JobFollower
from TransferSegGui.kept_model import BelowSource
from TransferSegGui.parameters import Parameters
from TransferSegGui.results import Results
from TransferSegGui.showing import ResultNodes
from TransferSegGui.targets import TargetCase
from TransferSegLib.jobs.launch import WorkerProcess
from TransferSegLib.jobs.spec import JobSpec
from TransferSegLib.sources.folder import SourceFolder

P = ParamSpec("P")


class Signal(Generic[P]):
    """A list of functions that are called, in the order of their connection, whenever the signal is emitted."""

    def __init__(self) -> None:
        self._slots: list[Callable[P, object]] = []

    def connect(self, slot: Callable[P, object]) -> None:
        """Call `slot` from now on."""
        self._slots.append(slot)

    def emit(self, *args: P.args, **kwargs: P.kwargs) -> None:
        """Call the connected functions."""
        for slot in self._slots:
            slot(*args, **kwargs)


@dataclass(frozen=True)
class Signals:
    """The signals by which sections announce changes.

    Attributes:
        casesSelected: The person has selected other cases in the table.
        casesChecked: The checks have looked at the cases again.
        preparingChanged: The export of a job's cases began or ended.
        jobChanged: Another job is shown (or None), or the shown job has `ended`.
        jobsFolderChanged: Jobs are kept in another folder.
        packagesInstalled: Python packages that the library needs may have been installed.
        resultsChanged: The results of another job are shown, or of none.
        segmentationsLoaded: Segmentations of the shown job came into the scene; a sentence says how many.
        applyingChanged: The model of a job is being applied from now on, or none is any more.
    """

    casesSelected: Signal[[]] = field(default_factory=Signal)
    casesChecked: Signal[[]] = field(default_factory=Signal)
    preparingChanged: Signal[[]] = field(default_factory=Signal)
    jobChanged: Signal[[JobFollower | None, bool]] = field(default_factory=Signal)
    jobsFolderChanged: Signal[[]] = field(default_factory=Signal)
    packagesInstalled: Signal[[]] = field(default_factory=Signal)
    resultsChanged: Signal[[]] = field(default_factory=Signal)
    segmentationsLoaded: Signal[[str]] = field(default_factory=Signal)
    applyingChanged: Signal[[]] = field(default_factory=Signal)


@dataclass(frozen=True)
class Hindrance:
    """What keeps a job from being started.

    Attributes:
        text: What it is, and what to do about it.
        step: The step of the panel in which the person does that; "" where only waiting helps.
        adds_cases: Whether the volumes of the scene can be added to mend it.
    """

    text: str
    step: str = ""
    adds_cases: bool = False


class Logic(Protocol):
    """What the sections need from the module's logic."""

    @property
    def exporter(self) -> Exporter:
        """Writes cases of the scene to files, and keeps the files of cases that did not change."""

    def fresh_folder(self, name: str) -> Path:
        """The path of a temporary folder that is not there yet."""

    def startJob(self, job: Path) -> WorkerProcess:
        """Start or resume a job in the background."""

    def createJobInSteps(
        self, source: SourceFolder, cases: Sequence[TargetCase], **asked: Any
    ) -> Generator[None, None, Path]:
        """Make a job, a small part with each step, and return its folder; `asked` are arguments of `jobs.job_spec`."""

    def getParameterNode(self) -> Parameters:
        """The parameter node of the scene."""


class ShownResults(Protocol):
    """The results of the job that is shown.

    Attributes:
        results: The results; None where there are none.
        model: Which model it has made, and whether it is worse than its source; "" where there are no results.
        below: By how much that model is below its source model; None where it is not.
        instead: The source model where the person uses it instead of the job's model; None where they do not.
    """

    results: Results | None
    model: str
    below: BelowSource | None
    instead: SourceFolder | None

    def nodes(self) -> ResultNodes:
        """The nodes of these results in the scene."""

    def reason(self) -> str:
        """Why nothing can be done with the results, or "" where something can."""


class Module(Protocol):
    """What the sections need from the module.

    Attributes:
        ui: The widgets of the panel by name.
        parameters: The parameter node; None while the scene closes.
        signals: What sections tell each other.
    """

    ui: Any
    parameters: Parameters | None
    signals: Signals

    @property
    def logic(self) -> Logic:
        """The module's logic."""

    @property
    def entered(self) -> bool:
        """Whether the panel is the one that the person sees."""

    def refresh(self) -> None:
        """Show the parameter node in all sections now."""

    def refresh_later(self) -> None:
        """Show the parameter node in all sections once the present event is dealt with."""

    def ensure_packages(self, own: Sequence[str] = ()) -> bool:
        """Install the missing Python packages, after asking; False when the person declined."""

    def source(self) -> SourceFolder | None:
        """The chosen source model, where it is on this computer."""

    def add_model(self, folder: Path, name: str, say: Callable[[str], None]) -> None:
        """Copy a model to the person's own models under this name; `say` shows how that goes where it was asked for."""

    def job_runs(self) -> bool:
        """Whether the shown job is running."""

    def busy(self) -> bool:
        """Whether any job is running or being prepared, so that what can wait should wait."""

    def may_show_charts(self) -> bool:
        """Whether a chart may appear in the layout without a click."""

    def hindrance(self) -> Hindrance | None:
        """What keeps a job from being started; None where nothing does."""

    def mend(self) -> None:
        """Do what the hindrance asks for, or open the step in which the person does it."""

    def estimated_s(self) -> float | None:
        """About how many seconds the job takes that is chosen; None where that is not known."""

    def open_step(self, name: str) -> None:
        """Open a step of the panel, and close the others."""

    def step_is_open(self, name: str) -> bool:
        """Whether this step of the panel is the open one."""

    def create_job(self, parent: Path | None = None) -> Generator[None, None, Path]:
        """Make a job of what is chosen, a small part with each step.

        Args:
            parent: The finished job to go on from, with its source model; None for the one that is chosen.

        Returns:
            The job's folder.
        """

    def start_round(self, parent: Path) -> None:
        """Make a job that goes on from this one, and start it."""

    def selected_cases(self) -> list[str]:
        """The keys of the cases that are selected in the table."""

    def plan_question(self) -> tuple[JobSpec, Any] | None:
        """The job as it stands and a stamp that changes when its plan may; None while there is nothing to plan."""

    def measure(self, say: Callable[[str], None]) -> None:
        """Measure what models of the shown job have found, and show the table; `say` says so where it was asked for."""

    def applied_job(self) -> Path | None:
        """The job whose model is being applied; None where none is."""

    def shown_results(self) -> ShownResults:
        """The results of the job that is shown."""

    def annotate_another(self) -> None:
        """Open the next case to annotate; where none is left, the step in which the person adds some."""
