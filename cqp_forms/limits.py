"""How large, deep and long what comes from outside may be: every limit, in one place.

Each reader refuses what passes its limit with a message that says which, in a few seconds and well
under a gigabyte of memory. The largest real document of its kind stays far below.
"""

from __future__ import annotations

from typing import Final

#: Bytes of a file that is opened whole.
FILE_BYTES: Final = 256 * 1024 * 1024
