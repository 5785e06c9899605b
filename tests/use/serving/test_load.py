"""Many at once: nothing is lost or mixed up, nothing grows, what is too much and who hangs up is not served."""

import asyncio
import hashlib
import json
import os
import socket
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from served import Site, alone, engine, process, site, small

TEXTS = ["明日は雨です。", "本当ですか？", "わかった。", "橋を渡る。"]
CLIENTS = 16


async def said(session: aiohttp.ClientSession, server: Site, text: str, speaker: int) -> bytes:
    """What a client hears: a query, and its sound."""
    async with session.post(f"{server.url}/audio_query", params={"text": text, "speaker": speaker}) as answer:
        query = await answer.json()
        assert answer.status == 200, query
    async with session.post(f"{server.url}/synthesis", params={"speaker": speaker}, json=query) as answer:
        return await answer.read()


def test_sixteen_clients_at_once_hear_each_their_own_voice(tmp_path):
    """What each hears is, to the byte, what the voice says without a server."""
    voices = small(tmp_path), small(tmp_path, "other", 2)
    wanted = {
        (number, text): digest(alone(voices[number // 4], text, "ab"[number // 2 % 2], ["Normal", "Happy"][number % 2]))
        for number in range(8)
        for text in TEXTS
    }
    for voice in voices:
        voice.texts.close()

    async def client(session: aiohttp.ClientSession, server: Site, own: int) -> list[bool]:
        asked = [((own + turn) % 8, TEXTS[(own * 3 + turn) % len(TEXTS)]) for turn in range(3)]
        return [digest(await said(session, server, text, number)) == wanted[number, text] for number, text in asked]

    async def together(server: Site) -> list[list[bool]]:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
            return await asyncio.gather(*(client(session, server, own) for own in range(CLIENTS)))

    with process(tmp_path) as (server, _):
        found = asyncio.run(together(server))
    assert found == [[True] * 3] * CLIENTS
    assert len(set(wanted.values())) == len(wanted)


def digest(sound: bytes) -> str:
    return hashlib.sha256(sound).hexdigest()


def test_what_is_too_much_is_refused_and_the_rest_is_served(tmp_path):
    with site(engine(small(tmp_path), waiting=3)) as server:
        query = server.query(TEXTS[0])
        sound = server.post("/synthesis", query, speaker=0).body

        async def one(session: aiohttp.ClientSession) -> tuple[int, bytes]:
            async with session.post(f"{server.url}/synthesis", params={"speaker": 0}, json=query) as answer:
                return answer.status, await answer.read()

        async def together() -> list[tuple[int, bytes]]:
            async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
                return await asyncio.gather(*(one(session) for _ in range(4 * CLIENTS)))

        found = asyncio.run(together())
        count = Counter(status for status, _ in found)
        assert set(count) == {200, 503} and count.total() == 4 * CLIENTS and count[200] >= 3
        assert {body for status, body in found if status == 200} == {sound}
        assert all(b"ask again later" in body for status, body in found if status == 503)
        assert server.post("/synthesis", query, speaker=0).body == sound
        assert server.engine.worker.waiting == 0


def asked(server: Site, path: str, body: bytes) -> socket.socket:
    """A request whose answer nobody has read yet."""
    connection = socket.create_connection(("127.0.0.1", server.port))
    head = (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    )
    connection.sendall(head.encode() + b"\r\n" + body)
    return connection


@pytest.mark.parametrize("path", ["/synthesis", "/cancellable_synthesis", "/multi_synthesis"])
def test_who_hangs_up_is_not_served(tmp_path, path):
    voice = small(tmp_path)
    said, sound = [], voice.speech.sound

    def heard(mel):
        said.append(len(mel))
        return sound(mel)

    voice = replace(voice, speech=replace(voice.speech, sound=heard))
    with site(engine(voice)) as server:
        query = server.ask("POST", "/audio_query", text=TEXTS[0] * 8, speaker=0).body
        body = b"[" + b",".join([query] * 100) + b"]" if path == "/multi_synthesis" else query
        clients = [asked(server, f"{path}?speaker=0", body) for _ in range(1 if path == "/multi_synthesis" else 40)]
        until(lambda: said)
        for client in clients:
            client.close()
        until(lambda: server.engine.worker.waiting == 0)
        assert 1 <= len(said) < 20
        before = len(said)
        time.sleep(0.2)
        assert len(said) == before
        assert server.post("/audio_query", text=TEXTS[0], speaker=0).status == 200


def until(true) -> None:
    end = time.monotonic() + 30
    while not true():
        assert time.monotonic() < end
        time.sleep(0.002)


def test_memory_does_not_grow(tmp_path):
    """After 500 requests 1,500 more, of every kind, leave the server as large as it was."""

    def resident(process) -> float:
        """MB of memory that a process has."""
        pages = int(Path(f"/proc/{process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGESIZE") / 1e6

    async def ask(session: aiohttp.ClientSession, method: str, url: str, status: int = 200, **told: Any) -> bytes:
        async with session.request(method, url, **told) as answer:
            assert answer.status == status
            return await answer.read()

    async def eight(session: aiohttp.ClientSession, server: Site, turn: int) -> None:
        own = {"speaker": turn % 8}
        text = own | {"text": TEXTS[turn % 4]}
        query = json.loads(await ask(session, "POST", f"{server.url}/audio_query", params=text))
        rate = 24000 if turn % 10 == 0 else 22050
        told = query | {"outputSamplingRate": rate, "speedScale": 1 + turn / 100}
        assert len(await ask(session, "POST", f"{server.url}/synthesis", params=own, json=told)) > 1000
        await ask(session, "POST", f"{server.url}/synthesis", 422, params=own, json=query | {"speedScale": -1})
        await ask(session, "POST", f"{server.url}/audio_query", 422, params=own | {"text": "。"})
        await ask(session, "POST", f"{server.url}/validate_kana", params={"text": query["kana"]})
        for path in ("/speakers", "/engine_manifest", "/openapi.json"):
            await ask(session, "GET", server.url + path)

    async def together(server: Site, turns: int) -> None:
        async def client(own: int) -> None:
            for turn in range(own, turns // 8, CLIENTS):
                await eight(session, server, turn)

        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
            await asyncio.gather(*map(client, range(CLIENTS)))

    with process(tmp_path) as (server, running):
        asyncio.run(together(server, 500))
        before = resident(running)
        asyncio.run(together(server, 1500))
        grown = resident(running) - before
    assert grown < 10, f"{grown:.1f} MB more than {before:.1f} MB"
