"""Tells by a file's first bytes what it is, so that a file which holds no weights is called what it is.

People download the page in place of the file, clone without Git LFS, or pick the file of another program. Nothing is run or
unpacked to find out.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable
from pathlib import Path

from TransferSegLib.core.errors import InputError
from TransferSegLib.core.not_the_file import HEAD_BYTES, must_be_the_file, text_of
from TransferSegLib.core.texts import is_plain, one_line

ZIP_MAGIC = b"PK\x03\x04"
# Begins every pickle of protocol 2 and later.
PICKLE_MAGIC = b"\x80"
# Begins the files of torch before their zip format: the pickle of a number.
LEGACY_TORCH = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."
# The longest header that safetensors reads, in bytes.
LONGEST_HEADER = 100_000_000

# What servers send in place of a file: a line with an error's number or words, or JSON that has a message.
_ANSWER = re.compile(
    r"\s*(?:HTTP/\S+\s+)?(?:[45]\d\d\b|error\b|(?:\S+ ){0,3}(?:not found|denied|forbidden|unauthori[sz]ed|restricted)\b"
    r"|invalid (?:username|token)|too many requests|rate limit)|\s*[{\[][^}]{0,200}\"(?:errors?|message|detail|status)\"\s*:",
    re.IGNORECASE,
)

COMPRESSED = {
    b"\x1f\x8b": "gzip",
    b"BZh": "bzip2",
    b"\xfd7zXZ\0": "xz",
    b"7z\xbc\xaf\x27\x1c": "7z",
    b"Rar!": "RAR",
    b"\x28\xb5\x2f\xfd": "Zstandard",
}
# What a model of another program is called, by its file's ending.
OTHER_PROGRAMS = {
    ".onnx": "an ONNX model",
    ".h5": "a Keras (HDF5) model",
    ".hdf5": "a Keras (HDF5) model",
    ".keras": "a Keras model",
    ".pb": "a TensorFlow model",
    ".tflite": "a TensorFlow Lite model",
    ".mlmodel": "a Core ML model",
    ".engine": "a TensorRT engine",
    ".npz": "NumPy arrays",
    ".npy": "a NumPy array",
}


def check_kind(path: Path) -> None:
    """Refuse a file that is known to be something else than weights of torch or safetensors, or an archive of a model.

    Args:
        path: A regular file.

    Raises:
        InputError: It is empty, a Git LFS pointer, a web page, compressed, or a model of another program, by name.
    """
    head = _head(path)
    if _begins_as_safetensors(head):
        return  # whose first bytes are a number, and so may be any
    must_be_the_file(path, head)
    if text := _text(head):
        _must_not_be_answer(path, text)
    if kind := next((name for magic, name in COMPRESSED.items() if head.startswith(magic)), None) or (
        "tar" if head[257:262] == b"ustar" else None
    ):
        raise InputError(
            "compressed-file",
            "{path}: is compressed or packed ({kind}), and only zip archives are opened; unpack it, and import what it held.",
            path=path,
            kind=kind,
        )
    if head.startswith(ZIP_MAGIC):
        _check_zip(path)
    elif title := _other_program(head, path):
        raise _of_other_program(path, title)
    elif head.startswith(PICKLE_MAGIC) and not LEGACY_TORCH.startswith(head[: len(LEGACY_TORCH)]):
        raise pickle_not_of_torch(str(path))


def _text(head: bytes) -> str | None:
    """The text that a file begins with; None where it is no text."""
    try:
        text = text_of(head)
    except UnicodeDecodeError:
        return None
    return text if is_plain(text.replace("\r", ""), lines=True) else None


def _must_not_be_answer(path: Path, text: str) -> None:
    if _ANSWER.match(text):
        raise InputError(
            "answer-of-server",
            "{path}: is the answer of a server (`{text}`), not a model; its address was wrong, or asks for a login: download "
            "the file itself in a browser.",
            path=path,
            text=one_line(text)[:80].strip(),
        )


def is_safetensors(path: Path) -> bool:
    """Whether a file is to be read as safetensors: it begins so, or is named so and does not begin as a file of torch."""
    head = _head(path)
    named = path.suffix.lower() == ".safetensors" and not head.startswith((ZIP_MAGIC, PICKLE_MAGIC))
    return named or _begins_as_safetensors(head)


def _begins_as_safetensors(head: bytes) -> bool:
    """Whether a file begins with the length of a JSON object, then the object."""
    return 2 <= int.from_bytes(head[:8], "little") <= LONGEST_HEADER and head[8:9] == b"{"


def is_archive(path: Path) -> bool:
    """Whether a file is a zip archive of files, and not a zip of torch's with tensors."""
    names = zip_names(path)
    return bool(names) and not _is_of_torch(names)


