"""The answers workbook: cells in, typed answers out, and the other way round.

Reading knows the file format (ECMA-376 part 1, SpreadsheetML) through the standard library alone,
so that issuing one fiche starts fast; writing uses openpyxl, imported only by the writers.
"""
