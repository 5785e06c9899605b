"""A small voice that is served: over HTTP, on this machine, as others ask it."""

import http.client
import json
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np
import uvicorn
import voices

from koeru.audio.vocoders import GriffinLim
from koeru.languages import language
from koeru.use.reading import VoiceReader
from koeru.use.serving.app import app
from koeru.use.serving.engine import Engine, Limits
from koeru.use.serving.speakers import Named
from koeru.use.serving.voices import Served, Texts
from koeru.use.serving.waves import wav_bytes
from koeru.use.serving.words import UserDictionary
from koeru.use.speech import Speech, Who

JAPANESE = language("japanese")


def small(folder: Path, name: str = "small", seed: int = 1) -> Served:
    """A voice of random weights, with a real reader, and Griffin-Lim; the user's words lie in a folder."""
    own = voices.voice(seed=seed)
    listed = Named(name, f"{name} {seed}", own.speakers, own.vocabulary.emotions)
    words = UserDictionary(folder / "words.json", JAPANESE)
    return Served(listed, Speech(own, GriffinLim(own.mel_spec, 2)), Texts(VoiceReader({}, JAPANESE.name, name), words))


def engine(*own: Served, **limits: int) -> Engine:
    """What serves voices, with the words of the first."""
    return Engine(own, own[0].texts.dictionary, "1.2.3", Limits(**limits))


def alone(voice: Served, text: str, speaker: str, emotion: str) -> bytes:
    """What a voice itself says, without any server: a wav file."""
    parts = voice.texts.reader.parts(text)
    records = [(Who(speaker, emotion).record(part.reading), part.pause) for part in parts]
    said = voice.speech.one_by_one((record, voice.speech.told(record), pause) for record, pause in records)
    return wav_bytes(np.concatenate([*said]), voice.sample_rate, voice.sample_rate, False)


@dataclass
class Answer:
    """What a request is answered."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Site:
    """Where somebody serves."""

    port: int
    engine: Engine | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ask(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None, **parameters: Any
    ) -> Answer:
        """A request, with a body of bytes as they are, and others as JSON."""
        raw = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        told = ({} if raw is None else {"Content-Type": "application/json"}) | (headers or {})
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            target = f"{path}?{urlencode(parameters)}" if parameters else path
            connection.request(method, target, raw, told)
            answer = connection.getresponse()
            return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
        finally:
            connection.close()

    def post(self, path: str, body: Any = None, **parameters: Any) -> Answer:
        return self.ask("POST", path, body, **parameters)

    def get(self, path: str, **parameters: Any) -> Answer:
        return self.ask("GET", path, **parameters)

    def query(self, text: str, speaker: int = 0) -> dict[str, Any]:
        """How a text goes."""
        answer = self.post("/audio_query", text=text, speaker=speaker)
        assert answer.status == 200, answer.body
        return answer.json


@contextmanager
def site(own: Engine, **who: Any) -> Iterator[Site]:
    """An engine behind a real server, in a thread of this process."""
    config = uvicorn.Config(app(own, **who), port=0, log_level="error", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
            thread.join(0.01)
        yield Site(server.servers[0].sockets[0].getsockname()[1], own)
    finally:
        server.should_exit = True
        thread.join()


@contextmanager
def process(folder: Path) -> Iterator[tuple[Site, subprocess.Popen[str]]]:
    """Two small voices behind a server that is a process of its own."""
    server = subprocess.Popen([sys.executable, __file__, str(folder)], stdout=subprocess.PIPE, text=True)
    try:
        yield Site(int(server.stdout.readline())), server
    finally:
        server.terminate()
        server.wait()
        server.stdout.close()


def main() -> None:
    """Serve until somebody ends it."""
    folder = Path(sys.argv[1])
    with site(engine(small(folder), small(folder, "other", 2))) as where:
        print(where.port, flush=True)
        signal.sigwait([signal.SIGTERM])


if __name__ == "__main__":
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
    main()
