"""Every frame that we send for the recorded cases is the official protobuf's, as in test_frames.py."""

from collections.abc import Iterator

import pytest

from tests.conformance import protobuf
from tests.vectors.calls import run
from tests.vectors.cases import Case, load_cases, untagged
from tests.vectors.recorder import Recorder

_OUT_OF_RANGE = ("config/top_k/fraction@mldev", "config/seed/big@mldev")
"""Numbers that both SDKs send as they are given, as we do; the service says what is wrong with them."""
_CASES = [
    case
    for case in load_cases()
    if case.kind == "live" and not case.client.get("vertexai") and case.id not in _OUT_OF_RANGE
]


@pytest.fixture(scope="module")
def recorder() -> Iterator[Recorder]:
    """Writes down what we send."""
    with Recorder() as recorder:
        yield recorder


@pytest.mark.parametrize("case", _CASES, ids=str)
def test_every_frame_is_read(case: Case, recorder: Recorder, monkeypatch: pytest.MonkeyPatch) -> None:
    """Strictly, apart from the fields that the protobuf is known to lack."""
    for name, value in case.client.get("env", {}).items():
        monkeypatch.setenv(name, untagged(value, recorder.addresses))
    run(case, recorder)
    for request in recorder.requests:
        for frame in request.frames:
            protobuf.parse_strictly(frame)
