"""Conversations in writing."""

from tests.interop.conversation import receive_turn, say


def test_text_is_answered_in_text(sdk):
    """A model that writes answers each turn in writing, and the SDK sees where each turn ends."""
    with sdk.emulator() as emulator:
        transcript = sdk.converse(
            emulator,
            say("Is it raining in Oslo?"),
            receive_turn(),
            say("And in Bergen?"),
            receive_turn(),
            model="gemini-2.0-flash-live-001",
            config={"responseModalities": ["TEXT"]},
        )
    assert [turn.text for turn in transcript.turns] == ["Is it raining in Oslo?", "And in Bergen?"]
    for turn in transcript.turns:
        assert turn.complete
        assert turn.generation_complete
        assert not turn.audio
        assert turn.usage["totalTokenCount"] > 0
