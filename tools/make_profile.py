"""Write ``cqp_forms/pdf/srgb.icc``: the sRGB colour space as a small ICC profile, our own work.

ICC.1:2010 (version 4): a matrix and a parametric curve say all of IEC 61966-2-1 in 500 bytes.
PDF/A wants one in each file, to say what device colours mean (ISO 19005-3, 6.2.3).
"""

from __future__ import annotations

import struct
from pathlib import Path

TARGET = Path(__file__).parent.parent / "cqp_forms/pdf/srgb.icc"

#: The white that all profiles refer to, D50.
_D50 = (0.9642, 1.0, 0.8249)
#: The primaries of sRGB, adapted to D50 (Bradford), and the matrix that adapts them.
_RED, _GREEN, _BLUE = (
    (0.43607, 0.22249, 0.01392),
    (0.38515, 0.71687, 0.09708),
    (0.14307, 0.06061, 0.71410),
)
_ADAPTATION = (
    *(1.04788, 0.02292, -0.05022),
    *(0.02959, 0.99048, -0.01707),
    *(-0.00925, 0.01508, 0.75168),
)
#: Y = (a·X + b)^g from X ≥ d, else c·X: parametric curve of type 3.
_CURVE = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)


def _numbers(values: tuple[float, ...]) -> bytes:
    """Numbers of 16 bits before the point and 16 after it."""
    return b"".join(struct.pack(">i", round(one * 65536)) for one in values)


def _text(said: str) -> bytes:
    data = said.encode("utf-16-be")
    return b"mluc" + struct.pack(">IIIHHII", 0, 1, 12, 0x656E, 0x5553, len(data), 28) + data


def _triple(values: tuple[float, ...]) -> bytes:
    return b"XYZ \0\0\0\0" + _numbers(values)


def profile() -> bytes:
    """The profile."""
    curve = b"para\0\0\0\0\0\3\0\0" + _numbers(_CURVE)
    tags = {
        b"desc": _text("sRGB"),
        b"cprt": _text("CC0"),
        b"wtpt": _triple(_D50),
        b"chad": b"sf32\0\0\0\0" + _numbers(_ADAPTATION),
        b"rXYZ": _triple(_RED),
        b"gXYZ": _triple(_GREEN),
        b"bXYZ": _triple(_BLUE),
        b"rTRC": curve,
        b"gTRC": curve,
        b"bTRC": curve,
    }
    data, entries, placed = b"", b"", {}
    start = 128 + 4 + 12 * len(tags)
    for name, content in tags.items():
        if content not in placed:
            placed[content] = start + len(data)
            data += content + b"\0" * (-len(content) % 4)
        entries += name + struct.pack(">II", placed[content], len(content))
    head = struct.pack(">I4s4s4s4s4s", start + len(data), b"\0" * 4, b"\4\x20\0\0", b"mntr",
                       b"RGB ", b"XYZ ")  # fmt: skip
    head += struct.pack(">6H", 2026, 1, 1, 0, 0, 0) + b"acsp"
    head = head.ljust(68, b"\0") + _numbers(_D50)
    return head.ljust(128, b"\0") + struct.pack(">I", len(tags)) + entries + data


if __name__ == "__main__":
    TARGET.write_bytes(profile())
