"""A file that holds no weights is called what it is, with what to do; weights are read whatever their file is called.

huggingface/transformers#8497: a Git LFS pointer ends in "invalid load key, 'v'". ConstantinSeibold/
ChestXRayAnatomySegmentation#17: a web page, saved in place of the weights, in "invalid load key, '<'".
PeterL1n/BackgroundMattingV2#65: TorchScript and a state dict are taken for each other.
"""

from __future__ import annotations

import gzip
import io
import pickle
import struct
import tarfile
import zipfile
from collections import OrderedDict
from pathlib import Path

import numpy as np
import pytest
import torch
from foreign_models import write_bundle

from TransferSegLib.cli import main
from TransferSegLib.core.errors import InputError
from TransferSegLib.sources.imports.importer import ImportOptions
from TransferSegLib.sources.imports.importing import read_model
from TransferSegLib.sources.untrusted.weights import load_weights, save_weights

POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64 + b"\nsize 19284551\n"
PAGE = b"\xef\xbb\xbf\n<!-- saved --> <!DOCTYPE html>\n<html><head><title>Sign in</title></head></html>"


@pytest.fixture(autouse=True)
def own_models(tmp_path, monkeypatch):
    monkeypatch.setenv("TRANSFERSEG_MODELS", str(tmp_path / "own"))


def zip_of(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/").replace("_DOT_", "."), content)
    return buffer.getvalue()


def tar_of(name: str, mode: str) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as archive:
        archive.addfile(tarfile.TarInfo(name))
    return buffer.getvalue()


def array_file() -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, np.zeros(3))
    return buffer.getvalue()


CONTENTS = {
    "empty": (b"", "is empty (0 bytes)"),
    "pointer": (POINTER, "is a Git LFS pointer, which stands for a file of 19,284,551 bytes"),
    "page": (PAGE, "is a web page, not the file itself"),
    "keras": (b"\x89HDF\r\n\x1a\n" + bytes(64), "is a Keras (HDF5) model"),
    "onnx": (b"\x08\x08\x12\x07pytorch\x1a\x052.4.0", "is an ONNX model"),
    "lite": (b"\x1c\0\0\0TFL3" + bytes(64), "is a TensorFlow Lite model"),
    "numpy": (array_file(), "is a NumPy array"),
    "gzip": (gzip.compress(b"x"), "is compressed or packed (gzip)"),
    "tar.gz": (tar_of("model/plans.json", "w:gz"), "is compressed or packed (gzip)"),
    "tar": (tar_of("model/plans.json", "w"), "is compressed or packed (tar)"),
    "7z": (b"7z\xbc\xaf\x27\x1c" + bytes(64), "is compressed or packed (7z)"),
    "torchscript": (zip_of(model__data_DOT_pkl=b"", model__constants_DOT_pkl=b""), "is TorchScript, a program"),
    "exported": (zip_of(model__archive_format=b"pt2"), "is a program of torch.export"),
    "python's pickle": (pickle.dumps({"a": 1}, protocol=4), "is a pickle, and not one that torch.save writes"),
    "python's old pickle": (pickle.dumps({"a": 1}, protocol=2), "is a pickle, and not one that torch.save writes"),
    "openvino": (b'<?xml version="1.0"?>\n<net name="knee" version="11">', "is an OpenVINO model"),
    "server's error": (
        b'<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>',
        "is a web page, not the file itself",
    ),
}


@pytest.mark.parametrize("named", ["model.pt", "model.pth", "model.safetensors", "model.zip"])
@pytest.mark.parametrize(("content", "says"), CONTENTS.values(), ids=CONTENTS)
def test_a_file_is_called_what_it_is_whatever_its_name(tmp_path, capsys, content, says, named):
    path = tmp_path / named
    path.write_bytes(content)
    assert main(["sources", "import", str(path)]) == 2
    said = capsys.readouterr().err
    assert says in said and said.count("\n") == 1 and str(path) in said
    with pytest.raises(InputError) as caught:
        load_weights(path)
    assert says in str(caught.value)


def test_a_text_is_said_to_be_one(tmp_path):
    (tmp_path / "model.pt").write_text("learning rate: 0.01")
    with pytest.raises(InputError, match="is no weights file of torch, but a text; choose"):
        load_weights(tmp_path / "model.pt")


