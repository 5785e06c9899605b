"""The requests that have to do with speech: how a text goes, how it is changed, and its sound."""

# Annotations are read as they are: FastAPI finds no names of a function in those that are put off.
from tempfile import SpooledTemporaryFile
from typing import IO, Annotated
from zipfile import ZipFile

from fastapi import APIRouter, Body, Query, Request, Response
from fastapi.responses import StreamingResponse

from koeru.text.reading import NotationError
from koeru.use.serving.engine import Engine
from koeru.use.serving.phones import replaced
from koeru.use.serving.query import AccentPhrase, AccentPhrases, AudioQuery, ParseKanaBadRequest
from koeru.use.serving.speakers import Chosen
from koeru.use.serving.voices import Served
from koeru.use.serving.waves import joined, wav_bytes
from koeru.use.serving.work import Stop

IN_MEMORY = 8 << 20  # bytes of an archive
WAV = {200: {"content": {"audio/wav": {"schema": {"type": "string", "format": "binary"}}}}}
ZIP = {200: {"content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}}}}
NOT_KANA = {400: {"model": ParseKanaBadRequest, "description": "the kana are no reading"}}
Style = Annotated[int, Query(alias="speaker", ge=0, lt=2**31, description="the number of a style: /speakers has them")]
ERRORS = {
    "unknown": "UNKNOWN_TEXT",
    "empty": "EMPTY_PHRASE",
    "accent first": "ACCENT_TOP",
    "accent twice": "ACCENT_TWICE",
    "question inside": "INTERROGATION_MARK_NOT_AT_END",
}


def kana_error(error: NotationError) -> ParseKanaBadRequest:
    """An error in kana as VOICEVOX's engine names it."""
    args = {"position": str(error.number)} if error.reason == "empty" else {"text": error.phrase}
    return ParseKanaBadRequest(text=str(error), error_name=ERRORS[error.reason], error_args=args)


def speaking(engine: Engine) -> APIRouter:
    """The requests, for what an engine serves."""
    router = APIRouter(tags=["speech"])
    limits = engine.limits
    text_of = Query(min_length=1, max_length=limits.characters)

    @router.post("/audio_query", response_model=AudioQuery, summary="How a voice would say a text")
    async def audio_query(request: Request, text: Annotated[str, text_of], style: Style) -> AudioQuery:
        def work(voice: Served, chosen: Chosen, stop: Stop) -> AudioQuery:
            read = voice.read(text)
            return voice.query(read.phrases, chosen, read.gaps)

        return await engine.do(request, style, work)

    @router.post(
        "/accent_phrases",
        response_model=list[AccentPhrase],
        responses=NOT_KANA,
        summary="The accent phrases of a text, or of kana with accents",
    )
    async def phrases_of(
        request: Request, text: Annotated[str, text_of], style: Style, is_kana: bool = False
    ) -> list[AccentPhrase]:
        def work(voice: Served, chosen: Chosen, stop: Stop) -> list[AccentPhrase]:
            read = voice.from_kana(text) if is_kana else voice.read(text)
            return voice.query(read.phrases, chosen, read.gaps).accent_phrases

        return await engine.do(request, style, work)

    def changing(path: str, summary: str, *fields: str) -> None:
        """A request that answers accent phrases with fields of their moras as the voice would have them."""

        @router.post(path, response_model=list[AccentPhrase], summary=summary)
        async def change(request: Request, phrases: AccentPhrases, style: Style) -> list[AccentPhrase]:
            def work(voice: Served, chosen: Chosen, stop: Stop) -> list[AccentPhrase]:
                return replaced(phrases, voice.query(phrases, chosen).accent_phrases, *fields)

            return await engine.do(request, style, work)

    lengths = ("consonant_length", "vowel_length")
    changing("/mora_data", "Accent phrases with the voice's own lengths and pitches", *lengths, "pitch")
    changing("/mora_length", "Accent phrases with the voice's own lengths", *lengths)
    changing("/mora_pitch", "Accent phrases with the voice's own pitches", "pitch")

    def wav(voice: Served, query: AudioQuery, chosen: Chosen, stop: Stop) -> bytes:
        return wav_bytes(voice.say(query, chosen, stop), voice.sample_rate, query.sample_rate, query.stereo)

    @router.post("/synthesis", response_class=Response, responses=WAV, summary="The sound of a query, as a wav file")
    @router.post("/cancellable_synthesis", response_class=Response, responses=WAV, summary="The same")
    async def synthesis(
        request: Request, query: AudioQuery, style: Style, enable_interrogative_upspeak: bool = True
    ) -> Response:
        sound = await engine.do(request, style, lambda voice, chosen, stop: wav(voice, query, chosen, stop))
        return Response(sound, media_type="audio/wav")

    @router.post(
        "/multi_synthesis",
        response_class=StreamingResponse,
        responses=ZIP,
        summary="The sounds of queries, in a zip file",
    )
    async def multi_synthesis(
        request: Request,
        queries: Annotated[list[AudioQuery], Body(min_length=1, max_length=limits.queries)],
        style: Style,
    ) -> StreamingResponse:
        def work(voice: Served, chosen: Chosen, stop: Stop) -> IO[bytes]:
            file = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 (the answer closes it)
            with ZipFile(file, "w") as archive:
                for number, query in enumerate(queries, 1):
                    archive.writestr(f"{number:03}.wav", wav(voice, query, chosen, stop))
            file.seek(0)
            return file

        return StreamingResponse(await engine.do(request, style, work), media_type="application/zip")

    @router.post(
        "/connect_waves",
        response_class=Response,
        responses=WAV,
        max_body_size=limits.waves,
        summary="Wav files in base64, one behind the other",
    )
    async def connect_waves(request: Request, waves: Annotated[list[str], Body(max_length=1000)]) -> Response:
        return Response(await engine.worker.do(request, lambda stop: joined(waves)), media_type="audio/wav")

    @router.post("/validate_kana", responses=NOT_KANA, summary="Whether kana with accents are a reading")
    async def validate_kana(text: Annotated[str, Query(max_length=limits.characters)]) -> bool:
        engine.dictionary.language.from_notation(text)
        return True

    return router
