"""Checks the pickles of a torch file before it is read: finds out what they would build, without calling anything in them.

torch's restricted unpickler runs no code, but it takes a file's word for sizes: a line of pickle can ask for 100 GB, or for
a tensor that reaches beyond its record. Here each name a pickle calls must be one that weights need, with arguments that
make sense, and each storage it declares must be in the file.
"""

from __future__ import annotations

import io
import pickletools
import re
import zipfile
from _compat_pickle import IMPORT_MAPPING, NAME_MAPPING
from collections.abc import Callable
from typing import Any, BinaryIO

from TransferSegLib.core.errors import InputError
from TransferSegLib.sources.untrusted.file_kinds import PICKLE_MAGIC, ZIP_MAGIC, pickle_not_of_torch, torchscript

# Bytes of one number of each kind of storage.
STORAGES = {
    "Double": 8, "Float": 4, "Half": 2, "BFloat16": 2, "Long": 8, "Int": 4, "Short": 2, "Char": 1, "Byte": 1, "Bool": 1,
    "ComplexDouble": 16, "ComplexFloat": 8, "Untyped": 1,
}  # fmt: skip
LEGACY_MAGIC = 0x1950A86A20F9469CFC6C
# The central directory's end without a comment: only then is there one way to read an archive, Python's and torch's.
ZIP_END = re.compile(rb"PK\x05\x06.{16}\0\0", re.DOTALL)
# The protocol that torch writes, and the last that its restricted unpickler reads.
PROTOCOL = 2

# Far more than a network has, with what its optimiser keeps of each; also of names that are no texts, since numbers can be
# chosen so that a dict takes as long for each as for all before it.
MOST_TENSORS = 20_000

Key = str | int | float | bool | None


class Name:
    """A global that a pickle names."""

    def __init__(self, name: str) -> None:
        self.name = name


class Inert:
    """Something that the file makes and that is of no further interest here: a tensor, a device, a number of numpy."""


def incomplete(where: str) -> InputError:
    """The error for a torch file that ends too early or is damaged."""
    return InputError(
        "torch-file-not-complete", "{where}: is not a complete weights file of torch; fetch it again.", where=where
    )


def check_torch_file(file: BinaryIO, where: str) -> Any:
    """Go through the pickles of a torch file, zipped or of the older format, without building anything.

    Args:
        file: The opened file; its position afterwards is anywhere.
        where: Its path, for errors.

    Returns:
        What the file holds: plain values as they are, and everything else, tensors among it, as `Inert`.

    Raises:
        InputError: It holds more than tensors, plain values and what torch needs to put those together, or it declares data
            that it does not have.
    """
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    begins = file.read(4)
    zipped = begins == ZIP_MAGIC
    if not zipped and not begins.startswith(PICKLE_MAGIC):
        raise InputError(
            "not-a-torch-file",
            "{where}: is no weights file of torch{text:?, but a text|}; choose the file with the weights, or "
            "fetch it again.",
            where=where,
            text=_is_text(begins + file.read(1000)),
        )
    try:
        return _check_zip(file, size, where) if zipped else _check_legacy(file, size, where)
    except InputError:
        raise
    except Exception:  # a malformed pickle can make its reader raise anything at all
        raise incomplete(where) from None


def _is_text(begins: bytes) -> bool:
    return begins.isascii() and not any(byte < 32 and byte not in b"\t\n\r" for byte in begins)


def check_number(tensors: int, where: str) -> None:
    """Check that a file has no more tensors than any network has: each costs time, however small.

    Args:
        tensors: Their number.
        where: The file, for the error.

    Raises:
        InputError: It has more than `MOST_TENSORS`.
    """
    if tensors > MOST_TENSORS:
        raise InputError(
            "too-many-tensors",
            "{where}: has more than {most:,} tensors, and no network does; do not use this file.",
            where=where,
            most=MOST_TENSORS,
        )


