"""WAV files: those that can be sent, those that cannot, and the one that answers are saved to."""

import os
import struct
import threading

import click
import pytest

from genai_live.cli.recording import AnswerFile, open_recording
from genai_live.types import Blob
from tests.cli.sound import read_wav, speech, write_wav

SPEECH = speech(0.35)
WANTED = "; wanted is a WAV file of 16-bit mono PCM, as made by: ffmpeg -i "


def _chunks(path):
    with open_recording(path) as recording:
        return list(recording.chunks())


@pytest.mark.parametrize("rate", [8_000, 11_025, 16_000, 44_100, 48_000])
def test_a_recording_of_any_rate_is_cut_into_chunks_of_100_ms(tmp_path, rate):
    """Joined they are the whole sound; the type that they are sent as names the rate."""
    sound = speech(0.35, rate)
    with open_recording(write_wav(tmp_path / "question.wav", sound, rate=rate)) as recording:
        chunks = list(recording.chunks())
        assert recording.name == "question.wav"
        assert recording.mime_type == f"audio/pcm;rate={rate}"
        assert recording.seconds == pytest.approx(0.35, abs=0.001)
    assert b"".join(chunks) == sound
    assert [len(chunk) for chunk in chunks[:3]] == [rate // 10 * 2] * 3


def _changed(at, value):
    """A WAV file with other bytes in its header."""

    def write(path):
        data = bytearray(write_wav(path, SPEECH).read_bytes())
        data[at : at + len(value)] = value
        path.write_bytes(data)

    return write


def _cut(length):
    def write(path):
        write_wav(path, SPEECH)
        os.truncate(path, length)

    return write


def _extensible(path):
    """A WAV file in the extensible format, with floating-point numbers in it."""
    guid = struct.pack("<I", 3) + bytes.fromhex("0000 1000 8000 00aa00389b71")
    form = struct.pack("<HHIIHHHHI", 0xFFFE, 1, 16_000, 64_000, 4, 32, 22, 32, 4) + guid
    chunks = b"WAVEfmt " + struct.pack("<I", len(form)) + form + b"data" + struct.pack("<I", 4) + bytes(4)
    path.write_bytes(b"RIFF" + struct.pack("<I", len(chunks)) + chunks)


@pytest.mark.parametrize(
    ("write", "found"),
    [
        (lambda path: write_wav(path, SPEECH, channels=2), "16-bit stereo"),
        (lambda path: write_wav(path, SPEECH[:12], channels=6), "16-bit with 6 channels"),
        (lambda path: write_wav(path, SPEECH, sample_bytes=1), "8-bit mono"),
        (lambda path: write_wav(path, SPEECH[:300], sample_bytes=3), "24-bit mono"),
        (lambda path: write_wav(path, b""), "without sound"),
        (_changed(20, b"\x03"), "a WAV file in floating point"),
        (_changed(20, b"\x07"), "a WAV file in μ-law"),
        (_changed(20, b"\x31"), "a WAV file in another encoding"),
        (_extensible, "a WAV file in "),
        (_cut(30), "a damaged WAV file (it breaks off)"),
        (_changed(24, bytes(4)), "a damaged WAV file (no samples a second)"),
        (_changed(16, b"\xff\xff\xff\x7f"), "a damaged WAV file (it breaks off)"),
        (lambda path: path.write_bytes(b"ID3\x04\0\0\0\0"), "an MP3 file"),
        (lambda path: path.write_bytes(b"\xff\xfb\x90\x64"), "an MP3 file"),
        (lambda path: path.write_bytes(b"\0\0\0\x1cftypM4A "), "an M4A file"),
        (lambda path: path.write_bytes(b"OggS\0\2"), "an Ogg file"),
        (lambda path: path.write_bytes(b"Is it raining?"), "not a WAV file"),
        (lambda path: path.write_bytes(b""), "empty"),
    ],
)
def test_what_cannot_be_sent_is_named(tmp_path, write, found):
    """One sentence tells what the file is, what is wanted, and how to make it."""
    path = tmp_path / "question.wav"
    write(path)
    with pytest.raises(click.ClickException) as raised:
        _chunks(path)
    assert raised.value.message.startswith(f"{path} is {found}")
    assert (
        f"{WANTED}{path} -ac 1 -ar 16000 -c:a pcm_s16le {tmp_path}/question-mono.wav" in raised.value.message
    )


def test_the_conversion_can_be_pasted(tmp_path):
    """Names that mean something to the shell are quoted."""
    path = tmp_path / "it's a song.mp3"
    path.write_bytes(b"ID3")
    with pytest.raises(
        click.ClickException, match=r"ffmpeg -i '.*it'\"'\"'s a song\.mp3' .* '.*s a song\.wav'$"
    ):
        _chunks(path)


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    """A missing one, and a folder."""
    with pytest.raises(
        click.ClickException, match=r"question.wav cannot be read: No such file or directory$"
    ):
        _chunks(tmp_path / "question.wav")
    with pytest.raises(click.ClickException, match="cannot be read: Is a directory$"):
        _chunks(tmp_path)


@pytest.mark.parametrize("length", [b"\xff\xff\xff\xff", b"\xfe\xff\xff\x7f"])
def test_the_length_in_the_header_need_not_be_true(tmp_path, length):
    """A program that writes to a pipe does not know it."""
    path = tmp_path / "question.wav"
    _changed(4, length)(path)
    data = bytearray(path.read_bytes())
    data[40:44] = length
    path.write_bytes(data)
    with open_recording(path) as recording:
        assert recording.seconds == 0.35
        assert b"".join(recording.chunks()) == SPEECH


def test_a_recording_can_come_through_a_pipe(tmp_path):
    """As the shell's ``<(…)`` gives it."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    whole = write_wav(tmp_path / "question.wav", SPEECH).read_bytes()
    writing = threading.Thread(target=path.write_bytes, args=(whole,))
    writing.start()
    assert b"".join(_chunks(path)) == SPEECH
    writing.join()


def _piece(data, mime_type="audio/pcm;rate=24000"):
    return Blob(data=data, mime_type=mime_type)


@pytest.mark.parametrize(
    ("mime_type", "rate"),
    [
        ("audio/pcm;rate=24000", 24_000),
        ("audio/pcm; rate=16000", 16_000),
        ("AUDIO/PCM;RATE=48000", 48_000),
        ("audio/pcm", 24_000),
    ],
)
def test_answers_are_saved_one_after_another(tmp_path, mime_type, rate):
    """The file has the rate that the answer's type names; 24 kHz, as documented, where it names none."""
    path = tmp_path / "answer.wav"
    with AnswerFile(path) as file:
        file.add(_piece(SPEECH, mime_type))
        file.add(_piece(SPEECH[:100], mime_type))
        assert file.seconds == pytest.approx((len(SPEECH) + 100) / 2 / rate)
        assert read_wav(path) == (rate, SPEECH + SPEECH[:100]), "it can be played before the end, too"
    assert read_wav(path) == (rate, SPEECH + SPEECH[:100])


def test_a_sample_may_be_cut_in_two(tmp_path):
    """A piece with an odd number of bytes is completed by the next one."""
    with AnswerFile(tmp_path / "answer.wav") as file:
        for start in range(0, 300, 3):
            file.add(_piece(SPEECH[start : start + 3]))
    assert read_wav(tmp_path / "answer.wav") == (24_000, SPEECH[:300])


def test_a_file_is_replaced_only_by_something(tmp_path):
    """Without an answer that can be heard, a file stays as it was, and none is made."""
    earlier, new = tmp_path / "earlier.wav", tmp_path / "new.wav"
    write_wav(earlier, speech(2))
    with AnswerFile(earlier), AnswerFile(new):
        pass
    assert read_wav(earlier) == (16_000, speech(2))
    assert not new.exists()
    with AnswerFile(earlier) as file:
        file.add(_piece(SPEECH))
    assert read_wav(earlier) == (24_000, SPEECH)
    assert earlier.stat().st_size < len(SPEECH) + 100


def test_a_file_that_cannot_be_written_is_named(tmp_path):
    """At once, before there is anything to write."""
    with pytest.raises(
        click.ClickException, match=r"x/answer.wav cannot be written: No such file or directory$"
    ):
        AnswerFile(tmp_path / "x" / "answer.wav")
    with pytest.raises(click.ClickException, match="cannot be written: Is a directory$"):
        AnswerFile(tmp_path)


@pytest.mark.parametrize("mime_type", ["audio/opus", "audio/pcm;rate=16000"])
def test_what_does_not_fit_into_the_file_is_told(tmp_path, mime_type):
    """Another encoding, and another rate than before; what came before is kept."""
    path = tmp_path / "answer.wav"
    with pytest.raises(click.ClickException, match=r"audio/opus|from 24000 to 16000"):
        with AnswerFile(path) as file:
            file.add(_piece(SPEECH))
            file.add(_piece(SPEECH, mime_type))
    assert read_wav(path) == (24_000, SPEECH)
