"""How large, deep and long what comes from outside may be: every limit, in one place.

Each reader refuses what passes its limit with a message that says which, in a few seconds and well
under a gigabyte of memory. The largest real document of its kind stays far below.
"""

from __future__ import annotations

from typing import Final

#: Bytes of a file that is opened whole.
FILE_BYTES: Final = 256 * 1024 * 1024

#: Pages of a PDF.
PDF_PAGES: Final = 2000
#: Widgets of a PDF's form; the largest real forms have some thousands.
PDF_WIDGETS: Final = 20_000
#: Characters of each part of a field's name.
PDF_FIELD_NAME: Final = 1000
#: Bytes of one stream of a PDF once unpacked, pictures and fonts included.
PDF_STREAM_BYTES: Final = 128 * 1024 * 1024
#: Filters that one stream went through (ISO 32000-2, 7.4).
PDF_FILTERS: Final = 6

#: Characters of a YAML file: some thirty times the mapping of the official guide.
YAML_LENGTH: Final = 2 * 1024 * 1024
