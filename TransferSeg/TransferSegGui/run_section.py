"""The bar below the steps, which starts, follows and stops a job, and step 4: its curves and log, and the list of jobs."""

from __future__ import annotations

import textwrap
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import qt
import slicer
from slicer.i18n import tr as _

from TransferSegGui import charts
from TransferSegGui.dependencies import packages_of, packages_of_job
from TransferSegGui.jobs import (
    JobEntry,
    JobFollower,
    JobList,
    delete,
    jobs_folder,
    jobs_that_run,
    last_job,
    remember_last_job,
    runs_here,
    worker_log,
)
from TransferSegGui.parameters import remembered_cases
from TransferSegGui.section import StepSection, chosen, enable, failing, fill, quiet, say, write
from TransferSegGui.steps import RESULTS
from TransferSegGui.targets import TargetCases
from TransferSegGui.turns import Turns
from TransferSegGui.words import error_text, status_text
from TransferSegLib.core.errors import InputError, TransferSegError
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.launch import WorkerProcess
from TransferSegLib.jobs.spec import JOB_FILE
from TransferSegLib.jobs.status import JobStatus

LOOK_EVERY_MS = 250
# Letters of the reason why nothing can be started; the findings below the cases, and the tooltip, have the whole.
LONGEST_REASON = 130
# How often it is looked whether a job that is not shown still runs.
OTHERS_EVERY_MS = 2000
DRAW_EVERY_S = 2.0
# Seconds of processor time for which jobs are read in one turn of the event loop.
LISTING_S = 0.005


