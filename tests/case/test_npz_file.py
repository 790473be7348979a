"""npz files are a stranger's: no pickle, no bombs, exact values."""

from __future__ import annotations

import io
import struct
import tracemalloc
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flint import fmpq
from hypothesis import given
from hypothesis import strategies as st

from tests.case.conftest import load_with, refusal_with, short
from verifier.case.errors import Refused
from verifier.case.npz_file import read_arrays
from verifier.case.types import Data

KNOWN = ("X", "y", "t", "multiplicity")


def npz(compressed: bool = False, **arrays: Any) -> bytes:
    stream = io.BytesIO()
    (np.savez_compressed if compressed else np.savez)(stream, **arrays)
    return stream.getvalue()


def npy(header: str, body: bytes = b"", version: tuple[int, int] = (1, 0)) -> bytes:
    """An array file with any header."""
    return b"\x93NUMPY" + bytes(version) + struct.pack("<H", len(header)) + header.encode("latin1") + body


def zipped(members: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


def refused(content: bytes) -> str:
    with pytest.raises(Refused) as caught:
        read_arrays(content, "d.npz", "data.file", KNOWN)
    assert caught.value.key == "data.file"
    return caught.value.message


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("dtype", ["<f8", ">f8", "<f4", "<f2", "<i8", ">i2", "|u1", "|i1"])
def test_kinds_of_numbers(dtype: str, compressed: bool) -> None:
    content = npz(compressed, X=np.array([[1, 2], [3, 4]], dtype=dtype), y=np.array([1, 1]))
    assert read_arrays(content, "d.npz", "key", KNOWN) == {"X": [[1, 2], [3, 4]], "y": [1, 1]}


def test_floats_are_their_binary_value_and_large_integers_exact() -> None:
    content = npz(X=np.array([0.1]), y=np.array([2**64 - 1], dtype="<u8"), t=np.array(np.float32(0.1)))
    found = read_arrays(content, "d.npz", "key", KNOWN)
    assert found["X"] == [fmpq(3602879701896397, 36028797018963968)] != [fmpq(1, 10)]
    assert found["y"] == [fmpq(2**64 - 1)]
    assert found["t"] == fmpq(13421773, 134217728)


def test_order_of_memory_makes_no_difference() -> None:
    matrix = np.arange(6).reshape(2, 3)
    content = npz(X=np.asfortranarray(matrix))
    assert read_arrays(content, "d.npz", "key", KNOWN) == {"X": [[0, 1, 2], [3, 4, 5]]}


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=5))
def test_every_float_is_exact(values: list[float]) -> None:
    found = read_arrays(npz(X=np.array(values)), "d.npz", "key", KNOWN)["X"]
    assert found == [fmpq(*value.as_integer_ratio()) for value in values]


