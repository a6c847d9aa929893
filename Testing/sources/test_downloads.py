"""Downloads, from servers of this machine's own: https with a certificate made here, and a proxy."""

from __future__ import annotations

import hashlib
import http.server
import json
import os
import re
import shutil
import socket
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from foreign_models import write_bundle
from monai.networks.nets import SegResNet
from rounding import assert_same

from TransferSegLib.cli import main
from TransferSegLib.core.card import ModelCard
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.records import to_json
from TransferSegLib.networks import build
from TransferSegLib.sources import downloads
from TransferSegLib.sources.catalogue import broken_sources, find_in_parts, find_source, user_folder
from TransferSegLib.sources.downloads import (
    CATALOGUE,
    Download,
    DownloadPart,
    broken_downloads,
    facts,
    find_download,
    list_downloads,
)
from TransferSegLib.sources.fetching import download_model, download_source
from TransferSegLib.sources.first_sums import first_sums
from TransferSegLib.sources.in_parts import InParts, Part, write_in_parts
from TransferSegLib.sources.loading import load_source

REAL_DATA = Path(os.environ.get("TRANSFERSEG_DATA", Path(__file__).resolve().parents[3] / "shared"))


@pytest.fixture
def content(tmp_path) -> bytes:
    """The weights of a tiny network, as its authors publish them."""
    torch.manual_seed(0)
    torch.save(build("ratlesnetv2", 1, 2, {"filters": 2}).state_dict(), tmp_path / "published.pt")
    return (tmp_path / "published.pt").read_bytes()


def card() -> ModelCard:
    """The card of a published entry, with a tiny network."""
    known = find_download("ratlesnetv2-heterogeneous-1")
    assert known is not None and known.card is not None
    return replace(known.card, network=replace(known.card.network, arguments={"filters": 2}))


@pytest.fixture
def entry(server, content) -> Callable[..., Download]:
    """entry(path, …): the tiny network as the server has it."""

    def make(path: str, **changes: object) -> Download:
        known = find_download("ratlesnetv2-heterogeneous-1")
        assert known is not None
        made = replace(
            known,
            name="tiny",
            url=f"https://localhost:{server.port}/{path}",
            size_bytes=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
            card=card(),
        )
        return replace(made, **changes)  # type: ignore[arg-type]

    return make


def refused(entry: Download) -> str:
    with pytest.raises(InputError) as caught:
        download_source(entry)
    assert "\n" not in str(caught.value)
    assert not (user_folder() / "tiny").exists()
    return str(caught.value)


def parts() -> list[Path]:
    folder = user_folder() / ".downloads"
    return sorted(folder.iterdir()) if folder.is_dir() else []


def test_a_download_is_verified_kept_as_safetensors_and_says_where_it_came_from(entry, content):
    seen: list[tuple[int, int | None]] = []
    source = download_source(entry("whole"), on_progress=lambda done, total: seen.append((done, total)))
    assert source.folder == user_folder() / "tiny"
    assert source.card.made_by["downloaded_from"].endswith("/whole")
    assert source.card.made_by["sha256"] == hashlib.sha256(content).hexdigest()
    assert seen[0] == (0, len(content)) and seen[-1] == (len(content), len(content))
    load_source(find_source("tiny"))
    assert not parts()


def test_a_redirect_to_another_https_address_is_followed(entry, server):
    download_source(entry("away"))
    assert [path for path, _ in server.asked] == ["/away", "/whole"]


@pytest.mark.parametrize("kind", ["http", "ftp"])
def test_a_redirect_to_anything_but_https_is_not_followed(entry, server, kind):
    assert f"redirects to {kind}://localhost" in refused(entry(kind))
    assert [path for path, _ in server.asked] == [f"/{kind}"]


