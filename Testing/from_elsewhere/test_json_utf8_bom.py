"""JSON that a Windows program saved with a byte order mark, or in UTF-16: «Unexpected UTF-8 BOM».

cityjson/cjio#21 (the mark is against the standard and there all the same); WangRongsheng/MedQA-ChatGLM#2.
"""

from __future__ import annotations

import pytest
from data_folders import write_cases, write_json

from TransferSegLib.cases.readers import read_case_set
from TransferSegLib.cli import main
from TransferSegLib.core.card import read_card
from TransferSegLib.core.records import read_json
from TransferSegLib.sources.catalogue import find_source

ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_json_is_read_in_any_encoding_of_unicode(tmp_path, encoding):
    data = {"labels": {"Läsion": 1, "脑": 2}}
    assert read_json(write_json(tmp_path / "x.json", data, encoding)) == data


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_data_set_its_names_and_a_label_map_may_be_of_windows(tmp_path, encoding, capsys):
    write_cases(tmp_path, [(f"images/c{n}.nii.gz", f"labels/c{n}.nii.gz") for n in range(2)])
    write_json(tmp_path / "labels.json", {"Läsion": 1}, encoding)
    write_json(tmp_path / "map.json", {"Läsion": "new"}, encoding)
    assert main(["cases", "check", str(tmp_path), "--label-map", str(tmp_path / "map.json")]) == 0
    assert "labels: Läsion (1)" in capsys.readouterr().out


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_card_may_be_of_windows(tmp_path, encoding):
    source = find_source("head-t1w")
    (tmp_path / "card.json").write_bytes((source.folder / "card.json").read_text(encoding="utf-8").encode(encoding))
    assert read_card(tmp_path) == source.card


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_table_may_be_of_excel(tmp_path, encoding, separator):
    rows = [
        "sep=,",
        "case,image,label,",
        "a,images/a.nii.gz,labels/a.nii.gz,",
        "",
        "ä,images/b.nii.gz,labels/b.nii.gz,",
        ",,,",
    ]
    text = "\r\n".join(rows).replace(",", separator)
    (tmp_path / "cases.csv").write_bytes(text.encode(encoding))
    assert [case.name for case in read_case_set(tmp_path / "cases.csv").cases] == ["a", "ä"]


def test_a_row_that_is_there_twice_is_one_case_and_said(tmp_path):
    (tmp_path / "cases.csv").write_text("case,image,label\na,a.nrrd,l.nrrd\na,a.nrrd,l.nrrd\n", encoding="utf-8")
    found = read_case_set(tmp_path / "cases.csv")
    assert [case.name for case in found.cases] == ["a"]
    assert [remark.message for remark in found.remarks] == ["1 case is listed more than once, and used once: `a`"]
