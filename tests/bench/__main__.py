"""Runs the scenarios; prints a table of each, and one of all at the end. The main thread does it."""

import argparse
import time
from collections import defaultdict
from datetime import datetime, timezone
from pathlib import Path

from tests.bench import machine, plot, report
from tests.bench.running import Bench, Results, node_version
from tests.bench.scenarios import CLIENTS, NODE, SCENARIOS

_DOCS = Path(__file__).parents[2] / "docs"


def _scenarios(names: str) -> list[str]:
    """Such as "receive,voice", which stands for all that begin with "voice-"."""
    chosen = names.split(",")
    if unknown := [name for name in chosen if not any(_is(scenario, name) for scenario in SCENARIOS)]:
        raise argparse.ArgumentTypeError(f"{', '.join(unknown)}: not one of {', '.join(SCENARIOS)}")
    return [scenario for scenario in SCENARIOS if any(_is(scenario, name) for name in chosen)]


def _is(scenario: str, name: str) -> bool:
    return name in (scenario, scenario.partition("-")[0])


def _clients(names: str) -> list[str]:
    """The names of their files, such as "genai_live,google_genai.mjs"."""
    chosen = names.split(",")
    if unknown := set(chosen) - set(CLIENTS.values()):
        raise argparse.ArgumentTypeError(f"{', '.join(unknown)}: not one of {', '.join(CLIENTS.values())}")
    return [client for client, file in CLIENTS.items() if file in chosen]


def main() -> None:
    """Runs what the command line says."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", type=_scenarios, default=list(SCENARIOS), metavar="SCENARIO,…")
    parser.add_argument("--clients", type=_clients, default=list(CLIENTS), metavar="FILE,…")
    parser.add_argument("--write", action="store_true", help="write docs/performance.md and its picture")
    arguments = parser.parse_args()
    if arguments.write and (len(arguments.only) < len(SCENARIOS) or len(arguments.clients) < len(CLIENTS)):
        parser.error("--write is for the whole of it")

    clients = [client for client in arguments.clients if client != NODE or node_version()]
    day = datetime.now(timezone.utc)
    notes = [f"{day:%d %B %Y}, medians of {arguments.rounds} rounds:", *machine.describe()]
    print("\n".join(notes), flush=True)
    results: Results = defaultdict(dict)
    begun = time.monotonic()
    with Bench(clients) as bench:
        for scenario in arguments.only:
            bench.measure(scenario, arguments.rounds, results)
            print(f"\n{time.monotonic() - begun:.0f} s: {scenario}", flush=True)
            if rows := list(report.rows_of([scenario])):
                print(report.table(rows, results), flush=True)
    print(f"\n{report.table(report.rows_of(arguments.only), results)}")

    if arguments.write:
        page = _DOCS / "performance.md"
        page.write_text(report.page(page.read_text("utf-8"), results, notes), "utf-8")
        (_DOCS / "_static/performance.svg").write_text(plot.draw(results), "utf-8")


if __name__ == "__main__":
    main()