def test_a_broken_download_is_kept_and_goes_on_from_there(entry, server, content):
    message = refused(entry("broken"))
    assert f"broke off after {len(content) // 2:,} of {len(content):,} bytes; run it again" in message
    assert [part.stat().st_size for part in parts()] == [len(content) // 2]
    download_source(entry("broken"))
    assert server.asked[-1] == ("/broken", f"bytes={len(content) // 2}-")
    assert not parts()


def test_a_server_without_ranges_is_read_from_the_beginning_again(entry, server, content):
    refused(entry("broken"))
    download_source(entry("no-ranges"))
    assert server.asked[-1][1] is not None


def test_a_server_without_ranges_that_breaks_off_promises_no_going_on(entry, content):
    refused(entry("broken"))
    parts()[0].write_bytes(content[:1000])
    assert refused(entry("no-ranges-cut")).endswith("; run it again, its server begins anew each time.")
    assert parts()[0].read_bytes() == content[:1000]


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ("login", "page to log in|is not the file"),
        ("login-unstated", "broke off after 19|is not the file"),
        ("chunks", "is not the file of `tiny`"),
        ("never-on", "does not go on after"),
        ("little", "broke off after"),
        ("missing", "answers 404"),
    ],
)
def test_an_answer_that_is_not_the_rest_costs_no_byte_that_is_here(entry, content, answer, says):
    # Where the size is not known, only the sum can tell whether a server that does not go on has no more.
    refused(entry("broken"))
    (part,) = parts()
    for size in (len(content),) if answer == "never-on" else (len(content), None):
        part.write_bytes(content[:1000])
        assert re.search(says, refused(entry(answer, size_bytes=size)))
        assert part.read_bytes() == content[: 1100 if answer == "little" else 1000]
        assert parts() == [part]
    assert download_source(entry("whole")).card.name == "tiny"


def test_what_came_of_a_body_in_chunks_before_it_broke_off_is_kept(entry, content):
    assert "it broke off), 700 bytes are kept" in refused(entry("chunks-cut"))
    assert parts()[0].read_bytes() == content[:700]
    download_source(entry("whole"))


def test_a_page_of_another_size_than_the_file_is_not_taken_for_its_beginning(entry, content):
    assert f"a file of 19 bytes, and `tiny` has {len(content):,}" in refused(entry("login"))
    assert not parts()
    refused(entry("chunks"))
    assert not parts()


def test_a_part_that_is_longer_than_the_file_is_begun_anew(entry, content, server):
    refused(entry("broken"))
    parts()[0].write_bytes(content + b"x")
    download_source(entry("whole"))
    assert server.asked[-1] == ("/whole", None)


def test_a_whole_part_of_unstated_size_is_not_fetched_again(entry, content):
    refused(entry("broken"))
    parts()[0].write_bytes(content)
    download_source(entry("whole", size_bytes=None))


def test_a_wrong_sum_is_refused_and_removed(entry):
    assert "is not the file of `tiny` (SHA256 is" in refused(entry("wrong"))
    assert not parts()


def test_a_server_that_sends_too_much_is_cut_off(entry, content):
    assert f"sends more than the {len(content):,} bytes it should" in refused(entry("endless"))
    assert sum(part.stat().st_size for part in parts()) == 0


def test_an_answer_that_is_no_file_says_what_it_was(entry):
    assert "the server answers 404" in refused(entry("missing"))


def test_plain_http_is_refused_before_anything_is_asked(entry, server):
    made = entry("whole")
    assert "only https: and file: are downloaded from" in refused(replace(made, url=made.url.replace("https", "http")))
    assert not server.asked


def test_a_certificate_that_nobody_trusts_is_refused(entry, monkeypatch, tmp_path):
    (tmp_path / "none.pem").write_text("")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
    assert "certificate is not trusted" in refused(entry("whole"))


def test_offline_says_so_and_what_to_do(entry):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    message = refused(replace(entry("whole"), url=f"https://localhost:{port}/whole"))
    assert message.startswith(f"no connection to localhost:{port}")
    assert "give it with --file" in message


