"""Write a DOCX from members that are copied as they are and members that are compressed anew.

Python's ``zipfile`` cannot copy a compressed member without inflating it; the few records of a zip
archive (APPNOTE 4.3) are written here. Members that are not touched keep their bytes.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass

#: zlib's usual level. Level 1 saves about a third of the time and makes files a quarter larger;
#: issued guides are kept for years and sent by mail, so size wins.
LEVEL = 6

_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_DEFLATED = 8
_UTF8_NAME = 0x800
_DATA_DESCRIPTOR = 0x8
#: The DOS date of members that are written anew, 1 January 1980: bytes must not tell the time.
_DATE = 0x21


@dataclass(frozen=True, slots=True)
class Member:
    """A member ready to be written.

    Attributes:
        local: its local header, name and compressed data.
        head: its central record up to the offset; ``tail``: the name, after the offset.
    """

    name: str
    local: bytes
    head: bytes
    tail: bytes


def raw_member(document: bytes, info: zipfile.ZipInfo) -> Member:
    """A member of an archive, its compressed bytes as they are."""
    fields = _LOCAL.unpack_from(document, info.header_offset)
    start = info.header_offset + _LOCAL.size + fields[9] + fields[10]
    data = document[start : start + info.compress_size]
    year, month, day, hour, minute, second = info.date_time
    return _member(
        info.filename,
        data,
        flags=info.flag_bits & ~_DATA_DESCRIPTOR,
        method=info.compress_type,
        time=hour << 11 | minute << 5 | second // 2,
        date=(year - 1980) << 9 | month << 5 | day,
        checksum=info.CRC,
        size=info.file_size,
    )


def new_member(name: str, content: bytes) -> Member:
    """A member compressed now."""
    packer = zlib.compressobj(LEVEL, zlib.DEFLATED, -15)
    data = packer.compress(content) + packer.flush()
    return _member(
        name,
        data,
        flags=0,
        method=_DEFLATED,
        time=0,
        date=_DATE,
        checksum=zlib.crc32(content),
        size=len(content),
    )


def _member(
    name: str,
    data: bytes,
    *,
    flags: int,
    method: int,
    time: int,
    date: int,
    checksum: int,
    size: int,
) -> Member:
    encoded = name.encode()
    if not name.isascii():
        flags |= _UTF8_NAME
    common = (20, flags, method, time, date, checksum, len(data), size, len(encoded), 0)
    local = _LOCAL.pack(b"PK\x03\x04", *common) + encoded + data
    head = _CENTRAL.pack(b"PK\x01\x02", 20, *common, 0, 0, 0, 0, 0)[:-4]
    return Member(name, local, head, encoded)


def assemble(members: Iterable[Member]) -> bytes:
    """The archive."""
    body: list[bytes] = []
    directory: list[bytes] = []
    offset = count = 0
    for one in members:
        body.append(one.local)
        directory += (one.head, offset.to_bytes(4, "little"), one.tail)
        offset += len(one.local)
        count += 1
    listing = b"".join(directory)
    end = _END.pack(b"PK\x05\x06", 0, 0, count, count, len(listing), offset, 0)
    return b"".join((*body, listing, end))