def test_a_file_given_for_a_download_is_called_what_it_is_before_its_sum_is_compared(tmp_path, capsys):
    (tmp_path / "model.pt").write_bytes(PAGE)
    assert main(["sources", "download", "ratlesnetv2-heterogeneous-1", "--file", str(tmp_path / "model.pt")]) == 2
    assert "is a web page, not the file itself" in capsys.readouterr().err


@pytest.mark.parametrize("ending", [".onnx", ".pb", ".h5", ".engine"])
def test_models_of_other_programs_are_known_by_their_ending_too(tmp_path, ending):
    (tmp_path / f"model{ending}").write_bytes(b"\x0a\x0bsomething")
    with pytest.raises(InputError, match="which is not read; ask its author for the weights as PyTorch has them"):
        read_model(tmp_path / f"model{ending}", ImportOptions())


@pytest.mark.parametrize("named", ["weights.pt", "weights.pth", "weights.pth.tar", "weights.bin", "weights"])
def test_safetensors_are_read_under_any_name(tmp_path, named):
    state = {"conv.weight": torch.arange(6.0).reshape(2, 3)}
    save_weights(tmp_path / "w.safetensors", state)
    (tmp_path / "w.safetensors").rename(tmp_path / named)
    assert torch.equal(load_weights(tmp_path / named)["conv.weight"], state["conv.weight"])


@pytest.mark.parametrize("named", ["weights.safetensors", "weights.pth.tar"])
@pytest.mark.parametrize("zipped", [True, False])
def test_files_of_torch_are_read_under_any_name(tmp_path, named, zipped):
    state = {"conv.weight": torch.arange(6.0).reshape(2, 3)}
    torch.save({"state_dict": state}, tmp_path / named, _use_new_zipfile_serialization=zipped)
    assert torch.equal(load_weights(tmp_path / named)["conv.weight"], state["conv.weight"])


@pytest.mark.parametrize("length", [0x088B1F, 0x2F1208, 0x685A42])
def test_safetensors_whose_first_bytes_look_like_another_file_are_read(tmp_path, length):
    # The first eight bytes are the header's length: these are the marks of gzip, ONNX and bzip2.
    header = b'{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}'.ljust(length)
    (tmp_path / "w.safetensors").write_bytes(struct.pack("<Q", length) + header + struct.pack("<f", 2.5))
    assert load_weights(tmp_path / "w.safetensors")["a"].item() == 2.5


