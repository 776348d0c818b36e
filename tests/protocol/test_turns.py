"""Which message ends a turn, and when one is unread; checked on conversations of the real service."""

import pytest

from genai_live import codec, types
from genai_live.protocol import TurnTracker, ends_turn, turn_end
from genai_live.protocol.turns import belongs_to_turn


def _message(content=None, **fields):
    tree = {**({"serverContent": content} if content else {}), **fields}
    return codec.decode(codec.encode_json(tree), types.LiveServerMessage)


@pytest.mark.parametrize(
    ("message", "ends"),
    [
        (_message({"turnComplete": True}), True),
        (_message({"turnComplete": True, "interactionStatus": "IDLE"}), True),
        (_message({"turnComplete": True, "interactionStatus": "INTERACTION_STATUS_UNSPECIFIED"}), True),
        (_message({"turnComplete": True, "interactionStatus": "IN_PROGRESS"}), False),
        (_message({"turnComplete": True, "interactionStatus": "REQUIRES_ACTION"}), False),
        (_message({"turnComplete": True}, interactionStatus="IN_PROGRESS"), False),
        (_message({"interactionStatus": "IDLE"}), True),
        (_message(interactionStatus="IDLE"), True),
        (_message({"turnComplete": False}), False),
        (_message({"generationComplete": True}), False),
        (_message({"interrupted": True}), False),
        (_message({"modelTurn": {"parts": [{"text": "x"}]}}), False),
        (_message(), False),
    ],
)
def test_the_end_of_a_turn(message, ends):
    """turnComplete, unless the interaction goes on; or IDLE, wherever it stands."""
    assert ends_turn(message) is ends


@pytest.mark.parametrize(
    ("model", "transcribes"),
    [
        ("models/gemini-3.5-transcribe-live", True),
        ("publishers/google/models/gemini-3.5-transcribe-live-preview", True),
        ("gemini-9-transcribe", True),
        ("models/gemini-3.8-live", False),
        ("models/gemini-transcriber-live", False),
    ],
)
def test_a_transcript_ends_with_its_generation(model, transcribes):
    """Models that only transcribe send no turnComplete; with others generationComplete is not the end."""
    ends = turn_end(model)
    assert ends(_message({"generationComplete": True})) is transcribes
    assert ends(_message({"turnComplete": True}))
    assert not ends(_message({"inputTranscription": {"text": "x"}}))


@pytest.mark.parametrize(
    ("message", "belongs"),
    [
        (_message({"modelTurn": {"parts": []}}), True),
        (_message({"outputTranscription": {"text": "x"}}), True),
        (_message({"interimInputTranscription": {"text": "x"}}), True),
        (_message({"generationComplete": True}), True),
        (_message({"interrupted": True}), True),
        (_message(toolCall={"functionCalls": []}), True),
        (_message(), False),
        (types.LiveServerMessage(server_content=types.LiveServerContent()), False),
        (_message(sessionResumptionUpdate={"newHandle": "x"}), False),
        (_message(goAway={"timeLeft": "5s"}), False),
        (_message(usageMetadata={"totalTokenCount": 1}), False),
    ],
)
def test_filler_and_news_belong_to_no_turn(message, belongs):
    """Empty frames and handles come at any time, and stand in nobody's way."""
    assert belongs_to_turn(message) is belongs


END = _message({"turnComplete": True})
PIECE = _message({"modelTurn": {"parts": [{"text": "x"}]}})


def come(tracker, message, *, asked=True):
    """As the protocol and then the runtime tell of a message that came."""
    if ends_turn(message):
        tracker.end_came(asked=asked)
    tracker.came(message)


def test_a_tracker_counts_what_was_asked_and_read():
    """Unread from the question to the last message of the answer; a question that failed does not count."""
    tracker = TurnTracker(ends_turn, belongs_to_turn)
    assert not tracker.unread
    tracker.asked()
    assert tracker.unread
    tracker.not_asked()
    assert not tracker.unread
    tracker.asked()
    for message in (PIECE, END):
        come(tracker, message)
        assert tracker.unread
        tracker.read(message)
    assert not tracker.unread


def test_a_tracker_expects_an_answer_to_each_question():
    """Of two questions in a row the second is still unread when the first is answered."""
    tracker = TurnTracker(ends_turn, belongs_to_turn)
    tracker.asked()
    tracker.asked()
    come(tracker, END)
    tracker.read(END)
    assert tracker.unread
    come(tracker, END)
    tracker.read(END)
    assert not tracker.unread


def test_a_turn_that_nobody_asked_for_is_unread_once_begun():
    """Speech is answered without a question of ours."""
    tracker = TurnTracker(ends_turn, belongs_to_turn)
    for message in (PIECE, END):
        come(tracker, message, asked=False)
    assert tracker.unread
    tracker.read(PIECE)
    assert tracker.unread
    tracker.read(END)
    assert not tracker.unread
