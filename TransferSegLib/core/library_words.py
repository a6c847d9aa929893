"""What another library says of an error: its own English words, under its name."""

from __future__ import annotations

import traceback
from collections.abc import Mapping

from TransferSegLib.core.problems import Problem

# A library's package → what people call it.
LIBRARIES: Mapping[str, str] = {
    "torch": "PyTorch",
    "monai": "MONAI",
    "dynamic_network_architectures": "nnU-Net",
    "yaml": "PyYAML",
    "ray": "Ray",
    "SimpleITK": "SimpleITK",
}
# Characters of a text that are quoted.
LONGEST_QUOTE = 200


def library_says(error: Exception, otherwise: str = "Python") -> Problem:
    """Quote what a library says of an error, as a part of a sentence of ours.

    Its words stay as they are in every language: nobody but the library knows all of them.

    Args:
        error: What it raised.
        otherwise: Who says it where no library of `LIBRARIES` is on the error's traceback, such as one in C++.
    """
    frames = [frame.f_globals.get("__name__", "") for frame, _ in traceback.walk_tb(error.__traceback__)]
    packages = [name.partition(".")[0] for name in reversed(frames)]
    library = next((LIBRARIES[package] for package in packages if package in LIBRARIES), otherwise)
    text = " ".join(str(error).split())[:LONGEST_QUOTE].rstrip(".") or type(error).__name__
    return Problem("library-says", "{library} says: {text}", {"library": library, "text": text})
