"""Who said what, whatever order the pieces come in."""

import pytest

from genai_live.cli.printing import Printer
from genai_live.cli.transcript import Transcript

BOTH = "You: Is it raining?\nModel: Yes, it is.\n"


def _play(printer, pieces, *, spoken=True):
    transcript = Transcript(printer, spoken=spoken)
    for piece in pieces:
        match piece.partition(" "):
            case ("<", _, text):
                transcript.hear(text, finished=text.endswith("?!"))
            case (">", _, text):
                transcript.say(text)
            case ("complete", _, _):
                transcript.complete_model()
    return transcript


@pytest.mark.parametrize(
    "pieces",
    [
        ["< Is it", "<  raining?", "> Yes,", ">  it is.", "complete"],
        ["< Is it", "> Yes,", "<  raining?", ">  it is.", "complete"],
        ["> Yes,", "< Is it", "<  raining?", ">  it is.", "complete"],
        ["> Yes,", ">  it is.", "< Is it raining?", "complete"],
        ["> Yes,", ">  it is.", "complete", "< Is it raining?"],
        ["<  Is it raining?", ">  Yes, it is."],
    ],
    ids=["before", "amid", "first the model", "after", "after the model was complete", "leading spaces"],
)
def test_the_question_stands_before_the_answer(capsys, pieces):
    """Each speaker has one line, the user first, though the pieces come in no fixed order."""
    printer = Printer()
    _play(printer, pieces).end()
    printer.end_answer()
    assert capsys.readouterr().out == BOTH


def test_the_answer_is_not_held_back_longer_than_it_must_be(capsys):
    """It is printed once the model has said everything, long before it has been played."""
    printer = Printer()
    _play(printer, ["< Is it raining?", "> Yes,"])
    assert capsys.readouterr().out == "You: Is it raining?"
    _play(printer, ["< Is it raining?", "> Yes,", "complete"])
    assert capsys.readouterr().out.endswith("Model: Yes,")


def test_the_answer_to_a_finished_question_is_printed_as_it_comes(capsys):
    """Where the service says that an utterance is finished, as Vertex AI does, nothing more is waited for."""
    printer = Printer()
    _play(printer, ["< Is it raining?!", "> Yes,"])
    assert capsys.readouterr().out == "You: Is it raining?!\nModel: Yes,"


def test_the_answer_to_a_typed_question_is_printed_as_it_comes(capsys):
    """No words of the user are waited for."""
    printer = Printer()
    _play(printer, ["> Yes,"], spoken=False)
    assert capsys.readouterr().out == "Model: Yes,"


def test_words_that_come_too_late_have_a_line_of_their_own(capsys):
    """They do not break the model's line, and are not lost."""
    printer = Printer()
    _play(printer, ["< Is it", "> Yes,", "complete", "<  raining", "> .", "< ?"]).end()
    printer.end_answer()
    assert capsys.readouterr().out == "You: Is it\nModel: Yes,.\nYou: raining?\n"


def test_who_said_nothing_has_no_line(capsys):
    """Neither an empty piece nor one of spaces makes a line."""
    printer = Printer()
    _play(printer, ["<  ", "> ", "complete"]).end()
    _play(printer, ["> Hello."]).end()
    printer.end_answer()
    assert capsys.readouterr().out == "Model: Hello.\n"