def test_a_proxy_of_the_environment_is_used(entry, server, monkeypatch):
    tunnelled: list[str] = []

    class Proxy(http.server.BaseHTTPRequestHandler):
        def do_CONNECT(self) -> None:
            tunnelled.append(self.path)
            with socket.create_connection(("127.0.0.1", server.port)) as beyond:
                self.send_response(200)
                self.end_headers()
                back = threading.Thread(target=_pipe, args=(beyond, self.connection))
                back.start()
                _pipe(self.connection, beyond)
                back.join()

        def log_message(self, *words: object) -> None:
            pass

    proxy = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
    thread = threading.Thread(target=proxy.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{proxy.server_address[1]}")
    monkeypatch.delenv("no_proxy", raising=False)
    try:
        download_source(entry("whole"))
    finally:
        proxy.shutdown()
        thread.join()
        proxy.server_close()
    assert tunnelled == [f"localhost:{server.port}"]


def _pipe(source: socket.socket, target: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def test_a_file_address_and_a_file_in_hand_are_verified_the_same(entry, tmp_path, content):
    made = replace(entry("whole"), url=(tmp_path / "published.pt").as_uri())
    assert download_source(made).card.name == "tiny"
    assert download_source(made, tmp_path / "published.pt").card.name == "tiny"
    (tmp_path / "other.pt").write_bytes(content + b" ")
    with pytest.raises(InputError, match=r"other\.pt: is not the file of `tiny`"):
        download_source(made, tmp_path / "other.pt")
    with pytest.raises(InputError, match="is the drive there"):
        download_source(replace(made, url=(tmp_path / "gone.pt").as_uri()))


@pytest.mark.skipif(os.name == "nt", reason="there, a file of another computer is a path")
def test_a_file_of_another_computer_is_not_looked_for_on_this_one(entry, tmp_path):
    here = (tmp_path / "published.pt").as_uri()
    message = refused(replace(entry("whole"), url=here.replace("file://", "file://server")))
    assert "is on another computer, `server`; connect its folder" in message
    assert download_source(replace(entry("whole"), url=here.replace("file://", "file://localhost"))).card.name == "tiny"


def test_a_bundle_downloads_with_what_its_entry_says_of_it(entry, tmp_path):
    write_bundle(
        tmp_path / "outer" / "a", preprocessing=[{"_target_": "Spacingd", "keys": "image", "pixdim": "$[1, 1, 1]"}]
    )
    archive = Path(shutil.make_archive(str(tmp_path / "a"), "zip", tmp_path / "outer"))
    sha1 = hashlib.sha1(archive.read_bytes()).hexdigest()
    made = entry(
        "", url=archive.as_uri(), sha256=None, sha1=sha1, size_bytes=None, card=None, spacing_mm=(2.0, 2.0, 2.0)
    )
    source = download_source(made)
    assert source.card.preprocessing.spacing_mm == (2.0, 2.0, 2.0)
    assert (source.card.licence, source.card.made_by["sha1"]) == (made.licence, sha1)


def test_an_institutes_own_list_is_offered_too(entry, tmp_path, capsys):
    user_folder().mkdir(parents=True)
    own = {
        "name": "knee",
        "title": "Knee",
        "modality": "mr",
        "body_part": "knee",
        "labels": ["femur"],
        "url": "https://models.example.org/knee.zip",
        "licence": "CC-BY-NC-4.0",
        "citation": "in house",
        "commercial_use": False,
        "sha256": "0" * 64,
        "size_bytes": 1000,
    }
    (user_folder() / "downloads.json").write_text(json.dumps({"format": 1, "entries": [own]}))
    assert main(["sources", "list"]) == 0
    row = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("knee"))
    assert "CC-BY-NC-4.0 (no commercial use)" in row
    assert main(["sources", "download", "knee", "--dry-run"]) == 0
    assert "commercial use: NOT allowed" in capsys.readouterr().out


@pytest.mark.parametrize("damage", ["{", '{"format": 1, "entries": 3}', '{"format": 1}x'])
def test_a_damaged_list_of_an_institute_is_a_warning_and_the_rest_is_offered(damage, capsys):
    user_folder().mkdir(parents=True)
    (user_folder() / "downloads.json").write_text(damage)
    assert main(["sources", "list"]) == 0
    printed = capsys.readouterr()
    assert "monai-whole-body-ct-3mm" in printed.out
    assert "not usable" in printed.err and "downloads.json" in printed.err


def test_a_damaged_entry_is_a_warning_and_those_beside_it_are_offered(capsys):
    user_folder().mkdir(parents=True)
    known = json.loads(CATALOGUE.read_text(encoding="utf-8"))["entries"][-1]
    entries = [known | {"name": "knee", "sha256": None}, known | {"name": "hip"}, {"name": "foot"}, 3]
    (user_folder() / "downloads.json").write_text(json.dumps({"format": 1, "entries": entries}))
    assert find_download("hip") is not None
    assert len(broken_downloads()) == 3
    assert main(["sources", "download", "knee"]) == 2
    assert "`knee` has no SHA-256" in capsys.readouterr().err


def test_the_size_in_the_catalogue_counts_where_the_server_does_not_state_it(entry, server, content):
    seen: list[tuple[int, int | None]] = []
    download_source(entry("unstated"), on_progress=lambda done, total: seen.append((done, total)))
    assert {total for _, total in seen} == {len(content)}


def test_every_entry_that_was_written_by_hand_states_source_sum_licence_and_citation():
    assert broken_downloads() == []
    entries = [entry for entry in list_downloads() if not entry.family]
    assert {entry.name for entry in entries} >= {"ratlesnetv2-homogeneous-1", "monai-whole-body-ct-3mm"}
    for entry in entries:
        assert entry.url.startswith("https://")
        assert entry.licence and entry.citation and entry.labels
        assert entry.sha256 is not None and len(entry.sha256) == 64 and entry.size_bytes
        assert "commercial use" in facts(entry)["licence"]
    assert CATALOGUE.stat().st_size < 50_000


def test_a_name_that_nobody_has_lists_those_there_are(capsys):
    assert main(["sources", "download", "nothing"]) == 2
    assert "there are ratlesnetv2-heterogeneous-1" in capsys.readouterr().err


@pytest.mark.parametrize("split", ["heterogeneous", "homogeneous"])
def test_the_published_networks_of_ratlesnetv2_give_their_authors_numbers(split):
    import numpy as np

    folder = REAL_DATA / "weights" / "RatLesNetV2"
    if not (folder / "reference.npz").is_file():
        pytest.skip(f"{folder} is not there (TRANSFERSEG_DATA names the folder that holds weights/)")
    known = find_download(f"ratlesnetv2-{split}-1")
    assert known is not None
    source = download_source(known, folder / f"{split}-model-1")
    network, report = load_source(source)
    reference = np.load(folder / "reference.npz")
    key = next(name for name in reference.files if split in name)
    with torch.no_grad():
        probabilities = torch.softmax(network(torch.from_numpy(reference["input"])), dim=1)
    assert_same(probabilities, torch.from_numpy(reference[key]))  # computed on another processor
    assert report.share == 1.0


def test_bare_weights_of_the_model_zoo_fit_the_card_that_ships_for_them(tmp_path):
    known = find_download("monai-whole-body-ct-3mm")
    assert known is not None and known.card is not None and known.sha256 and known.size_bytes
    # As in the bundle's configs/inference.json; MONAI's own class, and weights that are made up.
    theirs = SegResNet(
        in_channels=1,
        out_channels=105,
        init_filters=32,
        blocks_down=[1, 2, 2, 4],
        blocks_up=[1, 1, 1],
        dropout_prob=0.2,
    )
    torch.save(theirs.state_dict(), tmp_path / "model_lowres.pt")
    file = tmp_path / "model_lowres.pt"
    assert abs(file.stat().st_size - known.size_bytes) < 10_000  # what zip and torch add differs by version
    made = replace(known, sha256=hashlib.sha256(file.read_bytes()).hexdigest())
    source = download_source(made, file)
    network, report = load_source(source)
    image = torch.rand(1, 1, 32, 32, 32)
    with torch.no_grad():
        assert_same(network(image), theirs.eval()(image))
    assert report.share == 1.0 and len(source.card.labels) == 104
    assert (source.card.labels[0].name, source.card.labels[-1].name) == ("spleen", "urinary_bladder")


def test_entries_that_could_never_be_fetched_or_hide_behind_another_are_warnings(capsys):
    user_folder().mkdir(parents=True)
    known = json.loads(CATALOGUE.read_text(encoding="utf-8"))["entries"][-1]
    entries = [
        known | {"name": "../evil"},
        known | {"name": "plain", "url": "http://models.example.org/a.zip"},
        known | {"name": "hippocampus-t1w"},
        known,
        known | {"name": "hip"},
    ]
    (user_folder() / "downloads.json").write_text(json.dumps({"format": 1, "entries": entries}))
    assert main(["sources", "list"]) == 0
    printed = capsys.readouterr()
    for words in (
        "`../evil` cannot be a model's name",
        "`plain` is at http://models.example.org/a.zip; only https: and file:",
        "`hippocampus-t1w` is the name of another model",
        f"`{known['name']}` is the name of another model",
    ):
        assert words in printed.err
    assert "evil" not in printed.out and "plain" not in printed.out
    assert "\nhip " in printed.out


@pytest.mark.parametrize(
    "change",
    [{"url": f"https://{place}"} for place in ("[bad/x", "/x", "a:99999999/x", "a b/x", "a/\nx")]
    + [{"url": "x.pt"}, {"size_bytes": -5}, {"size_bytes": 10**15}],
)
def test_an_entry_that_leads_nowhere_is_a_warning_and_the_rest_is_offered(change, capsys):
    user_folder().mkdir(parents=True)
    known = json.loads(CATALOGUE.read_text(encoding="utf-8"))["entries"][-1]
    entries = [known | {"name": "knee"} | change, known | {"name": "hip"}]
    (user_folder() / "downloads.json").write_text(json.dumps({"format": 1, "entries": entries}))
    assert main(["sources", "list"]) == 0
    printed = capsys.readouterr()
    assert "entry 1: `knee` " in printed.err
    assert "\nhip " in printed.out and "\nknee" not in printed.out


def test_whatever_one_entry_does_the_others_are_offered(monkeypatch):
    read = downloads._entry

    def fails_at_the_second(data, where):
        if where.endswith("entry 2"):
            raise RuntimeError("boom")
        return read(data, where)

    monkeypatch.setattr(downloads, "_entry", fails_at_the_second)
    monkeypatch.setattr(downloads, "_read_list", downloads._read_list.__wrapped__)
    broken, of_the_other_list = broken_downloads()
    assert "entry 2: cannot be read (Python says: boom)" in broken.problem.sentence
    assert of_the_other_list.folder == downloads.PUBLIC_MODELS
    assert list_downloads()


@pytest.fixture
def of_publisher(entry, server, monkeypatch) -> Callable[..., Download]:
    """of_publisher(path, …): an entry without a sum, at an address where a publisher is known to keep releases."""
    downloads.list_all()  # as the catalogue is, before this server counts as a publisher
    monkeypatch.setattr(downloads, "PUBLISHERS", (f"https://localhost:{server.port}/",))

    def make(path: str, **changes: object) -> Download:
        return entry(path, **{"sha256": None, "size_bytes": None, **changes})

    return make


def test_the_sum_of_a_first_download_is_written_down_and_required_of_the_next(of_publisher, server, content):
    made = of_publisher("whole")
    own_entry(made)
    assert facts(made)["SHA-256"] == downloads.FIRST_SUM
    source = download_source(made)
    digest = hashlib.sha256(content).hexdigest()
    assert source.card.made_by["sha256"] == digest
    assert facts(made)["SHA-256"].startswith(f"{digest}, as it was first downloaded on ")
    shutil.rmtree(source.folder)
    server.content = content[:-1] + b"!"
    message = refused(made)
    assert "is not the file that was first downloaded on" in message and "first-sums.json" in message
    assert not parts()
    server.content = content
    assert download_source(made).card.name == "tiny"


def test_a_file_in_hand_without_a_stated_sum_is_taken_and_is_not_what_later_ones_must_be(
    of_publisher, tmp_path, content
):
    made = of_publisher("whole")
    torch.save({**torch.load(tmp_path / "published.pt"), "other": torch.ones(1)}, tmp_path / "other.pt")
    (tmp_path / "published.pt").write_bytes(content)
    shutil.rmtree(download_source(made, tmp_path / "published.pt").folder)
    assert first_sums() == {}
    download_source(made)
    assert set(first_sums()) == {made.url}


def test_without_a_sum_only_the_release_of_a_known_publisher_is_offered(of_publisher):
    for url in ("https://example.org/a.zip", of_publisher("x/../../y").url, "file:///a.zip"):
        own_entry(of_publisher("whole", url=url))
        (broken,) = broken_downloads()
        assert "`tiny` has no SHA-256" in broken.problem.sentence
    own_entry(of_publisher("whole"))
    assert broken_downloads() == [] and find_download("tiny") is not None


def test_a_damaged_list_of_first_sums_stops_the_download_and_says_where_it_is(of_publisher):
    user_folder().mkdir(parents=True)
    (user_folder() / "first-sums.json").write_text("{")
    assert "first-sums.json" in refused(of_publisher("whole"))


def test_an_institutes_mirror_is_asked_first_and_the_publisher_where_it_lacks_the_file(
    entry, server, tmp_path, monkeypatch
):
    mirror = tmp_path / "mirror"
    mirror.mkdir()
    monkeypatch.setenv("TRANSFERSEG_MIRROR", str(mirror))
    (mirror / "whole").write_bytes(server.content)
    source = download_source(entry("whole"))
    assert server.asked == []
    assert source.card.made_by["downloaded_from"].startswith("https://localhost")
    shutil.rmtree(source.folder)
    (mirror / "whole").unlink()
    download_source(entry("whole"))
    assert [path for path, _ in server.asked] == ["/whole"]


def test_a_mirror_with_another_file_is_not_believed(entry, server, tmp_path, monkeypatch):
    (tmp_path / "whole").write_bytes(server.content[:-1] + b"!")
    monkeypatch.setenv("TRANSFERSEG_MIRROR", tmp_path.as_uri())
    download_source(entry("whole"))
    assert [path for path, _ in server.asked] == ["/whole"]


def test_a_mirror_that_cannot_be_one_is_told_and_not_passed_over(entry, server, monkeypatch):
    monkeypatch.setenv("TRANSFERSEG_MIRROR", "http://models.example.org")
    assert refused(entry("whole")).startswith("TRANSFERSEG_MIRROR is http://models.example.org, which is no folder")
    assert server.asked == []


def test_where_no_sum_is_known_a_mirror_is_not_asked(of_publisher, server, tmp_path, monkeypatch):
    (tmp_path / "whole").write_bytes(server.content)
    monkeypatch.setenv("TRANSFERSEG_MIRROR", str(tmp_path))
    made = of_publisher("whole", mirrors=((tmp_path / "whole").as_uri(),))
    source = download_source(made)
    assert [path for path, _ in server.asked] == ["/whole"]
    shutil.rmtree(source.folder)
    download_source(made)
    assert len(server.asked) == 1, "now its sum is known"


def test_further_addresses_of_an_entry_are_asked_where_the_first_cannot_be_reached(entry, server, tmp_path):
    made = entry("missing", mirrors=(entry("login").url, entry("whole").url))
    assert download_source(made).card.name == "tiny"
    assert [path for path, _ in server.asked] == ["/missing", "/login", "/whole"]
    shutil.rmtree(user_folder() / "tiny")
    assert "/missing: the server answers 404" in refused(entry("missing", mirrors=(entry("never-on").url,)))


def test_a_list_that_an_institute_names_is_read_with_addresses_beside_it(entry, server, tmp_path, monkeypatch, capsys):
    shared = tmp_path / "shared drive"
    shared.mkdir()
    (shared / "tiny.pt").write_bytes(server.content)
    data = to_json(entry("whole")) | {"url": "./tiny.pt"}
    (shared / "downloads.json").write_text(json.dumps({"format": 1, "entries": [data]}))
    for named in (shared, shared / "downloads.json"):
        monkeypatch.setenv("TRANSFERSEG_CATALOGUE", str(named))
        known = find_download("tiny")
        assert known is not None and known.url == (shared / "tiny.pt").as_uri()
    assert main(["sources", "download", "tiny"]) == 0
    assert server.asked == []
    monkeypatch.setenv("TRANSFERSEG_CATALOGUE", os.pathsep.join([str(shared), str(tmp_path / "gone.json")]))
    assert main(["sources", "list"]) == 0
    assert "gone.json: the list of models that TRANSFERSEG_CATALOGUE names cannot be read" in capsys.readouterr().err


def in_two_parts(
    entry: Callable[..., Download], content: bytes, labels: tuple[str, str] = ("lesion", "lesion")
) -> Download:
    made = entry("", url="", sha256=None, size_bytes=None, name="whole", labels=("lesion",))
    found = [
        DownloadPart(f"part-{n}", (label,), entry(path).url, len(content), hashlib.sha256(content).hexdigest())
        for n, (label, path) in enumerate(zip(labels, ("whole?1", "whole?2"), strict=True), 1)
    ]
    return replace(made, parts=tuple(found))


def test_a_model_in_parts_downloads_as_one_and_its_parts_are_models(entry, content, server, capsys):
    made = in_two_parts(entry, content)
    own_entry(made)
    seen: list[tuple[int, int | None]] = []
    whole = download_model(made, on_progress=lambda done, total: seen.append((done, total)))
    assert isinstance(whole, InParts)
    assert [part.name for part in whole.parts] == ["whole-part-1", "whole-part-2"]
    assert seen[-1] == (2 * len(content), 2 * len(content)) and sorted(seen) == seen
    assert find_source("whole-part-2").card.label_names == ("lesion",)
    assert find_in_parts("whole") == whole and broken_sources() == []
    assert {entry.name for entry in list_downloads()}.isdisjoint({"whole"})
    assert main(["sources", "list", "--here"]) == 0
    row = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("whole "))
    assert row.endswith("yours, in 2 parts")
    assert main(["sources", "show", "whole"]) == 0
    assert "whole-part-1 lesion" in capsys.readouterr().out


