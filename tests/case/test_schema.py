"""The JSON Schema: accepts what the reader accepts, and rejects what an editor can know to be wrong."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.case.conftest import CLAIM, DATA, LOSS, NETWORK, POINT, short, text
from tests.case.test_points import (
    DEEP,
    DEEP_POINT,
    EXPONENTIAL,
    EXPONENTIAL_POINT,
    FORWARD,
    FORWARD_POINT,
    SHORTCUT,
    SHORTCUT_POINT,
    SINGLE,
)
from verifier.case import InputError, loads
from verifier.case.raw import TABLES
from verifier.case.schema import case_schema

CASES = sorted((Path(__file__).parents[2] / "cases").rglob("*.toml"))
SCHEMA: Any = case_schema()
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def valid(case_text: str) -> bool:
    return bool(VALIDATOR.is_valid(tomllib.loads(case_text)))


def test_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert json.loads(json.dumps(SCHEMA)) == SCHEMA


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_library(path: Path) -> None:
    VALIDATOR.validate(tomllib.loads(path.read_text(encoding="utf-8")))


def table_schema(table: str) -> dict[str, Any]:
    """The schema of a table of the file by its name in `TABLES`."""
    schema: Any = SCHEMA
    for step in table.split(".") if table else ():
        schema = schema["properties"][step]
    if table == "claim":
        schema = schema["items"]
    if "$ref" in schema:
        schema = SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]]
    found: dict[str, Any] = schema
    return found


@pytest.mark.parametrize("table", [name for name in TABLES if not name.endswith("activation")])
def test_same_keys_as_the_reader(table: str) -> None:
    schema = table_schema(table)
    assert set(schema["properties"]) == set(TABLES[table].__struct_fields__)
    assert schema["additionalProperties"] is False


def test_activation_tables_have_the_keys_of_the_reader() -> None:
    tables = [entry for entry in SCHEMA["$defs"]["activation"]["oneOf"] if "properties" in entry]
    keys = {key for entry in tables for key in entry["properties"]}
    assert keys == set(TABLES["network.activation"].__struct_fields__)


def properties(schema: Any) -> Iterator[tuple[str, Any]]:
    """Every named property with a schema of its own in the tables of the file."""
    for name, entry in schema.get("properties", {}).items():
        yield name, entry
        if isinstance(entry, dict):
            yield from properties(entry)
            yield from properties(entry.get("items", {}))


def test_every_key_has_a_description() -> None:
    for table in TABLES:
        if not table.endswith("activation"):
            for name, entry in properties(table_schema(table)):
                described = entry.get("description") or table_schema(name).get("description")
                assert described, f"{table}.{name}"


def test_examples_are_valid() -> None:
    for entry in SCHEMA["$defs"].values():
        for example in entry.get("examples", ()):
            jsonschema.Draft202012Validator({**entry, "$defs": SCHEMA["$defs"]}).validate(example)


TARGETS = {"data": 'inputs = [[1, 2]]\ntargets = ["1/3"]', "loss": 'name = "quadratic"'}
ABOUT_NO_POINT = 'kind = "bad-local-minimum-exists"'
NO_BIASES = SINGLE + "hidden_bias = false\noutput_bias = false"

GOOD: list[dict[str, str | None]] = [
    {},
    {"claim": None},
    {"point": None, "claim": ABOUT_NO_POINT},
    {"data": DATA + "multiplicity = [1, '2', 3]"},
    {"data": 'inputs = [["sqrt(2)", 1e-5], ["1E5", 0x10]]\nlabels = ["1", -1.0]'},
    {"network": NO_BIASES, "point": "a = [1, 1]\nW = [[0, 0], [0, 0]]"},
    {"network": FORWARD, "point": FORWARD_POINT},
    {"network": SHORTCUT + DEEP, "point": SHORTCUT_POINT + DEEP_POINT},
    {"network": SHORTCUT + DEEP + EXPONENTIAL, "point": SHORTCUT_POINT + DEEP_POINT + EXPONENTIAL_POINT},
    {"network": NETWORK.replace('"relu"', '{name = "elu", alpha = "1/2"}')},
    {"network": NETWORK.replace('"relu"', '{expr = "max(0, z)*erf(z)"}')},
    {"loss": 'name = "polynomial_hinge"\np = 3\nweight_decay = "1/100"'},
    {"loss": 'expr = "log(1+exp(z))"'},
    {**TARGETS, "claim": 'kind = "suboptimal"\nbad = true'},
    {**TARGETS, "loss": 'expr = "(f-t)**4"'},
    {"more": f"[better]{POINT}"},
    {"claim": 'kind = "loss"\nlower = 0\nupper = "sqrt(2)"'},
    {"claim": CLAIM + 'near = "1e-6"\nstrict = false\nbad = true\ntraining_error = "1/3"\nexpect = "refuted"'},
    {"claim": 'kind = "theorem-applies"\ntheorem = "any"'},
]


@pytest.mark.parametrize("parts", GOOD, ids=short)
def test_good(parts: dict[str, str]) -> None:
    case_text = text(**parts)
    loads(case_text)
    VALIDATOR.validate(tomllib.loads(case_text))


def test_good_with_files() -> None:
    """The reader would look for the files."""
    assert valid(text(data='file = "points.csv"'))
    assert valid(text(data='file = "sub/points.NPZ"\nmultiplicity = [1]'))
    assert valid(text(point='file = "weights.npz"', more='[better]\nfile = "better.npz"'))


BAD: list[dict[str, str | None]] = [
    {"top": "new = 1"},
    {"top": "source = 1"},
    {"data": None},
    {"network": None},
    {"loss": None},
    {"data": "inputs = []\nlabels = []"},
    {"data": "inputs = [[]]\nlabels = [1]"},
    {"data": "inputs = [[1]]\nlabels = [0]"},
    {"data": "inputs = [[1]]\nlabels = [true]"},
    {"data": "inputs = [[1]]"},
    {"data": "labels = [1]"},
    {"data": "inputs = [[1]]\nlabels = [1]\ntargets = [1]"},
    {"data": 'inputs = [[1]]\nlabels = [1]\nfile = "a.csv"'},
    {"data": 'inputs = [[1]]\nfile = "a.csv"'},
    {"data": 'file = "a.txt"'},
    {"data": 'file = "../a.csv"'},
    {"data": 'file = "/a.csv"'},
    {"data": 'file = "C:a.csv"'},
    {"data": "inputs = [[true]]\nlabels = [1]"},
    {"data": 'inputs = [["nan"]]\nlabels = [1]'},
    {"data": 'inputs = [["x"]]\nlabels = [1]'},
    {"data": 'inputs = [["max(1,2)"]]\nlabels = [1]'},
    {"data": """inputs = [["__import__('os')"]]\nlabels = [1]"""},
    {"data": 'inputs = [["' + "1" * 10_001 + '"]]\nlabels = [1]'},
    {"data": DATA + "multiplicity = [0, 1, 1]"},
    {"data": DATA + "multiplicity = [1.5, 1, 1]"},
    {"data": DATA + "lables = [1]"},
    {"network": SINGLE.replace("single-layer", "single")},
    {"network": SINGLE.replace("width = 2", "")},
    {"network": SINGLE.replace('activation = "relu"', "")},
    {"network": SINGLE.replace('kind = "single-layer"', "")},
    {"network": SINGLE.replace("2", "0")},
    {"network": SINGLE.replace("2", "100001")},
    {"network": SINGLE + "hidden = [2]"},
    {"network": SINGLE + "bias = true"},
    {"network": SINGLE + "hidden_bias = 1"},
    {"network": SINGLE.replace('"relu"', '"rellu"')},
    {"network": SINGLE.replace('"relu"', '{name = "relu", slope = 1}')},
    {"network": SINGLE.replace('"relu"', '{name = "elu", slope = 1}')},
    {"network": SINGLE.replace('"relu"', '{expr = "z", name = "relu"}')},
    {"network": SINGLE.replace('"relu"', '{expr = "x"}')},
    {"network": SINGLE.replace('"relu"', "{}")},
    {"network": SINGLE + EXPONENTIAL.replace("1", "0")},
    {"network": SINGLE + "[network.exponential]"},
    {"network": SINGLE + EXPONENTIAL},
    {"network": FORWARD},
    {"network": FORWARD.replace("[2, 1]", "[]"), "point": FORWARD_POINT},
    {"network": FORWARD + "width = 2", "point": FORWARD_POINT},
    {"network": SHORTCUT, "point": SHORTCUT_POINT},
    {"network": SHORTCUT + DEEP, "point": SHORTCUT_POINT},
    {"network": SHORTCUT + DEEP.replace("hidden = [1]", ""), "point": SHORTCUT_POINT + DEEP_POINT},
    {"network": SHORTCUT + DEEP, "point": SHORTCUT_POINT + DEEP_POINT.replace("[[[8, 9]]]", "[[8, 9]]")},
    {"network": SHORTCUT + DEEP, "point": SHORTCUT_POINT + DEEP_POINT.replace("a0 = 6", "")},
    {"network": SHORTCUT + DEEP + "hidden_bias = false", "point": SHORTCUT_POINT + DEEP_POINT},
    {"network": SINGLE, "point": POINT + DEEP_POINT},
    {"network": SINGLE, "point": POINT + EXPONENTIAL_POINT},
    {"network": SINGLE + "hidden_bias = false"},
    {"network": SINGLE + "output_bias = false"},
    {"loss": ""},
    {"loss": 'name = "hing"'},
    {"loss": 'name = "polynomial_hinge"'},
    {"loss": 'name = "polynomial_hinge"\np = 101'},
    {"loss": 'name = "polynomial_hinge"\np = 1.5'},
    {"loss": 'name = "hinge"\np = 1'},
    {"loss": 'name = "hinge"\nexpr = "z"'},
    {"loss": 'expr = "z"\np = 1'},
    {"loss": LOSS + "weight_decay = -1"},
    {"loss": LOSS + "weight_decay = true"},
    {"point": None},
    {"point": ""},
    {"point": POINT.replace("a0 = 0", "")},
    {"point": POINT.replace("b  =", "B =")},
    {"point": POINT.replace("b  = [-1, -1]", "")},
    {"point": POINT.replace("[[0, 0], [0, 0]]", "[0, 0]")},
    {"point": POINT.replace("[[0, 0], [0, 0]]", "[[[0, 0], [0, 0]]]")},
    {"point": POINT.replace("[-1, -1]", "[[-1, -1]]")},
    {"point": POINT + 'file = "w.npz"'},
    {"point": 'file = "w.csv"'},
    {"more": "[better]\na0 = 1"},
    {"claim": ""},
    {"claim": 'kind = "local"'},
    {"claim": CLAIM + "near = 0"},
    {"claim": CLAIM + "near = -1"},
    {"claim": CLAIM + 'expect = "yes"'},
    {"claim": CLAIM + 'theorem = "A"'},
    {"claim": CLAIM + "value = 1"},
    {"claim": CLAIM + "strict = 1"},
    {"claim": CLAIM + "stict = true"},
    {"claim": CLAIM + "bad = true\ntraining_error = 0"},
    {"claim": 'kind = "stationary"\nnear = 1'},
    {"claim": 'kind = "theorem-applies"\ntheorem = "D"'},
    {"claim": ABOUT_NO_POINT + "\nbad = true"},
    {"claim": 'kind = "training-error"'},
    {"claim": 'kind = "loss"'},
    {"claim": 'kind = "loss"\nlower = 0'},
    {"claim": 'kind = "loss"\nvalue = 0\nlower = 0\nupper = 1'},
    {**TARGETS, "loss": LOSS},
    {**TARGETS, "claim": 'kind = "training-error"\nvalue = 0'},
    {**TARGETS, "claim": CLAIM + "training_error = 0"},
]


@pytest.mark.parametrize(
    "parts", BAD, ids=lambda parts: "-".join(f"{key} {short(value)}" for key, value in parts.items())
)
def test_bad(parts: dict[str, str]) -> None:
    case_text = text(**parts)
    with pytest.raises(InputError):
        loads(case_text)
    assert not valid(case_text)


@given(st.data())
@settings(max_examples=150)
def test_never_stricter_than_the_reader(data: st.DataObject) -> None:
    """A good file with one value replaced: what the reader takes, the schema takes."""
    parts = data.draw(st.sampled_from([part for part in GOOD if "more" not in part]))
    good = text(**parts)  # type: ignore[arg-type]
    lines = good.splitlines()
    places = [index for index, line in enumerate(lines) if "=" in line]
    place = data.draw(st.sampled_from(places))
    values = ["1", "0", "-1", "1.0", "2", '"1/2"', "true", "[1, 1]", "[[1, 1]]", "[1]", "{}", '"relu"', '"hinge"']
    lines[place] = lines[place].partition("=")[0] + "= " + data.draw(st.sampled_from(values))
    changed = "\n".join(lines)
    try:
        loads(changed)
    except InputError:
        return
    VALIDATOR.validate(tomllib.loads(changed))
