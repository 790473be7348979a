"""Certificates are written where they belong, whole or not at all, and never outside the folder."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from verifier.output.certificates import CannotWrite, CertificateFolder, relative
from verifier.results import ClaimResult
from verifier.verdict import Decision, Verdict

PROVED = ClaimResult(1, "stationary", "proved", Decision(Verdict.PROVED, certificate={"of": "ü"}), 0.0)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.parametrize(
    "path",
    ["../a.toml", "../../../../../../../a.toml", "x/../../a.toml", "/etc/a.toml", "//a.toml", "..", "-", "/"],
)
def test_every_path_stays_inside(here: Path, path: str) -> None:
    inside = relative(path)
    assert not os.path.isabs(inside)
    assert os.pardir not in Path(inside).parts
    written = CertificateFolder(Path("out")).write(path, PROVED)
    assert written is not None
    assert Path(written).resolve().is_relative_to(here / "out")


@pytest.mark.parametrize("path", ["a.toml", "./a.toml", "x/../a.toml", ".//a.toml"])
def test_path_below_the_working_directory_is_kept(path: str) -> None:
    assert relative(path) == "a.toml"


def test_two_cases_never_share_a_folder(here: Path) -> None:
    folder = CertificateFolder(Path("out"))
    paths = ("a.toml", "./a.toml", "x/../a.toml")
    written = [folder.write(path, PROVED) for path in paths]
    assert written == [f"out/a.toml{suffix}/1-stationary.cert.json" for suffix in ("", "~2", "~3")]


def test_a_link_inside_the_folder_leads_nowhere_else(here: Path) -> None:
    (here / "out").mkdir()
    os.symlink(here.parent, here / "out" / "cases")
    with pytest.raises(CannotWrite, match="leads outside"):
        CertificateFolder(Path("out")).write("cases/a.toml", PROVED)
    assert list(here.parent.iterdir()) == [here]


def test_kind_of_a_claim_leads_nowhere_else(here: Path) -> None:
    climbing = replace(PROVED, kind="/../../../x")
    with pytest.raises(CannotWrite):
        CertificateFolder(Path("out")).write("a.toml", climbing)
    assert not list(here.parent.rglob("*.cert.json"))


def test_what_is_undecided_has_no_certificate(here: Path) -> None:
    undecided = replace(PROVED, decision=Decision(Verdict.UNDECIDED))
    assert CertificateFolder(Path("out")).write("a.toml", undecided) is None
    assert list(here.iterdir()) == []


def test_certificate_is_readable_json(here: Path) -> None:
    written = CertificateFolder(Path("out")).write("a.toml", PROVED)
    assert written == "out/a.toml/1-stationary.cert.json"
    assert json.loads(Path(written).read_text(encoding="utf-8")) == {"of": "ü"}
