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
        prepared: The cases as the networks see them, which all jobs share.
        results_csv: The scores of all cells that are done; see `results.py`.
        tables: Each table as CSV, LaTeX and HTML.
        figures: Each figure as SVG and PNG.
        report: All of it on one page.
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
        self.results_csv = self.path / "results.csv"
        self.tables = self.path / "tables"
        self.figures = self.path / "figures"
        self.report = self.path / "report.html"

    def cell(self, name: str) -> Path:
        """The job folder of a cell.

        Args:
            name: The cell's name.
        """
        return self.cells / name
