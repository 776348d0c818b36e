"""google-genai and this library send the same frames for the same calls, whatever hypothesis thinks of."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from tests.conformance import strategies
from tests.conformance.known_differences import without_conflicts
from tests.conformance.pairs import Pair

pytestmark = pytest.mark.filterwarnings("ignore")  # google-genai warns of what it deprecates
_SETTINGS = {"deadline": None, "database": None, "suppress_health_check": [HealthCheck.too_slow]}


def test_setups(pair: Pair) -> None:
    """The settings of a session."""

    @settings(max_examples=500, **_SETTINGS)
    @given(strategies.configs(pair.surface))
    def same(config: dict[str, Any]) -> None:
        pair.same_setup(without_conflicts(config))

    same()


@pytest.mark.parametrize("method", strategies.MESSAGES | strategies.MUSIC_MESSAGES)
def test_messages(pair: Pair, method: str) -> None:
    """The messages of a session, and of one of music; that Vertex AI has no music, both say."""
    if method in strategies.MUSIC_MESSAGES and pair.surface == "vertex":
        pair.no_music()
        return
    with pair.conversation(method) as same:

        @settings(max_examples=300, **_SETTINGS)
        @given((strategies.MESSAGES | strategies.MUSIC_MESSAGES)[method](pair.surface))
        def same_message(arguments: dict[str, Any]) -> None:
            same(arguments)

        same_message()