class Evil:
    """Whoever unpickles this has lost."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (pytest.fail, ("unpickled",))


def test_pickles_are_never_loaded() -> None:
    message = refused(npz(X=np.array([Evil()], dtype=object)))
    assert message == 'expected integers or floats of at most 64 bits in array X of "d.npz", got object'


@pytest.mark.parametrize(
    ("array", "got"),
    [
        (np.array([True]), "bool"),
        (np.array([1j]), "complex128"),
        (np.array(["1"]), "<U1"),
        (np.array([b"1"]), "|S1"),
        (np.array([1], dtype="<M8[s]"), "datetime64[s]"),
        (np.array([(1, 2)], dtype=[("a", "<i4"), ("b", "<i4")]), "[('a', '<i4'), ('b', '<i4')]"),
    ],
)
def test_other_kinds(array: Any, got: str) -> None:
    assert refused(npz(X=array)) == f'expected integers or floats of at most 64 bits in array X of "d.npz", got {got}'


@pytest.mark.parametrize(
    ("array", "got"),
    [
        (np.array([[1, np.nan]]), "nan at index [0, 1]"),
        (np.array([-np.inf]), "-inf at index [0]"),
        (np.array(np.inf), "inf at index []"),
    ],
)
def test_not_finite(array: Any, got: str) -> None:
    assert refused(npz(X=array)) == f'expected finite numbers in array X of "d.npz", got {got}'


def test_too_many_dimensions() -> None:
    assert refused(npz(X=np.zeros((1, 1, 1, 1)))) == 'expected at most 3 dimensions in array X of "d.npz", got 4'


def test_unknown_repeated_and_misspelt_arrays() -> None:
    listed = 'expected arrays X, y, t, multiplicity in "d.npz", got an array '
    assert refused(npz(zzz=np.zeros(1))) == listed + '"zzz"'
    assert refused(npz(multiplicty=np.zeros(1))) == listed + '"multiplicty" (did you mean multiplicity?)'
    assert refused(zipped({"../X.npy": b""})) == listed + '"../X"'
    good = npy("{'descr': '|u1', 'fortran_order': False, 'shape': (1,), }\n", b"\x01")
    assert refused(zipped({"X": good, "X.npy": good})) == 'expected every array once in "d.npz", got a repeated name'


def test_bomb_by_size() -> None:
    """65 MiB of zeros in 64 KiB: refused by the size that the directory states."""
    content = zipped({"X.npy": bytes(65 * 2**20)}, zipfile.ZIP_DEFLATED)
    assert len(content) < 2**17
    assert refused(content) == 'expected arrays of at most 64 MiB when decompressed in "d.npz", got 65.0 MiB'


def test_bomb_by_number() -> None:
    half = bytes(33 * 2**20)
    content = zipped({"X.npy": half, "y.npy": half}, zipfile.ZIP_DEFLATED)
    assert refused(content) == 'expected arrays of at most 64 MiB when decompressed in "d.npz", got 66.0 MiB'


def test_bomb_that_belies_its_size_is_not_inflated() -> None:
    """200 MiB behind a directory that states 100 bytes: no more than that is ever decompressed."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    bomb = b"".join(deflate.compress(bytes(2**20)) for _ in range(200)) + deflate.flush()
    local = struct.pack("<4s5H3L2H", b"PK\3\4", 20, 0, 8, 0, 0, 0, len(bomb), 100, 5, 0) + b"X.npy"
    fields = (b"PK\1\2", 20, 20, 0, 8, 0, 0, 0, len(bomb), 100, 5, 0, 0, 0, 0, 0, 0)
    central = struct.pack("<4s6H3L5H2L", *fields) + b"X.npy"
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 1, 1, len(central), len(local) + len(bomb), 0)
    tracemalloc.start()
    try:
        assert refused(local + bomb + central + end).startswith('expected a NumPy .npz file in "d.npz", got an error')
        assert tracemalloc.get_traced_memory()[1] < 8 * 2**20
    finally:
        tracemalloc.stop()


def test_directory_of_very_many_entries() -> None:
    content = zipped({f"array{index}": b"" for index in range(30_000)})
    assert refused(content) == 'expected few arrays in "d.npz", got a zip directory of unusual size'


