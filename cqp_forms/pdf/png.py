"""Write a picture as PNG (ISO/IEC 15948): three chunks, no library."""

from __future__ import annotations

import struct
import zlib


def png(rgb: bytes, width: int, height: int) -> bytes:
    """An RGB picture, three bytes a pixel, rows from the top."""
    stride = 3 * width
    rows = b"".join(b"\0" + rgb[row * stride : (row + 1) * stride] for row in range(height))
    header = struct.pack(">2I5B", width, height, 8, 2, 0, 0, 0)
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", header),
            _chunk(b"IDAT", zlib.compress(rows, 6)),
            _chunk(b"IEND", b""),
        )
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    check = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)
