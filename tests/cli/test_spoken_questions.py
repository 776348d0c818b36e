"""``genai-live chat --audio``: a recording is sent, and the answer printed and saved."""

import signal

import pytest

from genai_live.emulator import Emulator
from tests.cli.program import Program, run
from tests.cli.sound import read_wav, silence, speech, write_wav

ERASE_LINE_ABOVE = "\x1b[1A\x1b[2K"

OSLO = {"expect": {"speech": "Is it raining in Oslo?"}, "answer": "Yes, it is."}


@pytest.fixture
def chat():
    """Runs a chat with an emulator that plays the given steps, or echoes; has what the emulator saw."""

    def start(*arguments, steps=None, profile=None, time_scale=0, program=run, **options):
        script = None if steps is None else {"steps": steps}
        with Emulator(script=script, profile=profile, time_scale=time_scale) as start.emulator:
            arguments = ("chat", "--base-url", start.emulator.url, *map(str, arguments))
            return program(*arguments, GOOGLE_API_KEY="any", **options)

    return start


@pytest.fixture
def question(tmp_path):
    """A recording that ends with the user's last word."""
    return write_wav(tmp_path / "question.wav", speech(0.6))


@pytest.fixture
def two_questions(tmp_path):
    """A recording of two utterances."""
    return write_wav(tmp_path / "question.wav", speech(0.5) + silence(0.8) + speech(1.2))


def test_a_spoken_question_is_answered(chat, question):
    """Nothing but the answer is printed, and the server was told that the recording had ended."""
    result = chat("--audio", question, steps=[OSLO])
    assert (result.returncode, result.stdout, result.stderr) == (0, "Yes, it is.\n", "")
    setup, *sent = chat.emulator.connections[0].received
    assert "inputAudioTranscription" not in setup["setup"]
    assert [message["realtimeInput"].get("audio", {}).get("mimeType") for message in sent] == [
        *["audio/pcm;rate=16000"] * 6,
        None,
    ]
    assert sent[-1] == {"realtimeInput": {"audioStreamEnd": True}}


def test_a_recording_is_sent_at_its_own_rate(chat, tmp_path):
    """It is not resampled here, and its type says how many samples a second it has."""
    question = write_wav(tmp_path / "question.wav", speech(0.6, 44_100), rate=44_100)
    assert chat("--audio", question, steps=[OSLO]).stdout == "Yes, it is.\n"
    audio = chat.emulator.connections[0].received[1]["realtimeInput"]["audio"]
    assert audio["mimeType"] == "audio/pcm;rate=44100"


def test_each_utterance_of_a_recording_is_answered(chat, two_questions):
    """Also the one before the pause, whose answer comes while the rest is being sent."""
    steps = [OSLO, {"expect": {"speech": "And tomorrow?"}, "answer": "No."}]
    result = chat("--audio", two_questions, steps=steps)
    assert (result.returncode, result.stdout, result.stderr) == (0, "Yes, it is.\nNo.\n", "")


def test_an_answer_that_the_recording_interrupts_is_not_the_last(chat, two_questions):
    """The answer to the last utterance is waited for."""
    steps = [
        {"expect": {"speech": True}, "answer": "Well", "complete": False},
        {"expect": {"speech": True}, "answer": "No."},
    ]
    result = chat("--audio", two_questions, steps=steps)
    assert (result.returncode, result.stdout, result.stderr) == (0, "Well\nNo.\n", "")


def test_an_answer_that_is_interrupted_is_not_the_last(chat, question):
    """Nor where it is told so only after the recording has been sent."""
    interrupted = [{"message": {"serverContent": {key: True}}} for key in ("interrupted", "turnComplete")]
    steps = [{"expect": {"speech": True}, "answer": [*interrupted, "No."]}]
    result = chat("--audio", question, steps=steps)
    assert (result.returncode, result.stdout, result.stderr) == (0, "No.\n", "")


def test_a_recording_may_be_longer_than_its_answer(chat, tmp_path):
    """Where everything was answered before the recording had ended, the chat ends a little later."""
    question = write_wav(tmp_path / "question.wav", speech(0.5) + silence(1.5))
    result = chat("--audio", question, "--timeout", 60, steps=[OSLO])
    assert (result.returncode, result.stdout, result.stderr) == (0, "Yes, it is.\n", "")


