"""Programs that others wrote for VOICEVOX's engine speak through koeru, and know nothing of it.

They lie beside the environment: `make .clients/.ready` brings them.
"""

import os
import subprocess
import sys
from pathlib import Path

from served import Site

CLIENTS = Path(__file__).resolve().parents[3] / ".clients"
TEXT = "明日は雨です。"
WITH_VOICEVOX_CLIENT = f"""
import asyncio, sys
from vvclient import Client

async def main(url, path):
    async with Client(url) as client:
        await client.init_speaker(2, skip_reinit=True)
        assert await client.is_inited_speaker(2) is True
        assert await client.fetch_engine_version() in await client.fetch_core_versions()
        query = await client.create_audio_query({TEXT!r}, speaker=2)
        query.data["speedScale"] = 1.25
        with open(path, "wb") as file:
            file.write(await query.synthesis(speaker=2))

asyncio.run(main(*sys.argv[1:]))
"""


def run(*command: str | Path) -> str:
    environment = os.environ | {"PYTHONPATH": str(CLIENTS), "PYTHONUTF8": "1"}
    done = subprocess.run([sys.executable, *command], env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, f"{done.stderr}\nThe clients come by: make .clients/.ready"
    return done.stdout


def faster(server: Site) -> bytes:
    """The same, asked without a client."""
    return server.post("/synthesis", server.query(TEXT, 2) | {"speedScale": 1.25}, speaker=2).body


def test_voicevox_client_speaks(server, tmp_path):
    run("-c", WITH_VOICEVOX_CLIENT, server.url, tmp_path / "said.wav")
    assert (tmp_path / "said.wav").read_bytes() == faster(server)


def test_vv_synth_speaks(server, tmp_path):
    path = tmp_path / "said.wav"
    told = ("--engine-url", server.url, "--speaker", "2", "--speed", "1.25", "-o", path)
    assert "wrote" in run(CLIENTS / "bin" / "vv-synth", TEXT, *told)
    assert path.read_bytes() == faster(server)