def zip_names(path: Path) -> list[str]:
    """The files in a zip archive; none where the file is another, or is damaged, which whoever reads it says."""
    try:
        with zipfile.ZipFile(path) as archive:
            return [member.filename for member in archive.infolist() if not member.is_dir()]
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return []


def of_other_programs(names: Iterable[str]) -> dict[str, str]:
    """The files, of some, that are models of other programs: name → what such a model is called."""
    return {name: OTHER_PROGRAMS[ending] for name in names if (ending := Path(name).suffix.lower()) in OTHER_PROGRAMS}


def pickle_not_of_torch(where: str) -> InputError:
    """The error for a pickle that Python itself wrote."""
    return InputError(
        "pickle-not-of-torch",
        "{where}: is a pickle, and not one that torch.save writes by itself, so it was not opened, because it could run "
        "code; ask its author for the weights saved by torch.save, or as safetensors.",
        where=where,
    )


def torchscript(where: str) -> InputError:
    """The error for a model that is a program."""
    return InputError(
        "torchscript",
        "{where}: is TorchScript, a program, which is not read; ask its author for the state dict alone, or, if you trust "
        "it, write that with `{line}`.",
        where=where,
        line="torch.save(torch.jit.load('model.ts').state_dict(), 'weights.pt')",
    )


def _check_zip(path: Path) -> None:
    names = zip_names(path)
    inner = {name.partition("/")[2] for name in names}
    if "constants.pkl" in inner:
        raise torchscript(str(path))
    if any(name.endswith("archive_format") or name == "serialized_exported_program.json" for name in (*names, *inner)):
        raise InputError(
            "exported-program",
            "{path}: is a program of torch.export, which is not read; ask its author for the state dict alone.",
            path=path,
        )
    if names and all(name.endswith(".npy") for name in names):
        raise _of_other_program(path, OTHER_PROGRAMS[".npz"])
    if "model.weights.h5" in names:
        raise _of_other_program(path, OTHER_PROGRAMS[".keras"])


def _is_of_torch(names: list[str]) -> bool:
    return bool(names) and f"{names[0].partition('/')[0]}/data.pkl" in names


def _other_program(head: bytes, path: Path) -> str | None:
    if head.startswith(b"\x89HDF\r\n\x1a\n"):
        return OTHER_PROGRAMS[".h5"]
    if head[4:8] == b"TFL3":
        return OTHER_PROGRAMS[".tflite"]
    if head.startswith(b"\x93NUMPY"):
        return OTHER_PROGRAMS[".npy"]
    if b"<net " in head:
        return "an OpenVINO model"
    # ONNX's first field is its version, a small number, and the second the name of the program that wrote it.
    if head[:1] == b"\x08" and head[1:2] < b"\x20" and head[2:3] == b"\x12":
        return OTHER_PROGRAMS[".onnx"]
    return OTHER_PROGRAMS.get(path.suffix.lower())


def _of_other_program(path: Path, title: str) -> InputError:
    return InputError(
        "model-of-other-program",
        "{path}: is {title}, which is not read; ask its author for the weights as PyTorch has them (a state dict, or "
        "safetensors).",
        path=path,
        title=title,
    )


def not_readable(path: Path, error: OSError) -> InputError:
    """Make the error for a file of weights that the system does not let us read."""
    return InputError(
        "weights-not-readable",
        "{path}: cannot be read ({reason}); check its permissions.",
        path=path,
        reason=error.strerror,
    )


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(HEAD_BYTES)
    except OSError as error:
        raise not_readable(path, error) from None
