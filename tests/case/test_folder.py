"""Data files: only from inside the folder of the case file."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.case.conftest import text
from verifier.case import InputError, load, loads
from verifier.case.errors import Refused
from verifier.case.folder import read_inside

CSV = b"x1,label\n1,1\n"
OUTSIDE = "expected a file inside the folder of the case file, got "


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with data, beside a folder with secrets."""
    (tmp_path / "cases" / "sub").mkdir(parents=True)
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "a.csv").write_bytes(CSV)
    (tmp_path / "cases" / "a.csv").write_bytes(CSV)
    (tmp_path / "cases" / "sub" / "A.CSV").write_bytes(CSV)
    return tmp_path / "cases"


def refused(folder: Path, name: str) -> str:
    with pytest.raises(Refused) as caught:
        read_inside(folder, name, "data.file", (".csv", ".npz"))
    assert caught.value.key == "data.file"
    return caught.value.message


@pytest.mark.parametrize("name", ["a.csv", "./a.csv", "sub/../a.csv", "sub/A.CSV", "sub//A.CSV"])
def test_inside(folder: Path, name: str) -> None:
    assert read_inside(folder, name, "data.file", (".csv",)) == (".csv", CSV)


@pytest.mark.parametrize(
    "name",
    [
        "../secret/a.csv",
        "sub/../../secret/a.csv",
        "../cases/a.csv",
        "/etc/hosts.csv",
        "//server/a.csv",
        "C:\\a.csv",
        "C:a.csv",
        "\\\\server\\share\\a.csv",
    ],
)
def test_outside(folder: Path, name: str) -> None:
    assert refused(folder, name).startswith(OUTSIDE)


def test_absolute_name_of_a_file_inside(folder: Path) -> None:
    assert refused(folder, str(folder / "a.csv")).startswith(OUTSIDE)


def test_links(folder: Path) -> None:
    (folder / "good.csv").symlink_to("a.csv")
    (folder / "bad.csv").symlink_to("../secret/a.csv")
    (folder / "link").symlink_to("../secret", target_is_directory=True)
    (folder / "loop.csv").symlink_to("loop.csv")
    assert read_inside(folder, "good.csv", "data.file", (".csv",)) == (".csv", CSV)
    assert refused(folder, "bad.csv").startswith(OUTSIDE)
    assert refused(folder, "link/a.csv").startswith(OUTSIDE)
    assert "loop.csv" in refused(folder, "loop.csv")


def test_case_folder_may_be_a_link_itself(folder: Path) -> None:
    link = folder.parent / "link"
    link.symlink_to(folder, target_is_directory=True)
    assert read_inside(link, "a.csv", "data.file", (".csv",)) == (".csv", CSV)


@pytest.mark.parametrize("name", ["a.txt", "a", "", ".csv", "a.csv.gz", "."])
def test_endings(folder: Path, name: str) -> None:
    message = refused(folder, name)
    assert message.startswith(("expected a file name ending in .csv or .npz, got ", "expected a readable file as "))


def test_not_a_readable_file(folder: Path) -> None:
    os.mkfifo(folder / "pipe.csv")
    (folder / "folder.csv").mkdir()
    with (folder / "large.csv").open("wb") as stream:
        stream.truncate(64 * 2**20 + 1)
    assert (
        refused(folder, "none.csv") == 'expected a readable file as "none.csv", got an error: No such file or directory'
    )
    assert refused(folder, "pipe.csv").endswith("got something that is not a regular file")
    assert refused(folder, "folder.csv") == 'expected a readable file as "folder.csv", got a folder'
    assert refused(folder, "large.csv") == 'expected a file of at most 64 MiB as "large.csv", got 64.0 MiB'
    assert refused(folder, "a\x00.csv") == 'expected a readable file, got "a\\x00.csv"'


def data_case() -> str:
    return text(data='file = "a.csv"', point=None, claim=None)


def test_relative_to_the_case_file(folder: Path) -> None:
    (folder / "case.toml").write_text(data_case(), encoding="utf-8")
    assert load(folder / "case.toml").data.labels == (1,)


def test_standard_input_is_relative_to_the_working_directory(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    assert loads(data_case()).data.labels == (1,)
    monkeypatch.chdir(folder / "sub")
    with pytest.raises(InputError, match=r'-: data\.file: expected a readable file as "a\.csv", got'):
        loads(data_case())
