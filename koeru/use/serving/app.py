"""The application: requests of the API, the page that uses it, and errors in words."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager
from importlib.resources import files
from pathlib import Path

import fastapi_offline
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, JSONResponse
from fastapi.staticfiles import StaticFiles

from koeru.text.reading import NotationError, TextError
from koeru.use.serving.about import about
from koeru.use.serving.dictionary import dictionary
from koeru.use.serving.engine import Engine
from koeru.use.serving.guard import Guard
from koeru.use.serving.query import RequestError
from koeru.use.serving.speaking import kana_error, speaking
from koeru.use.serving.work import BusyError, GoneError

PAGE = Path(str(files(__package__).joinpath("page")))
SWAGGER = Path(fastapi_offline.__file__).with_name("static")
# Nothing from elsewhere, and no script but the files of the page.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "media-src blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
SWAGGER_WANTS = "; style-src-attr 'unsafe-inline'"
ABOUT = "koeru's voices, by the API of VOICEVOX's engine. Names that are not listed here are passed over."
NO_TELEMETRY = {"tracing": False, "metrics": False, "logs": False, "auto_configure": False}
GONE = 499  # nobody reads it


def app(engine: Engine, hosts: Collection[str] = (), origins: Collection[str] = ()) -> FastAPI:
    """What an engine serves, to this machine, and to other hosts' names and pages' origins as they are told."""

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        yield
        engine.close()

    own = FastAPI(
        title="koeru",
        description=ABOUT,
        version=engine.version,
        docs_url=None,
        redoc_url=None,
        lifespan=life,
        max_body_size=engine.limits.body,
        strict_content_type=False,  # many clients leave it out; who may ask is the guard's
        telemetry=NO_TELEMETRY,
    )
    own.add_middleware(Guard, hosts=hosts, origins=origins)
    for router in (speaking(engine), dictionary(engine), about(engine)):
        own.include_router(router)
    own.mount("/page", StaticFiles(directory=PAGE))
    own.mount("/swagger", StaticFiles(directory=SWAGGER))
    for path, name, policy in (("/", "page.html", POLICY), ("/docs", "docs.html", POLICY + SWAGGER_WANTS)):
        own.add_api_route(path, _file(PAGE / name, policy), include_in_schema=False)
    own.add_exception_handler(RequestValidationError, _invalid)
    own.add_exception_handler(NotationError, _no_kana)
    for kind, status in ((RequestError, 422), (TextError, 422), (BusyError, 503), (GoneError, GONE)):
        own.add_exception_handler(kind, _in_words(status))
    return own


def _file(path: Path, policy: str) -> Callable[[], Awaitable[FileResponse]]:
    async def answer() -> FileResponse:
        return FileResponse(path, headers={"Cache-Control": "no-cache", "Content-Security-Policy": policy})

    return answer


def _in_words(status: int) -> Callable[[Request, Exception], Awaitable[JSONResponse]]:
    async def answer(_: Request, error: Exception) -> JSONResponse:
        return JSONResponse({"detail": str(error)}, status, headers={"Retry-After": "1"} if status == 503 else None)

    return answer


async def _no_kana(_: Request, error: NotationError) -> JSONResponse:
    return JSONResponse({"detail": kana_error(error).model_dump()}, 400)


async def _invalid(_: Request, error: RequestValidationError) -> JSONResponse:
    """What is wrong, without what was given: that may be no JSON."""
    detail = [{name: one[name] for name in ("loc", "msg", "type")} for one in error.errors()]
    return JSONResponse({"detail": detail}, 422)