def _check_zip(file: BinaryIO, size: int, where: str) -> Any:
    file.seek(max(0, size - 22))
    if not ZIP_END.fullmatch(file.read()):
        raise incomplete(where)
    with zipfile.ZipFile(file) as archive:
        records = archive.infolist()
        if sum(record.file_size for record in records) > size:
            raise InputError(
                "torch-file-declares-more",
                "{where}: declares more data than the file has, so it was not opened; fetch it again.",
                where=where,
            )
        names = {record.filename: record for record in records}
        # torch finds records by name whatever their case, and where nothing comes before the first.
        if len({name.casefold() for name in names}) < len(records) or min(r.header_offset for r in records) != 0:
            raise incomplete(where)
        prefix = records[0].filename.split("/")[0]
        if f"{prefix}/constants.pkl" in names:
            raise torchscript(where)
        if f"{prefix}/data.pkl" not in names:
            raise InputError(
                "archive-for-weights",
                "{where}: is a zip archive of {count:,} files, and not a file of weights; unpack it, and choose the weights "
                "in it.",
                where=where,
                count=len(names),
            )
        with archive.open(names[f"{prefix}/data.pkl"]) as data:
            pickled = data.read()
    reader = _Reader(where, size)
    content = reader.read(io.BytesIO(pickled))
    for key, wanted in reader.storages.items():
        record = names.get(f"{prefix}/data/{key}")
        held = record.file_size if record else 0
        if wanted > held:
            raise InputError(
                "torch-file-tensor-declares-more",
                "{where}: declares {wanted:,} bytes for a tensor of which it has {held:,}, so it was not "
                "opened; fetch it again.",
                where=where,
                wanted=wanted,
                held=held,
            )
    return content


def _check_legacy(file: BinaryIO, size: int, where: str) -> Any:
    file.seek(0)
    # Anything else is not for torch to guess at.
    if _Reader(where, size).read(file) != LEGACY_MAGIC:
        raise pickle_not_of_torch(where)
    reader = _Reader(where, size)
    _protocol, _system, content, _keys = (reader.read(file) for _ in range(4))
    if (wanted := sum(reader.storages.values())) > size:
        raise InputError(
            "torch-file-tensors-declare-more",
            "{where}: declares {wanted:,} bytes of tensors in {size:,} bytes of file, so it was not "
            "opened; fetch it again.",
            where=where,
            wanted=wanted,
            size=size,
        )
    return content


