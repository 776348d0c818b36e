"""How Sphinx builds the documentation: ``sphinx-build -W -n docs docs/_build``."""

import inspect
import sys
from enum import Enum

import attrs
from docutils import nodes
from docutils.statemachine import StringList
from sphinx.ext.napoleon import Config as NapoleonConfig
from sphinx.ext.napoleon import GoogleDocstring
from sphinx.util.docutils import SphinxDirective

import genai_live
from genai_live import ReconnectPolicy, Watchdogs, types
from genai_live.emulator import Connection
from genai_live.runtime import Face, MessageIterator

project = "genai-live"
author = "The genai-live authors"
version = release = genai_live.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc"]
exclude_patterns = ["_build"]

html_theme = "furo"
html_title = "genai-live"
html_static_path = ["_static"]
html_show_copyright = False

myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
python_maximum_signature_line_length = 100
python_use_unqualified_type_names = True

nitpicky = True
nitpick_ignore_regex = [
    ("py:.*", r"(?!genai_live).*"),  # no link leads to other projects, so that a build needs no network
    ("py:class", r"genai_live\..*\.(_T|ErrorType|Item|Message|SessionType)"),  # type variables
    ("py:class", r"genai_live\.redaction\.SecretHeaders"),  # a dict that prints no values
]


class ClassesOf(SphinxDirective):
    """Documents the public classes that a module defines, in its order, under their public names."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        (module,) = self.arguments
        public = [(package, name) for package in (genai_live, types) for name in package.__all__]
        found = {
            item: f"{package.__name__}.{name}"
            for package, name in public
            if inspect.isclass(item := getattr(package, name)) and item.__module__ == module
        }
        in_order = [
            item for item in vars(sys.modules[module]).values() if inspect.isclass(item) and item in found
        ]
        lines = [
            line
            for item in in_order
            for line in (f".. auto{_kind(item)}:: {found[item]}", "   :members:", "")
        ]
        section = nodes.Element()
        self.state.nested_parse(StringList(["```{eval-rst}", *lines, "```"], self.env.docname), 0, section)
        return section.children


def _kind(item: type) -> str:
    return "exception" if issubclass(item, BaseException) else "class"


def hide_constructor(_app, what, _name, obj, _options, signature, _returns):
    """Leaves out the arguments of what users do not make, and of classes whose members are listed."""
    if what not in ("class", "exception") or not signature:
        return None
    not_made = Enum, BaseException, Face, MessageIterator, Connection
    if obj in (ReconnectPolicy, Watchdogs):
        return None  # its defaults are worth seeing
    return (
        ("", None)
        if attrs.has(obj) or getattr(obj, "_is_protocol", False) or issubclass(obj, not_made)
        else None
    )


def read_google_style(app, what, name, obj, options, lines):  # noqa: PLR0917 - Sphinx's
    """As napoleon's own, which would take the words before a colon in a field's docstring for its type."""
    kind = "method" if what in ("attribute", "property") else what
    lines[:] = GoogleDocstring(lines, NapoleonConfig(), app, kind, name, obj, options).lines()


def setup(app):
    app.add_directive("classes-of", ClassesOf)
    app.connect("autodoc-process-signature", hide_constructor)
    app.connect("autodoc-process-docstring", read_google_style)