class RunSection(StepSection):
    """Starts, follows, stops, resumes and deletes jobs.

    Attributes:
        follower: Follows the job that is shown; None where none is.
    """

    def connect(self) -> None:
        """Connect the widgets of this section."""
        self.header = self.ui.runSection
        self.follower: JobFollower | None = None
        self._jobs: list[JobEntry] = []
        self._job_list = JobList()
        self._listing: Iterator[Path] = iter(())
        self._list_timer = qt.QTimer()
        self._list_timer.setSingleShot(True)
        self._list_timer.connect("timeout()", self._list_on)
        self._others_timer = qt.QTimer()
        self._others_timer.setInterval(OTHERS_EVERY_MS)
        self._others_timer.connect("timeout()", self._look_at_others)
        self._seeking = True  # a job that runs is followed again once, after Slicer or the module was started again
        self._missing = ""  # the folder of the scene's job of which it was said that it is gone
        self._preparing = Turns()
        self._drawn_at = 0.0
        self._chart_shown = False
        self._timer = qt.QTimer()
        self._timer.setInterval(LOOK_EVERY_MS)
        self._timer.connect("timeout()", self.look)
        ui = self.ui
        ui.startButton.connect("clicked(bool)", lambda _on=False: self.start())
        ui.cancelButton.connect("clicked(bool)", self.cancel)
        ui.mendButton.connect("clicked(bool)", lambda: self.module.mend())
        ui.goBackButton.connect("clicked(bool)", self._go_back)
        ui.jobsComboBox.connect("currentIndexChanged(int)", lambda _index: self._enable())
        ui.openJobButton.connect("clicked(bool)", lambda: self._open(self._selected()))
        ui.resumeJobButton.connect("clicked(bool)", self._resume)
        ui.deleteJobButton.connect("clicked(bool)", self._delete)
        ui.jobsComboBox.elideMode = qt.Qt.ElideRight
        ui.logGroupBox.connect("toggled(bool)", lambda _open: self._show_log())

    @property
    def preparing(self) -> bool:
        """Whether the cases of a job are being exported, after a click on Start."""
        return self._preparing.under_way

    @property
    def runs(self) -> bool:
        """Whether the job that is shown is running."""
        return self.follower is not None and self.follower.running

    def other_job(self) -> Path | None:
        """A job on this computer that is known to run, other than the one that is shown."""
        known = [entry.folder for entry in self._jobs if entry.status.state == "running"]
        last = last_job()
        return self._running_other([*known, *([last] if last else [])])

    def _running_other(self, folders: Sequence[Path]) -> Path | None:
        shown = self.follower.job.path if self.follower else None
        return next((folder for folder in folders if folder != shown and runs_here(folder)), None)

    def _refuse_a_second_job(self, folder: Path | None = None) -> None:
        """Raise an error if another job than this one runs, also one that another Slicer has started since the last look."""
        other = self.other_job() or self._running_other(jobs_that_run(jobs_folder()))
        if other is not None and other != folder:
            self.list_again()
            raise InputError(
                "another-job-runs",
                "The job `{job}` is running on this computer, perhaps from another window of Slicer; wait until it has "
                "ended, or cancel it.",
                job=other.name,
            )

    def _look_at_others(self) -> None:
        if self.other_job() is None:
            self._others_timer.stop()
            self.list_again()
            self.module.refresh_later()

    def list_again(self) -> None:
        """Read the jobs folder again. If a job runs that is not shown, a button leads back to it."""
        self._listing = self._job_list.read(jobs_folder())
        self._list_on()

    def _list_on(self) -> None:
        """Read some more jobs; after the last one, show the list."""
        until = time.thread_time() + LISTING_S
        for _folder in self._listing:
            if time.thread_time() > until:
                self._list_timer.start(0)
                return
        self._list_timer.stop()
        self._jobs = self._job_list.entries
        follower = self.follower
        shown = follower.job.path if follower else None
        if follower is not None:  # a job that was started a moment ago is running, though its files do not say so yet
            self._jobs = [replace(e, status=follower.status) if e.folder == shown else e for e in self._jobs]
        before = chosen(self.ui.jobsComboBox)
        states = _states()
        entries = [(f"{states[entry.status.state]}: {entry.title}", str(entry.folder)) for entry in self._jobs]
        known = [value for _text, value in entries]
        wanted = before if before in known else str(shown) if str(shown) in known else next(iter(known), None)
        fill(self.ui.jobsComboBox, entries, wanted)
        self._show_other_job()

    def _show_other_job(self) -> None:
        """Lead to a job that runs and is not shown; right after the start of Slicer or the module, show it."""
        other, seeking = self.other_job(), self._seeking
        self._seeking = False
        if other is not None and seeking and self.follower is None and not self.preparing:
            with failing(_("The job that runs could not be opened.")):
                self.follow(other)
            return
        self.ui.goBackFrame.setVisible(other is not None and not self.runs)
        if other is not None:
            title = next((entry.title for entry in self._jobs if entry.folder == other), other.name)
            write(self.ui.goBackLabel, _("A job is still running: {title}").format(title=title))
            self.ui.goBackButton.setProperty("job", str(other))
            self._others_timer.start()
        self._enable()

    def refresh(self) -> None:
        """Show the job that the scene remembers, and enable what can be clicked."""
        if not self.has_parameters:
            return
        if self.follower is not None and not self.runs and not self.follower.job.job_json.exists():
            self._leave()
        if self.follower is None and self.parameters.job:
            self._show_job_of_scene(Path(self.parameters.job))
        self._enable()

    def _show_job_of_scene(self, folder: Path) -> None:
        if not (
            folder / JOB_FILE
        ).is_file():  # it may be on a disk that comes back, so the scene goes on to remember it
            if self._missing != str(folder):
                self._missing = str(folder)
                gone = _("The job of this scene is gone: {path}. Was its folder moved or deleted?")
                say(self.ui.statusLabel, gone.format(path=folder))
            return
        try:
            self.follow(folder)
        except TransferSegError as error:  # a scene may remember a job that was damaged since
            self.forget()
            say(self.ui.statusLabel, error_text(error))

    def follow(self, folder: Path, process: WorkerProcess | None = None) -> None:
        """Show a job, and follow it while it runs."""
        self.stop_preparing()
        follower = self.follower = JobFollower(folder, process, self._case_names(folder))
        self._missing = ""
        if process is not None:
            remember_last_job(folder)
        charts.forget_curves()
        if self.has_parameters:
            self.parameters.job = str(folder)
        with quiet(self.ui.jobsComboBox):
            self.ui.jobsComboBox.setCurrentIndex(-1)  # `list_again` then selects this job
        follower.poll()
        self._chart_shown = not self.runs  # the chart of a finished job does not open by itself
        self._draw(follower, final=not self.runs)
        self._show(follower)
        self.list_again()
        self._look_on(follower)
        self.module.signals.jobChanged.emit(follower, False)

    def _case_names(self, folder: Path) -> dict[str, str]:
        """What the panel calls the numbered cases of a job, as far as they are in the list."""
        if not self.has_parameters:
            return {}
        keys = remembered_cases(self.parameters, JobFolder(folder).identity)
        known = {case.key: case.name for case in TargetCases(self.parameters.parameterNode).all()}
        return {case: known[key] for case, key in keys.items() if key in known}

    def start(self, parent: Path | None = None) -> None:
        """Make a job of what is chosen and start it.

        Args:
            parent: The finished job to go on from, with its source model; None for the one that is chosen.
        """
        with failing(_("The job could not be started.")):
            source = self.module.source()
            self._refuse_a_second_job()
            if source is None or self.module.hindrance() is not None:  # it came up since the button was last drawn
                self._enable()
                return
            if not self.module.ensure_packages(packages_of(source.card)):
                return
            self._preparing.begin(self._prepare(parent), _("The job could not be started."), ended=self._prepared)
            say(self.ui.statusLabel, _("Preparing the cases…"))
            self.module.signals.preparingChanged.emit()
            self._enable()

    def _prepare(self, parent: Path | None) -> Iterator[None]:
        folder = yield from self.module.create_job(parent)
        self._refuse_a_second_job()  # which may have been started while the cases were prepared
        self.follow(folder, self.logic.startJob(folder))

    def _prepared(self) -> None:
        """Show how the job stands: its cases are exported, or could not be, or the person cancelled."""
        follower = self.follower
        say(self.ui.statusLabel, status_words(follower.status, follower.names) if follower else "")
        self.module.signals.preparingChanged.emit()
        self._enable()

    def stop_preparing(self) -> None:
        """Stop preparing a job; nothing of it stays."""
        self._preparing.stop()

    def cancel(self) -> None:
        """Ask the job to stop."""
        with failing(_("The job could not be cancelled.")):
            self.stop_preparing()
            if self.follower is not None and self.runs:
                self.follower.cancel()
                self._show(self.follower)

    def look(self) -> None:
        """Read what is new in the job; called by a timer, and never waits."""
        if self.follower is None:
            self._timer.stop()
            return
        ran, behind = self.runs, self.follower.behind
        try:
            changed = self.follower.poll()
        except TransferSegError as error:
            self._timer.stop()
            say(self.ui.statusLabel, error_text(error))
            return
        if changed:
            self._show(self.follower)
            self._draw(self.follower)
        self._look_on(self.follower)
        if not self.runs:
            self._draw(self.follower, final=not self.follower.behind)
        if ran and not self.runs:
            self.list_again()
            self.module.signals.jobChanged.emit(self.follower, True)
        elif behind and not self.follower.behind and not self.runs:
            # The events of a finished job are read part by part; only now the last one is known.
            self.module.signals.jobChanged.emit(self.follower, False)

    def _look_on(self, follower: JobFollower) -> None:
        """Look again in a while; after a turn of the event loop where there is more to read already."""
        self._timer.setInterval(0 if follower.behind else LOOK_EVERY_MS)
        if self.runs or follower.behind:
            self._timer.start()
        else:
            self._timer.stop()

    def cleanup(self) -> None:
        """Stop following the job, which goes on without Slicer."""
        self._timer.stop()
        self._list_timer.stop()
        self._others_timer.stop()
        self.stop_preparing()

    def _show(self, follower: JobFollower) -> None:
        status, ui = follower.status, self.ui
        ui.progressBar.setVisible(self.runs)
        ui.progressBar.setValue(round(100 * status.fraction))
        say(ui.statusLabel, status_words(status, follower.names, follower.detail, follower.stopping))
        self._show_log()
        self._enable()

    def _show_log(self) -> None:
        if self.follower is not None and not self.ui.logGroupBox.collapsed:
            text = "\n".join(self.follower.log[-200:])
            if not self.runs:
                text += f"\n\n{worker_log(self.follower.job.path)}"
            if text != self.ui.logTextEdit.toPlainText():
                self.ui.logTextEdit.setPlainText(text)
                self.ui.logTextEdit.moveCursor(qt.QTextCursor.End)

    def _draw(self, follower: JobFollower, final: bool = False) -> None:
        curves = follower.curves
        due = final or time.monotonic() - self._drawn_at > DRAW_EVERY_S
        if not self.has_parameters or not (self.parameters.showCurves and curves and due):
            return
        self._drawn_at = time.monotonic()
        chart = charts.show_curves(curves)
        if not self._chart_shown and self.module.may_show_charts():
            self._chart_shown = True
            charts.show_chart(chart)

    def _enable(self) -> None:
        ui = self.ui
        self._offer_start()
        asked = _("The job is being stopped") if self.follower is not None and self.follower.cancelled else ""
        enable(ui.cancelButton, asked if self.runs or self.preparing else _("No job of this panel is running"))
        entry = next((e for e in self._jobs if str(e.folder) == chosen(ui.jobsComboBox)), None)
        none = _("Choose a job in the list first") if entry is None else ""
        runs = _("This job is running") if entry is not None and entry.status.state == "running" else ""
        done = _("This job is done") if entry is not None and not entry.status.resumable else ""
        enable(ui.openJobButton, none)
        another = _("Another job is running") if self.runs or self.other_job() is not None else ""
        enable(ui.resumeJobButton, none or runs or done or another)
        applied = entry is not None and entry.folder == self.module.applied_job()
        in_use = _("The model of this job is being applied; wait, or cancel that first") if applied else ""
        enable(ui.deleteJobButton, none or (_("This job is running; cancel it first") if runs else in_use))

    def _offer_start(self) -> None:
        """Start with its estimate, or what keeps a job from being started and a button that leads to where that is mended."""
        ui, hindrance = self.ui, self.module.hindrance()
        seconds = self.module.estimated_s()
        start = _("Start") if seconds is None else _("Start · about {time}").format(time=duration(seconds))
        ui.startButton.setText(start)
        ui.startButton.setEnabled(hindrance is None)
        reason = "" if hindrance is None else hindrance.text
        ui.startButton.setToolTip(reason or _("Start the job in the background; Slicer stays free to use"))
        hindered = hindrance is not None and not (self.runs or self.preparing)
        ui.reasonFrame.setVisible(hindered)
        if hindrance is not None and hindered:
            write(ui.startReasonLabel, textwrap.shorten(hindrance.text, LONGEST_REASON, placeholder="…"))
            ui.mendButton.setText(_("Add from scene") if hindrance.adds_cases else _("Show"))
            ui.mendButton.setVisible(bool(hindrance.step) and not self.module.step_is_open(hindrance.step))

    def summary(self) -> str:
        """How the shown job stands, else how many jobs there are."""
        if self.follower is not None:
            return _states()[self.follower.status.state]
        if len(self._jobs) == 1:
            return _("one job")
        return _("{count} jobs").format(count=len(self._jobs)) if self._jobs else _("no jobs yet")

    def _selected(self) -> Path | None:
        folder = chosen(self.ui.jobsComboBox)
        return Path(folder) if folder else None

    def _open(self, folder: Path | None) -> None:
        if folder is not None:
            with failing(_("The job could not be opened.")):
                self.follow(folder)
                if self.follower is not None and self.follower.status.state == "done":
                    self.module.open_step(RESULTS)

    def _go_back(self) -> None:
        self._open(Path(self.ui.goBackButton.property("job")))

    def _resume(self) -> None:
        folder = self._selected()
        with failing(_("The job could not be resumed.")):
            self._refuse_a_second_job(folder)
            if folder is not None and self.module.ensure_packages(packages_of_job(folder)):
                self.follow(folder, self.logic.startJob(folder))

    def _delete(self) -> None:
        folder = self._selected()
        question = _("Delete the job {name} with its model, segmentations and scores?")
        if folder is None or not slicer.util.confirmYesNoDisplay(question.format(name=folder.name)):
            return
        with failing(_("The job could not be deleted.")):
            delete(folder)
            if self.follower is not None and self.follower.job.path == folder:
                self.forget()
            self.list_again()

    def forget(self) -> None:
        """Show no job; one that runs goes on."""
        if self.has_parameters:
            self.parameters.job = ""
        self._leave()

    def _leave(self) -> None:
        """Show no job; the scene remembers its own."""
        self._timer.stop()
        self.follower, self._missing = None, ""
        self.ui.progressBar.setValue(0)
        self.ui.progressBar.setVisible(False)
        say(self.ui.statusLabel, "")
        self.module.signals.jobChanged.emit(None, False)


