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
#: Bytes of the content of one page or form of a PDF, unpacked.
PDF_CONTENT_BYTES: Final = 6 * 1024 * 1024
#: Steps of painting all pages of a PDF: operators and operands, and items shown by forms.
PDF_OPERATORS: Final = 3_000_000
#: Square points that one tile of a pattern covers, at the least.
PDF_TILE: Final = 0.1
#: Content streams whose painting is remembered for the next document.
PDF_STREAMS_KEPT: Final = 4096
#: Bytes of the answers embedded in a document.
PDF_PAYLOAD_BYTES: Final = 8 * 1024 * 1024
#: Nodes of the list of files attached to a PDF.
PDF_NAME_NODES: Final = 1000

#: Pixels of a rendered page: an A2 sheet at 144 dots an inch. A larger page is rendered coarser.
PIXELS: Final = 12_000_000
#: Objects of a PDF that are looked through for what acts or is attached.
PDF_OBJECTS: Final = 300_000

#: Cells of a row that takes a character each; the longest real ones have some thirty.
COMB_CELLS: Final = 200

#: Characters of a YAML file: some thirty times the mapping of the official guide.
YAML_LENGTH: Final = 2 * 1024 * 1024

#: Bytes of a workbook's file; a lot of ten thousand candidates has twenty million.
WORKBOOK_BYTES: Final = 64 * 1024 * 1024
#: Members of an archive that a workbook is.
WORKBOOK_MEMBERS: Final = 10_000
#: Bytes of all worksheets, inflated; a full one of 1,048,576 rows and ten columns has 300 million.
SHEET_BYTES: Final = 512 * 1024 * 1024
#: Worksheets of a workbook, and characters of one row.
SHEETS: Final = 1_000
ROW_TEXT: Final = 16_000_000
#: Bytes of the shared strings, inflated, and how many they may be.
SHARED_STRING_BYTES: Final = 128 * 1024 * 1024
SHARED_STRINGS: Final = 2_000_000
#: Bytes and elements of the other parts: styles, relationships, the list of sheets.
PART_BYTES: Final = 16 * 1024 * 1024
PART_ELEMENTS: Final = 400_000
#: Elements of a worksheet: what takes time to read.
SHEET_ELEMENTS: Final = 12_000_000
#: How many elements may be open at once, and bytes of one tag or comment.
XML_DEPTH: Final = 1_000
XML_TOKEN_BYTES: Final = 4 * 1024 * 1024
#: Characters of one cell (Excel admits 32,767; other programs a little more).
CELL_TEXT: Final = 1_000_000
#: Rows and columns of a worksheet (ECMA-376 and Excel).
SHEET_ROWS: Final = 1_048_576
SHEET_COLUMNS: Final = 16_384
#: Merged areas and hidden columns of a worksheet.
MERGED_AREAS: Final = 100_000
#: Times larger inflated than deflated, from a size on: what no program writes.
INFLATION: Final = 400
INFLATION_FROM: Final = 16 * 1024 * 1024
#: Seconds, bytes of memory and bytes of answer of the process that reads .ods, .xls and .xlsb.
OTHER_FORMAT_SECONDS: Final = 20
OTHER_FORMAT_MEMORY: Final = 1024 * 1024 * 1024
OTHER_FORMAT_BYTES: Final = 64 * 1024 * 1024

#: Bytes of all files that one drop on the screen sends, and how many they are.
UPLOAD_BYTES: Final = 256 * 1024 * 1024
UPLOADS: Final = 200
#: Bytes of any other request to the screen: a comment of the longest cell, several times.
REQUEST_BYTES: Final = 1024 * 1024

#: Bytes of the note that version 1.0.0 leaves of a version under way: its answers, some 20 KB.
PENDING_RECORD: Final = 4 * 1024 * 1024
#: Members of a DOCX; a guide has some twenty.
DOCX_MEMBERS: Final = 5_000
#: Bytes of a DOCX once unpacked, pictures included.
DOCX_BYTES: Final = 256 * 1024 * 1024
#: How many times smaller a member may be when it is packed, from so many bytes on: small parts may
#: be very repetitive.
DOCX_RATIO: Final = 250
DOCX_RATIO_FROM: Final = 1024 * 1024
#: Bytes of an XML part of a DOCX: its tree takes some thirty times as much. A guide has 300,000.
DOCX_PART_BYTES: Final = 16 * 1024 * 1024
#: Bytes of the answers that a document carries.
PAYLOAD_BYTES: Final = 16 * 1024 * 1024
#: Signs of a blank times signs of a document, in a stretch that two lines common to both bound:
#: beyond this its placements are not looked for.
ALIGNMENT_STEPS: Final = 4_000_000
