"""The reference lists everything that is public."""

import inspect
from pathlib import Path

import pytest

import genai_live
from genai_live import emulator, types

PAGES = "".join(
    path.read_text("utf-8") for path in (Path(__file__).parents[2] / "docs" / "reference").glob("*.md")
)


@pytest.mark.parametrize("package", [genai_live, types, emulator], ids=lambda package: package.__name__)
def test_every_public_class_is_in_the_reference(package):
    """A class of ``__all__`` has an entry of its own, or its module's classes are listed."""
    classes = {name: item for name in package.__all__ if inspect.isclass(item := getattr(package, name))}
    missing = [
        name
        for name, item in classes.items()
        if f":: {package.__name__}.{name}\n" not in PAGES
        and f"{{classes-of}} {item.__module__}\n" not in PAGES
    ]
    assert classes
    assert not missing
