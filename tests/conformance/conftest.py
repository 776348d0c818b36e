"""A pair of clients for each surface."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from google.oauth2.credentials import Credentials

from tests.vectors.recorder import Recorder

if TYPE_CHECKING:
    from tests.conformance.pairs import Pair

_SURFACES = {
    "gemini": lambda: {"api_key": "key"},
    "vertex": lambda: {
        "vertexai": True,
        "project": "project",
        "location": "us-central1",
        "credentials": Credentials(token="token"),
    },
}


@pytest.fixture(scope="module", params=_SURFACES)
def pair(request: pytest.FixtureRequest) -> Iterator["Pair"]:
    """A client of each library, on one surface."""
    from tests.conformance.pairs import Pair  # tests of fields and declarations do without the protobuf

    with Recorder() as recorder:
        pair = Pair(recorder, request.param, _SURFACES[request.param]())
        yield pair
        pair.close()
