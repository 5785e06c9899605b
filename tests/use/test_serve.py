"""The command `serve`: what it says is what `speak` says, where it listens, and what it is told wrongly."""

import argparse
import json
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

import pytest
from voices import view

from koeru.use.serve import check, listening, url

TEXT = "雨が降る。橋を渡る？"


@pytest.fixture(scope="module")
def exp(tmp_path_factory) -> Path:
    return view(tmp_path_factory.mktemp("exp") / "LINE_15", {})


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "koeru", *map(str, arguments)]


@contextmanager
def serving(exp: Path, folder: Path) -> Iterator[tuple[int, subprocess.Popen[str]]]:
    """The command at work, on a free port."""
    own = command("serve", exp, "--port", 0, "--device", "cpu", "--dictionary", folder / "words.json")
    process = subprocess.Popen(own, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        told = process.stdout.readline()
        assert told.startswith("http://127.0.0.1:"), process.communicate()
        yield int(told.split()[0].rpartition(":")[2]), process
    finally:
        process.kill()
        process.communicate()


def ask(host: str, port: int, path: str, body: bytes = b"", **parameters: object) -> bytes:
    target = f"http://{host}:{port}{path}?{urlencode(parameters)}"
    request = urllib.request.Request(target, body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return answer.read()


def test_it_says_what_the_command_speak_says_to_the_byte(exp, tmp_path):
    done = subprocess.run(command("speak", exp, TEXT, "-o", tmp_path / "said.wav", "--device", "cpu"))
    assert done.returncode == 0
    with serving(exp, tmp_path) as (port, process):
        query = ask("127.0.0.1", port, "/audio_query", text=TEXT, speaker=0)
        assert ask("127.0.0.1", port, "/synthesis", query, speaker=0) == (tmp_path / "said.wav").read_bytes()
        assert json.loads(query)["kana"] == "ア'メガ/フ'ル、ハシ'オ/ワタル'？"
        for host in ("localhost", "[::1]") if socket.has_ipv6 else ("localhost",):
            assert ask(host, port, "/synthesis", query, speaker=0) == (tmp_path / "said.wav").read_bytes()
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 130 and "Traceback" not in process.stderr.read()


def test_a_port_that_is_taken_is_told(exp):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = subprocess.run(command("serve", exp, "--port", port), capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr == f"koeru serve: 127.0.0.1, port {port}: somebody serves there already: give another --port\n"


def test_without_its_packages_it_says_which_to_install(exp):
    code = "import sys; sys.modules['fastapi'] = None; sys.argv[1:] = ['serve', 'x']\n"
    code += "from koeru.__main__ import main; main()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stderr == "koeru serve: fastapi is needed to serve: pip install 'koeru[serve]'\n"


def test_it_listens_where_it_is_told():
    for host in ("127.0.0.1", "0.0.0.0", "localhost"):
        (own,) = listening(host, 0)
        with own:
            assert url(own).startswith("http://")
            assert own.getsockname()[0] in (host, "127.0.0.1", "::1")
    alone = listening(None, 0)
    assert {own.getsockname()[0] for own in alone} <= {"127.0.0.1", "::1"}
    assert len({own.getsockname()[1] for own in alone}) == 1
    for own in alone:
        own.close()
    with pytest.raises(OSError, match=r"--host: there is no 'nowhere\.invalid'"):
        listening("nowhere.invalid", 0)
    with pytest.raises(OSError, match=r"192\.0\.2\.1, port 0: Cannot assign requested address"):
        listening("192.0.2.1", 0)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"port": 65536}, "--port: 65536 is no port"),
        ({"waiting": 0}, "--waiting: 0: at least one request waits"),
        ({"allow_origin": ["example.org"]}, r"--allow-origin: example\.org: a site is wanted"),
    ],
)
def test_what_makes_no_sense_is_refused(wrong, message):
    right = {"port": 1, "waiting": 1, "allow_origin": ["https://example.org"]}
    check(argparse.Namespace(**right))
    with pytest.raises(ValueError, match=message):
        check(argparse.Namespace(**right | wrong))
