"""The layers of the design: an import points downward only."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "genai_live"

LAYERS = [
    {"__main__"},
    {"cli"},
    {"__init__"},
    {"client"},
    {"session", "music", "tokens"},
    {"runtime", "tools"},
    {"protocol", "transport", "rest", "auth"},
    {"codec"},
    {"types"},
    {"signatures"},
    {"options"},
    {"record"},
    {"waiting"},
    {"forking"},
    {"redaction", "verification"},
    {"errors", "version"},
]
"""From the top to the ground. Those in one layer do not know each other."""

ALLOWED = {
    "websocket": {"transport"},
    "socksio": {"transport"},
    "requests": {"rest", "auth"},
    "google": {"auth"},
}
WITHOUT_THREADS = {"types", "codec", "protocol", "options", "errors"}


def _modules():
    return sorted(PACKAGE.rglob("*.py"))


def _part(path: Path) -> str:
    relative = path.relative_to(PACKAGE)
    return relative.parts[0] if len(relative.parts) > 1 else relative.stem


def _imports(path: Path):
    """Every module that is imported at run time, also inside functions."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    only_for_types = {
        id(node)
        for block in ast.walk(tree)
        if isinstance(block, ast.If) and ast.unparse(block.test) == "TYPE_CHECKING"
        for node in ast.walk(block)
    }
    for node in ast.walk(tree):
        if id(node) in only_for_types:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            if node.module == "genai_live":
                yield from (f"genai_live.{alias.name}" for alias in node.names)
            else:
                yield node.module or ""


def _level(part: str) -> int:
    return next(number for number, layer in enumerate(LAYERS) if part in layer)


@pytest.mark.parametrize("path", _modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_downward(path):
    """A module imports its own part, and parts of lower layers; the emulator stands aside."""
    part = _part(path)
    for name in _imports(path):
        root, _, rest = name.partition(".")
        if root in ALLOWED:
            assert part in ALLOWED[root], f"{part} imports {name}"
        if root == "threading":
            assert part not in WITHOUT_THREADS, f"{part} imports threading"
        if root != "genai_live":
            continue
        target = rest.partition(".")[0] or "__init__"
        if part == "emulator":
            assert target in ("emulator", "errors", "version"), f"the emulator imports {name}"
        elif target == "emulator":
            assert part == "cli", f"{part} imports {name}"
        elif target != part:
            assert _level(part) < _level(target), f"{part} imports {name}, which is not below it"


def test_every_part_has_a_layer():
    """A new part must be given its place."""
    assert {_part(path) for path in _modules()} - {"emulator"} <= set().union(*LAYERS)


def test_importing_loads_neither_requests_nor_google_auth():
    """What is slow to import is imported where it is used."""
    program = (
        "import sys, genai_live;"
        "print([name for name in ('requests', 'google.auth', 'certifi', 'aiohttp') if name in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
