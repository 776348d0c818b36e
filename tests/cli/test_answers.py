"""What is printed of an answer, in a session with an emulator that plays it."""

import base64
import logging
import threading
from contextlib import contextmanager

import pytest

from genai_live import Client, ConnectionClosedError
from genai_live.cli.answer import Answer
from genai_live.cli.conversation import Conversation
from genai_live.cli.printing import Printer
from genai_live.cli.recording import open_recording
from genai_live.emulator import Emulator
from tests.cli.sound import speech, write_wav
from tests.timing import SOON


def _content(**content):
    return {"message": {"serverContent": content}}


def _parts(*parts):
    return _content(modelTurn={"role": "model", "parts": list(parts)})


@contextmanager
def _conversing(*steps, model="gemini-3.8-live", timeout=SOON, time_scale=0):
    with (
        Emulator(script={"steps": list(steps)}, time_scale=time_scale) as emulator,
        Client(api_key="any", http_options={"base_url": emulator.url}) as client,
        client.live.connect(model=model, config={"output_audio_transcription": {}}) as session,
    ):
        printer = Printer()
        yield Conversation(session, printer, lambda _: Answer(printer), realtime=False, timeout=timeout)


def _printed(capsys, *steps, **options):
    """What is printed on stdout and stderr when the user says Hello."""
    with _conversing(*steps, **options) as conversation:
        conversation.ask("Hello")
    return tuple(capsys.readouterr())


@contextmanager
def _logged(text):
    """An event that is set when the library logs the text."""
    event = threading.Event()

    def look(record):
        if text in record.getMessage():
            event.set()
        return True

    logger = logging.getLogger("genai_live")
    level = logger.level
    logger.addFilter(look)
    logger.setLevel(logging.DEBUG)
    try:
        yield event
    finally:
        logger.removeFilter(look)
        logger.setLevel(level)


def test_text_and_its_transcription_are_not_both_printed(capsys):
    """Where the same words come as text and as transcription, the text is printed."""
    answer = [
        _content(modelTurn={"parts": [{"text": "It "}]}, outputTranscription={"text": "It "}),
        _parts({"text": "rains."}),
        {"outputTranscription": "rains."},
    ]
    assert _printed(capsys, {"expect": "Hello", "answer": answer}) == ("It rains.\n", "")


def test_speech_is_printed_as_its_transcription(capsys):
    """Of a model that only speaks, the transcription is printed; and no text that comes late, again."""
    answer = [
        _parts({"inlineData": {"mimeType": "audio/pcm;rate=24000", "data": "AAAA"}}),
        {"outputTranscription": "It rains."},
        _parts({"text": "It rains."}),
    ]
    assert _printed(capsys, {"expect": "Hello", "answer": answer}) == ("It rains.\n", "")


def test_thoughts_are_not_printed(capsys):
    """They are no part of the answer."""
    answer = _parts({"text": "Hm.", "thought": True}, {"text": "Rain."})
    assert _printed(capsys, {"expect": "Hello", "answer": answer, "complete": True}) == ("Rain.\n", "")


def test_an_answer_that_ends_its_line_gets_no_empty_one(capsys):
    """A newline is added only where there is none."""
    assert _printed(capsys, {"expect": "Hello", "answer": "One.\nTwo.\n"}) == ("One.\nTwo.\n", "")


def test_why_a_turn_ended_is_told(capsys):
    """A reason other than the usual one stands on stderr."""
    answer = [_parts({"text": "I"}), _content(turnComplete=True, turnCompleteReason="RESPONSE_REJECTED")]
    out, err = _printed(capsys, {"expect": "Hello", "answer": answer, "complete": False})
    assert (out, err) == ("I\n", "The model ended its turn: RESPONSE_REJECTED.\n")


def test_an_answer_without_words_is_explained(capsys):
    """Nothing is printed as the answer, and a sentence says so."""
    out, err = _printed(
        capsys, {"expect": "Hello", "answer": [_content(turnComplete=True)], "complete": False}
    )
    assert (out, err) == ("", "The model answered without words.\n")


@pytest.mark.parametrize("model", ["gemini-2.5-flash-native-audio-latest", "gemini-3.8-live"])
def test_a_function_call_is_refused_and_the_answer_goes_on(capsys, model):
    """The model is told that nobody can run functions here, the user which it called.

    The answer comes in the same turn, or in one of its own, as the model's way is.
    """
    refusal = {
        "toolResponse": {"functionResponses": [{"id": "7", "name": "look", "response": {"error": "/no/"}}]}
    }
    out, err = _printed(
        capsys,
        {"expect": "Hello", "answer": {"call": {"name": "look", "args": {}, "id": "7"}}},
        {"expect": refusal, "answer": "I cannot look."},
        model=model,
    )
    assert out == "I cannot look.\n"
    assert err.count("\n") == 1
    assert "look" in err


def test_what_nobody_asked_for_is_not_taken_for_the_answer(capsys):
    """A turn that the model takes by itself is printed before the question is sent."""
    steps = [
        {"expect": "Hello", "answer": "Hello."},
        {"answer": "By the way."},
        {"answer": {"goAway": 50}},
        {"expect": "Yes?", "answer": "Never mind."},
    ]
    with _logged("goAway") as all_has_come, _conversing(*steps) as conversation:
        conversation.ask("Hello")
        assert all_has_come.wait(SOON)
        conversation.ask("Yes?")
    assert capsys.readouterr() == ("Hello.\nBy the way.\nNever mind.\n", "")


def test_a_turn_that_the_question_interrupts_is_not_taken_for_the_answer(capsys):
    """The same, where the model is still speaking when the question comes, whatever it has said by then."""
    out, err = _printed(
        capsys,
        {"answer": "Welcome", "complete": False},
        {"expect": "Hello", "answer": "Hello."},
    )
    assert (out.removeprefix("Welcome\n"), err) == ("Hello.\n", "")


def test_a_recording_that_cannot_be_sent_ends_the_question(tmp_path):
    """What goes wrong while it is sent is raised where the answer is waited for."""
    with open_recording(write_wav(tmp_path / "question.wav", speech(0.5))) as recording:
        pass
    with _conversing() as conversation:
        with pytest.raises(ValueError, match="closed file"):
            conversation.speak(recording)


def test_silence_while_the_answer_is_played_is_none(capsys):
    """The end of a turn comes when its speech would have been played, however long that is."""
    data = base64.b64encode(speech(1.2, 24_000)).decode()
    answer = [
        _parts({"inlineData": {"mimeType": "audio/pcm;rate=24000", "data": data}}),
        {"outputTranscription": "Rain."},
        {"after": 1, **_content(turnComplete=True)},
    ]
    steps = [{"expect": "Hello", "answer": answer, "complete": False}]
    with _conversing(*steps, timeout=0.4, time_scale=1) as conversation:
        conversation.ask("Hello")
    assert capsys.readouterr() == ("Rain.\n", "")


def test_a_close_within_the_answer_is_raised(capsys):
    """What had come is printed, and its line ended."""
    with pytest.raises(ConnectionClosedError, match="1007 Out of order"):
        _printed(
            capsys, {"expect": "Hello", "answer": ["I", {"close": {"code": 1007, "reason": "Out of order"}}]}
        )
    assert capsys.readouterr().out == "I\n"
