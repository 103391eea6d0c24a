"""How the command line reaches a hub: over the Unix socket of the one that serves, else by opening the data itself.

Whoever may connect to the socket may open the data folder, too: its mode is 0600, in a folder of mode 0700. One
request, `POST /` with `{"command": …, "arguments": {…}}`, is answered by one JSON object or by a stream of bytes.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import logging
import os
import socket
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from approvals_hub.cli.exits import Exit
from approvals_hub.cli.failures import Failed, problem_of
from approvals_hub.cli.output import Problem
from approvals_hub.config import Settings
from approvals_hub.core.errors import HubError, Malformed, TooLarge
from approvals_hub.core.ids import new_id
from approvals_hub.policies.reading import LIMITS

if TYPE_CHECKING:
    from aiohttp import web

    from approvals_hub.cli.arguments import Answer
    from approvals_hub.hub import Hub

BODY_LIMIT = 2 * LIMITS.size + 64 * 1024
"""Bytes of a command: the longest policy fits, also one of quotes and line ends alone, which JSON writes in two."""
ANSWER_SECONDS = 60.0
"""How long a command waits for the hub: the longest pause between two pieces of its answer."""
_PATH_LIMIT = 100  # bytes; the system's own limit is 104 to 108
_PIECE = 64 * 1024
_LOG = logging.getLogger(__name__)

Take = Callable[[bytes], object]


def call(settings: Settings, command: str, arguments: Mapping[str, Any], take: Take | None = None) -> dict[str, Any]:
    """Carry out a command on the hub of these settings; `take` gets the bytes of a streamed answer, piece by piece.

    Raises Failed with the hub's own message, or what opening the data raises.
    """
    from approvals_hub.db.folder import DataFolderLock, FolderRefused

    if settings.on_sqlite and settings.data.is_dir():
        lock = DataFolderLock(settings.data)
        try:
            lock.acquire()
        except FolderRefused as held:
            return _over_socket(settings, command, arguments, take, held)
        lock.release()
    return asyncio.run(_directly(settings, command, arguments, take))


@asynccontextmanager
async def listening(hub: Hub, path: Path) -> AsyncIterator[None]:
    """Serve commands on the socket until the block ends."""
    from aiohttp import web

    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        return await _answer(hub, request)

    with _short(path) as short:
        runner = web.ServerRunner(web.Server(handle, access_log=None))
        await runner.setup()
        listener = _listener(short)
        await web.SockSite(runner, listener).start()
        try:
            yield
        finally:
            _remove(short)
            await runner.cleanup()


async def _answer(hub: Hub, request: web.BaseRequest) -> web.StreamResponse:
    from aiohttp import web

    from approvals_hub.cli.operate import carry_out

    request_id = new_id("req")
    try:
        command, arguments = _read(await _body(request), request)
        answer = await carry_out(hub, command, arguments)
    except HubError as refusal:
        return web.json_response({"error": problem_of(refusal).members()})
    except Exception as error:
        _LOG.exception("a local command failed: %s", request_id)
        return web.json_response({"error": {**problem_of(error).members(), "request_id": request_id}})
    if isinstance(answer, dict):
        return web.json_response({"result": answer})
    response = web.StreamResponse(headers={"Content-Type": "application/octet-stream"})
    response.enable_chunked_encoding()
    await response.prepare(request)
    async for piece in answer:
        await response.write(piece)
    await response.write_eof()
    return response


async def _body(request: web.BaseRequest) -> bytes:
    """All of it, as it comes in pieces. Raises TooLarge before more is held than a command may have."""
    pieces, length = [], 0
    async for piece in request.content.iter_any():
        length += len(piece)
        if length > BODY_LIMIT:
            raise _too_long()
        pieces.append(piece)
    return b"".join(pieces)


def _too_long() -> TooLarge:
    return TooLarge(
        "command_too_long",
        f"a command has at most {BODY_LIMIT // 1024} KiB: more than the longest policy",
        next_step="Split the file into several.",
    )


def _read(body: bytes, request: web.BaseRequest) -> tuple[str, dict[str, Any]]:
    try:
        members = json.loads(body)
    except ValueError:
        members = None
    # A page in a browser cannot reach a Unix socket; a confused proxy could, and would send another media type.
    if (
        request.method != "POST"
        or request.content_type != "application/json"
        or not isinstance(members, dict)
        or members.keys() != {"command", "arguments"}
        or not isinstance(members["command"], str)
        or not isinstance(members["arguments"], dict)
    ):
        raise Malformed(
            "command_malformed", "this is no command", next_step="Use the command line of the same version."
        )
    return members["command"], members["arguments"]


def _listener(path: str) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX)
    try:
        # Left by a hub that was killed; whoever gets here holds the folder's lock.
        _remove(path)
        mask = os.umask(0o177)
        try:
            listener.bind(path)
        finally:
            os.umask(mask)
        listener.listen(16)
    except BaseException:
        listener.close()
        raise
    return listener


def _remove(path: str) -> None:
    Path(path).unlink(missing_ok=True)


@contextmanager
def _short(path: Path) -> Iterator[str]:
    """A name of the socket that fits into the system's limit, however deep its folder lies."""
    if len(bytes(path)) <= _PATH_LIMIT:
        yield str(path)
        return
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


