"""A finite set of vectors whose span holds all the outputs that one part of the network can have on chosen samples.

A vector has one coordinate for each chosen sample. Lemma (propagation). Let the vectors of every unit of layer l-1 lie
in spans S_k; then the pre-activations of layer l lie in U = sum_k S_k (+ the vector 1 with a bias), since each is a
linear combination of them. A unit that is the polynomial sum_k c_ik z^k in its pre-activation on sample i, for all
parameters considered, has outputs in the span of the vectors (c_ik m_i)_i, m running over the products of k vectors of
a spanning set of U. On samples where no such polynomial is known its output is still a function of x, equal on equal
inputs: the indicators of the classes of equal inputs span. The part's outputs lie in the sum over the last layer (+ 1
with a0).

Identities, each valid near the point ("pattern") or for all parameters (the others):

pattern     the polynomials that hold on open intervals around the pre-activations (continuity keeps them inside)
polynomial  the activation is one polynomial on all of R
equal       the part is a function of x
even        the activation is even and there is no hidden bias: h_1(x) = h_1(-x), hence f(x) = f(-x)
mirror      s(z) + s(-z) = c, no hidden bias, and one hidden layer or c = 0: f(x) + f(-x) is one number for all x
            (a0 twice, + c sum_j a_j; with c = 0 every layer is odd). So f = (that number)/2 + an odd function of x.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations_with_replacement

from flint import fmpq, fmpq_mat

from . import number
from .analysis import Analysis
from .errors import Rejected, require
from .facts import activation_facts
from .local import local_polynomial
from .number import Exact
from .piecewise import piecewise
from .state import Unit

Vector = tuple[Exact, ...]
Local = Callable[[Unit, int], tuple[Exact, ...] | None]
MAX_PRODUCTS = 20_000
EVERYWHERE = frozenset({"polynomial", "equal", "even", "mirror"})
_ONE, _ZERO = fmpq(1), fmpq(0)


def output_span(analysis: Analysis, part: int, samples: Sequence[int], identity: str, where: str) -> list[Vector]:
    """Vectors spanning a space that contains the part's outputs; raises Rejected where the identity does not hold."""
    architecture = analysis.case.parts[part]
    ones: list[Vector] = [(_ONE,) * len(samples)]
    if identity in ("pattern", "polynomial"):
        last = hidden_spans(analysis, part, samples, identity)
        return [v for vectors in last for v in vectors] + (ones if architecture.output_bias else [])
    if identity == "equal":
        return _indicators(_classes(analysis, samples, False), len(samples))
    facts = activation_facts(architecture.spec)
    require(not architecture.hidden_bias, where, f"the identity {identity} needs a part without hidden biases")
    if identity == "even":
        require(facts.even.holds is True, where, f"the activation is not known to be even: {facts.even.why}")
        both = [dict.fromkeys(c, _ONE) for c in _classes(analysis, samples, True)]
        return _indicators(both, len(samples))
    if identity == "mirror":
        require(facts.mirror.holds is True, where, f"s(z) + s(-z) is not known to be constant: {facts.mirror.why}")
        odd = facts.mirror.value is not None and number.is_zero(facts.mirror.value)
        require(architecture.depth == 1 or odd, where, "mirror needs one hidden layer or an odd activation")
        constant = ones if architecture.output_bias or not odd else []
        return _indicators(_classes(analysis, samples, True), len(samples)) + constant
    raise Rejected(where, f"unknown identity {identity!r:.40}")


def hidden_spans(analysis: Analysis, part: int, samples: Sequence[int], identity: str) -> list[list[Vector]]:
    """For each unit of the last hidden layer, vectors spanning a space that contains its outputs."""
    local = _global(analysis) if identity == "polynomial" else analysis.local
    architecture = analysis.case.parts[part]
    ones: list[Vector] = [(_ONE,) * len(samples)]
    groups = _classes(analysis, samples, False)
    current: list[list[Vector]] = [
        [tuple(analysis.case.inputs[i][k] for i in samples)] for k in range(len(analysis.case.inputs[0]))
    ]
    for layer, width in enumerate(architecture.hidden):
        inputs = _basis([v for vectors in current for v in vectors] + (ones if architecture.hidden_bias else []))
        current = [_through(analysis, (part, layer, j), samples, inputs, groups, local) for j in range(width)]
    return current


def _global(analysis: Analysis) -> Local:
    def one(unit: Unit, sample: int) -> tuple[Exact, ...] | None:
        expression = analysis.case.parts[unit[0]].activation
        whole = piecewise(expression)
        return local_polynomial(expression, _ZERO) if whole is not None and not whole.breakpoints else None

    return one


def _through(
    analysis: Analysis,
    unit: Unit,
    samples: Sequence[int],
    inputs: list[Vector],
    groups: list[dict[int, fmpq]],
    local: Local,
) -> list[Vector]:
    polynomials = [local(unit, i) for i in samples]
    free = {k for k, p in enumerate(polynomials) if p is None}
    kept = [{k: v for k, v in group.items() if k in free} for group in groups]
    found = _indicators([group for group in kept if group], len(samples))
    degree = max((len(p) for p in polynomials if p is not None), default=0) - 1
    for power in range(degree + 1):
        coefficients = [_ZERO if p is None or len(p) <= power else p[power] for p in polynomials]
        if all(number.is_zero(c) for c in coefficients):
            continue
        found += [
            tuple(c * v for c, v in zip(coefficients, product, strict=True)) for product in _products(inputs, power)
        ]
    return _basis(found)


def _products(vectors: list[Vector], power: int) -> list[Vector]:
    """All products, coordinate by coordinate, of `power` of the vectors."""
    if power == 1:
        return vectors
    size = len(vectors[0]) if vectors else 0
    if power == 0:
        return [(_ONE,) * size]
    found: list[Vector] = []
    for chosen in combinations_with_replacement(vectors, power):
        require(len(found) < MAX_PRODUCTS, "span", f"more than {MAX_PRODUCTS} products of features")
        product = list(chosen[0])
        for other in chosen[1:]:
            product = [a * b for a, b in zip(product, other, strict=True)]
        found.append(tuple(product))
    return found


def _classes(analysis: Analysis, samples: Sequence[int], mirrored: bool) -> list[dict[int, fmpq]]:
    """Classes of equal inputs (mirrored: equal up to sign): place in `samples` -> +1, or -1 for the mirror image."""
    classes: dict[tuple[Exact, ...], dict[int, fmpq]] = {}
    for k, i in enumerate(samples):
        x = analysis.case.inputs[i]
        minus = tuple(-v for v in x)
        if mirrored and minus in classes and minus != x:
            classes[minus][k] = fmpq(-1)
        else:
            classes.setdefault(x, {})[k] = fmpq(1)
    return list(classes.values())


def _indicators(classes: Sequence[dict[int, fmpq]], size: int) -> list[Vector]:
    return [tuple(c.get(k, _ZERO) for k in range(size)) for c in classes]


def _basis(vectors: list[Vector]) -> list[Vector]:
    """A smaller set with the same span, where that is cheap to find (rational vectors, more than they need be)."""
    vectors = [v for v in vectors if not all(number.is_zero(c) for c in v)]
    entries = [c for v in vectors for c in v if isinstance(c, fmpq)]
    if len(vectors) <= 1 or len(entries) < len(vectors) * len(vectors[0]):
        return list(dict.fromkeys(vectors))
    reduced, rank = fmpq_mat(len(vectors), len(vectors[0]), entries).rref()
    return [tuple(row) for row in reduced.tolist()[:rank]]
