"""The official client of OpenAI against `inflight dev realtime`: a text turn, a tool turn, a tool-output turn, several
at once out of the conversation, a bad cancel, names of the beta, the header of the beta.

    pip install openai websockets
    inflight dev realtime --port 4990 &
    python realtime.py ws://127.0.0.1:4990/v1/realtime
"""

import asyncio
import json
import sys

import openai
import websockets
from openai import AsyncOpenAI

URL = sys.argv[1]
BASE = URL.removesuffix("/realtime")


def user(text):
    return {"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]}


async def response(connection, seen=None):
    """The next response that is done, with the text of its pieces."""
    text = ""
    async for event in connection:
        if seen is not None:
            seen.append(event.type)
        if event.type == "response.output_text.delta":
            text += event.delta
        if event.type == "response.done":
            return event.response, text
    raise AssertionError("the connection ended")


async def error(connection):
    async for event in connection:
        if event.type == "error":
            return event.error


async def text_turn(connection):
    session = {"type": "realtime", "output_modalities": ["text"], "instructions": "be brief"}
    await connection.session.update(session=session)
    await connection.conversation.item.create(item=user("hello world"))
    await connection.response.create()
    seen = []
    done, text = await response(connection, seen)
    assert (done.status, text) == ("completed", "echo: hello world"), (done.status, text)
    assert done.usage.total_tokens == 15 and done.output[0].content[0].text == text
    expected = """session.created session.updated conversation.item.added conversation.item.done response.created
        rate_limits.updated response.output_item.added conversation.item.added response.content_part.added
        response.output_text.delta response.output_text.delta response.output_text.delta response.output_text.done
        response.content_part.done conversation.item.done response.output_item.done response.done""".split()
    assert seen == expected, seen


async def tool_turns(connection):
    tool = {"type": "function", "name": "get_quote", "parameters": {"type": "object", "properties": {}}}
    await connection.session.update(session={"type": "realtime", "tools": [tool]})
    await connection.conversation.item.create(item=user("BTC?"))
    await connection.response.create()
    call = (await response(connection))[0].output[0]
    assert (call.type, call.name, call.arguments) == ("function_call", "get_quote", '{"echo":"BTC?"}'), call
    output = {"type": "function_call_output", "call_id": call.call_id, "output": '{"px":1}'}
    await connection.conversation.item.create(item=output)
    await connection.response.create()
    assert (await response(connection))[1] == 'echo: {"px":1}'


async def several_at_once(connection):
    for number in range(5):
        wanted = {"conversation": "none", "input": [user(f"n{number}")], "metadata": {"n": str(number)}, "tools": []}
        await connection.response.create(response={**wanted, "output_modalities": ["text"]})
    found = {}
    for _ in range(5):
        done, _ = await response(connection)
        found[done.metadata["n"]] = done.output[0].content[0].text
    assert found == {str(number): f"echo: n{number}" for number in range(5)}, found


async def refusals(connection):
    await connection.response.cancel()
    assert (await error(connection)).code == "response_cancel_not_active"
    for event, code, param in [
        ({"type": "session.update", "session": {"modalities": ["text"]}}, "missing_required_parameter", "session.type"),
        (
            {"type": "session.update", "session": {"type": "realtime", "modalities": ["text"]}},
            "unknown_parameter",
            "session.modalities",
        ),
        ({"type": "transcription_session.update", "session": {}}, "invalid_value", "type"),
        ({"type": "response.create", "response": {"modalities": ["text"]}}, "unknown_parameter", "response.modalities"),
    ]:
        await connection.send({**event, "event_id": "mine"})
        found = await error(connection)
        assert (found.code, found.param, found.event_id) == (code, param, "mine"), found


async def doors():
    key = {"Authorization": "Bearer k"}
    for headers, code, close in [
        ({**key, "OpenAI-Beta": "realtime=v1"}, "beta_api_shape_disabled", 4000),
        ({}, "invalid_api_key", 3000),
    ]:
        async with websockets.connect(URL + "?model=x", additional_headers=headers) as socket:
            assert json.loads(await socket.recv())["error"]["code"] == code
            try:
                await socket.recv()
                raise AssertionError("still open")
            except websockets.ConnectionClosed as closed:
                assert closed.rcvd.code == close, closed


async def main():
    client = AsyncOpenAI(api_key="sk-test", websocket_base_url=BASE)
    async with client.realtime.connect(model="gpt-realtime-2.1") as connection:
        await text_turn(connection)
        await tool_turns(connection)
        await several_at_once(connection)
        await refusals(connection)
    await doors()
    print(f"openai {openai.__version__}: all turns and refusals as with the API")


asyncio.run(asyncio.wait_for(main(), 20))
