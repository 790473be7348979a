"""From a trained net to a case file: weights and samples from NumPy and PyTorch, functions by the names used there.

    net = from_arrays(arrays, activation("tanh"))          # or verifier.interop.torch.from_sequential(model)
    samples = read_samples("points.npz", loss("MSELoss"))
    written = write_case(Trained(net, samples, ...), "net.toml")

Every float stands for its exact binary value. All that is wrong with what is given is an InputError.
"""

from verifier.interop.functions import Function, LossFunction, activation, loss
from verifier.interop.net import Net, from_arrays, read_net
from verifier.interop.samples import Samples, read_samples, samples_of
from verifier.interop.writing import Trained, write_case

__all__ = [
    "Function",
    "LossFunction",
    "Net",
    "Samples",
    "Trained",
    "activation",
    "from_arrays",
    "loss",
    "read_net",
    "read_samples",
    "samples_of",
    "write_case",
]
