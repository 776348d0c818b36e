"""The emulator's own voice."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genai_live.emulator.activity import ActivityDetector, ActivityEnd, ActivityStart
from genai_live.emulator.humming import (
    COMMA_PAUSE_SECONDS,
    SENTENCE_PAUSE_SECONDS,
    WORD_PAUSE_SECONDS,
    WORDS_PER_MINUTE,
    speak_words,
    split_words,
)
from genai_live.emulator.pcm import OUTPUT_RATE, Audio
from tests.emulator.signals import silence

PROSE = (
    "The old lighthouse had been dark for eleven winters, and nobody in the village could say who still "
    "owned it. Every spring somebody promised to mend the roof; every autumn the gulls came back and "
    "found it open. When the letter arrived at last, it was short: the keys were at the post office, the "
    "stairs were unsafe and the lamp, to everyone's surprise, was in perfect order."
)


def seconds(samples):
    """How long it lasts."""
    return len(samples) / OUTPUT_RATE


def speak(text):
    """The sound of a whole text."""
    return np.concatenate([silence(0), *(sound for _, sound in speak_words(text))])


def pause_after(samples):
    """Seconds of silence at its end."""
    return seconds(samples) - (np.flatnonzero(samples)[-1] + 1) / OUTPUT_RATE


@given(st.text())
def test_the_words_make_up_the_text(text):
    """Any text can be said, and none of it is lost."""
    assert [word for word, _ in speak_words(text)] == split_words(text)
    assert "".join(split_words(text)) == text


def test_nothing_to_say_makes_no_sound():
    """Neither does white space."""
    assert len(speak("")) == 0
    assert len(speak(" \n")) == 0


def test_a_text_always_sounds_the_same_and_words_differ():
    """Capitals are not heard, and words of one length have several pitches."""
    assert np.array_equal(speak(PROSE), speak(PROSE))
    assert np.array_equal(speak(PROSE.upper()), speak(PROSE))
    short_words = [word for word in PROSE.split() if len(word) == 3]
    assert len({speak(word).tobytes() for word in short_words}) > 3


def test_it_speaks_at_an_ordinary_pace():
    """150 words a minute, in prose."""
    pace = len(PROSE.split()) / seconds(speak(PROSE)) * 60
    assert pace == pytest.approx(WORDS_PER_MINUTE, rel=0.1)


def test_long_words_take_longer_and_marks_make_pauses():
    """By their letters, whatever the alphabet; a sentence's end is longer than a comma."""
    assert seconds(speak("incomprehensibility")) > 4 * seconds(speak("cat"))
    assert seconds(speak("достопримечательность")) > 4 * seconds(speak("кот"))
    pauses = [pause_after(speak(word)) for word in ("yes", 'yes,"', 'yes."')]
    expected = [WORD_PAUSE_SECONDS, COMMA_PAUSE_SECONDS, SENTENCE_PAUSE_SECONDS]
    assert pauses == pytest.approx(expected, abs=0.01)
    assert seconds(speak("...")) == pytest.approx(SENTENCE_PAUSE_SECONDS)


def test_what_is_no_word_is_cut_short():
    """A key or an address does not take minutes."""
    assert seconds(speak("A" * 10_000)) < 5


def test_it_does_not_click():
    """Each word begins and ends softly, and no step is larger than a mellow tone makes."""
    for _, sound in speak_words(PROSE):
        loud = np.flatnonzero(np.abs(sound.astype(int)) > 2_000)
        first, last = np.flatnonzero(sound)[[0, -1]]
        assert loud[0] - first > 0.005 * OUTPUT_RATE
        assert last - loud[-1] > 0.005 * OUTPUT_RATE
    assert np.abs(np.diff(speak(PROSE).astype(int))).max() < 2_000


@pytest.mark.parametrize("sensitivity", ["HIGH", "LOW"])
@pytest.mark.parametrize("text", [PROSE, "I", "はい", "🙂", "42"])
def test_a_listener_hears_one_utterance(text, sensitivity):
    """The voice can be fed to another session as a user's speech."""
    said = np.concatenate([speak(text), silence(1.5, rate=OUTPUT_RATE)])
    events = ActivityDetector({}, sensitivity=sensitivity).hear(Audio(said, OUTPUT_RATE))
    assert [type(event) for event in events] == [ActivityStart, ActivityEnd]
