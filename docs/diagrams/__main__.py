"""Draws every picture of the documentation into docs/_static: ``python docs/diagrams [another folder]``."""

import sys
from pathlib import Path

import closing
import memory
import reconnection
import spoken_turn
import states
import threads

HERE = Path(__file__).parent


def main(folder: Path) -> None:
    for module in (closing, memory, reconnection, spoken_turn, states, threads):
        (folder / f"{module.__name__}.svg").write_text(module.draw(), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE.parent / "_static")
