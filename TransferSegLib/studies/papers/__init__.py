"""The studies of the papers, by name. A new one is a file here that defines a `PAPER`, and its name in `PAPERS`."""

from __future__ import annotations

import importlib

from TransferSegLib.core.errors import InputError
from TransferSegLib.studies.paper import PaperStudy

PAPERS = ("mecheter2023", "mecheter2020", "zoetmulder2022", "hossain2023", "karimi2021")


def find_paper(name: str) -> PaperStudy:
    """The study of a paper.

    Raises:
        InputError: There is none of this name.
    """
    if name not in PAPERS:
        raise InputError(
            "unknown-paper", "paper `{paper}` is not known; choose one of {papers}.", paper=name, papers=PAPERS
        )
    paper: PaperStudy = importlib.import_module(f"{__name__}.{name}").PAPER
    return paper
