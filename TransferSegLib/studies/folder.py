"""The folder of a study: where each thing lies. Making a `StudyFolder` touches nothing on disk."""

from __future__ import annotations

from pathlib import Path

STUDY_FILE = "study.yaml"


class StudyFolder:
    """The paths of a study.

    Attributes:
        path: The study's folder.
        study_yaml: What the study is; may be edited and resumed.
        cells: A job folder for each cell.
        data: The made-up data sets.
        models: A job folder for each source model that the study trains.
        analyses: What was found in the networks of the cells, where a paper asks for it; see `kept_analysis.py`.
        prepared: The cases as the networks see them, which all jobs share.
        results_csv: The scores of all cells that are done; see `results.py`.
        tables: Each table as CSV, LaTeX and HTML.
        figures: Each figure as SVG and PNG.
        report: All of it on one page.
        written: The names of the tables and figures that the report wrote.
    """

    def __init__(self, path: Path) -> None:
        """The study in the folder `path`, which need not be there yet."""
        self.path = Path(path).expanduser().absolute()
        self.study_yaml = self.path / STUDY_FILE
        self.cells = self.path / "cells"
        shared = self.path / "shared"
        self.data = shared / "data"
        self.models = shared / "models"
        self.prepared = shared / "prepared"
        self.analyses = shared / "analyses"
        self.results_csv = self.path / "results.csv"
        self.tables = self.path / "tables"
        self.figures = self.path / "figures"
        self.report = self.path / "report.html"
        self.written = self.path / ".written.json"
        self._listed: dict[Path, tuple[int | None, dict[str, Path]]] = {}

    def cell(self, name: str) -> Path:
        """The job folder of a cell; one whose name ends with the same digest is the same cell, whatever stands before that.

        Args:
            name: The cell's name.
        """
        return self._named(self.cells, name)

    def model(self, name: str) -> Path:
        """The job folder of a source model that the study trains, likewise.

        Args:
            name: The source model's name, with its digest.
        """
        return self._named(self.models, name)

    def _named(self, folder: Path, name: str) -> Path:
        path = folder / name
        return path if path.exists() else self._by_digest(folder).get(_digest_of(name), path)

    def _by_digest(self, folder: Path) -> dict[str, Path]:
        """What is in a folder: the digest at the end of a name → the path."""
        try:
            changed_ns = folder.stat().st_mtime_ns
        except OSError:
            return {}
        listed_ns, listed = self._listed.get(folder, (None, {}))
        if changed_ns != listed_ns:
            listed = {_digest_of(path.name): path for path in sorted(folder.iterdir())}
            self._listed[folder] = changed_ns, listed
        return listed


def _digest_of(name: str) -> str:
    return name.rpartition(".")[2]