def test_of_a_model_in_parts_what_is_here_already_is_not_downloaded_again(entry, content, server):
    made = in_two_parts(entry, content)
    own_entry(made)
    part = find_download("whole-part-2")
    assert part is not None
    download_source(part)
    download_model(made)
    assert [path for path, _ in server.asked] == ["/whole?2", "/whole?1"]


def test_where_one_part_is_needed_the_one_with_the_wanted_labels_is_proposed(entry, content):
    whole = InParts(
        format=1,
        name="body",
        title="Body",
        modality="ct",
        body_part="whole body",
        labels=("liver", "femur_left"),
        parts=(Part("body-organs", ("liver",)), Part("body-bones", ("femur_left", "hip_left"))),
    )
    write_in_parts(user_folder() / "body", whole)
    with pytest.raises(InputError, match="one of them is needed here: `body-organs`, `body-bones`"):
        find_source("body")
    assert "`body-bones` has " not in whole.must_choose(("thigh",)).sentence
    assert (
        "`body-bones` has Left Femur, left hip, so give that" in whole.must_choose(("Left Femur", "left hip")).sentence
    )


def test_removing_a_model_in_parts_removes_its_parts(entry, content, capsys):
    download_model(in_two_parts(entry, content))
    assert main(["sources", "remove", "whole"]) == 0
    assert not any(path.name.startswith("whole") for path in user_folder().iterdir())