class WholeModel(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = torch.nn.Conv3d(1, 2, 3)


@pytest.mark.parametrize("zipped", [True, False])
@pytest.mark.filterwarnings("ignore")
def test_a_whole_model_is_told_from_weights_and_from_other_things_beside_them(tmp_path, zipped):
    torch.save(WholeModel(), tmp_path / "model.pt", _use_new_zipfile_serialization=zipped)
    with pytest.raises(InputError, match=r"WholeModel`\), probably a whole model.*ask its author for the state dict"):
        load_weights(tmp_path / "model.pt")
    torch.save(
        OrderedDict(a=torch.zeros(2), more=Path("x")), tmp_path / "more.pt", _use_new_zipfile_serialization=zipped
    )
    with pytest.raises(InputError, match="holds more than tensors"):
        load_weights(tmp_path / "more.pt")


def test_weights_pickled_by_a_later_protocol_are_refused_for_that(tmp_path):
    torch.save({"a": torch.zeros(2)}, tmp_path / "model.pt", pickle_protocol=4)
    with pytest.raises(InputError, match="was pickled by protocol 4"):
        load_weights(tmp_path / "model.pt")


@pytest.mark.parametrize("named", ["bundle.zip", "bundle.ZIP", "bundle.pt", "bundle.pth.zip"])
def test_an_archive_of_a_model_is_read_whatever_its_name(tmp_path, named):
    write_bundle(tmp_path / "made" / "spleen")
    path = tmp_path / named
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted((tmp_path / "made").rglob("*.*")):
            archive.write(file, file.relative_to(tmp_path / "made"))
    assert read_model(path, ImportOptions()).card.label_names == ("spleen",)


@pytest.mark.parametrize(
    ("members", "says"),
    [
        ({"notes_DOT_txt": b"x"}, "holds no model that can be imported"),
        (
            {"inner_DOT_tar_DOT_gz": b"x", "inner_DOT_zip": b"x"},
            "holds no model, but `inner.tar.gz`, `inner.zip`; unpack",
        ),
        ({"model__net_DOT_onnx": b"x"}, "holds an ONNX model (`model/net.onnx`)"),
        ({"model_DOT_ts": b"x"}, "holds TorchScript (`model.ts`)"),
        ({"best_DOT_pth": b"x", "last_DOT_pth": b"x"}, "holds weights alone (`best.pth`, `last.pth`)"),
        ({"config_DOT_json": b"{}", "pytorch_model_DOT_bin": b"x"}, "holds weights alone (`pytorch_model.bin`)"),
        ({"model__saved_model_DOT_pb": b"x"}, "holds a TensorFlow model (`model/saved_model.pb`)"),
        ({"knee__card_DOT_json": b"{}"}, "holds a model of TransferSeg's own, in knee;"),
    ],
)
@pytest.mark.parametrize("packed", [True, False])
def test_a_folder_or_archive_without_a_model_says_what_it_holds(tmp_path, members, says, packed):
    path = tmp_path / "download.zip"
    path.write_bytes(zip_of(**members))
    if not packed:
        with zipfile.ZipFile(path) as archive:
            archive.extractall(tmp_path / "download")
        path = tmp_path / "download"
    with pytest.raises(InputError) as caught:
        read_model(path, ImportOptions())
    assert says in str(caught.value) and str(path) in str(caught.value)


def test_an_archive_of_several_disks_is_said_to_be_damaged(tmp_path):
    content = bytearray(zip_of(model__plans_DOT_json=b"{}"))
    # The locator of a larger format's end, which says that there are two disks.
    content[-22:-22] = b"PK\x06\x07" + struct.pack("<LQL", 0, 0, 2)
    (tmp_path / "model.zip").write_bytes(content)
    with pytest.raises(InputError, match="not a complete zip archive"):
        read_model(tmp_path / "model.zip", ImportOptions())


def test_an_archive_with_a_password_is_said_to_have_one(tmp_path):
    content = bytearray(zip_of(model__plans_DOT_json=b"{}"))
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + flags] |= 1
    (tmp_path / "model.zip").write_bytes(content)
    with pytest.raises(InputError, match="is protected by a password"):
        read_model(tmp_path / "model.zip", ImportOptions())


def test_a_model_of_ours_whose_weights_are_a_pointer_is_not_said_to_be_another_one(tmp_path, capsys):
    import shutil

    from TransferSegLib.sources.catalogue import find_source

    shutil.copytree(find_source("head-t1w").folder, tmp_path / "clone")
    (tmp_path / "clone" / "weights.safetensors").write_bytes(POINTER)
    assert main(["sources", "add", str(tmp_path / "clone"), "--name", "mine"]) == 2
    assert "is a Git LFS pointer" in capsys.readouterr().err


ANSWERS = {
    "404: Not Found": "is the answer of a server (`404: Not Found`)",
    '{"error": "Invalid token"}': 'is the answer of a server (`{"error": "Invalid token"}`)',
    '{"message": "Not Found"}': "is the answer of a server",
    "Entry not found": "is the answer of a server",
    "Access denied": "is the answer of a server",
    "<!DOCTYPE html><html></html>": "is a web page",
}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize(("text", "says"), ANSWERS.items(), ids=ANSWERS)
def test_what_a_server_answered_in_place_of_the_weights_is_called_that(tmp_path, capsys, text, says, encoding):
    path = tmp_path / "model.pt"
    path.write_bytes(text.encode(encoding))
    assert main(["sources", "import", str(path)]) == 2
    said = capsys.readouterr().err
    assert says in said and "in a browser" in said


@pytest.mark.parametrize("command", [["sources", "show"], ["segment", "--images", "x", "--out", "y", "--model"]])
def test_a_file_given_for_a_model_is_called_what_it_is(tmp_path, capsys, command):
    path = tmp_path / "model.ts"
    for kind in ("torchscript", "pointer"):
        content, says = CONTENTS[kind]
        path.write_bytes(content)
        assert main([*command, str(path)]) == 2
        assert says in capsys.readouterr().err


def test_weights_of_torch_named_as_a_zip_ask_for_a_card_as_others_do(tmp_path, capsys):
    torch.save({"weight": torch.zeros(3)}, tmp_path / "model.zip")
    assert main(["sources", "import", str(tmp_path / "model.zip")]) == 2
    assert "bare weights need a card that says what they are; give it with --card" in capsys.readouterr().err
