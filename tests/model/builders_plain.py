"""A small case with a named activation, built without SymPy (which the other builders load)."""

from __future__ import annotations

from flint import fmpq

from verifier.case.types import Case, Data, FunctionSpec, Layered, Loss, Network, Parameters

PARAMETERS = {"leaky_relu": Parameters({"slope": fmpq(1, 10)}), "elu": Parameters({"alpha": fmpq(2)})}


def case(activation: str) -> Case:
    """Two samples, two units, logistic loss."""
    data = Data(((fmpq(1),), (fmpq(-2),)), (1, -1), None, (1, 1))
    spec = FunctionSpec(activation, PARAMETERS.get(activation, Parameters()))
    network = Network("single-layer", Layered(spec, (2,), True, True))
    return Case(data, network, Loss(FunctionSpec("logistic"), fmpq(0)))
