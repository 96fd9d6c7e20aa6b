"""The command in a process of its own: what it says, what it refuses, how it ends."""

import http.client
import json
import re
import signal
import socket
import subprocess
import sys
from contextlib import closing, contextmanager

import pytest
from typer.testing import CliRunner

from neuralrates.cli.app import app

MAIN = "from neuralrates.cli import main; main()"
pytest.importorskip("uvicorn", reason="the server extra is not installed")


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@contextmanager
def server(*arguments):
    """Port of a server that is up, and its process."""
    port = free_port()
    command = [sys.executable, "-c", MAIN, "serve", "--port", str(port), *arguments]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert re.fullmatch(
                rf"Serving on http://127.0.0.1:{port}/ .*\n", process.stdout.readline()
            )
            while True:
                try:
                    socket.create_connection(("127.0.0.1", port)).close()
                    break
                except ConnectionRefusedError:
                    assert process.poll() is None, process.stderr.read()
            yield port, process
        finally:
            process.kill()


def get(port, address):
    with closing(http.client.HTTPConnection("127.0.0.1", port)) as connection:
        connection.request("GET", address)
        answer = connection.getresponse()
        return answer.status, answer.read()


def test_it_serves_lets_slow_clients_go_and_ends_when_told():
    with server("--bundle", "bermudan", "--timeout", "1") as (port, process):
        slow = [socket.create_connection(("127.0.0.1", port)) for _ in range(2)]
        slow[0].sendall(b"GET /health HTT")
        slow[1].sendall(b"POST /v1/trade HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n{")
        assert get(port, "/health")[0] == 200
        assert [one["name"] for one in json.loads(get(port, "/v1/models")[1])["models"]] == [
            "bermudan"
        ]
        for one, said in zip(slow, (b"", b"HTTP/1.1 408"), strict=True):
            one.settimeout(60)
            assert one.recv(1000).startswith(said)
            assert one.recv(1000) == b"" or said
            one.close()
        assert get(port, "/health")[0] == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) in (0, 128 + signal.SIGTERM, -signal.SIGTERM)
        assert "Traceback" not in process.stderr.read()


def test_a_head_without_end_is_refused_while_others_are_answered():
    with server("--bundle", "bermudan") as (port, _):
        with socket.create_connection(("127.0.0.1", port)) as endless:
            endless.settimeout(60)
            endless.sendall(b"GET /health HTTP/1.1\r\nHost: a\r\nX-Long: ")
            with pytest.raises(OSError):
                endless.sendall(b"a" * (128 << 20))
        assert get(port, "/health")[0] == 200
        with socket.create_connection(("127.0.0.1", port)) as long:
            long.settimeout(60)
            long.sendall(b"GET /health HTTP/1.1\r\nHost: a\r\nX-Long: " + b"a" * 70_000)
            assert long.recv(100).startswith(b"HTTP/1.1 431")
        large = json.dumps({"points": [[0.03, *[0.008] * 4, 0.03, 0.0, 0.0, 2.0, 0.0]] * 3000})
        with closing(http.client.HTTPConnection("127.0.0.1", port)) as connection:
            for _ in range(3):  # a body is no head, however large, and neither is the next request
                connection.request(
                    "POST", "/v1/points/bermudan", large, {"content-type": "application/json"}
                )
                answer = connection.getresponse()
                assert answer.status == 200
                answer.read()


def test_what_cannot_be_served_is_refused_in_one_line():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        busy = ["serve", "--port", str(taken.getsockname()[1]), "--bundle", "bermudan"]
        result = CliRunner().invoke(app, busy)
    assert result.exit_code == 2
    assert "expected an address that is free" in result.output
    result = CliRunner().invoke(app, ["serve", "--bundle", "nothing-here"])
    assert result.exit_code == 2
    assert "expected a bundle's folder" in result.output


def test_help_has_examples():
    result = CliRunner().invoke(app, ["serve", "--help"])
    assert result.exit_code == 0
    assert "neuralrates serve --port 9000" in result.output
