"""What a docstring says of the parameters, apart from the rest of it. No threads, sockets or clock.

The sections are found here, so that every other word stays as it is written; docstring_parser, an extra,
reads what is in them. The styles are those of Google, NumPy and Sphinx.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module

from genai_live.signatures.problem import Undeclarable

_TITLES = r"(Keyword |Other )?(Args|Arguments|Params|Parameters)"
_GOOGLE_TITLE = re.compile(rf"{_TITLES}:\s*")
_NUMPY_TITLE = re.compile(rf"{_TITLES}\s*")
_UNDERLINE = re.compile(r"[-=]{3,}\s*")
_SPHINX_FIELD = re.compile(r":(param|parameter|arg|argument|key|keyword|type)\s[^:]+:")


def split_docstring(docstring: str) -> tuple[str, dict[str, str]]:
    """Takes the parameters' sections out of a docstring.

    Args:
        docstring: The docstring, without its indentation.

    Returns:
        The rest, and the descriptions by parameter; those that have one.

    Raises:
        Undeclarable: It cannot be parsed, or the package for it is missing.
    """
    lines = docstring.splitlines()
    rest: list[str] = []
    descriptions: dict[str, str] = {}
    position = 0
    while position < len(lines):
        section = _section_at(lines, position)
        if section is None:
            rest.append(lines[position])
            position += 1
            continue
        style, text, position = section
        descriptions |= _descriptions(style, text)
        while rest and not rest[-1].strip():
            rest.pop()
        rest.append("")
    return "\n".join(rest).strip(), descriptions


def _section_at(lines: Sequence[str], start: int) -> tuple[str, str, int] | None:
    """The style of a section that starts here, its text as a whole docstring, and where it ends."""
    line = lines[start]
    if _GOOGLE_TITLE.fullmatch(line):
        style, title, begin = "GOOGLE", ["Args:"], start + 1
        end = _end(lines, begin, lambda at: not lines[at][:1].isspace())
    elif _NUMPY_TITLE.fullmatch(line) and _is_underline(lines, start + 1):
        style, title, begin = "NUMPYDOC", ["Parameters", "----------"], start + 2
        end = _end(lines, begin, lambda at: _is_underline(lines, at + 1) or lines[at].startswith(".. "))
    elif _SPHINX_FIELD.match(line):
        style, title, begin = "REST", [line], start + 1
        end = _end(lines, begin, lambda at: lines[at].startswith(":") or _is_paragraph(lines, at))
    else:
        return None
    says_nothing = style != "REST" and not any(map(str.strip, lines[begin:end]))
    return None if says_nothing else (style, "\n".join([*title, *lines[begin:end]]), end)


def _end(lines: Sequence[str], start: int, is_beyond: Callable[[int], bool]) -> int:
    """The first line from here on that is not blank and no longer in the section; else the end."""
    return next((at for at in range(start, len(lines)) if lines[at].strip() and is_beyond(at)), len(lines))


def _is_underline(lines: Sequence[str], at: int) -> bool:
    return at < len(lines) and bool(_UNDERLINE.fullmatch(lines[at]))


def _is_paragraph(lines: Sequence[str], at: int) -> bool:
    """Whether a line that is not indented follows a blank one."""
    return not lines[at][:1].isspace() and not lines[at - 1].strip()


def _descriptions(style: str, text: str) -> dict[str, str]:
    try:
        docstring_parser = import_module("docstring_parser")
    except ImportError as error:
        raise Undeclarable(
            "to parse its docstring needs an extra: pip install 'genai-live[docstrings]'"
        ) from error
    try:
        # The first line's own indentation is not counted, so it is left empty.
        parsed = docstring_parser.parse(f"\n{text}", docstring_parser.DocstringStyle[style])
    except Exception as error:
        raise Undeclarable(f"its docstring cannot be parsed: {error}") from error
    return {
        name: parameter.description
        for parameter in parsed.params
        if parameter.description
        for name in _names(parameter.arg_name)
    }


def _names(names: str) -> Iterator[str]:
    """NumPy's style writes several before one description; stars stand before ``args`` and ``kwargs``."""
    for name in names.split(","):
        yield name.strip().lstrip("*")
