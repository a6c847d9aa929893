"""Torch files whose few bytes ask for much, or reach beyond the file: written here by hand, opcode by opcode."""

from __future__ import annotations

import io
import re
import zipfile
from collections import Counter, OrderedDict

import numpy as np
import pytest
import torch

from TransferSegLib.core.errors import InputError
from TransferSegLib.sources.untrusted import weights
from TransferSegLib.sources.untrusted.pickles import check_torch_file
from TransferSegLib.sources.untrusted.weights import load_weights

HEAD, STOP = b"\x80\x02", b"."


def call(name: str, *arguments: bytes) -> bytes:
    module, _, last = name.rpartition(".")
    return f"c{module}\n{last}\n".encode() + b"(" + b"".join(arguments) + b"tR"


def number(value: int) -> bytes:
    data = value.to_bytes(9, "little", signed=True)
    return b"\x8a\x09" + data


def text(value: str) -> bytes:
    return b"X" + len(value).to_bytes(4, "little") + value.encode()


def storage(count: int, kind: str = "torch.FloatStorage", key: str = "0") -> bytes:
    module, _, last = kind.rpartition(".")
    named = f"c{module}\n{last}\n".encode()
    return b"(" + text("storage") + named + text(key) + text("cpu") + number(count) + b"tQ"


def tensor(count: int, size: int, hooks: bytes = b"N", key: str = "0") -> bytes:
    sizes = number(size) + b"\x85" + number(1) + b"\x85"
    return call("torch._utils._rebuild_tensor_v2", storage(count, key=key), number(0), sizes, b"\x89", hooks)


def named(value: bytes, name: str = "a") -> bytes:
    return HEAD + b"}" + text(name) + value + b"s" + STOP


def zipped(pickle: bytes, record: bytes = bytes(16), more: tuple[str, ...] = ()) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("archive/data.pkl", pickle)
        archive.writestr("archive/byteorder", b"little")
        archive.writestr("archive/data/0", record)
        archive.writestr("archive/version", b"3\n")
        for name in more:
            archive.writestr(name, b"x")
    return buffer.getvalue()


def legacy(pickle: bytes) -> bytes:
    buffer = io.BytesIO()
    torch.save({}, buffer, _use_new_zipfile_serialization=False)
    empty = HEAD + b"}q\x00."
    return buffer.getvalue().replace(empty, pickle, 1)


def refused(tmp_path, content: bytes, monkeypatch) -> str:
    """The sentence; torch is not asked."""
    path = tmp_path / "w.pt"
    path.write_bytes(content)

    def opened(*args, **kwargs):
        raise AssertionError("torch was given the file")

    monkeypatch.setattr(torch, "load", opened)
    with pytest.raises(InputError) as caught:
        load_weights(path)
    assert str(caught.value).startswith(f"{path}: ") and len(str(caught.value)) < 400
    return str(caught.value)


def test_files_written_by_hand_as_torch_does_are_read(tmp_path):
    (tmp_path / "w.pt").write_bytes(zipped(named(tensor(4, 4)), np.arange(4, dtype="<f4").tobytes()))
    assert load_weights(tmp_path / "w.pt")["a"].tolist() == [0, 1, 2, 3]


BOMBS = {
    "bytearray": call("builtins.bytearray", number(10**11)),
    "typed storage": call("torch.FloatStorage", number(10**11)),
    "untyped storage": call("torch.storage.UntypedStorage", number(10**11)),
    "tensor class": call("torch.FloatTensor", number(10**11)),
    "tensor by new": b"ctorch\nFloatTensor\n" + number(10**11) + b"\x85\x81",
    "bytearray by new": b"cbuiltins\nbytearray\n" + number(10**11) + b"\x85\x81",
    "call behind a call": call("torch._tensor._rebuild_from_type_v2", b"cbuiltins\nbytearray\n", b"N", number(9), b"N"),
    "copies of one text": text("x" * 50_000)
    + b"q\x010("
    + call("_codecs.encode", b"h\x01", text("latin1")) * 5_000
    + b"l",
    "hooks": tensor(4, 4, hooks=b"}" + number(0) + b"ctorch\ndevice\ns"),
    "a method of the dictionary": b"ccollections\nOrderedDict\n)R}" + text("items") + number(1) + b"sb",
    "keys that take forever": b"}" + b"N\x85" + b"q\x01h\x01\x86" * 60 + b"Ns",
    "long bytes": b"\x8e" + (10**11).to_bytes(8, "little"),
    "memo far away": b"Nr\xff\xff\xff\xff",
    "extension": b"\x82\x01",
    "persistent text": b"Pvictim\n",
    "numpy array": call("numpy._core.multiarray._reconstruct", b"cnumpy\nndarray\n", b"K\x00\x85", text("b")),
}


MANY = range(1, 20_010)


