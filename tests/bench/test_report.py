"""What the benchmark writes of its figures."""

from xml.etree import ElementTree as ET

import pytest

from tests.bench import plot, report
from tests.bench.rows import SECTIONS, Goal, Row
from tests.bench.scenarios import GOOGLE, PLAIN, SCENARIOS, SPEED

ROWS = [row for rows in SECTIONS.values() for row in rows]
RESULTS = {
    client: {
        scenario: {row.name: figure for row in ROWS if scenario in (row.scenario, row.over)}
        for scenario, what in SCENARIOS.items()
        if client in what.clients
    }
    for client, figure in ((SPEED, 30.0), (GOOGLE, 100.0))
}


@pytest.mark.parametrize(
    ("goal", "holds"),
    [
        (Goal(30), True),
        (Goal(29), False),
        (Goal(0.3, relative=True), True),
        (Goal(0.29, relative=True), False),
        (Goal(31, at_least=True), False),
        (Goal(0.2, relative=True, at_least=True), True),
        (Goal(30, client=PLAIN), None),
    ],
    ids=str,
)
def test_a_goal_is_a_limit(goal, holds):
    """It holds up to the limit or down to it, of its own client, and can be a multiple of google-genai's."""
    assert goal.holds({SPEED: 30, GOOGLE: 100}) is holds


def test_a_table_shows_figures_ratios_and_goals():
    """A client that was not measured has a dash, and google-genai's figure no ratio to itself."""
    row = Row("Reading, µs", "receive", goals=(Goal(30), Goal(40, client=PLAIN)))
    results = {**RESULTS, PLAIN: {}}
    cells = [cell.strip() for cell in report.table([row], results).splitlines()[2].split("|")[1:-1]]
    goal = "≤ 30 with `speed`, ≤ 40 without"
    assert cells == ["Reading, µs", "30.0 (0.30)", "-", "100.0", goal, "yes, -"]


def test_a_row_can_be_a_quotient():
    """Then it is told only once both scenarios were run."""
    row = Row("Growth", "voice-100", over="voice-1")
    assert row.figures({SPEED: {"voice-1": {"cpu": 10}, "voice-100": {"cpu": 12}}, GOOGLE: {}}) == {
        SPEED: 1.2
    }
    shown = [row.over for row in report.rows_of(["voice-100"])]
    assert shown
    assert not any(shown)


def test_the_page_is_written_between_its_marks():
    """All around stays, what was there is replaced, and a page without marks is refused."""
    page = "Before.\n\n<!-- written by the benchmark, from here -->\nstale\n<!-- to here -->\n\nAfter.\n"
    new = report.page(page, RESULTS, ["Today:", "A machine"])
    assert new.startswith("Before.\n\n<!-- written")
    assert new.endswith("<!-- to here -->\n\nAfter.\n")
    assert "stale" not in new
    assert "Today:\n\n- A machine\n" in new
    assert all(f"### {section}\n\n|" in new for section in SECTIONS)
    assert report.page(new, RESULTS, ["Today:", "A machine"]) == new
    with pytest.raises(ValueError, match="marks"):
        report.page("Before.", RESULTS, ["Today:"])


def test_the_picture_has_a_bar_for_every_figure():
    """It is well-formed, no bar leaves it, and the bars of a row are as long as their figures are large."""
    root = ET.fromstring(plot.draw(RESULTS))
    bars = [float(bar.get("width")) for bar in root.iter("{http://www.w3.org/2000/svg}rect")][1:]
    assert len(bars) == sum(len(row.figures(RESULTS)) for row in ROWS)
    assert max(bars) < int(root.get("width")) - 200
    assert bars[0] == pytest.approx(bars[1] * 0.3, abs=0.1)
