"""The structure of a file: unknown, missing and misplaced keys, and wrong types, each with its key."""

from __future__ import annotations

import pytest

from tests.case.conftest import CLAIM, DATA, LOSS, NETWORK, POINT, refusal, text
from verifier.case import loads


@pytest.mark.parametrize(
    ("parts", "key", "got"),
    [
        ({"top": 'titel = "x"'}, "titel", "got an unknown key (did you mean title?)"),
        ({"top": "zzz = 1"}, "zzz", "got an unknown key"),
        ({"data": DATA + "lables = [1]"}, "data.lables", "got an unknown key (did you mean labels?)"),
        ({"data": DATA + "multiplicty = 1"}, "data.multiplicty", "(did you mean multiplicity?)"),
        ({"network": NETWORK + "widht = 1"}, "network.widht", "got an unknown key (did you mean width?)"),
        (
            {"network": 'kind = "single-layer"\nwidth = 2\nactivation = {name = "leaky_relu", slop = 1}'},
            "network.activation.slop",
            "(did you mean slope?)",
        ),
        ({"network": NETWORK + "[network.deep]\nhiden = 1"}, "network.deep.hiden", "(did you mean hidden?)"),
        (
            {"network": NETWORK + '[network.deep]\nactivation = {nam = "relu"}'},
            "network.deep.activation.nam",
            "(did you mean name?)",
        ),
        ({"network": NETWORK + "[network.exponential]\nmu = 1"}, "network.exponential.mu", "got an unknown key"),
        ({"loss": LOSS + "weightdecay = 1"}, "loss.weightdecay", "(did you mean weight_decay?)"),
        ({"point": POINT + "w = 1"}, "point.w", "(did you mean W?)"),
        ({"point": POINT + "[point.deep]\nA = 1"}, "point.deep.A", "(did you mean a?)"),
        ({"point": POINT + "[point.exponential]\nW = 1"}, "point.exponential.W", "(did you mean w?)"),
        ({"more": "[better]\nfiel = 1"}, "better.fiel", "(did you mean file?)"),
        ({"claim": CLAIM + "stict = true"}, "claim[0].stict", "(did you mean strict?)"),
        ({"more": "[[claim]]\nnaer = 1"}, "claim[1].naer", "(did you mean near?)"),
    ],
)
def test_unknown_key(parts: dict[str, str], key: str, got: str) -> None:
    message = refusal(text(**parts))
    assert message.startswith(f"{key}: expected one of the keys ") and message.endswith(got)


@pytest.mark.parametrize("key", ["x` - at `$.y", "x` - at `$.data", "a b", "\\n", "\\u202e", "$", "`", "[0]"])
def test_hostile_unknown_key(key: str) -> None:
    assert "got an unknown key" in refusal(text(top=f'"{key}" = 1'))
    assert "got an unknown key" in refusal(text(data=f'"{key}" = 1'))


@pytest.mark.parametrize(
    ("without", "message"),
    [
        ("data", "data: expected a table [data], got nothing"),
        ("network", "network: expected a table [network], got nothing"),
        ("loss", "loss: expected a table [loss], got nothing"),
    ],
)
def test_missing_table(without: str, message: str) -> None:
    assert refusal(text(**{without: None})) == message  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('title = "A case"', "", "title: expected a title, got nothing"),
        ("schema = 1", "", "schema: expected schema = 1, got nothing"),
        ("schema = 1", "schema = 2\nnew_key = 3", "schema: expected schema = 1, got 2"),
        ("schema = 1", 'schema = "1"', 'schema: expected schema = 1, got "1"'),
        ("schema = 1", "schema = 1.0", "schema: expected schema = 1, got 1.0"),
        ("schema = 1", "schema = true", "schema: expected schema = 1, got true"),
        ('kind = "single-layer"', "", "network.kind: expected a value (this key is required), got nothing"),
        ('kind = "local-minimum"', "", "claim[0].kind: expected a value (this key is required), got nothing"),
        ('title = "A case"', "title = 1", "title: expected a string, got 1"),
        ('title = "A case"', "title = 1.50", "title: expected a string, got 1.50"),
        ('title = "A case"', "title = 1979-05-27", "title: expected a string, got 1979-05-27"),
        ('title = "A case"', 'title = "A"\nsource = []', "source: expected a string, got an empty list"),
        ('title = "A case"', 'title = "A"\nnotes = {}', "notes: expected a string, got a table"),
        ('activation = "relu"', "activation = 1", "network.activation: expected a table or a string, got 1"),
        ('activation = "relu"', "hidden_bias = 1", "network.hidden_bias: expected true or false, got 1"),
        ('activation = "relu"', 'output_bias = "no"', 'network.output_bias: expected true or false, got "no"'),
        ('activation = "relu"', "deep = 1.5", "network.deep: expected a table, got 1.5"),
        ('activation = "relu"', "exponential = [1]", "network.exponential: expected a table, got a list of 1"),
        ('name = "hinge"', "name = 1", "loss.name: expected a string, got 1"),
        ('name = "hinge"', "expr = 1", "loss.expr: expected a string, got 1"),
        ("a0 = 0", "deep = 1", "point.deep: expected a table, got 1"),
        ("a0 = 0", "file = 1", "point.file: expected a string, got 1"),
        ("labels = [1, 1, -1]", "labels = 1", "data.labels: expected a list, got 1"),
        ("labels = [1, 1, -1]", 'file = ["a.csv"]', "data.file: expected a string, got a list of 1"),
        ('kind = "local-minimum"', "kind = 1", "claim[0].kind: expected a string, got 1"),
        ('kind = "local-minimum"', 'kind = "stationary"\nbad = 1', "claim[0].bad: expected true or false, got 1"),
    ],
)
def test_one_mistake(old: str, new: str, message: str) -> None:
    good = text()
    assert good.count(old) == 1
    assert refusal(good.replace(old, new)) == message


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("data", "1", "data: expected a table, got 1"),
        ("network", "[]", "network: expected a table, got an empty list"),
        ("loss", "nan", "loss: expected a table, got nan"),
        ("point", '"x"', 'point: expected a table, got "x"'),
        ("claim", "{kind = 'stationary'}", "claim: expected a list, got a table"),
        ("claim", "[1]", "claim[0]: expected a table, got 1"),
        ("claim", "[[]]", "claim[0]: expected a table, got an empty list"),
        ("better", "true", "better: expected a table, got true"),
    ],
)
def test_not_a_table(name: str, value: str, message: str) -> None:
    without = "" if name == "better" else None
    parts = {name: without} if without is None else {}
    assert refusal(text(**parts, top=f"{name} = {value}")) == message  # type: ignore[arg-type]


def test_good_case_in_other_orders_and_spellings() -> None:
    good = loads(text())
    inline = 'schema = 1\ntitle = "A case"\nloss.name = "hinge"\n'
    inline += 'network = {kind = "single-layer", activation = {name = "relu"}, width = 2}\n'
    inline += f"[[claim]]\n{CLAIM}[point]{POINT}[data]{DATA}"
    assert loads(inline) == good
