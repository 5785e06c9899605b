"""The requests that tell who can speak, and what the engine is."""

from __future__ import annotations

from base64 import b64encode
from importlib.resources import files
from typing import Any, Literal

from fastapi import APIRouter, HTTPException, Response
from pydantic import BaseModel

from koeru.use.serving.engine import Engine
from koeru.use.serving.query import RequestError, Speaker, SpeakerInfo, StyleInfo
from koeru.use.serving.speaking import Style

UUID = "3d0b7f5e-6c1f-4a53-9b6e-0f6a4c8f0c11"  # of koeru as an engine
FEATURES = {
    "adjust_mora_pitch": True,
    "adjust_phoneme_length": True,
    "adjust_speed_scale": True,
    "adjust_pitch_scale": True,
    "adjust_intonation_scale": True,
    "adjust_volume_scale": True,
    "adjust_pause_length": True,
    "interrogative_upspeak": False,  # a question rises as its voice has learned it
    "synthesis_morphing": False,
    "sing": False,
    "manage_library": False,
    "return_resource_url": False,
}


class EngineManifest(BaseModel):
    """What an engine is and can do."""

    manifest_version: str = "0.13.1"
    name: str = "koeru"
    brand_name: str = "koeru"
    uuid: str = UUID
    url: str = ""
    icon: str
    default_sampling_rate: int
    frame_rate: float
    terms_of_service: str
    update_infos: list[dict[str, Any]] = []
    dependency_licenses: list[dict[str, str]] = []
    supported_vvlib_manifest_version: None = None
    supported_features: dict[str, bool] = FEATURES


def icon() -> str:
    """koeru's picture, a PNG in base64."""
    return b64encode(files(__package__).joinpath("page/icon.png").read_bytes()).decode()


def about(engine: Engine) -> APIRouter:
    """The requests, for what an engine serves."""
    router = APIRouter(tags=["about"])

    @router.get("/version")
    async def version() -> str:
        return engine.version

    @router.get("/core_versions")
    async def core_versions() -> list[str]:
        return [engine.version]

    @router.get("/engine_manifest")
    async def engine_manifest() -> EngineManifest:
        first = engine.voices[0]
        terms = "\n\n".join(f"{voice.listed.name}: {voice.policy}" for voice in engine.voices if voice.policy)
        return EngineManifest(
            icon=icon(),
            default_sampling_rate=first.sample_rate,
            frame_rate=1 / first.frame,
            terms_of_service=terms or TERMS,
        )

    @router.get("/supported_devices")
    async def supported_devices() -> dict[str, bool]:
        return {"cpu": True, "cuda": False, "dml": False}

    @router.get("/speakers")
    async def speakers() -> list[Speaker]:
        return engine.speakers.listed

    @router.get("/speaker_info")
    async def speaker_info(speaker_uuid: str, resource_format: Literal["base64"] = "base64") -> SpeakerInfo:
        try:
            speaker, place = engine.speakers.voice_of(speaker_uuid)
        except RequestError as error:
            raise HTTPException(404, str(error)) from error
        styles = [StyleInfo(id=style.id, icon=icon()) for style in speaker.styles]
        return SpeakerInfo(policy=engine.voices[place].policy or TERMS, portrait=icon(), style_infos=styles)

    @router.get("/singers")
    async def singers() -> list[Speaker]:
        return []

    @router.get("/presets")
    async def presets() -> list[dict[str, Any]]:
        return []

    @router.get("/is_initialized_speaker")
    async def is_initialized_speaker(style: Style) -> bool:
        engine.speakers.of(style)
        return True

    @router.post("/initialize_speaker", status_code=204, response_class=Response)
    async def initialize_speaker(style: Style, skip_reinit: bool = False) -> None:
        engine.speakers.of(style)

    return router


TERMS = "The licence of the corpus that a voice was trained on binds whoever passes on what it says."