@pytest.mark.parametrize(
    "held",
    [
        b"}(" + b"".join(number(n) + b"N" for n in MANY) + b"u",
        call("builtins.set", b"](" + b"".join(number(n) for n in MANY) + b"e"),
        call("collections.OrderedDict", b"](" + b"".join(number(n) + b"N\x86" for n in MANY) + b"e"),
    ],
    ids=["dict", "set", "ordered"],
)
def test_no_more_numbers_stand_for_names_than_a_dict_takes_in_good_time_whatever_they_are(tmp_path, monkeypatch, held):
    # Those that are alike modulo 2⁶¹ − 1 are all one to a dict, and others can be found that are as slow.
    assert "more than 20,000 numbers for names" in refused(tmp_path, zipped(named(held)), monkeypatch)


@pytest.mark.parametrize("form", [zipped, legacy])
@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS.keys())
def test_what_asks_for_more_than_there_is_never_reaches_torch(tmp_path, monkeypatch, form, bomb):
    refused(tmp_path, form(named(bomb)), monkeypatch)


@pytest.mark.parametrize(("declared", "size"), [(10**11, 1), (5, 5), (4 + 2**60, 4)])
def test_a_storage_larger_than_its_record_is_refused(tmp_path, monkeypatch, declared, size):
    message = refused(tmp_path, zipped(named(tensor(declared, size))), monkeypatch)
    assert f"declares {4 * declared:,} bytes for a tensor of which it has 16" in message


def test_a_storage_without_a_record_is_refused(tmp_path, monkeypatch):
    assert "of which it has 0" in refused(tmp_path, zipped(named(tensor(4, 4, key="../0"))), monkeypatch)


def test_an_older_file_that_declares_more_than_it_is_long_is_refused(tmp_path, monkeypatch):
    message = refused(tmp_path, legacy(named(tensor(10**11, 1))), monkeypatch)
    assert "declares 400,000,000,000 bytes of tensors" in message


@pytest.mark.parametrize(
    "content",
    [
        zipped(named(tensor(4, 4)), more=("ARCHIVE/DATA.PKL",)),
        b"x" + zipped(named(tensor(4, 4))),
        zipped(named(tensor(4, 4))) + b"x",
        zipped(named(tensor(4, 4)))[:-2] + b"\x02\x00hi",
    ],
    ids=["two of a name", "something before", "something behind", "a comment"],
)
def test_an_archive_that_two_programs_could_read_differently_is_refused(tmp_path, monkeypatch, content):
    assert re.search("is (not a complete|no) weights file of torch", refused(tmp_path, content, monkeypatch))


def test_torchscript_is_named(tmp_path, monkeypatch):
    buffer = io.BytesIO()
    torch.jit.save(torch.jit.script(torch.nn.Linear(2, 2)), buffer)
    assert "is TorchScript" in refused(tmp_path, buffer.getvalue(), monkeypatch)


@pytest.mark.parametrize("name", ["a\nb", "a\x1b[2Kb", "a\u202eb", "a" * 10**6], ids=["line", "escape", "bidi", "long"])
def test_a_tensor_whose_name_is_no_name_is_refused(tmp_path, name):
    torch.save({name: torch.zeros(2)}, tmp_path / "w.pt")
    weights.save_weights(tmp_path / "w.safetensors", {name: torch.zeros(2)})
    for path in (tmp_path / "w.pt", tmp_path / "w.safetensors"):
        with pytest.raises(InputError, match="name of a tensor") as caught:
            load_weights(path)
        assert len(str(caught.value)) < 500 and "\x1b" not in str(caught.value)


@pytest.mark.parametrize("zip_form", [True, False])
def test_what_training_programs_keep_beside_weights_is_no_hindrance(tmp_path, zip_form):
    network = torch.nn.Sequential(torch.nn.Conv3d(1, 2, 3), torch.nn.BatchNorm3d(2))
    optimiser = torch.optim.Adam(network.parameters())
    network(torch.zeros(2, 1, 4, 4, 4)).sum().backward()
    optimiser.step()
    content = {
        "state_dict": network.state_dict(),
        "parameter": torch.nn.Parameter(torch.zeros(3)),
        "optimizer": optimiser.state_dict(),
        "scheduler": torch.optim.lr_scheduler.MultiStepLR(optimiser, [3, 5]).state_dict(),
        "best": [np.float64(0.5), np.float32(1), np.int64(3), np.bool_(True)],
        "device": torch.device("cpu"),
        "dtype": torch.float32,
        "types": [torch.zeros(2, dtype=kind) for kind in (torch.half, torch.bfloat16, torch.int64, torch.bool)],
        "size": torch.zeros(2, 3).shape,
        "made of": (1, "two", 3.0, None, {4, 5}, Counter("ab"), OrderedDict(a=1), 10**30, b"bytes", "ü"),
        "view": torch.arange(10)[2:5],
        "random": torch.get_rng_state(),
    }
    torch.save(content, tmp_path / "w.pt", _use_new_zipfile_serialization=zip_form)
    assert set(load_weights(tmp_path / "w.pt")) == set(network.state_dict())


def test_reading_leaves_nothing_that_the_pickle_made():
    buffer = io.BytesIO()
    torch.save({"a": torch.zeros(2)}, buffer)
    check_torch_file(buffer, "here")