def own_entry(entry: Download) -> None:
    user_folder().mkdir(parents=True, exist_ok=True)
    (user_folder() / "downloads.json").write_text(json.dumps({"format": 1, "entries": [to_json(entry)]}))


def test_a_list_that_was_written_for_version_0_1_0_is_read_as_it_was_meant(entry):
    data = to_json(entry("whole"))
    made = data["card"]
    made["preparation"] = made.pop("preprocessing") | {"spacing_mm": [1.0, 2.0, 3.0]}
    data["card"] = made | {"format": 1}
    user_folder().mkdir(parents=True)
    (user_folder() / "downloads.json").write_text(json.dumps({"format": 1, "entries": [data]}))
    assert broken_downloads() == []
    known = find_download("tiny")
    assert known is not None and known.card is not None
    assert (known.card.format, known.card.preprocessing.spacing_mm) == (2, (1.0, 2.0, 3.0))


def test_a_size_that_only_the_server_knows_is_told_before_the_download(entry, content, capsys, server):
    own_entry(entry("whole", size_bytes=None))
    stated = f"{len(content) / 1e6:.1f} MB, its server says"
    assert main(["sources", "download", "tiny", "--dry-run"]) == 0
    assert stated in capsys.readouterr().out
    assert not parts() and len(server.asked) == 1
    assert main(["sources", "download", "tiny"]) == 0
    assert stated in capsys.readouterr().out


