"""Runs `abhilekh` commands in forks of a process that has imported everything: starting Python and importing takes two
seconds of the processor's time, and the tests run a thousand commands.

Each command has a process, an environment, a folder and streams of its own, and ends as Python ends.
"""

from __future__ import annotations

import array
import atexit
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

_NUMBER = 8  # bytes of a number that is sent


def run(arguments: list[str], env: dict[str, str], timeout: float) -> subprocess.CompletedProcess[str]:
    """The command's end and what it wrote. Raises `subprocess.TimeoutExpired`, like `subprocess.run`."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        with _asked(arguments, env, (out, err)) as answer:
            answer.settimeout(timeout)
            pid = _number(answer)
            try:
                code = _number(answer)
            except EOFError:
                code = -signal.SIGKILL  # it had no time to say so
            except TimeoutError:
                os.killpg(pid, signal.SIGKILL)
                raise subprocess.TimeoutExpired(arguments, timeout) from None
        written = []
        for stream in (out, err):
            stream.seek(0)
            written.append(stream.read().decode("utf-8"))
    return subprocess.CompletedProcess(arguments, code, *written)


def _asked(arguments: list[str], env: dict[str, str], streams: tuple[Any, Any]) -> socket.socket:
    ours, theirs = socket.socketpair()
    with theirs:
        handed = array.array("i", [theirs.fileno(), *(stream.fileno() for stream in streams)])
        request = json.dumps({"arguments": arguments, "env": env, "folder": str(Path.cwd())}).encode()
        _server().sendmsg([len(request).to_bytes(_NUMBER)], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, handed)])
        ours.sendall(request)
    return ours


@cache
def _server() -> socket.socket:
    """The way to the server of this process. Closing it ends the server."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        program = f"from tests.command_server import serve; serve({theirs.fileno()})"
        server = subprocess.Popen(
            [sys.executable, "-c", program],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
    atexit.register(server.wait)
    atexit.register(ours.close)  # before: they run backwards
    return ours


def _number(connection: socket.socket) -> int:
    return int.from_bytes(_exactly(connection, _NUMBER), signed=True)


def _exactly(connection: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        piece = connection.recv(count - len(data))
        if not piece:
            raise EOFError("the other side has ended")
        data += piece
    return data


def serve(descriptor: int) -> None:
    """Fork for each command, until nobody is left to ask."""
    import pipeline.cli
    import pipeline.preservation.backup
    import pipeline.workflow.rebuild  # noqa: F401

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(fileno=descriptor) as asked:
        while True:
            header, handed, _, _ = asked.recvmsg(_NUMBER, socket.CMSG_SPACE(3 * array.array("i").itemsize))
            if not header:
                return
            answer, *streams = array.array("i", handed[0][2])
            if os.fork() == 0:
                asked.close()
                _command(socket.socket(fileno=answer), int.from_bytes(header), streams)
            for one in (answer, *streams):
                os.close(one)


def _command(answer: socket.socket, length: int, streams: list[int]) -> NoReturn:
    """One command, from its arguments to its end."""
    from pipeline.cli import main

    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    answer.sendall(os.getpid().to_bytes(_NUMBER))
    asked = json.loads(_exactly(answer, length))
    os.chdir(asked["folder"])
    os.environ.clear()
    os.environ.update(asked["env"])
    for number, stream in enumerate(streams, start=1):
        os.dup2(stream, number)
        os.close(stream)
    sys.stdout, sys.stderr = (os.fdopen(number, "w", encoding="utf-8", closefd=False) for number in (1, 2))
    sys.argv = ["abhilekh", *asked["arguments"]]
    code: Any = 0
    try:
        main()
    except SystemExit as end:
        code = end.code or 0
    finally:
        threading._shutdown()  # type: ignore[attr-defined] - what Python does at its end
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        answer.sendall((code if isinstance(code, int) else 1).to_bytes(_NUMBER, signed=True))
    os._exit(0)
