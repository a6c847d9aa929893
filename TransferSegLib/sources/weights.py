"""Reading weights that a stranger made, and writing our own.

A model file is untrusted input. Pickles are read with torch's restricted unpickler, which builds tensors and calls
nothing else; versions before 2.10 could be made to run code nevertheless and are refused.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from TransferSegLib.errors import InputError
from TransferSegLib.files import replacing, require_file
from TransferSegLib.sources.pickles import INCOMPLETE, check_torch_file
from TransferSegLib.texts import is_plain

if TYPE_CHECKING:
    from torch import Tensor

LONGEST_NAME = 400
OLDEST_SAFE_TORCH = (2, 10)
CONTAINERS = ("state_dict", "model_state_dict", "network_weights", "model", "network")
WRAPPERS = ("module.", "_orig_mod.", "network.", "net.", "model.")


def load_weights(path: Path) -> dict[str, Tensor]:
    """The tensors of a weights file by name, on the CPU, in the file's own dtypes.

    `.safetensors` is read as such, everything else as a torch file (zip or the older format), from which a container
    (`state_dict`, `model`, `network_weights`…) is unwrapped. An `InputError` says why a file was refused: it is
    damaged, holds code or anything but finite numbers, or declares more than it holds. Nothing in the file is run.
    """
    return load_checkpoint(path)[0]


def load_checkpoint(path: Path) -> tuple[dict[str, Tensor], Mapping[str, Any]]:
    """As `load_weights`, and what else a torch file holds by name: lists, texts and numbers, as untrusted as all of it."""
    require_file(path)
    content: Any = _read_safetensors(path) if path.suffix == ".safetensors" else _read_torch(path)
    state = _tensors(path, content)
    if not state:
        raise InputError(f"{path}: holds no tensors; choose a file with the weights of a network.")
    _check(path, state)
    return state, content


def save_weights(path: Path, state: Mapping[str, Tensor]) -> None:
    """Write `state` as safetensors; the file appears whole or not at all. The same tensors give the same bytes."""
    from safetensors.torch import save_file

    # safetensors refuses tensors that share memory, as tied weights do: each gets its own.
    own = {name: tensor.detach().cpu().contiguous().clone() for name, tensor in state.items()}
    with replacing(path) as temporary:
        save_file(own, temporary)


def align_names(state: Mapping[str, Tensor], names: Iterable[str]) -> dict[str, Tensor]:
    """`state` with the prefixes that wrappers (DataParallel, `torch.compile`, trainers) put before names made to fit.

    Prefixes that every name of the file shares are taken off, and one that every name of the network shares is put on,
    where that makes more names agree with the network's `names`; MONAI's own names begin with `model.`, so no prefix
    can be taken off without looking at the network.
    """
    wanted = set(names)
    added = ["", *(p for p in WRAPPERS if wanted and all(name.startswith(p) for name in wanted))]
    best, most, stripped = dict(state), -1, dict(state)
    while True:
        for prefix in added:
            candidate = {prefix + name: tensor for name, tensor in stripped.items()}
            if (found := len(wanted & set(candidate))) > most:
                best, most = candidate, found
        shared = [p for p in WRAPPERS if stripped and all(name.startswith(p) for name in stripped)]
        if not shared:
            return best
        stripped = {name.removeprefix(shared[0]): tensor for name, tensor in stripped.items()}


def _read_safetensors(path: Path) -> dict[str, Tensor]:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        return load_file(path)
    except (SafetensorError, OSError, ValueError) as error:
        raise InputError(f"{path}: not a complete safetensors file ({error}); fetch it again.") from None


def _read_torch(path: Path) -> Any:
    import torch

    if tuple(int(n) for n in torch.__version__.split(".")[:2]) < OLDEST_SAFE_TORCH:
        raise InputError(
            f"{path}: torch {torch.__version__} cannot read such a file safely; "
            "install torch 2.10 or newer, or convert the file to safetensors."
        )
    try:
        with path.open("rb") as file:
            check_torch_file(file, str(path))
        with torch.serialization.safe_globals(_numpy_scalars()):
            return torch.load(path, weights_only=True, map_location="cpu")
    except InputError:
        raise
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); check its permissions.") from None
    except Exception:  # a malformed file can make torch raise anything at all
        raise InputError(f"{path}: {INCOMPLETE}") from None


class _NumpyType:
    """Stands in for numpy's dtype while a checkpoint is read, so that nothing of numpy is called on a stranger's word."""

    def __init__(self, code: str = "", *rest: Any) -> None:
        self.code = code

    def __setstate__(self, state: Any) -> None:
        """The byte order, which is that of every machine torch runs on."""


def _numpy_scalar(kind: Any, data: Any = b"") -> float | int | bool:
    """A number that training scripts log, such as numpy's float64."""
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

    for name in CONTAINERS:
        if isinstance(content, Mapping) and isinstance(content.get(name), Mapping):
            content = content[name]
            break
    if not isinstance(content, Mapping):
        raise InputError(
            f"{path}: holds {type(content).__name__}, not tensors by name; choose a file with a state dict."
        )
    return {str(name): value for name, value in content.items() if isinstance(value, torch.Tensor)}


def _check(path: Path, state: Mapping[str, Tensor]) -> None:
    import torch

    # A view can repeat one stored number any number of times; tied weights honestly repeat theirs once or twice.
    declared = 0
    for name, tensor in state.items():
        if len(name) > LONGEST_NAME or not is_plain(name):
            raise InputError(
                f"{path}: the name of a tensor is too long or has control characters (`{name[:40]}…`); do not use this file."
            )
        if tensor.layout is not torch.strided or tensor.is_quantized or tensor.is_complex() or tensor.is_meta:
            raise InputError(f"{path}: tensor `{name}` is not a plain array of real numbers; save it as one.")
        declared += tensor.numel() * tensor.element_size()
    if declared > 4 * path.stat().st_size:
        raise InputError(
            f"{path}: declares {declared:,} bytes of tensors in {path.stat().st_size:,} bytes of file, "
            "so it was not used; fetch it again."
        )
    for name, tensor in state.items():
        if tensor.is_floating_point() and not bool(torch.isfinite(tensor.float()).all()):
            raise InputError(f"{path}: tensor `{name}` has values that are not finite; use another state of training.")
