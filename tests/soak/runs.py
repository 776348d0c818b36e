"""Numbers in the order in which they came, kept as runs, so that hours of them take no memory."""

from collections.abc import Iterable, Iterator


class Runs:
    """Such as 1 to 400, then 403 to 500."""

    def __init__(self) -> None:
        self.runs: list[tuple[int, int]] = []

    def add(self, number: int) -> None:
        """The next one."""
        if self.runs and self.runs[-1][1] + 1 == number:
            self.runs[-1] = (self.runs[-1][0], number)
        else:
            self.runs.append((number, number))

    @classmethod
    def of(cls, numbers: Iterable[int]) -> "Runs":
        """These, in this order."""
        runs = cls()
        for number in numbers:
            runs.add(number)
        return runs

    @property
    def count(self) -> int:
        """How many there were."""
        return sum(last - first + 1 for first, last in self.runs)

    @property
    def disorder(self) -> list[tuple[int, int]]:
        """Where a number was not higher than the one before: the two."""
        pairs = zip(self.runs, self.runs[1:], strict=False)
        return [(before[1], after[0]) for before, after in pairs if after[0] <= before[1]]

    def within(self, first: int, last: int) -> list[tuple[int, int]]:
        """The runs, as far as they lie between two numbers."""
        return [(max(a, first), min(b, last)) for a, b in self.runs if a <= last and b >= first]

    def __iter__(self) -> Iterator[int]:
        for first, last in self.runs:
            yield from range(first, last + 1)
