"""One sentence for each rule: what it saw, in words for a reader of the table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from verifier.rules.problem import Json

_SENTENCES: Mapping[str, str] = {
    "lower-bound": "every sample's loss is at its lower bound, so no parameters do better",
    "convex": "near the point the loss is a convex function of linear features, and 0 is a subgradient of it",
    "output-subspace": "all outputs that any parameters give lie in a space orthogonal to a subgradient of the loss",
    "dual": "a linear lower bound of the convex loss in the outputs cannot fall, judged part by part and unit by unit",
    "strict": "the gradient is exactly 0 and the Hessian positive definite",
    "higher-order": "the gradient is 0, and along the one flat direction of the Hessian the loss rises",
    "gradient": "the loss falls to first order in a direction",
    "curvature": "the loss falls to second order along a line",
    "arc": "the loss falls along a curve",
    "symmetry": "a move of the parameters leaves the loss unchanged",
    "flat-curve": "along a curve through the point the loss is constant",
    "better-point": "a point with a smaller loss is given",
    "evaluation": "computed exactly from the case",
    "patterns": "bad local minima are excluded for every sign pattern of the units and every piece of the loss",
    "supports": "every set of samples at which the loss could have a slope at a local minimum is excluded",
}


def sentence(rule: str, verdict: str, proof: Json, shown: Mapping[str, Any]) -> tuple[str, str]:
    """(the rule's name as reported, the reason in words) for evidence that the checker has accepted; `shown` is the
    statement as data.
    """
    for key in ("minimum", "descent", "flat"):
        node = proof.get(key)
        if isinstance(node, dict) and not (key == "minimum" and "flat" in proof and proof.get("refutes") == "strict"):
            name = str(node["rule"])
            modulo = " modulo moves that leave the loss unchanged" if node.get("modulo") else ""
            order = f" (order {node['order']})" if name in ("arc", "higher-order") else ""
            return name, _SENTENCES[name] + modulo + order
    if "kinks" in proof.get("existence", ()):
        return "sharp", "the loss has one minimum along the kinks near the point, and rises to first order across them"
    if "existence" in proof:
        return "existence", "Newton's method converges on a box around the point to the only minimum in it"
    if "nowhere" in proof:
        return "existence", str(shown["established"])
    if "exclusion" in proof:
        name = str(proof["exclusion"]["name"])
        scope = str(shown["established"]).partition("; ")[2]
        return name, f"{_SENTENCES[name]}; {scope}"
    if "theorem" in proof:
        name = proof["theorem"]["name"]
        conclusion = str(shown["established"]).removeprefix(f"theorem {name} applies").removeprefix(", so ")
        return "theorem", f"every hypothesis of theorem {name} holds" + (f": {conclusion}" if conclusion else "")
    if "theorems" in proof:
        pairs = zip(proof["theorems"], shown["hypotheses"], strict=True)
        failing = [f"theorem {node['name']}: {found['name']}: {found['why']}" for node, found in pairs]
        return "theorem", f"a hypothesis fails. {'; '.join(failing)}"
    if rule == "gradient" and verdict == "proved":
        return rule, "the gradient is exactly 0"
    return rule, _SENTENCES.get(rule, rule)
