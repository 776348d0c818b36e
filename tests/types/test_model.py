"""What all data classes have in common."""

import ast
import copy
import inspect
import pickle
import subprocess
import sys
import threading
import weakref

import attrs
import pytest

from genai_live import types
from genai_live.errors import ConfigurationError
from genai_live.record import define
from tests.timing import SOON

CLASSES = [item for name in types.__all__ if inspect.isclass(item := getattr(types, name))]


class TestConstructor:
    def test_every_field_may_be_left_out(self) -> None:
        """A class without arguments is a message that says nothing, for every public class."""
        for cls in CLASSES:
            if not issubclass(cls, types.OpenEnum):
                said = {"UserContent": "role='user'", "ModelContent": "role='model'"}.get(cls.__name__, "")
                assert repr(cls()) == f"{cls.__name__}({said})"

    def test_a_wrong_keyword_names_the_nearest_right_one(self) -> None:
        """A misspelt field is a ConfigurationError, which is a ValueError, with place and suggestion."""
        with pytest.raises(
            ConfigurationError, match=r"^Part\.txt: unknown field; did you mean 'text'\?$"
        ) as raised:
            types.Part(txt="Hello")  # type: ignore[call-arg]
        assert isinstance(raised.value, ValueError)
        assert raised.value.where == "Part.txt"
        assert isinstance(raised.value.__cause__, TypeError)

    def test_a_keyword_like_no_other_gets_the_list_of_fields(self) -> None:
        """Where no field is near, the message lists them all."""
        with pytest.raises(ConfigurationError, match=r"there are: .*data, mime_type, display_name"):
            types.Blob(zzz=1)  # type: ignore[call-arg]

    def test_positional_arguments_are_refused(self) -> None:
        """Fields have no order that a caller may rely on."""
        with pytest.raises(ConfigurationError, match=r"Part: takes keyword arguments only: .*text"):
            types.Part("Hello")  # type: ignore[call-arg, arg-type]

    def test_the_signature_is_that_of_the_fields(self) -> None:
        """help() and editors see the real keyword arguments."""
        parameters = inspect.signature(types.Blob).parameters
        assert list(parameters) == ["unknown_fields", "data", "mime_type", "display_name"]
        assert parameters["data"].kind is inspect.Parameter.KEYWORD_ONLY

    def test_a_misspelt_attribute_is_refused(self) -> None:
        """Setting what is no field fails instead of being lost."""
        with pytest.raises(AttributeError):
            types.Part().txt = "Hello"  # type: ignore[attr-defined]


class TestRepr:
    def test_shows_only_what_is_set(self) -> None:
        """Unset fields are left out; false and empty values are set."""
        part = types.Part(text="", thought=False)
        assert repr(part) == "Part(text='', thought=False)"
        assert repr(types.FunctionCall(args={})) == "FunctionCall(args={})"

    def test_bytes_are_shown_by_their_length(self) -> None:
        """Media do not flood a terminal, nested ones neither."""
        content = types.Content(parts=[types.Part.from_bytes(b"x" * 4800, "audio/pcm")])
        assert "Blob(data=<4800 bytes>, mime_type='audio/pcm')" in repr(content)
        call = types.FunctionResponse(response={"pictures": [b"12345"]})
        assert repr(call) == "FunctionResponse(response={'pictures': [<5 bytes>]})"

    def test_unknown_fields_are_shown_when_there_are_any(self) -> None:
        """What the library did not understand can be seen."""
        assert repr(types.Part(unknown_fields={"new": 1})) == "Part(unknown_fields={'new': 1})"

    def test_headers_are_never_shown(self) -> None:
        """They may hold credentials."""
        options = types.HttpOptions(api_version="v1", headers={"Authorization": "Bearer secret"})
        config = types.LiveConnectConfig(http_options=options)
        assert repr(config) == "LiveConnectConfig(http_options=HttpOptions(api_version='v1'))"

    @pytest.mark.parametrize(
        "holder",
        [
            types.ApiAuthApiKeyConfig(api_key_string="secret"),
            types.ApiKeyConfig(api_key_string="secret"),
            types.AuthConfig(api_key="secret"),
            types.AuthConfigOauthConfig(access_token="secret"),
            types.AuthConfigOidcConfig(id_token="secret"),
            types.AuthToken(name="auth_tokens/secret"),
            types.StreamableHttpTransport(headers={"Authorization": "secret"}),
            types.ToolExaAiSearch(api_key="secret"),
            types.ToolParallelAiSearch(api_key="secret"),
        ],
        ids=lambda holder: type(holder).__name__,
    )
    def test_credentials_are_never_shown(self, holder: types.Model) -> None:
        """Not even in the repr of what holds them."""
        assert repr(holder) == f"{type(holder).__name__}()"


