"""The pieces of programs on the pages about signing in make the clients that they say."""

import json
import re
from pathlib import Path

import pytest
import trustme

from genai_live import Client
from tests.client.token_endpoint import TokenEndpoint

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("page", ["sign-in.md", "vertex.md"])
def test_the_pieces_of_a_page_run_in_their_order(page, tmp_path, monkeypatch):
    """With the files that they name; a client is made, and nothing is dialled."""
    monkeypatch.chdir(tmp_path)
    trustme.CA().issue_cert("client@example.test").private_key_and_cert_chain_pem.write_to_path("client.pem")
    with TokenEndpoint() as endpoint:
        Path("key.json").write_text(json.dumps(endpoint.service_account()))
        names = {"Client": Client, "ask_the_vault": lambda timeout: "token"}
        pieces = re.findall(
            r"^```python\n(.*?)^```$", (DOCS / page).read_text("utf-8"), re.MULTILINE | re.DOTALL
        )
        assert pieces
        for piece in pieces:
            exec(piece.replace('api_key="…"', 'api_key="k"').replace("Bearer …", "Bearer t"), names)
        assert endpoint.requests == []


def test_the_page_names_every_variable_that_is_read():
    """A variable that the client looks at is in the table of the environment."""
    source = "".join(
        path.read_text("utf-8")
        for folder in ("client", "transport")
        for path in (DOCS.parent / "genai_live" / folder).glob("*.py")
    )
    variables = set(re.findall(r'"((?:GOOGLE|GEMINI|REQUESTS|SSL)_[A-Z_]+)"', source))
    assert len(variables) >= 10
    page = (DOCS / "sign-in.md").read_text("utf-8")
    assert {name for name in variables if f"`{name}`" not in page} == set()
