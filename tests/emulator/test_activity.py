"""Activity of the user: what is speech, when it starts and ends, and what was said."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genai_live.emulator.activity import (
    LONGEST_SPEECH_MS,
    ActivityDetector,
    ActivityEnd,
    ActivityStart,
    ManualActivity,
    make_detector,
)
from genai_live.emulator.pcm import Audio
from tests.emulator.signals import noise, silence, syllables, tone

RATE = 16_000
DIALOGUE = np.concatenate(
    [
        noise(0.5, amplitude=60),
        syllables(1.3),
        silence(0.9),
        tone(0.05),
        silence(0.3),
        tone(0.9, hertz=310, amplitude=2_000),
        silence(1.4),
    ]
)


def detector(sensitivity="HIGH", **detection):
    """A detector as most sessions have it."""
    return ActivityDetector(detection, sensitivity=sensitivity)


def sound(*parts, rate=RATE):
    """One chunk of several sounds."""
    return Audio(np.concatenate(parts), rate)


def start_and_end(events):
    """The two events of one utterance."""
    start, end = events
    assert isinstance(start, ActivityStart)
    assert isinstance(end, ActivityEnd)
    return start, end


def told(events):
    """Events as values that can be compared."""
    return [
        (event.offset, event.speech.rate, event.speech.samples.tobytes())
        if isinstance(event, ActivityEnd)
        else event.offset
        for event in events
    ]


@pytest.mark.parametrize("rate", [8_000, 11_025, 16_000, 24_000, 44_100, 48_000])
@pytest.mark.parametrize("voice", [tone, syllables])
def test_an_utterance_is_heard_at_any_rate(voice, rate):
    """It starts soon after its onset, ends 0.7 s after its last sound, and is told whole, at its own rate."""
    said = voice(1.5, rate=rate)
    events = detector().hear(sound(silence(1, rate=rate), said, silence(2, rate=rate), rate=rate))
    start, end = start_and_end(events)
    assert start.offset == pytest.approx(1.14, abs=0.05)
    assert end.offset == pytest.approx(3.2, abs=0.1)
    assert end.speech.rate == rate
    # What was said, and a tenth of a second on either side.
    assert end.speech.seconds == pytest.approx(1.7, abs=0.1)
    assert said.tobytes() in end.speech.samples.tobytes()


@settings(max_examples=60, deadline=None)
@given(cuts=st.lists(st.integers(0, len(DIALOGUE)), max_size=40), rate=st.sampled_from([16_000, 22_050]))
def test_it_makes_no_difference_how_a_recording_is_cut(cuts, rate):
    """Any chunks tell the same events, offsets and speech as the whole."""
    whole = detector()
    expected = whole.hear(Audio(DIALOGUE, rate)) + whole.end_stream()
    assert len(expected) >= 2
    cut = detector()
    events = [event for piece in np.split(DIALOGUE, sorted(cuts)) for event in cut.hear(Audio(piece, rate))]
    assert told(events + cut.end_stream()) == told(expected)


def test_chunks_of_a_tenth_of_a_second_report_in_time():
    """The start is known when the chunk has come that brings 120 ms of speech; the end, 0.7 s of silence."""
    listening = detector()
    reports = {}
    for i, chunk in enumerate(np.split(np.concatenate([silence(0.5), tone(1), silence(1)]), 25), start=1):
        for event in listening.hear(Audio(chunk, RATE)):
            reports[type(event)] = (i / 10, event.offset)
    assert reports == {ActivityStart: (0.7, pytest.approx(0.62)), ActivityEnd: (2.2, pytest.approx(2.2))}


@pytest.mark.parametrize(
    "unheard",
    [
        silence(5),
        np.full(5 * RATE, 9_000, np.int16),
        tone(5, amplitude=100),
        noise(5, amplitude=150),
        noise(5, amplitude=6_000),
        np.concatenate([noise(0.005, amplitude=30_000), silence(0.5)] * 10),
        np.concatenate([tone(0.005, amplitude=30_000), silence(0.5)] * 10),
        np.concatenate([tone(0.06), silence(0.2)] * 10),
    ],
    ids=["silence", "offset", "hum", "hiss", "loud noise", "clicks", "pops", "beeps"],
)
def test_what_is_not_speech_is_not_heard(unheard):
    """Neither noise as loud as a voice, as with the service, nor what is too short, nor what is too quiet."""
    assert detector().hear(Audio(unheard, RATE)) == []


@pytest.mark.parametrize("rate", [8_000, 48_000])
def test_noise_is_ignored_at_every_rate(rate):
    """What it crosses depends on the rate; so does the measure."""
    assert detector().hear(Audio(noise(10, rate=rate, amplitude=6_000), rate)) == []


def test_a_voice_is_heard_in_noise_and_noise_does_not_go_on_as_speech():
    """The utterance ends although it is followed by noise instead of silence."""
    said = sound(noise(1, amplitude=500), syllables(1.5) + noise(1.5, amplitude=500), noise(2, amplitude=500))
    _, end = start_and_end(detector().hear(said))
    assert end.speech.seconds == pytest.approx(1.7, abs=0.15)


def test_pauses_and_clicks_do_not_split_or_prolong_speech():
    """0.3 s between words is no end; a click in the silence after them is no word."""
    words = [tone(0.4), silence(0.3)] * 4
    click = tone(0.005, amplitude=30_000)
    start, end = start_and_end(detector().hear(sound(*words, silence(0.058), click, silence(1))))
    assert start.offset == pytest.approx(0.12)
    assert end.offset == pytest.approx(2.5 + 0.7, abs=0.03)
    assert end.speech.seconds == pytest.approx(2.6, abs=0.03)


def test_a_long_pause_splits_speech():
    """1.0 s is the end of one utterance, and the next starts as any other (protocol notes, 3.3)."""
    events = detector().hear(sound(tone(0.5), silence(1), tone(0.5, hertz=300), silence(1)))
    first, second = start_and_end(events[:2]), start_and_end(events[2:])
    assert second[0].offset == pytest.approx(1.62)
    assert first[1].speech.seconds == pytest.approx(0.6)
    assert second[1].speech.seconds == pytest.approx(0.7)


def test_the_sensitivity_to_the_start_is_how_loud_a_voice_must_be():
    """A quiet voice is heard at HIGH and not at LOW; an ordinary one at both."""
    quiet, ordinary = sound(syllables(1, amplitude=1_000)), sound(syllables(1, amplitude=4_000))
    high, low = "START_SENSITIVITY_HIGH", "START_SENSITIVITY_LOW"
    assert detector(startOfSpeechSensitivity=high).hear(quiet)
    assert not detector(startOfSpeechSensitivity=low).hear(quiet)
    assert detector(startOfSpeechSensitivity=low).hear(ordinary)


def test_the_sensitivity_to_the_end_is_how_long_silence_must_last():
    """A pause of 0.8 s ends speech at HIGH and not at LOW."""
    heard = sound(tone(1), silence(0.8))
    assert len(detector(endOfSpeechSensitivity="END_SENSITIVITY_HIGH").hear(heard)) == 2
    assert len(detector(endOfSpeechSensitivity="END_SENSITIVITY_LOW").hear(heard)) == 1


@pytest.mark.parametrize("unset", [{}, {"endOfSpeechSensitivity": "END_SENSITIVITY_UNSPECIFIED"}])
def test_what_is_not_set_is_the_services_default(unset):
    """HIGH on the Gemini API, LOW on Vertex AI; enums may also come by number."""
    heard = sound(tone(1), silence(0.8))
    assert len(ActivityDetector(unset, sensitivity="HIGH").hear(heard)) == 2
    assert len(ActivityDetector(unset, sensitivity="LOW").hear(heard)) == 1
    assert len(ActivityDetector({"endOfSpeechSensitivity": 1}, sensitivity="LOW").hear(heard)) == 2
    assert len(ActivityDetector({"endOfSpeechSensitivity": 2}, sensitivity="HIGH").hear(heard)) == 1


@pytest.mark.parametrize("milliseconds", [20, 300, 1_000])
def test_prefix_padding_is_the_speech_needed_for_a_start(milliseconds):
    """Shorter speech is not heard; what is heard includes its beginning."""
    needed = milliseconds / 1000
    assert not detector(prefixPaddingMs=milliseconds).hear(sound(tone(needed - 0.02), silence(1)))
    said = tone(needed + 0.5)
    start, end = start_and_end(detector(prefixPaddingMs=milliseconds).hear(sound(said, silence(1))))
    assert start.offset == pytest.approx(needed)
    assert said.tobytes() in end.speech.samples.tobytes()


@pytest.mark.parametrize("milliseconds", [100, 2_000, 4_500])
def test_silence_duration_is_the_silence_needed_for_an_end(milliseconds):
    """As the service honours it (protocol notes, 3.3)."""
    _, end = start_and_end(detector(silenceDurationMs=milliseconds).hear(sound(tone(1), silence(5))))
    assert end.offset == pytest.approx(1 + milliseconds / 1000)
    assert end.speech.seconds == pytest.approx(1.1)


@pytest.mark.parametrize("milliseconds", [0, -1])
def test_no_duration_at_all_still_takes_a_frame(milliseconds):
    """Zero is the shortest that there is."""
    listening = detector(prefixPaddingMs=milliseconds, silenceDurationMs=milliseconds)
    start, end = start_and_end(listening.hear(sound(silence(1), tone(0.02), silence(1))))
    assert start.offset == pytest.approx(1.02)
    assert end.offset == pytest.approx(1.04)


def test_the_end_of_the_stream_ends_an_utterance():
    """At once, with all that was said; audio may come again, and offsets go on."""
    listening = detector()
    said = tone(0.5075)
    assert len(listening.hear(Audio(said, RATE))) == 1
    (end,) = listening.end_stream()
    assert end.offset == pytest.approx(0.5075)
    assert np.array_equal(end.speech.samples, said)
    assert listening.end_stream() == []
    start, end = start_and_end(listening.hear(sound(tone(0.5), silence(1))))
    assert start.offset == pytest.approx(0.5075 + 0.12)
    assert end.offset == pytest.approx(0.5075 + 0.5 + 0.7)


def test_the_end_of_the_stream_forgets_what_was_too_short():
    """Speech before it and after it does not add up."""
    listening = detector()
    assert listening.hear(Audio(tone(0.08), RATE)) == []
    assert listening.end_stream() == []
    assert listening.hear(Audio(tone(0.08), RATE)) == []


def test_the_rate_may_change_while_somebody_speaks():
    """Time goes on by seconds; what was said comes at the last rate."""
    listening = detector()
    events = listening.hear(Audio(tone(1.005, rate=8_000), 8_000))
    events += listening.hear(sound(tone(1, rate=24_000), silence(1, rate=24_000), rate=24_000))
    start, end = start_and_end(events)
    assert start.offset == pytest.approx(0.12)
    assert end.offset == pytest.approx(2.705)
    assert end.speech.rate == 24_000
    assert end.speech.seconds == pytest.approx(2.105, abs=0.001)


def test_speech_without_end_is_ended():
    """After as long as a session lasts; then the next utterance starts. No start is awaited for longer."""
    rate = 1_000
    endless = tone(LONGEST_SPEECH_MS / 1000 + 1, rate=rate)
    events = detector().hear(Audio(endless, rate))
    assert [type(event) for event in events] == [ActivityStart, ActivityEnd, ActivityStart]
    assert events[1].speech.seconds == pytest.approx(LONGEST_SPEECH_MS / 1000)
    assert detector(prefixPaddingMs=2**31 - 1).hear(Audio(endless, rate))


@pytest.mark.parametrize("padding", [{}, {"prefixPaddingMs": 2**31 - 1}])
def test_what_is_not_speech_is_not_kept(padding):
    """A minute of silence, noise and beeps takes no memory."""
    listening = detector(**padding)
    chunk = sound(silence(0.4), noise(0.4), tone(0.06), silence(0.14))
    listening.hear(chunk)
    tracemalloc.start()
    try:
        for _ in range(60):
            listening.hear(chunk)
        assert tracemalloc.get_traced_memory()[0] < len(chunk.samples)
    finally:
        tracemalloc.stop()


def test_manual_activity_is_what_comes_between_the_signals():
    """All of it, silence and noise too, and nothing else; offsets count all audio."""
    activity = make_detector({"disabled": True}, sensitivity="HIGH")
    assert activity.hear(Audio(tone(1), RATE)) == []
    (start,) = activity.start()
    said = [noise(0.3), silence(1.5), tone(0.3)]
    assert [event for chunk in said for event in activity.hear(Audio(chunk, RATE))] == []
    (end,) = activity.end()
    assert (start.offset, end.offset) == (1, pytest.approx(3.1))
    assert np.array_equal(end.speech.samples, np.concatenate(said))


def test_manual_signals_out_of_turn_change_nothing():
    """A second start goes on with the first; an end without a start tells nothing."""
    activity = ManualActivity()
    assert activity.end() == []
    assert len(activity.start()) == 1
    activity.hear(Audio(tone(0.5), RATE))
    assert activity.start() == []
    assert activity.end_stream() == []
    (end,) = activity.end()
    assert end.speech.seconds == 0.5
    assert activity.end() == []
    activity.start()
    assert activity.end()[0].speech.seconds == 0


def test_manual_activity_without_end_is_ended():
    """After as long as a session lasts."""
    activity = ManualActivity()
    activity.start()
    events = [event for _ in range(16) for event in activity.hear(Audio(tone(60, rate=1_000), 1_000))]
    assert [type(event) for event in events] == [ActivityEnd]
    assert activity.end() == []


def test_a_detector_has_no_use_for_manual_signals():
    """Without ``disabled`` the voice alone decides."""
    activity = make_detector({"disabled": False}, sensitivity="HIGH")
    assert activity.start() == []
    assert activity.hear(Audio(silence(1), RATE)) == []
    assert activity.end() == []
