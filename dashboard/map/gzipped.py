"""One gzip stream made of parts, of which some were deflated beforehand.

Browsers refuse a gzip file of several members, so parts that are kept deflated are joined inside
one member: each ends at a whole byte, refers to nothing before it and does not close the stream.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

LEVEL = 6
RAW = -15  # deflate without a frame, with the largest window
HEAD = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"  # no name, no time, no system: equal input, equal bytes
END = b"\x03\0"  # an empty last block
WORD = 0xFFFFFFFF


@dataclass(frozen=True)
class Part:
    """Some bytes, plain and deflated."""

    plain: bytes
    deflated: bytes

    @classmethod
    def of(cls, plain: bytes, level: int = LEVEL) -> Part:
        """Deflate bytes; NOTE: at the same level by the same zlib they give the same bytes."""
        packer = zlib.compressobj(level, zlib.DEFLATED, RAW)
        return cls(plain, packer.compress(plain) + packer.flush(zlib.Z_FULL_FLUSH))


def gzipped(parts: Sequence[Part]) -> bytes:
    """What opens as the parts' plain bytes, one after the other."""
    check = size = 0
    for part in parts:
        check = zlib.crc32(part.plain, check)
        size += len(part.plain)
    tail = check.to_bytes(4, "little") + (size & WORD).to_bytes(4, "little")
    return b"".join((HEAD, *(part.deflated for part in parts), END, tail))
