"""What stands on standard output and on standard error."""

from __future__ import annotations

import json

from tests.end_to_end.conftest import Shell, claim

LONG = "the gradient is not exactly zero: its largest entry is 3e-16, at coordinate W1[0][2] of the vector"
UNDECIDED = claim(
    "bad-local-minimum-exists",
    answer="undecided",
    fields=f'{{reason = "{LONG}", code = "gradient-nonzero", hint = "did you mean near = 1e-6?"}}',
)
KEYS = [
    "kind verdict expected rule reason code hint statement training_error ties loss strict distance radius",
    "seconds certificate",
]


def test_table_fits_and_explains(shell: Shell) -> None:
    shell.write("a.toml", claim(), UNDECIDED, title="Dead ReLU neurons")
    shell.write("b.toml", claim())
    result = shell.verify(".")
    lines = result.stdout.splitlines()
    assert lines[0] == "a.toml  Dead ReLU neurons"
    assert lines[1].split() == ["proved", "local-minimum", "fake"]
    assert lines[2].split()[:4] == ["undecided", "!", "bad-local-minimum-exists", "fake"]
    assert max(map(len, lines)) <= 80
    text = " ".join(result.stdout.split())
    assert f"reason: {LONG}" in text
    assert "code: gradient-nonzero" in text and "hint: did you mean near = 1e-6?" in text
    assert lines[-1] == "3 claims in 2 files: 2 proved, 1 undecided; 1 not as expected (!)"
    assert "\x1b" not in result.stdout


def test_single_case_is_explained_in_full(shell: Shell) -> None:
    statement = "The point is a strict local minimum with training error 1/3."
    shell.write("a.toml", claim(fields=f'{{statement = "{statement}"}}'))
    assert statement in shell.verify("a.toml").stdout


def test_no_color_and_forced_color(shell: Shell) -> None:
    shell.write("a.toml", claim())
    assert "\x1b[32m" in shell.verify("a.toml", FORCE_COLOR="1").stdout
    assert "\x1b[3" not in shell.verify("a.toml", FORCE_COLOR="1", NO_COLOR="1").stdout


def test_quiet_writes_nothing_to_standard_output(shell: Shell) -> None:
    shell.write("a.toml", UNDECIDED, claim(act="exception"), claim(act="noise"))
    result = shell.verify("-q", "a.toml", "missing")
    assert result.stdout == ""
    assert len(result.stderr.splitlines()) == 2


def test_json_is_the_only_thing_on_standard_output(shell: Shell) -> None:
    shell.write("a.toml", claim(act="noise"), UNDECIDED, title="Ünïcode")
    shell.write("b.toml", "title = 3")
    result = shell.verify("--json", "a.toml", "b.toml", "missing")
    document = json.loads(result.stdout)
    assert list(document) == ["schema", "cases", "errors"]
    assert document["schema"] == 1
    (case,) = document["cases"]
    assert (case["path"], case["title"]) == ("a.toml", "Ünïcode")
    assert list(case["claims"][0]) == " ".join(KEYS).split()
    assert case["claims"][1]["reason"] == LONG
    assert [error["path"] for error in document["errors"]] == ["b.toml", "missing"]
    assert "noise" not in result.stderr


def test_json_without_any_case(shell: Shell) -> None:
    result = shell.verify("--json", "missing")
    assert json.loads(result.stdout)["cases"] == []


def test_hostile_text_reaches_no_terminal(shell: Shell) -> None:
    hostile = claim(fields='{reason = "\\u001b[2J", statement = "\\u0007"}')
    shell.write("a.toml", hostile, title="\\u001b]0;x\\u0007[red]")
    result = shell.verify("a.toml")
    assert "\x1b" not in result.stdout and "\x07" not in result.stdout
    assert "[red]" in result.stdout


def test_terminal_without_unicode(shell: Shell) -> None:
    shell.write("a.toml", UNDECIDED, title="\\u221a")
    result = shell.verify("a.toml", "a.toml", PYTHONIOENCODING="ascii")
    assert result.returncode == 3
    assert "\\u221a" in result.stdout


def test_standard_input(shell: Shell) -> None:
    result = shell.verify("--json", "-", stdin='title = "piped"\n' + claim())
    assert result.returncode == 0
    assert json.loads(result.stdout)["cases"][0]["path"] == "-"


def test_certificates(shell: Shell) -> None:
    shell.write("sub/a.toml", claim(), claim("stationary", answer="undecided"))
    shell.write("b.toml", claim(answer="refuted"))
    (shell.folder / "inner").mkdir()
    outside = str(shell.folder / "b.toml")
    result = shell.verify("--json", "--out", "certs", "--no-reports", "sub", "./b.toml", outside)
    first = json.loads(result.stdout)["cases"][0]["claims"]
    assert first[0]["certificate"] == "certs/sub/a.toml/1-local-minimum.cert.json"
    assert first[1]["certificate"] is None
    files = {str(path.relative_to(shell.folder)) for path in shell.folder.rglob("*") if path.is_file()}
    assert files == {
        "b.toml",
        "sub/a.toml",
        "certs/sub/a.toml/1-local-minimum.cert.json",
        "certs/b.toml/1-local-minimum.cert.json",
        f"certs{outside}/1-local-minimum.cert.json",
    }
    assert json.loads((shell.folder / first[0]["certificate"]).read_text()) == {"certificate": "A case"}


def test_what_the_checker_does_not_accept_has_no_report(shell: Shell) -> None:
    """The fake prover's certificates are none."""
    shell.write("a.toml", claim())
    result = shell.verify("--json", "--out", "certs", "a.toml")
    assert result.returncode == 2
    assert result.stderr.startswith("certs/a.toml/1-local-minimum.cert.json: expected a JSON object with")
    (case,) = json.loads(result.stdout)["cases"]
    assert case["report"] is None
    assert case["claims"][0]["verdict"] == "proved"
    files = [path.name for path in (shell.folder / "certs").rglob("*") if path.is_file()]
    assert files == ["1-local-minimum.cert.json"]


def test_certificate_that_cannot_be_written(shell: Shell) -> None:
    shell.write("a.toml", claim())
    (shell.folder / "certs").mkdir()
    (shell.folder / "certs" / "a.toml").write_text("in the way")
    result = shell.verify("--out", "certs", "a.toml")
    assert result.returncode == 2
    assert result.stderr.startswith("certs/a.toml/1-local-minimum.cert.json: cannot be written")
    assert "proved" in result.stdout
