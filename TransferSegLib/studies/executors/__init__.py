"""Where the jobs of a study are run. An executor is a file here with a function `run`, and its name in `EXECUTORS`."""

from __future__ import annotations

import importlib

from TransferSegLib.studies.executors.executor import Executor, Where

# Name on the command line → file.
EXECUTORS = {"local": "local", "ray": "ray_tasks"}


def find_executor(where: Where) -> Executor:
    """The executor that is asked for."""
    found: Executor = importlib.import_module(f"{__name__}.{EXECUTORS[where.executor]}").run
    return found