async def _directly(
    settings: Settings, command: str, arguments: Mapping[str, Any], take: Take | None
) -> dict[str, Any]:
    from approvals_hub.cli.opening import locked, opened
    from approvals_hub.cli.operate import carry_out
    from approvals_hub.cli.place import require_hub
    from approvals_hub.cli.upkeep import seal

    require_hub(settings)
    async with locked(settings, patience=2.0), opened(settings) as hub:
        # No worker runs here: what a hub that was killed left, and what this command writes, is sealed by hand.
        await seal(hub)
        answer: Answer = await carry_out(hub, command, arguments)
        await seal(hub)
        if isinstance(answer, dict):
            return answer
        async for piece in answer:
            if take is not None:
                take(piece)
    return {}


def _over_socket(
    settings: Settings, command: str, arguments: Mapping[str, Any], take: Take | None, held: Exception
) -> dict[str, Any]:
    body = json.dumps({"command": command, "arguments": dict(arguments)}, ensure_ascii=False).encode(
        "utf-8", "surrogatepass"
    )
    if len(body) > BODY_LIMIT:
        raise _too_long()
    with _short(settings.socket) as short:
        connection = _Connection(short)
        try:
            connection.request("POST", "/", body, {"Content-Type": "application/json"})
            response = connection.getresponse()
            if response.headers.get_content_type() == "application/octet-stream":
                while piece := response.read(_PIECE):
                    if take is not None:
                        take(piece)
                return {}
            answer = json.loads(response.read())
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise _silent(settings, held, error) from error
        finally:
            connection.close()
    if "error" in answer:
        told = answer["error"]
        problem = Problem(told["code"], told["message"], told["next_step"], told["field"], told["request_id"])
        raise Failed(problem, Exit.NOT_AUTHORISED if problem.code == "forbidden" else Exit.ERROR)
    return dict(answer["result"])


def _silent(settings: Settings, held: Exception, error: Exception) -> Failed:
    if not settings.socket.exists():
        return Failed(Problem("folder", str(held)), Exit.UNREACHABLE)
    return Failed(
        Problem(
            "hub_silent",
            f"the hub that serves {settings.data} does not answer on {settings.socket.name}: {error}",
            "Look at its log; starting or stopping, it needs a moment.",
        ),
        Exit.UNREACHABLE,
    )


class _Connection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=ANSWER_SECONDS)
        self._path = path

    def connect(self) -> None:
        """Connect to the socket instead of to a host."""
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)
