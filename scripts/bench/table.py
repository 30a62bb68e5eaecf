"""One line a figure: ours, what it is compared with, the bound, and whether it holds."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

HEADER = ("what", "ours", "reference", "ratio", "bound", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure in its unit. With a reference the ratio is compared with the bound, otherwise the figure itself.

    `bound` None: shown, not judged. `is_floor`: at least the bound, not at most.
    """

    name: str
    unit: str
    ours: float
    reference: float | None = None
    bound: float | None = None
    is_floor: bool = False
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """Ours by the reference."""
        return self.ours / self.reference if self.reference else None

    @property
    def is_missed(self) -> bool:
        """Whether there is a bound and it does not hold."""
        if self.bound is None:
            return False
        judged = self.ours if self.ratio is None else self.ratio
        return judged < self.bound if self.is_floor else judged > self.bound

    def cells(self) -> tuple[str, ...]:
        """The line's texts in the order of the header."""
        sign, times = ("≥" if self.is_floor else "≤"), ("×" if self.ratio is not None else f" {self.unit}")
        return (
            f"{self.name} ({self.note})" if self.note else self.name,
            f"{number(self.ours)} {self.unit}",
            f"{number(self.reference)} {self.unit}" if self.reference is not None else "",
            f"{self.ratio:.2f}×" if self.ratio is not None else "",
            f"{sign} {number(self.bound)}{times}" if self.bound is not None else "",
            "" if self.bound is None else "MISSED" if self.is_missed else "ok",
        )

    def as_dict(self) -> dict[str, Any]:
        """For the way from one process to another."""
        return asdict(self)


def number(value: float) -> str:
    """Three digits that count, no exponent."""
    if value >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def render(figures: Sequence[Figure]) -> str:
    """The table, as Markdown that also reads well in a terminal."""
    rows = [HEADER, *(figure.cells() for figure in figures)]
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)