def status_words(status: JobStatus, names: Mapping[str, str], detail: str = "", stopping: bool = False) -> str:
    """How a job stands, in one or two lines.

    Args:
        status: How it stands.
        names: Name of each numbered case → its name in the panel.
        detail: What it is doing at the moment, in words.
        stopping: Whether it was asked to stop.
    """
    if status.state == "running" and stopping:
        return _("Stopping; what is trained so far is kept…")
    if status.state == "running":
        left = "" if status.seconds_left is None else _(", {time} left").format(time=duration(status.seconds_left))
        text = f"{status.phase or _('Starting…')}{left}"
        return f"{text}\n{detail}" if detail else text
    if status.state == "done" and status.warnings:
        if status.warnings == 1:
            return _("Done, with one warning; see the report.")
        return _("Done, with {count} warnings; see the report.").format(count=status.warnings)
    return _("Done.") if status.state == "done" else status_text(status, names)


def duration(seconds: float) -> str:
    """A duration in words, rounded."""
    if seconds < 60:
        return _("{n} s").format(n=round(seconds))
    if seconds < 5400:
        return _("{n} min").format(n=round(seconds / 60))
    return _("{n} h").format(n=round(seconds / 3600, 1 if seconds < 36000 else None))


def _states() -> dict[str, str]:
    """State of a job → its name for the person."""
    return {
        "waiting": _("not started"),
        "running": _("running"),
        "done": _("done"),
        "failed": _("failed"),
        "cancelled": _("cancelled"),
        "interrupted": _("interrupted"),
    }
