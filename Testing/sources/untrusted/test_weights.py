from __future__ import annotations

import json
import os
import pickle
import struct
import zipfile
from pathlib import Path

import pytest
import torch

from TransferSegLib.core.errors import InputError
from TransferSegLib.sources.untrusted.weights import align_names, load_weights, save_weights


@pytest.fixture
def state() -> dict[str, torch.Tensor]:
    return {"conv.weight": torch.arange(12.0).reshape(3, 4), "norm.num_batches_tracked": torch.tensor(7)}


class Hostile:
    """Unpickling it with Python's own pickle would create the file."""

    def __init__(self, victim: Path) -> None:
        self.victim = victim

    def __reduce__(self):
        return os.system, (f"touch '{self.victim}'",)


def test_saved_weights_come_back_with_names_values_and_dtypes(tmp_path, state):
    state["half"] = torch.tensor([1.5, -2.0], dtype=torch.bfloat16)
    save_weights(tmp_path / "w.safetensors", state)
    loaded = load_weights(tmp_path / "w.safetensors")
    assert set(loaded) == set(state)
    assert all(torch.equal(loaded[name], state[name]) and loaded[name].dtype == state[name].dtype for name in state)


def test_a_header_whose_length_reads_as_the_beginning_of_a_page_is_still_a_header(tmp_path, state):
    save_weights(tmp_path / "w.safetensors", state)
    content = (tmp_path / "w.safetensors").read_bytes()
    end = 8 + int.from_bytes(content[:8], "little")
    length = int.from_bytes(b"<a", "little")
    (tmp_path / "w.safetensors").write_bytes(
        length.to_bytes(8, "little") + content[8:end].ljust(length) + content[end:]
    )
    assert set(load_weights(tmp_path / "w.safetensors")) == set(state)


def test_the_same_tensors_give_the_same_bytes_and_no_temporary_file_stays(tmp_path, state):
    save_weights(tmp_path / "a.safetensors", state)
    save_weights(tmp_path / "b.safetensors", dict(reversed(state.items())))
    assert (tmp_path / "a.safetensors").read_bytes() == (tmp_path / "b.safetensors").read_bytes()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.safetensors", "b.safetensors"]


def test_tied_and_transposed_tensors_can_be_saved(tmp_path):
    one = torch.arange(6.0).reshape(2, 3)
    save_weights(tmp_path / "w.safetensors", {"a": one, "tied": one, "turned": one.T})
    assert torch.equal(load_weights(tmp_path / "w.safetensors")["turned"], one.T)


def test_a_failed_save_leaves_the_old_file(tmp_path, state, monkeypatch):
    target = tmp_path / "w.safetensors"
    save_weights(target, state)
    before = target.read_bytes()

    def full_disk(self, data):
        with self.open("wb") as file:
            file.write(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full_disk)
    with pytest.raises(OSError):
        save_weights(target, {"a": torch.zeros(2)})
    assert target.read_bytes() == before
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("zipped", [True, False])
@pytest.mark.parametrize("container", [None, "state_dict", "model", "network_weights"])
def test_torch_files_old_and_new_load_out_of_their_containers(tmp_path, state, zipped, container):
    content = state if container is None else {"epoch": 3, container: state}
    torch.save(content, tmp_path / "w.pt", _use_new_zipfile_serialization=zipped)
    loaded = load_weights(tmp_path / "w.pt")
    assert set(loaded) == set(state)
    assert torch.equal(loaded["conv.weight"], state["conv.weight"])


def test_published_legacy_weights_load():
    data = Path(os.environ.get("TRANSFERSEG_DATA", Path(__file__).parents[2].parent / "shared"))
    path = data / "weights" / "RatLesNetV2" / "heterogeneous-model-1"
    if not path.is_file():
        pytest.skip(f"{path} is absent; set TRANSFERSEG_DATA")
    loaded = load_weights(path)
    assert len(loaded) == 114
    assert sum(tensor.numel() for tensor in loaded.values()) == 838_642


@pytest.mark.parametrize("legacy", [True, False])
def test_a_hostile_pickle_runs_nothing(tmp_path, legacy):
    victim, path = tmp_path / "victim", tmp_path / "w.pt"
    content = {"state_dict": {"a": torch.zeros(2)}, "args": Hostile(victim)}
    torch.save(content, path, _use_new_zipfile_serialization=not legacy)
    with pytest.raises(InputError, match=r"w\.pt: holds more than tensors"):
        load_weights(path)
    assert not victim.exists()


@pytest.mark.filterwarnings("ignore:Detected pickle protocol")
def test_a_bare_hostile_pickle_runs_nothing(tmp_path):
    victim, path = tmp_path / "victim", tmp_path / "w.pkl"
    path.write_bytes(pickle.dumps(Hostile(victim)))
    with pytest.raises(InputError, match=r"w\.pkl"):
        load_weights(path)
    assert not victim.exists()


@pytest.mark.parametrize("kind", ["safetensors", "zip", "legacy"])
@pytest.mark.parametrize("kept", [0.0, 0.02, 0.3, 0.7, 0.99])
def test_a_truncated_file_is_an_input_error(tmp_path, kind, kept):
    state = {f"layer{n}.weight": torch.randn(64) for n in range(8)}
    path = tmp_path / ("w.safetensors" if kind == "safetensors" else "w.pt")
    if kind == "safetensors":
        save_weights(path, state)
    else:
        torch.save(state, path, _use_new_zipfile_serialization=kind == "zip")
    content = path.read_bytes()
    path.write_bytes(content[: int(kept * len(content))])
    with pytest.raises(InputError, match=path.name):
        load_weights(path)


