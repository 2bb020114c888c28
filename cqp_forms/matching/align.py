"""The two assignments that matching is made of: in order, then out of order (pure numbers)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

Matrix = Sequence[Sequence[float]]


def align(gains: Matrix, columns: int) -> list[tuple[int, int]]:
    """Pair rows with columns so that both keep their order and the total gain is greatest.

    The classic alignment of two sequences (Needleman and Wunsch, 1970) with free gaps: a pair whose
    gain is not positive is never made.

    Args:
        gains: what each pair is worth, a row for each slot.
        columns: how many columns each row has.

    Returns:
        Pairs ``(row, column)``, both increasing.
    """
    best = [[0.0] * (columns + 1)]
    for gain in gains:
        above, here = best[-1], [0.0]
        for column in range(columns):
            value = max(above[column + 1], here[column])
            paired = above[column] + gain[column]
            here.append(paired if gain[column] > 0 and paired > value else value)
        best.append(here)
    return list(_trace(best, gains, columns))[::-1]


def _trace(best: list[list[float]], gains: Matrix, columns: int) -> Iterator[tuple[int, int]]:
    row, column = len(gains), columns
    while row and column:
        if best[row][column] == best[row - 1][column]:
            row -= 1
        elif best[row][column] == best[row][column - 1]:
            column -= 1
        else:
            row, column = row - 1, column - 1
            yield row, column


def pair_best(gains: Matrix, rows: Sequence[int], columns: Sequence[int]) -> list[tuple[int, int]]:
    """Pair what is left whatever its order, the greatest gains first."""
    offers = sorted(
        ((gains[row][column], row, column) for row in rows for column in columns),
        key=lambda one: (-one[0], one[1], one[2]),
    )
    pairs: list[tuple[int, int]] = []
    taken_rows: set[int] = set()
    taken_columns: set[int] = set()
    for gain, row, column in offers:
        if gain <= 0:
            break
        if row not in taken_rows and column not in taken_columns:
            taken_rows.add(row)
            taken_columns.add(column)
            pairs.append((row, column))
    return pairs


def between(
    pairs: Sequence[tuple[int, int]], rows: int, columns: int
) -> Iterator[tuple[range, range]]:
    """The stretches of rows and columns left between consecutive pairs, ends included."""
    last = (-1, -1)
    for row, column in [*sorted(pairs), (rows, columns)]:
        if column > last[1]:
            yield range(last[0] + 1, row), range(last[1] + 1, column)
            last = (row, column)
