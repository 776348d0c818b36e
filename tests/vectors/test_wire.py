"""Every case of client.json through our API: the same messages, path and credentials (see README.md)."""

import re

import pytest

from tests.vectors.calls import run
from tests.vectors.cases import HERE, Case, Ruling, load_cases, load_rulings, untagged
from tests.vectors.outcome import expected
from tests.vectors.recorder import Recorder


@pytest.mark.parametrize("case", load_cases(), ids=str)
def test_the_same_on_the_wire(case: Case, recorder: Recorder, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server sees what it sees of the official SDKs, and the caller is told what theirs are."""
    for name, value in case.client.get("env", {}).items():
        monkeypatch.setenv(name, untagged(value, recorder.addresses))
    outcome = run(case, recorder)
    assert outcome.differences(expected(case)) == []


def test_few_cases_differ_from_both() -> None:
    """At most forty calls are made differently on purpose, on the Gemini API, on Vertex AI, or on both."""
    assert len(load_rulings("deliberate.yaml")) <= 40


@pytest.mark.parametrize("name", ["deliberate.yaml", "reading.yaml", "right.yaml"])
def test_every_ruling_cites_a_row_and_has_its_cases(name: str) -> None:
    """What it cites stands in differences.md, and what it is about in client.json."""
    document = _folded((HERE / "differences.md").read_text("utf-8"))
    every = load_cases(all_of_them=True)
    for ruling in load_rulings(name):
        assert _folded(ruling.row).partition(". ")[2] in document, ruling.row
        for pattern in ruling.cases:
            assert any(Ruling((pattern,), "", "").covers(case) for case in every), f"no case is {pattern}"


def _folded(text: str) -> str:
    """Without what only Markdown needs."""
    return re.sub(r"\s+", " ", re.sub(r"[`*]", "", text))
