"""`verify report`: which files it writes and where, what it refuses, and its exit codes."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.helpers.cases import dead
from tests.report.certificates import certificate, dead_certificates
from verifier.cli import main

PAGES = {"report.html", "report.md", "report.tex", "report.json"}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for number, one in enumerate(dead_certificates(), start=1):
        put(f"certs/sub/a.toml/{number}.cert.json", one)
    return tmp_path


def put(name: str, content: object) -> None:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content), encoding="utf-8")


def test_one_case_goes_to_standard_output(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "certs"]) == 0
    shown = capsys.readouterr()
    assert shown.out.startswith("# A case of the tests\n")
    assert "verify check 1.cert.json 2.cert.json" in shown.out
    assert shown.err == ""
    assert main(["report", "--format", "json", "certs/sub/a.toml/2.cert.json"]) == 0
    assert [r["certificate"] for r in json.loads(capsys.readouterr().out)["results"]] == ["2.cert.json"]


def test_pages_lie_below_the_folder_as_the_certificates_do(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put("certs/b.toml/1.cert.json", certificate(dead("quadratic"), "theorem-applies", theorem="A"))
    assert main(["report", "--out", "pages", "--jobs", "1", "certs"]) == 0
    assert capsys.readouterr().out == "2 reports in pages\n"
    files = {str(path.relative_to("pages")) for path in Path("pages").rglob("*") if path.is_file()}
    assert files == {f"{folder}/{page}" for folder in ("sub/a.toml", "b.toml") for page in PAGES} | {"index.html"}
    index = Path("pages/index.html").read_text(encoding="utf-8")
    assert 'href="sub/a.toml/report.html"' in index
    assert 'href="b.toml/report.html"' in index


def test_one_format_and_beside_the_certificates(here: Path) -> None:
    assert main(["report", "--out", "certs", "--format", "latex", "certs"]) == 0
    assert sorted(os.listdir("certs/sub/a.toml")) == ["1.cert.json", "2.cert.json", "report.tex"]


def test_several_cases_need_a_folder(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put("certs/b.toml/1.cert.json", certificate(dead("quadratic"), "theorem-applies", theorem="A"))
    assert main(["report", "certs"]) == 2
    assert "of 2 cases: several need --out DIR" in capsys.readouterr().err


def test_cases_of_equal_folders_do_not_share_one(here: Path) -> None:
    put("other/a.toml/1.cert.json", certificate(dead("quadratic"), "theorem-applies", theorem="A"))
    files = ["certs/sub/a.toml/1.cert.json", "other/a.toml/1.cert.json"]
    assert main(["report", "--out", "pages", "--format", "json", "--jobs", "1", *files]) == 0
    assert {path.parent.name for path in Path("pages").rglob("report.json")} == {"a.toml", "a.toml~2"}


def test_a_rejected_certificate_is_left_out_and_the_exit_code_says_so(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = dead_certificates()[0]
    bad["proof"]["minimum"]["parts"] = [{"by": "equal"}]
    put("certs/sub/a.toml/0.cert.json", bad)
    assert main(["report", "--out", "pages", "certs"]) == 1
    assert "certs/sub/a.toml/0.cert.json: rejected: " in capsys.readouterr().err
    found = json.loads(Path("pages/sub/a.toml/report.json").read_text(encoding="utf-8"))
    assert [r["certificate"] for r in found["results"]] == ["1.cert.json", "2.cert.json"]


def test_without_an_accepted_certificate_there_is_no_page(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put("bad/1.cert.json", {"format": "another"})
    assert main(["report", "--out", "pages", "bad"]) == 2
    assert "bad/1.cert.json: expected a JSON object with" in capsys.readouterr().err
    assert not Path("pages").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(["--format", "all", "certs"], "--format all needs --out"), (["nothing"], "expected a file or a folder")],
)
def test_bad_usage(here: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str) -> None:
    assert main(["report", *arguments]) == 2
    assert message in capsys.readouterr().err


def test_a_link_inside_the_folder_leads_nowhere_else(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("pages").mkdir()
    Path("elsewhere").mkdir()
    os.symlink(here / "elsewhere", "pages/sub")
    assert main(["report", "--out", "pages", "certs"]) == 2
    assert "cannot be written: it leads outside pages" in capsys.readouterr().err
    assert not list(Path("elsewhere").iterdir())


def test_a_page_that_cannot_be_written(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("pages").mkdir()
    Path("pages/sub").write_text("in the way")
    assert main(["report", "--out", "pages", "certs"]) == 2
    assert "pages/sub/a.toml: cannot be written" in capsys.readouterr().err


def test_links_to_the_documents(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "--docs", "https://docs.invalid/", "--format", "html", "certs"]) == 0
    assert 'href="https://docs.invalid/rules.html#convex"' in capsys.readouterr().out
