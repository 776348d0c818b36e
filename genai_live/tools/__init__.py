"""Python functions as tools of the model: how they are declared, called and answered."""

from genai_live.tools.arguments import FunctionArguments
from genai_live.tools.callable_tool import CallableTool, asked_once
from genai_live.tools.cancel_token import CancelToken
from genai_live.tools.declarations import declared
from genai_live.tools.decorator import ToolSettings, settings_of, tool
from genai_live.tools.function_runner import FunctionRunner
from genai_live.tools.functions import Function, functions_of
from genai_live.tools.results import blob_of_picture, error_response, result_response
from genai_live.tools.tool_context import ToolContext, context_parameter

__all__ = [
    "CallableTool",
    "CancelToken",
    "Function",
    "FunctionArguments",
    "FunctionRunner",
    "ToolContext",
    "ToolSettings",
    "asked_once",
    "blob_of_picture",
    "context_parameter",
    "declared",
    "error_response",
    "functions_of",
    "result_response",
    "settings_of",
    "tool",
]
