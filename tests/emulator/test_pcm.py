"""Raw audio: what is read, what is refused, and other rates."""

import base64

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genai_live.emulator.pcm import (
    OUTPUT_RATE,
    Audio,
    from_bytes,
    join,
    read_audio,
    resample,
    to_bytes,
)
from genai_live.emulator.refusal import Refusal
from tests.emulator.signals import silence, tone


def blob(mime_type, data=b"\x01\x00\xff\x7f"):
    """A chunk as the client sends it."""
    return {"mimeType": mime_type, "data": base64.b64encode(data).decode()}


def loudest_hertz(samples, rate):
    """The frequency that is strongest in a sound."""
    return np.argmax(np.abs(np.fft.rfft(samples))) * rate / len(samples)


@pytest.mark.parametrize(
    ("mime_type", "rate"),
    [
        ("audio/pcm;rate=16000", 16_000),
        ("audio/pcm", 16_000),
        ("audio/pcm;", 16_000),
        ("Audio/PCM; Rate = 44100", 44_100),
        (' audio/pcm;channels=1; rate="8000" ;x=y', 8_000),
        ("audio/pcm;bitrate=5", 16_000),
        ("audio/pcm;rate=1000", 1_000),
        ("audio/pcm;rate=192000", 192_000),
    ],
)
def test_the_mime_type_tells_the_rate(mime_type, rate):
    """In any case and with spaces, beside other parameters; 16 kHz where it does not."""
    audio = read_audio(blob(mime_type))
    assert audio.samples.tolist() == [1, 32_767]
    assert audio.samples.dtype == np.int16
    assert audio.rate == rate
    assert audio.seconds == 2 / rate


@pytest.mark.parametrize(
    "mime_type",
    [
        "",
        "audio/wav",
        "audio/opus;rate=16000",
        "audio/pcmu",
        "video/pcm",
        "audio/pcm;rate=",
        "audio/pcm;rate=0",
        "audio/pcm;rate=-16000",
        "audio/pcm;rate=16k",
        "audio/pcm;rate=999",
        "audio/pcm;rate=192001",
        "audio/pcm;rate=99999999999999999999",
        "audio/pcm;rate=١٦٠٠٠",
    ],
)
def test_what_is_not_pcm_or_has_no_rate_is_refused(mime_type):
    """Only raw PCM is heard, at a rate that sound can have."""
    with pytest.raises(Refusal, match=r"1007 Request contains an invalid argument\."):
        read_audio(blob(mime_type))


def test_half_a_sample_is_refused():
    """A chunk that ends within a sample would turn all that follows into noise."""
    with pytest.raises(Refusal, match="1007"):
        read_audio(blob("audio/pcm", b"\x01\x00\xff"))


def test_a_chunk_may_be_empty():
    """No data are no samples."""
    assert len(read_audio({"mimeType": "audio/pcm"}).samples) == 0
    assert read_audio(blob("audio/pcm", b"")).seconds == 0


@given(st.lists(st.integers(-32_768, 32_767)))
def test_bytes_and_samples_are_the_same_sound(values):
    """Little-endian, and back, on any machine."""
    samples = np.array(values, np.int16)
    assert to_bytes(samples) == b"".join(value.to_bytes(2, "little", signed=True) for value in values)
    assert from_bytes(to_bytes(samples)).tolist() == values


@pytest.mark.parametrize("rate", [8_000, 11_025, 16_000, 44_100, 48_000])
def test_another_rate_keeps_pitch_length_and_loudness(rate):
    """What was heard at any rate can be said at 24 kHz."""
    original = tone(1.0, rate=rate, hertz=440)
    resampled = resample(original, rate, OUTPUT_RATE)
    assert resampled.dtype == np.int16
    assert abs(len(resampled) - OUTPUT_RATE) <= 1
    assert loudest_hertz(resampled, OUTPUT_RATE) == pytest.approx(440, abs=1)
    assert np.std(resampled) == pytest.approx(np.std(original), rel=0.01)


def test_the_same_rate_changes_nothing():
    """Nor does any rate change silence without length."""
    original = tone(0.1)
    assert np.array_equal(resample(original, 16_000, 16_000), original)
    assert len(resample(silence(0), 8_000, 24_000)) == 0


def test_pieces_are_joined_at_the_last_rate():
    """Each stretch of one rate is resampled as one sound."""
    first = tone(0.5, rate=8_000)
    pieces = [Audio(first[:1], 8_000), Audio(first[1:], 8_000), Audio(tone(0.5), 16_000)]
    joined = join(pieces)
    assert joined.rate == 16_000
    assert np.array_equal(joined.samples[:8_000], resample(first, 8_000, 16_000))
    assert np.array_equal(joined.samples[8_000:], tone(0.5))


def test_no_pieces_make_no_sound():
    """They can still be told from a sound."""
    assert join([]).seconds == 0
