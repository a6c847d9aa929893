"""Write the lists of files in the extension's CMake files from what is on the disk: `make cmake`."""

from __future__ import annotations

import re
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
MODULE = REPOSITORY / "TransferSeg"
LIBRARY = REPOSITORY / "TransferSegLib"
MODELS = REPOSITORY / "Resources" / "SourceModels"


def files(folder: Path) -> list[Path]:
    """The files below a folder that belong to the extension, in alphabetical order."""
    found = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "CMakeLists.txt")
    return [
        path
        for path in found
        if not any(part == "__pycache__" or part.startswith(".") for part in path.relative_to(folder).parts)
    ]


def with_list(text: str, name: str, paths: list[str]) -> str:
    """A CMake file's text with the list of this name replaced."""
    listed = "".join(f"  {path}\n" for path in paths)
    changed, count = re.subn(rf"(?m)^set\({name}\n(?:  .*\n)*?  \)$", f"set({name}\n{listed}  )", text)
    assert count == 1, name
    return changed


def cmake_texts() -> dict[Path, str]:
    """CMake file → its text with the lists as they have to be."""
    module = [path.relative_to(MODULE).as_posix() for path in files(MODULE)]
    library = [path.relative_to(LIBRARY).as_posix() for path in files(LIBRARY)]
    models = [f"../{path.relative_to(REPOSITORY).as_posix()}" for path in files(MODELS)]
    lists = {
        MODULE: {
            "MODULE_PYTHON_SCRIPTS": [name for name in module if name.endswith(".py")],
            "MODULE_PYTHON_RESOURCES": [name for name in module if not name.endswith(".py")],
        },
        LIBRARY: {
            "LIBRARY_SCRIPTS": [name for name in library if name.endswith(".py")],
            "LIBRARY_RESOURCES": [name for name in library if not name.endswith(".py")] + models,
        },
    }
    texts = {}
    for folder, of_folder in lists.items():
        path = folder / "CMakeLists.txt"
        texts[path] = path.read_text(encoding="utf-8")
        for name, paths in of_folder.items():
            texts[path] = with_list(texts[path], name, paths)
    return texts


if __name__ == "__main__":
    for path, text in cmake_texts().items():
        path.write_text(text, encoding="utf-8")
