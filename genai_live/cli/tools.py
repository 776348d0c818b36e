"""The functions that are named on the command line. Runs in the main thread."""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Iterable
from functools import reduce
from pathlib import Path
from types import ModuleType
from typing import Any

import click

from genai_live.errors import ConfigurationError
from genai_live.tools import declared, functions_of


def load_tools(names: Iterable[str], *, vertexai: bool) -> list[Any]:
    """Import functions, and make sure that the model can be told of them.

    Args:
        names: Of each a module, and behind a colon a function, a CallableTool, or a list of them. A module
            alone stands for all functions that it defines, but for those that begin with an underscore.
        vertexai: Which surface they go to.

    Raises:
        click.UsageError: One is not there, or cannot be declared.
    """
    directory = str(Path.cwd())
    if directory not in sys.path and "" not in sys.path:
        sys.path.insert(0, directory)
    tools = [tool for name in names for tool in _load(name, vertexai=vertexai)]
    _declare(tools, "--tools", vertexai=vertexai)
    return tools


def _load(name: str, *, vertexai: bool) -> list[Any]:
    module_name, colon, attribute = name.partition(":")
    if not module_name or (colon and not attribute):
        raise click.UsageError(f"--tools {name}: expected MODULE or MODULE:NAME")
    if module_name.endswith(".py") or not all(map(str.isidentifier, module_name.split("."))):
        raise click.UsageError(f"--tools {name}: expected a module's name, as after 'import', not a file")
    module = _import(module_name, name)
    if not colon:
        found: Any = _functions(module)
        if not found:
            raise click.UsageError(f"--tools {name}: the module defines no functions")
    else:
        try:
            found = reduce(getattr, attribute.split("."), module)
        except AttributeError as error:
            raise click.UsageError(f"--tools {name}: {error}") from error
    tools = list(found) if isinstance(found, list | tuple) else [found]
    for tool in tools:
        _declare([tool], f"--tools {name}", vertexai=vertexai)
    return tools


def _import(module_name: str, name: str) -> ModuleType:
    try:
        return importlib.import_module(module_name)
    except (Exception, SystemExit) as error:
        if isinstance(error, ModuleNotFoundError) and _names(module_name, error.name):
            raise click.UsageError(f"--tools {name}: there is no module {error.name!r}") from error
        raise click.UsageError(
            f"--tools {name}: importing it raised {type(error).__name__}: {error}"
        ) from error


def _names(module_name: str, missing: str | None) -> bool:
    """Whether what is missing is this module or one around it, and not something that it imports."""
    return missing is not None and f"{module_name}.".startswith(f"{missing}.")


def _functions(module: ModuleType) -> list[Any]:
    return [
        value
        for name, value in vars(module).items()
        if inspect.isfunction(value) and value.__module__ == module.__name__ and not name.startswith("_")
    ]


def _declare(tools: list[Any], where: str, *, vertexai: bool) -> None:
    for tool in tools:
        if not callable(tool) and not hasattr(tool, "call_tool"):
            raise click.UsageError(f"{where}: expected a function or a CallableTool, got {tool!r:.60}")
    try:
        declared(tools, "", vertexai=vertexai)
        functions_of(tools)
    except ConfigurationError as error:
        raise click.UsageError(f"{where}: {str(error).removeprefix(f'{error.where}: ')}") from error