@pytest.mark.parametrize("compression", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_compressions(compression: int) -> None:
    content = zipped({"X.npy": bytes(100)}, compression)
    assert refused(content) == 'expected plain or deflated arrays in "d.npz", got another coding of "X"'


@pytest.mark.parametrize("content", [b"", b"PK", b"x1,label\n1,1\n", b"\x93NUMPY" + bytes(100)])
def test_not_a_zip(content: bytes) -> None:
    assert refused(content) == 'expected a NumPy .npz file in "d.npz", got other content'


def test_truncated_and_damaged() -> None:
    content = npz(X=np.arange(100))
    assert "expected a NumPy .npz file" in refused(content[:-1])
    assert "expected a NumPy .npz file" in refused(content[100:])
    position = content.index(b"\x93NUMPY") + 300
    damaged = content[:position] + b"\xff" + content[position + 1 :]
    assert "got an error: Bad CRC-32" in refused(damaged)


@given(st.data())
def test_damaged_anywhere_is_read_or_refused(data: st.DataObject) -> None:
    content = bytearray(npz(True, X=np.array([[1.5, 2], [3, 4]]), y=np.array([1, -1])))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        read_arrays(bytes(content), "d.npz", "key", KNOWN)
    except Refused as problem:
        assert problem.message.startswith("expected ")


HEADER = "{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }\n"


@pytest.mark.parametrize(
    ("member", "message"),
    [
        (b"", "expected a NumPy .npz file"),
        (b"not an array", "expected a NumPy .npz file"),
        (npy(HEADER, bytes(16), (9, 9)), "got an error: version (9, 9) of the array format"),
        (npy(HEADER, bytes(15)), 'expected 15 bytes as its shape says in array X of "d.npz", got a shape (2,)'),
        (npy(HEADER, bytes(17)), 'expected 17 bytes as its shape says in array X of "d.npz", got a shape (2,)'),
        (npy(HEADER.replace("(2,)", "(10**9,)"), bytes(16)), "got an error: an array header that cannot be read"),
        (npy(HEADER.replace("(2,)", "(1000000000000,)"), bytes(16)), "got a shape (1000000000000,)"),
        (npy(HEADER.replace("(2,)", "(-2, -1)"), bytes(16)), "got a shape (-2, -1)"),
        (npy(HEADER.replace("(2,)", "(True,)"), bytes(8)), "got a shape (True,)"),
        (
            npy(HEADER.replace("(2,)", "__import__('os')"), bytes(16)),
            "got an error: an array header that cannot be read",
        ),
        (npy("(" * 9000, bytes(16)), "got an error: an array header that cannot be read"),
        (npy("-" * 9000 + "1", bytes(16)), "got an error: an array header that cannot be read"),
        (npy(HEADER.replace("<f8", "nonsense"), bytes(16)), "got an error: an array header that cannot be read"),
        (npy(HEADER.replace("'<f8'", "['<f8']"), bytes(16)), "got an error: an array header that cannot be read"),
        (npy("x" * 20_000, bytes(16)), "got an error: an array header that cannot be read"),
    ],
    ids=short,
)
def test_damaged_array(member: bytes, message: str) -> None:
    assert message in refused(zipped({"X.npy": member}))


# -- as [data] ---------------------------------------------------------------------------------------------------------


def data_parts(more: str = "") -> dict[str, str | None]:
    return {"data": f'file = "d.npz"\n{more}', "point": None, "claim": None}


def test_data(tmp_path: Path) -> None:
    X, y = np.array([[0.5, 1], [2, 3]]), np.array([1.0, -1.0])
    (tmp_path / "d.npz").write_bytes(npz(X=X, y=y, multiplicity=np.array([1, 2])))
    expected = Data(((fmpq(1, 2), fmpq(1)), (fmpq(2), fmpq(3))), (1, -1), None, (1, 2))
    assert load_with(tmp_path, **data_parts()).data == expected


def test_targets(tmp_path: Path) -> None:
    (tmp_path / "d.npz").write_bytes(npz(X=np.array([[1]]), t=np.array([0.25])))
    assert load_with(tmp_path, **data_parts(), loss='name = "quadratic"').data.targets == (fmpq(1, 4),)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"X": [[1]]}, 'expected a list of 1 label or, instead, targets at labels in "d.npz", got nothing'),
        ({"y": [1]}, 'for each sample (or data.file) at inputs in "d.npz", got nothing'),
        ({"X": [[1]], "y": [1], "t": [1]}, 'or, instead, targets at labels in "d.npz", got both'),
        ({"X": [1], "y": [1]}, 'expected a list of numbers at inputs[0] in "d.npz", got 1'),
        ({"X": 1, "y": [1]}, 'expected a list of numbers as array X of "d.npz", got one number'),
        ({"X": [[[1]]], "y": [1]}, 'at inputs[0][0] in "d.npz", got a list of 1'),
        ({"X": [[1]], "y": [0]}, 'expected 1 or -1 at labels[0] in "d.npz", got 0'),
        ({"X": [[1]], "y": [0.1]}, 'expected 1 or -1 at labels[0] in "d.npz", got 3602879701896397/36028797018963968'),
        ({"X": [[1]], "y": [[1]]}, 'expected 1 or -1 at labels[0] in "d.npz", got a list of 1'),
        ({"X": [[1]], "y": [1, 1]}, 'expected a list of 1 label (one for each sample) at labels in "d.npz"'),
        ({"X": [[1]], "y": [1], "multiplicity": [0]}, 'at multiplicity[0] in "d.npz", got 0'),
        ({"X": np.zeros((0, 2)), "y": np.zeros(0)}, 'expected at least one sample at inputs in "d.npz", got none'),
        ({"X": np.zeros((2, 0)), "y": [1, 1]}, 'expected at least one number at inputs[0] in "d.npz", got an empty'),
    ],
)
def test_data_refused(tmp_path: Path, arrays: dict[str, Any], message: str) -> None:
    converted: Any = {name: np.array(value) for name, value in arrays.items()}
    (tmp_path / "d.npz").write_bytes(npz(**converted))
    line = refusal_with(tmp_path, **data_parts())
    assert line.startswith("data.file: expected ") and message in line