class _Reader:
    """Reads a pickle as torch's unpickler does, with plain values as they are and everything else as `Inert`.

    Attributes:
        where: The file, for errors.
        size: The file's bytes.
        storages: Key of each storage that was declared → its bytes.
    """

    def __init__(self, where: str, size: int) -> None:
        self.where, self.size = where, size
        self.storages: dict[str, int] = {}
        self._copied = self._tensors = self._numbers = 0

    def read(self, file: BinaryIO) -> Any:
        """Return the value of the pickle that begins at the file's position, which is then behind it."""
        stack: list[Any] = []
        marks: list[list[Any]] = []
        memo: dict[int, Any] = {}
        for opcode, argument, _ in pickletools.genops(file):
            name = opcode.name
            if name == "MARK":
                marks.append(stack)
                stack = []
            elif name in ("TUPLE", "APPENDS", "SETITEMS"):
                items, stack = stack, marks.pop()
                if name == "TUPLE":
                    stack.append(tuple(items))
                elif name == "APPENDS":
                    _only(list, stack[-1]).extend(items)
                else:
                    for key, value in zip(items[::2], items[1::2], strict=True):
                        self._put(stack[-1], key, value)
            elif name in ("TUPLE1", "TUPLE2", "TUPLE3"):
                stack[-int(name[-1]) :] = [tuple(stack[-int(name[-1]) :])]
            elif name in EMPTY:
                stack.append(EMPTY[name]())
            elif name in LITERALS:
                stack.append(LITERALS[name])
            elif name in ("BININT", "BININT1", "BININT2", "BINFLOAT", "BINUNICODE", "SHORT_BINSTRING", "LONG1"):
                stack.append(argument)
            elif name == "APPEND":
                _only(list, stack[-2]).append(stack.pop())
            elif name == "SETITEM":
                value, key = stack.pop(), stack.pop()
                self._put(stack[-1], key, value)
            elif name == "GLOBAL":
                try:
                    stack.append(self._name(str(argument)))
                except InputError:
                    # The older format puts a model's class after this word.
                    if [*(item for mark in marks for item in mark), *stack] in ([], ["module"]):
                        raise self._whole_model(str(argument)) from None
                    raise
            elif name in ("REDUCE", "NEWOBJ"):
                arguments = stack.pop()
                stack[-1] = self._call(stack[-1], arguments)
            elif name == "BUILD":
                self._build(stack[-2], stack.pop())
            elif name == "BINPERSID":
                stack[-1] = self._storage(stack[-1])
            elif name in ("BINPUT", "LONG_BINPUT"):
                if (place := int(argument or 0)) > 2 * len(memo) + 1000:  # writers count
                    raise ValueError("a pickle that no writer makes")
                memo[place] = stack[-1]
            elif name in ("BINGET", "LONG_BINGET"):
                stack.append(memo[int(argument or 0)])
            elif name == "STOP":
                return stack.pop()
            elif name == "PROTO" and int(argument or 0) > PROTOCOL:
                raise InputError(
                    "pickle-of-later-protocol",
                    "{where}: was pickled by protocol {protocol}, and only {known}, which torch.save takes by itself, is "
                    "read; ask its author to save it again without `{option}`, or as safetensors.",
                    where=self.where,
                    protocol=int(argument or 0),
                    known=PROTOCOL,
                    option="pickle_protocol",
                )
            elif name != "PROTO":
                raise self._refused(name)
        raise ValueError("the pickle does not end")

    def _name(self, text: str) -> Name:
        module, _, last = text.partition(" ")
        # The second protocol writes the names that Python 2 had.
        module, last = NAME_MAPPING.get((module, last), (IMPORT_MAPPING.get(module, module), last))
        name = f"{module}.{last}"
        if name in CALLS or re.fullmatch(r"torch\.(\w+Storage|u?int\d+|b?float\d+|float8_\w+|bool|complex\d+)", name):
            return Name(name)
        if name == "torch.storage.UntypedStorage":
            return Name("torch.UntypedStorage")
        if name.startswith("torch._utils._rebuild"):
            raise InputError(
                "tensor-of-other-kind",
                "{where}: has a tensor that is not a plain array of real numbers (`{kind}`); save it as one.",
                where=self.where,
                kind=name[:80],
            )
        raise self._refused(name)

    def _whole_model(self, named: str) -> InputError:
        """The error for a file whose content is an object of some program's, by the object's class."""
        name = named.replace(" ", ".")
        if not re.fullmatch(r"[\w.]{1,80}", name):
            return self._refused(name)
        return InputError(
            "whole-object-pickled",
            "{where}: holds an object of a program (`{name}`), probably a whole model, in place of weights by name, and was "
            "not opened, because it could run code; ask its author for the state dict alone (`{line}`), or for "
            "safetensors.",
            where=self.where,
            name=name,
            line="torch.save(model.state_dict(), 'weights.pt')",
        )

    def _refused(self, what: str) -> InputError:
        if re.fullmatch(r"[\w.]{1,80}", what):
            return InputError(
                "torch-file-holds-more",
                "{where}: holds more than tensors (`{name}`) and was not opened further, because it could run code; ask its "
                "author for the state dict alone, or for safetensors.",
                where=self.where,
                name=what,
            )
        return InputError(
            "torch-file-holds-unnamed",
            "{where}: holds more than tensors and was not opened further, because it could run code; ask its author for the "
            "state dict alone, or for safetensors.",
            where=self.where,
        )

    def _call(self, called: Any, arguments: Any) -> Any:
        if not isinstance(called, Name) or called.name not in CALLS or not isinstance(arguments, tuple):
            raise self._refused(called.name if isinstance(called, Name) else "REDUCE")
        # A text or list that is there once can be copied any number of times.
        self._copied += sum(len(a) for a in arguments if isinstance(a, (str, list, tuple, dict)))
        if self._copied > 4 * self.size + 4096:
            raise InputError(
                "torch-file-unpacks-to-more",
                "{where}: unpacks to more data than the file has, so it was not opened; do not use it.",
                where=self.where,
            )
        self._tensors += called.name.startswith("torch._utils._rebuild_tensor")
        check_number(self._tensors, self.where)
        if called.name in ("collections.OrderedDict", "builtins.set"):
            self._count(sum(len(a) for a in arguments if isinstance(a, (list, tuple))))
        try:
            return CALLS[called.name](*arguments)
        except (TypeError, ValueError):
            raise self._refused(called.name) from None

    def _build(self, built: Any, state: Any) -> None:
        # A module's state dict carries `_metadata`; any other attribute could stand in for one of the dict's methods.
        if isinstance(built, dict) and isinstance(state, dict) and set(state) <= {"_metadata"}:
            return
        if not isinstance(built, _NumpyType):
            raise self._refused("BUILD")

    def _count(self, numbers: int) -> None:
        self._numbers += numbers
        if self._numbers > MOST_TENSORS:
            raise InputError(
                "too-many-numbers",
                "{where}: has more than {most:,} numbers for names, and no network does; do not use this file.",
                where=self.where,
                most=MOST_TENSORS,
            )

    def _put(self, target: Any, key: Any, value: Any) -> None:
        self._count(not isinstance(key, str))
        _only(dict, target)[_key(key)] = value

    def _storage(self, declared: Any) -> Inert:
        _, kind, key, _, count, *view = declared if isinstance(declared, tuple) else ()
        name = kind.name.removeprefix("torch.").removesuffix("Storage") if isinstance(kind, Name) else ""
        if name not in STORAGES or type(count) is not int or count < 0 or any(v is not None for v in view):
            raise InputError(
                "tensor-not-plain",
                "{where}: has a tensor that is not a plain array of real numbers; save it as one.",
                where=self.where,
            )
        record = _only(str, key)
        self.storages[record] = max(self.storages.get(record, 0), count * STORAGES[name])
        return Inert()