def test_a_view_that_declares_more_than_the_file_holds_is_refused(tmp_path):
    torch.save({"a": torch.zeros(1).expand(10**12)}, tmp_path / "w.pt")
    with pytest.raises(InputError, match="declares 4,000,000,000,000 bytes"):
        load_weights(tmp_path / "w.pt")


def test_a_compressed_archive_is_refused_before_it_is_unpacked(tmp_path):
    torch.save({"a": torch.zeros(10**6)}, tmp_path / "plain.pt")
    with zipfile.ZipFile(tmp_path / "plain.pt") as plain, zipfile.ZipFile(tmp_path / "w.pt", "w", 8) as packed:
        for record in plain.infolist():
            packed.writestr(record.filename, plain.read(record))
    with pytest.raises(InputError, match="declares more data than the file has"):
        load_weights(tmp_path / "w.pt")


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_values_that_are_not_finite_are_named(tmp_path, value):
    save_weights(tmp_path / "w.safetensors", {"good": torch.zeros(3), "bad": torch.tensor([0.0, value])})
    with pytest.raises(InputError, match="tensor `bad` has values that are not finite"):
        load_weights(tmp_path / "w.safetensors")


@pytest.mark.parametrize("content", [{"a": torch.zeros(2, dtype=torch.complex64)}, {"a": torch.eye(2).to_sparse()}])
def test_tensors_that_are_not_plain_real_arrays_are_refused(tmp_path, content):
    torch.save(content, tmp_path / "w.pt")
    with pytest.raises(InputError, match="not a plain array of real numbers"):
        load_weights(tmp_path / "w.pt")


@pytest.mark.parametrize(("kind", "bits"), [("F4", 4), ("F8_E4M3", 8), ("C64", 64), ("U16", 16)])
def test_safetensors_of_other_kinds_of_numbers_are_refused_in_one_sentence(tmp_path, kind, bits):
    header = json.dumps({"a": {"dtype": kind, "shape": [8], "data_offsets": [0, bits]}}).encode()
    (tmp_path / "w.safetensors").write_bytes(struct.pack("<Q", len(header)) + header + bytes(bits))
    with pytest.raises(InputError, match=r"not a plain array of real numbers|not a complete safetensors file"):
        load_weights(tmp_path / "w.safetensors")


@pytest.mark.parametrize("suffix", ["pt", "safetensors"])
def test_a_tensor_of_seventy_dimensions_is_refused_in_one_sentence(tmp_path, suffix):
    state = {"a": torch.zeros((1,) * 64).reshape((1,) * 70)}
    save_weights(tmp_path / "w.safetensors", state)
    torch.save(state, tmp_path / "w.pt")
    with pytest.raises(InputError, match=r"`a` \(float32, 70 dimensions\) is not a plain array"):
        load_weights(tmp_path / f"w.{suffix}")


@pytest.mark.parametrize("suffix", ["pt", "safetensors"])
def test_more_tensors_than_any_network_has_are_refused(tmp_path, suffix, monkeypatch):
    monkeypatch.setattr("TransferSegLib.sources.untrusted.pickles.MOST_TENSORS", 5)
    state = {f"t{n}": torch.zeros(0) for n in range(6)}
    torch.save(state, tmp_path / "w.pt")
    save_weights(tmp_path / "w.safetensors", state)
    with pytest.raises(InputError, match="has more than 5 tensors"):
        load_weights(tmp_path / f"w.{suffix}")


@pytest.mark.parametrize("content", [{"epoch": 3}, [1, 2], torch.zeros(3)])
def test_a_file_without_named_tensors_is_an_input_error(tmp_path, content):
    torch.save(content, tmp_path / "w.pt")
    with pytest.raises(InputError, match=r"w\.pt: holds"):
        load_weights(tmp_path / "w.pt")


def test_torch_files_are_refused_by_a_torch_that_cannot_read_them_safely(tmp_path, state, monkeypatch):
    torch.save(state, tmp_path / "w.pt")
    monkeypatch.setattr(torch, "__version__", "2.9.1+cpu")
    with pytest.raises(InputError, match=r"install torch 2\.10 or newer"):
        load_weights(tmp_path / "w.pt")


def test_a_missing_file_is_an_input_error(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        load_weights(tmp_path / "none.safetensors")


@pytest.mark.parametrize(
    ("in_file", "in_network"),
    [
        ("module.a.weight", "a.weight"),
        ("module._orig_mod.a.weight", "a.weight"),
        ("model.0.weight", "model.0.weight"),
        ("module.model.0.weight", "model.0.weight"),
        ("0.weight", "model.0.weight"),
        ("module.model.0.weight", "net.model.0.weight"),
    ],
)
def test_prefixes_of_wrappers_are_made_to_fit_the_network(in_file, in_network):
    assert list(align_names({in_file: torch.zeros(1)}, {in_network: torch.zeros(1)})) == [in_network]


@pytest.mark.parametrize("average", ["ema_model.", "module.model_averaged.", "teacher._orig_mod.", "EMA."])
def test_of_two_that_fit_alike_the_running_average_is_not_taken_however_it_is_called(average):
    trained, averaged = torch.zeros(1), torch.ones(1)
    state = {f"{average}a.weight": averaged, "module.schematic.network._orig_mod.a.weight": trained}
    assert align_names(state, {"a.weight": trained})["a.weight"] is trained


def test_names_that_fit_no_better_are_left_alone():
    assert list(align_names({"model.x": torch.zeros(1)}, {"y": torch.zeros(1)})) == ["model.x"]