def test_new_handles_are_no_signs_of_life(chat, tmp_path):
    """They come as long as the connection stands, and put off neither the end of a chat nor a timeout."""
    handle = {"sessionResumptionUpdate": {"newHandle": "any", "resumable": True}}
    handles = [{"after": 0.3, "message": handle}] * 200
    question = write_wav(tmp_path / "question.wav", speech(0.5) + silence(1.5))
    end = {"message": {"serverContent": {"turnComplete": True}}}
    steps = [{**OSLO, "answer": ["Yes.", end, *handles], "complete": False}]
    result = chat("--audio", question, steps=steps, time_scale=1)
    assert (result.returncode, result.stdout, result.stderr) == (0, "Yes.\n", "")
    steps = [{"expect": "Hello?", "answer": ["Well", *handles], "complete": False}]
    result = chat("Hello?", "--timeout", 1, steps=steps, time_scale=1)
    assert (result.returncode, result.stdout) == (1, "Well\n")
    assert result.stderr == "genai-live: the model has been silent for 1 s\n"


def test_a_recording_in_which_nothing_is_said_ends(chat, tmp_path):
    """After ``--timeout`` seconds it is told that there was no answer."""
    question = write_wav(tmp_path / "question.wav", silence(0.3))
    result = chat("--audio", question, "--timeout", 1)
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == (
        "genai-live: the model has been silent for 1 s; is anything said in the recording?\n"
    )


def test_a_model_that_falls_silent_is_not_waited_for(chat, question):
    """After ``--timeout`` seconds without a message it gives up, and the answer's line is ended."""
    result = chat("--audio", question, "--timeout", 1, steps=[{**OSLO, "complete": False}])
    assert (result.returncode, result.stdout) == (1, "Yes, it is.\n")
    assert result.stderr == "genai-live: the model has been silent for 1 s\n"


def test_a_close_while_the_recording_is_sent_is_told(chat, two_questions):
    """The error is one sentence, and what came before it is printed."""
    steps = [{**OSLO, "answer": ["Yes", {"close": {"code": 1007, "reason": "Out of order."}}]}]
    result = chat("--audio", two_questions, steps=steps)
    assert (result.returncode, result.stdout) == (1, "Yes\n")
    assert "1007 Out of order." in result.stderr
    assert result.stderr.count("\n") == 1


def test_ctrl_c_ends_it(chat, tmp_path):
    """At once, though minutes of the recording have not been sent."""
    question = write_wav(tmp_path / "question.wav", speech(0.5) + silence(200))
    with Program("chat", "--emulator", "--audio", str(question), "-v") as program:
        program.expect("realtimeInput")
        program.signal(signal.SIGINT)
        assert program.end() == 130
        assert "Traceback" not in program.printed


def test_the_voice_is_saved(chat, question, tmp_path):
    """The emulator says back what it heard, in the same voice; without words, which is told."""
    result = chat("--audio", question, "--save", tmp_path / "answer.wav")
    assert (result.returncode, result.stdout) == (0, "")
    assert result.stderr == "The model answered with 0.6 s of sound, but without words.\n"
    rate, sound = read_wav(tmp_path / "answer.wav")
    assert rate == 24_000
    assert len(sound) / 2 / rate == pytest.approx(0.6, abs=0.03)
    assert chat.emulator.connections[0].received[0]["setup"]["generationConfig"] == {
        "responseModalities": ["AUDIO"]
    }


def test_the_answers_to_typed_questions_are_saved(chat, tmp_path):
    """All of one chat go into one file, in their order."""
    pieces = [speech(0.2, 24_000), speech(0.3, 24_000)]
    for i, piece in enumerate(pieces):
        write_wav(tmp_path / f"{i}.wav", piece, rate=24_000)
    steps = [
        {"expect": f"{i}?", "answer": {"speech": {"audio": str(tmp_path / f"{i}.wav"), "text": f"{i}."}}}
        for i in range(2)
    ]
    result = chat("--save", tmp_path / "answer.wav", steps=steps, stdin="0?\n1?\n")
    assert (result.returncode, result.stdout, result.stderr) == (0, "0.\n1.\n", "")
    assert read_wav(tmp_path / "answer.wav") == (24_000, b"".join(pieces))


def test_that_there_is_nothing_to_save_is_told(chat, tmp_path):
    """No file is made, and one that is there stays as it was."""
    silent = [
        {"message": {"serverContent": {"outputTranscription": {"text": "Hello."}}}},
        {"message": {"serverContent": {"turnComplete": True}}},
    ]
    path = tmp_path / "answer.wav"
    result = chat("--save", path, "Hello", steps=[{"expect": "Hello", "answer": silent, "complete": False}])
    assert (result.returncode, result.stdout) == (0, "Hello.\n")
    assert result.stderr == f"Nothing was heard; {path} was not written.\n"
    assert not path.exists()


def test_files_are_looked_at_before_anything_is_asked(chat, question, tmp_path):
    """Neither a recording that cannot be sent nor a file that cannot be written costs an answer."""
    for options, told in [
        (("--audio", tmp_path / "missing.wav"), "missing.wav cannot be read"),
        (("--audio", question, "--save", tmp_path / "no" / "answer.wav"), "answer.wav cannot be written"),
    ]:
        result = chat(*options)
        assert (result.returncode, result.stdout) == (1, "")
        assert result.stderr.startswith("genai-live: ")
        assert told in result.stderr
        assert result.stderr.count("\n") == 1
        assert not chat.emulator.connections