class _NumpyType(Inert):
    """numpy's dtype."""


def _only(kind: type, value: Any) -> Any:
    if type(value) is not kind:
        raise ValueError("a pickle that no writer makes")
    return value


def _key(key: Any) -> Key:
    # A tuple of tuples can take longer to be hashed than anybody waits.
    if not isinstance(key, (str, int, float, bool, type(None))):
        raise ValueError("a key that is no plain value")
    return key


def _tensor(
    storage: Any, offset: Any, size: Any, stride: Any, requires_grad: Any = False, hooks: Any = None, *rest: Any
) -> Inert:
    if not isinstance(storage, Inert) or hooks or any(isinstance(more, dict) and more for more in rest):
        raise ValueError("more than a tensor")
    return Inert()


def _parameter(tensor: Any, requires_grad: Any = True, hooks: Any = None) -> Inert:
    if not isinstance(tensor, Inert) or hooks:
        raise ValueError("more than a tensor")
    return Inert()


def _ordered(pairs: Any = ()) -> dict[Key, Any]:
    return {_key(key): value for key, value in pairs}


def _encoded(text: Any, encoding: Any) -> bytes:
    if type(text) is not str or encoding != "latin1":
        raise ValueError("not how bytes are kept")
    return text.encode(encoding)


def _members(items: Any = ()) -> set[Key]:
    return {_key(item) for item in _only(list, items)}


def _size(items: Any) -> tuple[int, ...]:
    return tuple(_only(int, n) for n in _only(tuple, items))


def _inert(*arguments: Any) -> Inert:
    return Inert()


def _numpy_type(*arguments: Any) -> Inert:
    return _NumpyType()


EMPTY: dict[str, Callable[[], Any]] = {"EMPTY_TUPLE": tuple, "EMPTY_LIST": list, "EMPTY_DICT": dict, "EMPTY_SET": set}
LITERALS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}
# What the weights and training states of the programs that people use are made of, and nothing that takes a size.
CALLS: dict[str, Callable[..., Any]] = {
    "collections.OrderedDict": _ordered,
    "collections.Counter": lambda counts: dict(_only(dict, counts)),
    "builtins.set": _members,
    "_codecs.encode": _encoded,
    "torch.Size": _size,
    "torch.device": _inert,
    "torch._utils._rebuild_tensor": _tensor,
    "torch._utils._rebuild_tensor_v2": _tensor,
    "torch._utils._rebuild_tensor_v3": _tensor,
    "torch._utils._rebuild_parameter": _parameter,
    "torch.nn.parameter.Parameter": _parameter,
    "numpy.core.multiarray.scalar": _inert,
    "numpy._core.multiarray.scalar": _inert,
    "numpy.dtype": _numpy_type,
}