def test_a_size_that_nobody_tells_is_said_not_to_be_stated(entry, capsys):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    for url in (f"https://localhost:{port}/whole", entry("unstated").url, entry("missing").url):
        shutil.rmtree(user_folder(), ignore_errors=True)
        own_entry(entry("whole", size_bytes=None, url=url))
        assert main(["sources", "download", "tiny", "--dry-run"]) == 0
        printed = capsys.readouterr().out
        assert "not stated by its publisher" in printed and url in printed


def test_what_is_here_already_still_says_where_it_came_from(entry, content, tmp_path, capsys):
    (tmp_path / "published.pt").write_bytes(content)
    user_folder().mkdir(parents=True)
    facts_of_it = to_json(replace(entry("unused"), url=(tmp_path / "published.pt").as_uri()))
    (user_folder() / "downloads.json").write_text(json.dumps({"format": 1, "entries": [facts_of_it]}))
    assert main(["sources", "download", facts_of_it["name"]]) == 0
    output = capsys.readouterr()
    assert f"of {len(content) / 1e3:,.0f} kB" in output.err
    assert main(["sources", "download", facts_of_it["name"], "--dry-run"]) == 0
    output = capsys.readouterr().out
    assert facts_of_it["sha256"] in output
    assert "is here already" in output
    assert main(["sources", "download", facts_of_it["name"], "--json"]) == 0
    output = json.loads(capsys.readouterr().out)
    assert (output["name"], output["weights"]) == (facts_of_it["name"], None)


def test_a_downloaded_model_as_json_has_what_became_of_its_weights(entry, capsys):
    own_entry(entry("whole"))
    assert main(["sources", "download", "tiny", "--dry-run", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["licence"] == entry("whole").licence
    assert main(["sources", "download", "tiny", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["name"] == "tiny" and data["folder"] == str(user_folder() / "tiny")
    assert data["weights"]["problem"]["code"] == "weights-carried-over" and data["notes"] == data["findings"] == []
