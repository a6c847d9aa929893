"""Stands in for Slicer's i18n: a text's translation, whose context is the file that the text is in."""

from __future__ import annotations

import inspect
import logging
import re
from functools import cache
from pathlib import Path


def translate(context: str, text: str) -> str:
    try:
        from slicer import app
    except ImportError:
        return text
    return app.translate(context, text)


@cache
def getContext(path: str) -> str:
    """The file's name, after its folder's name where the folder is a package; Slicer looks once, too."""
    file = Path(path)
    if not file.is_file():
        return file.name
    return f"{file.parent.name}.{file.stem}" if (file.parent / "__init__.py").is_file() else file.stem


def tr(text: str) -> str:
    """The translation, unless its `{placeholders}` are others than the text's: then the text, and a warning."""
    frame = inspect.currentframe()
    assert frame is not None and frame.f_back is not None
    context = getContext(frame.f_back.f_code.co_filename)
    translated = translate(context, text)

    def placeholders(of: str) -> set[str]:
        return set(re.findall(r"(?<!\{)\{([^{}]+)\}(?!\})", of))

    if placeholders(text) != placeholders(translated):
        logging.warning(
            f"In context '{context}': placeholders of '{text}' and of its translation '{translated}' differ"
        )
        return text
    return translated
