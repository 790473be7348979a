"""Arrays of an npz file as exact numbers, read without pickle and without trusting a size it states.

The file is a stranger's: the zip directory is bounded before it is parsed, the stated size of every member before it
is decompressed, the stated shape before anything is allocated. Integers are exact; a float stands for its exact binary
value.
"""

from __future__ import annotations

import io
import math
import struct
import warnings
import zipfile
import zlib
from collections.abc import Sequence
from typing import Any

from flint import fmpq

from verifier.case.errors import describe, nearest, refuse, shorten
from verifier.case.reading import MAX_BYTES

_END = struct.Struct("<4s4H2LH")  # the end-of-central-directory record of a zip file
_ZIP64_LOCATOR = b"PK\x06\x07"
_MAX_DIRECTORY = 2**20
_COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_BROKEN = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, ValueError, RuntimeError)

Arrays = dict[str, Any]  # name -> nested lists of fmpq (a 0-dimensional array: one fmpq)


def read_arrays(content: bytes, name: str, key: str, known: Sequence[str]) -> Arrays:
    """Every array of the file by its name; all names must be `known`.  Raises Refused with `key`.

    Shapes are kept as nested lists. Kinds other than integers and floats up to 64 bits, NaN and infinity are refused.
    """
    _check_directory(content, name, key)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            _check_members(members, name, key, known)
            return {
                _stem(m): _array(_content(archive, m), f"array {_stem(m)} of {describe(name)}", key) for m in members
            }
    except _BROKEN as problem:
        raise refuse(key, f"a NumPy .npz file in {describe(name)}", f"an error: {shorten(str(problem))}") from None


def _check_directory(content: bytes, name: str, key: str) -> None:
    """Bound the directory before zipfile builds an object for each of its entries."""
    tail = content[-_END.size :]
    if len(tail) < _END.size or tail[:4] != b"PK\x05\x06":
        raise refuse(key, f"a NumPy .npz file in {describe(name)}", "other content")
    directory_size = _END.unpack(tail)[5]
    if directory_size > _MAX_DIRECTORY or content[-_END.size - 20 :][:4] == _ZIP64_LOCATOR:
        raise refuse(key, f"few arrays in {describe(name)}", "a zip directory of unusual size")


def _stem(member: zipfile.ZipInfo) -> str:
    return member.filename.removesuffix(".npy")


def _check_members(members: list[zipfile.ZipInfo], name: str, key: str, known: Sequence[str]) -> None:
    names = [_stem(member) for member in members]
    for member, stem in zip(members, names, strict=True):
        if stem not in known:
            hint = nearest(stem, known)
            listed = ", ".join(known[:12]) + (", ..." if len(known) > 12 else "")
            raise refuse(key, f"arrays {listed} in {describe(name)}", f"an array {describe(stem)}{hint}")
        if member.compress_type not in _COMPRESSIONS or member.flag_bits & 1:
            raise refuse(key, f"plain or deflated arrays in {describe(name)}", f"another coding of {describe(stem)}")
    if len(set(names)) != len(names):
        raise refuse(key, f"every array once in {describe(name)}", "a repeated name")
    total = sum(member.file_size for member in members)
    if total > MAX_BYTES:
        expected = f"arrays of at most {MAX_BYTES >> 20} MiB when decompressed in {describe(name)}"
        raise refuse(key, expected, f"{total / 2**20:.1f} MiB")


def _content(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    """The bytes of a member.  Without a size, `read` would decompress up to 2 GiB of what belies its stated size."""
    with archive.open(member) as stream:
        return stream.read(member.file_size)


def _header(stream: io.BytesIO) -> tuple[tuple[int, ...], bool, Any]:
    """Shape, whether the order is Fortran's, and dtype.  Raises ValueError."""
    from numpy.lib import format as npy

    version = npy.read_magic(stream)
    read = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}.get(version)
    if read is None:
        raise ValueError(f"version {version} of the array format")
    try:
        with warnings.catch_warnings(action="ignore"):  # "written by Python 2": not the user's concern
            return read(stream)
    except Exception:  # NumPy does not say which; tokenize.TokenError, RecursionError, KeyError were seen
        raise ValueError("an array header that cannot be read") from None


def _array(content: bytes, where: str, key: str) -> Any:
    """One .npy member as nested lists of rationals."""
    import numpy as np

    stream = io.BytesIO(content)
    shape, fortran_order, dtype = _header(stream)
    if dtype.kind not in "iuf" or dtype.itemsize > 8:
        raise refuse(key, f"integers or floats of at most 64 bits in {where}", shorten(str(dtype)))
    rest = len(content) - stream.tell()
    count = math.prod(shape)
    if any(type(side) is not int or side < 0 for side in shape) or count * dtype.itemsize != rest:
        raise refuse(key, f"{rest} bytes as its shape says in {where}", f"a shape {shorten(str(shape))}")
    if len(shape) > 3:
        raise refuse(key, f"at most 3 dimensions in {where}", str(len(shape)))
    flat = np.frombuffer(content, dtype=dtype, offset=stream.tell())
    values = flat.reshape(shape, order="F" if fortran_order else "C")
    if dtype.kind == "f" and not np.isfinite(values).all():
        index = np.argwhere(~np.isfinite(values))[0].tolist()
        raise refuse(key, f"finite numbers in {where}", f"{values[tuple(index)]} at index {index}")
    return _rationals(values.tolist())


def _rationals(nested: Any) -> Any:
    """The same nesting; a float becomes the dyadic rational that it is."""
    if isinstance(nested, list):
        return [_rationals(item) for item in nested]
    return fmpq(nested) if isinstance(nested, int) else fmpq(*nested.as_integer_ratio())