class TestEquality:
    def test_by_value(self) -> None:
        """Equal fields make equal objects, unknown fields included."""
        assert types.Content(parts=[types.Part(text="a")]) == types.Content(parts=[types.Part(text="a")])
        assert types.Part(text="a") != types.Part(text="b")
        assert types.Part(unknown_fields={"new": 1}) != types.Part()

    def test_not_across_classes(self) -> None:
        """Two classes with the same fields are different things."""
        assert types.Blob(data=b"1") != types.FunctionResponseBlob(data=b"1")
        assert types.Part(text="a") != "a"

    def test_not_hashable(self) -> None:
        """Fields may change, so there is no hash."""
        with pytest.raises(TypeError, match="unhashable"):
            hash(types.Part())

    def test_copies_and_pickles_are_equal(self) -> None:
        """Data can be handed to other processes."""
        config = types.LiveConnectConfig(
            response_modalities=[types.Modality.AUDIO, types.Modality("SMELL")],
            system_instruction=types.Content(parts=[types.Part(text="Be brief.")]),
        )
        assert copy.deepcopy(config) == config
        assert pickle.loads(pickle.dumps(config)) == config
        assert attrs.evolve(config, temperature=1.0).response_modalities == config.response_modalities


class TestFirstUse:
    """attrs comes to a class when it is first used; nobody sees that."""

    def test_may_be_in_many_threads_at_once(self) -> None:
        """All get instances of the class, and the same fields of it."""

        def use(cls: type[types.Model], barrier: threading.Barrier, seen: list[object]) -> None:
            barrier.wait(SOON)
            seen.append(attrs.fields(cls))
            cls(number=1)  # type: ignore[call-arg]

        interval = sys.getswitchinterval()
        sys.setswitchinterval(1e-6)
        try:
            for _ in range(20):

                @define(kw_only=True)
                class New(types.Model):
                    number: int | None = None

                barrier, seen = threading.Barrier(4), []
                threads = [threading.Thread(target=use, args=(New, barrier, seen)) for _ in range(4)]
                for thread in threads:
                    thread.start()
                for thread in threads:
                    thread.join(SOON)
                assert len(seen) == 4
                assert {id(fields) for fields in seen} == {id(attrs.fields(New))}
        finally:
            sys.setswitchinterval(interval)

    def test_may_be_unpickling(self) -> None:
        """A process that was sent an object need not have made one."""
        program = "import pickle, sys; print(pickle.loads(sys.stdin.buffer.read()))"
        pickled = pickle.dumps(types.VertexAISearch(engine="e", unknown_fields={"new": 1}))
        run = subprocess.run([sys.executable, "-c", program], input=pickled, capture_output=True, check=True)
        assert run.stdout.decode().strip() == "VertexAISearch(unknown_fields={'new': 1}, engine='e')"

    def test_may_be_of_a_class_under_it(self) -> None:
        """With the fields of both, whether attrs or nobody made it one of its own."""

        @attrs.define(kw_only=True)
        class WithColour(types.ApiKeyConfig):
            colour: str = "red"

        class Plain(types.ApiAuthApiKeyConfig):
            pass

        assert WithColour(name="n").colour == "red"
        assert [field.name for field in attrs.fields(WithColour)][-2:] == ["http_element_location", "colour"]
        assert Plain(api_key_secret_version="v").api_key_secret_version == "v"

    def test_leaves_instances_weakly_referable(self) -> None:
        """And without room for anything but the fields."""
        part = types.Part()
        assert weakref.ref(part)() is part
        assert not hasattr(part, "__dict__")


def test_instances_do_not_share_their_unknown_fields() -> None:
    """Each object has a dict of its own."""
    types.Part().unknown_fields["new"] = 1
    assert types.Part().unknown_fields == {}


def test_every_field_and_class_is_documented() -> None:
    """Each class has a docstring, and each field is followed by one, which Sphinx and editors show."""
    for cls in CLASSES:
        (definition,) = ast.parse(inspect.getsource(cls)).body
        assert isinstance(definition, ast.ClassDef)
        assert ast.get_docstring(definition), cls
        for field, after in zip(definition.body, [*definition.body[1:], None], strict=True):
            if isinstance(field, (ast.Assign, ast.AnnAssign)):
                assert isinstance(after, ast.Expr), f"{cls}: {ast.unparse(field)}"
                assert isinstance(after.value, ast.Constant), f"{cls}: {ast.unparse(field)}"