def test_a_recording_is_not_replaced_by_its_answer(chat, question):
    """The same file for both is a mistake."""
    before = question.read_bytes()
    result = chat("--audio", question, "--save", question.parent / "." / question.name)
    assert result.returncode == 2
    assert "--save would replace the recording" in result.stderr
    assert question.read_bytes() == before


@pytest.mark.parametrize("profile", ["2.0", "2.5", "3.1", "3.8", "vertex-2.5"])
def test_a_transcript_says_who_said_what(chat, question, profile):
    """Whatever the model's way to send it, each utterance is a line, the question first."""
    result = chat("--audio", question, "--transcript", steps=[OSLO], profile=profile)
    lines = "You: Is it raining in Oslo?\nModel: Yes, it is.\n"
    assert (result.returncode, result.stdout, result.stderr) == (0, lines, "")


def test_a_transcription_that_comes_last_is_waited_for(chat, question):
    """Even after the end of the turn."""
    late = [
        "Yes.",
        {"message": {"serverContent": {"turnComplete": True}}},
        {"message": {"serverContent": {"inputTranscription": {"text": "Is it raining?"}}}},
    ]
    steps = [{"expect": {"speech": True}, "answer": late, "complete": False}]
    result = chat("--audio", question, "--transcript", steps=steps)
    assert (result.returncode, result.stdout, result.stderr) == (0, "Model: Yes.\nYou: Is it raining?\n", "")


def test_a_transcript_has_typed_questions_too(chat):
    """So it is whole."""
    steps = [{"expect": f"{i}?", "answer": f"{i}."} for i in range(2)]
    result = chat("--transcript", steps=steps, stdin="0?\n1?\n")
    assert result.stdout == "You: 0?\nModel: 0.\nYou: 1?\nModel: 1.\n"


@pytest.mark.parametrize("options", [(), ("--transcript",)])
def test_a_model_that_transcribes_answers_with_what_was_said(chat, question, options):
    """That is what it is asked for; it is asked in its own way."""
    end = {"message": {"serverContent": {"generationComplete": True}}}
    steps = [{"expect": {"speech": "Is it raining in Oslo?"}, "answer": end}]
    result = chat("--audio", question, "--model", "gemini-3.5-transcribe-live", *options, steps=steps)
    label = "You: " if options else ""
    assert (result.returncode, result.stdout, result.stderr) == (0, f"{label}Is it raining in Oslo?\n", "")
    setup = chat.emulator.connections[0].received[0]["setup"]
    assert setup["generationConfig"] == {"responseModalities": ["TEXT"]}
    assert "inputAudioTranscription" in setup
    assert "outputAudioTranscription" not in setup


def _at_terminal(*arguments, **environment):
    with Program(*arguments, terminal=True, **environment) as program:
        assert program.end() == 0
        return program


def test_a_bar_shows_how_much_has_been_sent(chat, question):
    """At a terminal, it grows while the recording is sent, and then stands above the answer."""
    program = chat("--audio", question, steps=[OSLO], program=_at_terminal)
    assert "━ 0.3 of 0.6 s" in program.printed
    assert program.printed.endswith("━ 0.6 of 0.6 s\nYes, it is.\n")
    assert ERASE_LINE_ABOVE not in program.drawn


def test_an_answer_takes_the_bar_s_place(chat, two_questions):
    """Where it comes meanwhile, it is not torn apart by the bar, which goes on below it."""
    steps = [OSLO, {"expect": {"speech": True}, "answer": "No."}]
    program = chat("--audio", two_questions, steps=steps, program=_at_terminal)
    before, _, after = program.printed.partition("\nYes, it is.\n")
    assert "of 2.5 s" in before
    assert "of 2.5 s" in after
    assert after.endswith("No.\n")
    assert ERASE_LINE_ABOVE in program.drawn


def test_the_bar_does_not_go_where_the_answer_goes(chat, two_questions, tmp_path):
    """With stdout redirected, the file holds the answer only, and the terminal has the bar."""

    def redirected(*arguments, **environment):
        with (tmp_path / "answer.txt").open("w") as file:
            with Program(*arguments, terminal=True, stdout=file, **environment) as program:
                assert program.end() == 0
                return program.printed

    steps = [OSLO, {"expect": {"speech": True}, "answer": "No."}]
    printed = chat("--audio", two_questions, steps=steps, program=redirected)
    assert printed.endswith("━ 2.5 of 2.5 s\n")
    assert (tmp_path / "answer.txt").read_text() == "Yes, it is.\nNo.\n"
