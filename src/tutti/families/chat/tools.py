"""Tools in the OpenAI wire: which there are, and which is to be called."""

from typing import Any

from tutti.errors import InvalidRequestError
from tutti.families.chat.parts import cache_of
from tutti.families.reading import Reading
from tutti.intents.chat import ServerTool, Tool, ToolChoice
from tutti.wires import openai_request as wire

_Tools = tuple[Tool | ServerTool, ...]
_MODES = {"auto", "none", "required"}


def tools_of(request: wire.CompletionRequest, reading: Reading) -> _Tools:
    """All tools, those in the older form of bare functions included."""
    tools = [_tool(value, f"tools[{number}]", reading) for number, value in enumerate(request.tools or ())]
    tools += [
        _of_function(reading.read(wire.Function, value, f"functions[{number}]"), None)
        for number, value in enumerate(request.functions or ())
    ]
    return tuple(tools)


def _tool(value: dict[str, Any], where: str, reading: Reading) -> Tool | ServerTool:
    if value.get("type", "function") != "function":
        return ServerTool(wire="openai", value=value)
    tool = reading.read(wire.FunctionTool, value, where)
    return _of_function(tool.function, tool.cache_control)


def _of_function(function: wire.Function, cache: dict[str, Any] | None) -> Tool:
    return Tool(
        name=function.name,
        description=function.description or "",
        schema=function.parameters,
        is_strict=function.strict,
        cache=cache_of(cache),
    )


def choice_of(request: wire.CompletionRequest, tools: _Tools, reading: Reading) -> tuple[_Tools, ToolChoice | None]:
    """The tools that may be called, and which is to be. Raises `InvalidRequestError` for a choice of no known form."""
    choice = request.function_call if request.tool_choice is None else request.tool_choice
    match choice:
        case None:
            return tools, None
        case str() if choice in _MODES:
            return tools, _mode(choice)
        case {
            "type": "allowed_tools",
            "allowed_tools": {"mode": ("auto" | "required") as mode, "tools": list(allowed)},
        }:
            names = {_name_of(one) for one in allowed}
            return tuple(tool for tool in tools if isinstance(tool, Tool) and tool.name in names), _mode(mode)
        case {"type": "custom"}:
            reading.drop("tool_choice")
            return tools, None
        case dict() if name := _name_of(choice):
            return tools, ToolChoice(mode="named", name=name)
    raise InvalidRequestError("tool_choice: use none, auto, required, or name a function.", field="tool_choice")


def _mode(word: str) -> ToolChoice:
    match word:
        case "none":
            return ToolChoice(mode="none")
        case "required":
            return ToolChoice(mode="any")
    return ToolChoice(mode="auto")


def _name_of(choice: Any) -> str | None:
    """The function that a choice names, in the present form or the older one."""
    match choice:
        case {"function": {"name": str(name)}} | {"name": str(name)}:
            return name
    return None
