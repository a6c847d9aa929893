"""Reads weights that a stranger made, and writes our own.

A model file is untrusted input. Pickles are read with torch's restricted unpickler, which builds tensors and calls
nothing else; versions before 2.10 could be made to run code nevertheless and are refused.
"""

from __future__ import annotations

import pickle
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from TransferSegLib.core.errors import InputError
from TransferSegLib.core.files import replacing, require_file
from TransferSegLib.core.library_words import library_says
from TransferSegLib.core.problems import Problem
from TransferSegLib.core.texts import is_plain
from TransferSegLib.sources.untrusted.file_kinds import check_kind, is_safetensors, not_readable
from TransferSegLib.sources.untrusted.pickles import check_number, check_torch_file, incomplete

if TYPE_CHECKING:
    from torch import Tensor

LONGEST_NAME = 400
OLDEST_SAFE_TORCH = (2, 10)
# Where training programs keep the weights, those as they were trained before their running averages (EMA).
CONTAINERS = (
    "state_dict", "model_state_dict", "network_weights", "model_state", "model", "network", "net", "weights",
    "ema_state_dict", "state_dict_ema", "model_ema", "ema",
)  # fmt: skip
# A word of a prefix that says it is of such an average.
_AVERAGE = re.compile(r"(?<![^._])(ema|averaged?|teacher)(?![^._])", re.IGNORECASE)
MOST_CONTAINERS = 4
# How many words a prefix may have, and one.
MOST_PREFIXES = 8
MOST_DIMENSIONS = 8
KINDS = ("float64", "float32", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8", "bool")


def load_weights(path: Path) -> dict[str, Tensor]:
    """Read the tensors of a weights file by name, on the CPU, in the file's own dtypes. Nothing in the file is run.

    Whether they are safetensors or a torch file (zip or the older format) is told by the file's content, whatever its name.
    Containers (`state_dict`, `model`, `network_weights`…) are unwrapped, also nested ones.

    Raises:
        InputError: The file is damaged or something else, holds code or anything but finite numbers, or declares more than it
            holds.
    """
    return load_checkpoint(path)[0]


def load_checkpoint(path: Path) -> tuple[dict[str, Tensor], Mapping[str, Any]]:
    """Read tensors as `load_weights` does, and what else a torch file holds by name: lists, texts and numbers, untrusted."""
    require_file(path)
    check_kind(path)
    content: Any = _read_safetensors(path) if is_safetensors(path) else _read_torch(path)
    state = _tensors(path, content)
    if not state:
        raise InputError(
            "no-tensors", "{path}: holds no tensors; choose a file with the weights of a network.", path=path
        )
    _check(path, state)
    return state, content


def peek(path: Path) -> Mapping[str, Any]:
    """Read what a torch file holds beside its tensors, by name, untrusted; the tensors are not read.

    Returns:
        Lists, texts and numbers as they are, and anything for the rest; nothing where the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            content = check_torch_file(file, str(path))
    except (InputError, OSError):
        return {}
    return content if isinstance(content, dict) else {}


def tensor_names(path: Path) -> list[str]:
    """List the names of a file's tensors, which are not read; none where the file cannot be read.

    Of a torch file with containers, such as `state_dict`, the names in these are listed as well.
    """
    if is_safetensors(path):
        from safetensors import SafetensorError, safe_open

        try:
            with safe_open(path, framework="np") as file:
                return list(file.keys())
        except (SafetensorError, OSError):
            return []
    content = peek(path)
    inner = [value for value in content.values() if isinstance(value, Mapping)]
    return [str(name) for names in (content, *inner) for name in names]


def save_weights(path: Path, state: Mapping[str, Tensor]) -> None:
    """Write tensors as safetensors; the file appears whole or not at all.

    The same tensors always give the same bytes.

    Args:
        path: The file.
        state: Tensors by name.
    """
    from safetensors.torch import save

    # safetensors refuses tensors that share memory, as tied weights do: each gets its own.
    copies = {name: tensor.detach().cpu().contiguous().clone() for name, tensor in state.items()}
    with replacing(path) as temporary:
        # Written by Python, which says why a disk refuses; safetensors' own error is a text.
        temporary.write_bytes(save(copies))


def unwrapped(content: Any) -> tuple[Any, Problem | None]:
    """Unwrap the containers of a torch file.

    Where there is a choice, the weights as they were trained are taken rather than their running average.

    Returns:
        What the innermost container holds, and a note where there was a choice.
    """
    choice = None
    for _ in range(MOST_CONTAINERS):
        found = [n for n in CONTAINERS if isinstance(content, Mapping) and _contains(content.get(n))]
        if not found:
            break
        if len(found) > 1:
            choice = Problem(
                "import-weights-twice",
                "The file has weights in `{taken}` and {others:`}; the former were taken.",
                {"taken": found[0], "others": found[1:]},
                "note",
            )
        content = content[found[0]]
    return content, choice


def _contains(value: Any) -> bool:
    import torch

    return isinstance(value, Mapping) and any(isinstance(item, (torch.Tensor, Mapping)) for item in value.values())


def find_prefixes(state: Mapping[str, Tensor], wanted: Mapping[str, Tensor]) -> tuple[str, str]:
    """Find the prefix that a file's names have before the network's own names.

    Wrappers (DataParallel, `torch.compile`, trainers) put prefixes before names, and keep other things (a loss, a second
    network) beside the network. Of all beginnings of names the one is chosen under which most of the network's tensors are
    found with their shapes; of equals the one that is no running average, then the shortest. Only a prefix that all of the
    network's names share is put on.

    Args:
        state: The file's tensors by name.
        wanted: The network's tensors by name.

    Returns:
        What to take off the beginning of the file's names, and what to put there.
    """
    first, last = min(wanted, default=""), max(wanted, default="")
    shared = [first[:end] for end in range(1, len(first)) if first[end - 1] == "." and last.startswith(first[:end])]
    found: dict[tuple[str, str], list[int]] = {("", ""): [0, 0]}
    for put_on in ["", *shared]:
        inner = {name.removeprefix(put_on): tensor.shape for name, tensor in wanted.items()}
        for name, tensor in state.items():
            begin = 0
            for _ in range(MOST_PREFIXES):
                rest = name[begin:]
                if rest in inner:
                    count = found.setdefault((name[:begin], put_on), [0, 0])
                    count[0] += tensor.shape == inner[rest]
                    count[1] += 1
                begin = name.find(".", begin) + 1
                if not begin:
                    break
    return max(found, key=lambda pair: (*found[pair], not _AVERAGE.search(pair[0]), -len(pair[0]) - len(pair[1])))


def align_names(state: Mapping[str, Tensor], wanted: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Rename a file's tensors to the names that the network's tensors have, by their prefixes; see `find_prefixes`.

    Args:
        state: The file's tensors by name.
        wanted: The network's tensors by name.

    Returns:
        The file's tensors by their new names. Those without the prefix keep their names.
    """
    taken_off, put_on = find_prefixes(state, wanted)
    under = {name: f"{put_on}{name.removeprefix(taken_off)}" for name in state if name.startswith(taken_off)}
    taken = set(under.values())
    other = {
        name: f"{name} (not under `{taken_off}`)" if name in taken else name for name in state.keys() - under.keys()
    }
    return {under.get(name) or other[name]: tensor for name, tensor in state.items()}


def _read_safetensors(path: Path) -> dict[str, Tensor]:
    from safetensors import safe_open

    try:
        with safe_open(path, framework="pt") as file:
            names = list(file.keys())
            check_number(len(names), str(path))
            return {name: file.get_tensor(name) for name in names}
    except InputError:
        raise
    except Exception as error:  # a malformed file can make its reader raise anything at all
        raise InputError(
            "safetensors-not-complete",
            "{path}: not a complete safetensors file ({reason}); fetch it again.",
            path=path,
            reason=library_says(error, "safetensors"),
        ) from None


def _read_torch(path: Path) -> Any:
    import torch

    if tuple(int(n) for n in torch.__version__.split(".")[:2]) < OLDEST_SAFE_TORCH:
        raise InputError(
            "torch-too-old",
            "{path}: torch {version} cannot read such a file safely; install torch 2.10 or newer, or "
            "convert the file to safetensors.",
            path=path,
            version=torch.__version__,
        )
    try:
        with path.open("rb") as file:
            check_torch_file(file, str(path))
            file.seek(0)  # of a path, torch looks at the ending as well
            with torch.serialization.safe_globals(_numpy_scalars()):
                return torch.load(file, weights_only=True, map_location="cpu")
    except InputError:
        raise
    except OSError as error:
        raise not_readable(path, error) from None
    except Exception:  # a malformed file can make torch raise anything at all
        raise incomplete(str(path)) from None


class _NumpyType:
    """Stands in for numpy's dtype while a checkpoint is read, so that nothing of numpy is called on a stranger's word."""

    def __init__(self, code: str = "", *rest: Any) -> None:
        self.code = code

    def __setstate__(self, state: Any) -> None:
        """The byte order, which is that of every machine torch runs on."""


def _numpy_scalar(kind: Any, data: Any = b"") -> float | int | bool:
    """Rebuild a numpy number, such as a float64 that a training script logged."""
    import numpy as np

    code = kind.code if isinstance(kind, _NumpyType) else None
    if code not in ("f8", "f4", "f2", "i8", "i4", "i2", "i1", "u8", "u4", "u2", "u1", "b1") or not isinstance(
        data, bytes
    ):
        raise pickle.UnpicklingError("Unsupported numpy scalar")
    number: float | int | bool = np.frombuffer(data, np.dtype(code), count=1)[0].item()
    return number


def _numpy_scalars() -> list[Any]:
    """The names under which checkpoints refer to numpy's numbers, and what is called instead."""
    scalars = [(_numpy_scalar, f"numpy.{core}.multiarray.scalar") for core in ("core", "_core")]
    return [*scalars, (_NumpyType, "numpy.dtype")]


def _tensors(path: Path, content: Any) -> dict[str, Tensor]:
    import torch

    content, _ = unwrapped(content)
    if not isinstance(content, Mapping):
        raise InputError(
            "no-state-dict",
            "{path}: holds {kind}, not tensors by name; choose a file with a state dict.",
            path=path,
            kind=type(content).__name__,
        )
    return {str(name): value for name, value in content.items() if isinstance(value, torch.Tensor)}


def _check(path: Path, state: Mapping[str, Tensor]) -> None:
    import torch

    # A view can repeat one stored number any number of times; tied weights honestly repeat theirs once or twice.
    declared = 0
    for name, tensor in state.items():
        if len(name) > LONGEST_NAME or not is_plain(name):
            raise InputError(
                "tensor-name-not-usable",
                "{path}: the name of a tensor is too long or has control characters (`{name}…`); do not use this file.",
                path=path,
                name=name[:40],
            )
        kind = str(tensor.dtype).removeprefix("torch.")
        if tensor.layout is not torch.strided or tensor.is_meta or kind not in KINDS or tensor.ndim > MOST_DIMENSIONS:
            raise InputError(
                "tensor-not-real-numbers",
                "{path}: tensor `{name}` ({kind}, {dimensions} dimensions) is not a plain array of real "
                "numbers with at most {most} dimensions; save it as one.",
                path=path,
                name=name,
                kind=kind,
                dimensions=tensor.ndim,
                most=MOST_DIMENSIONS,
            )
        declared += tensor.numel() * tensor.element_size()
    if declared > 4 * path.stat().st_size:
        raise InputError(
            "weights-declare-more",
            "{path}: declares {declared:,} bytes of tensors in {size:,} bytes of file, so it was not "
            "used; fetch it again.",
            path=path,
            declared=declared,
            size=path.stat().st_size,
        )
    for name, tensor in state.items():
        if tensor.is_floating_point() and not bool(torch.isfinite(tensor.float()).all()):
            raise InputError(
                "tensor-not-finite",
                "{path}: tensor `{name}` has values that are not finite; use another state of training.",
                path=path,
                name=name,
            )
