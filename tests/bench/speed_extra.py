"""The modules of the `speed` extra, and how to do without them. No threads, sockets or clock."""

import configparser
import re
import sys
from pathlib import Path

_SETUP = Path(__file__).parents[2] / "setup.cfg"


def module_names() -> list[str]:
    """What the extra installs; each is imported by the name of its distribution."""
    setup = configparser.ConfigParser()
    setup.read(_SETUP, encoding="utf-8")
    return re.findall(r"^[A-Za-z0-9_]+", setup["options.extras_require"]["speed"], re.MULTILINE)


def hide() -> None:
    """Makes them fail to import, as if they were not installed."""
    sys.modules.update(dict.fromkeys(module_names()))  # type: ignore[arg-type] - None is how Python says so
