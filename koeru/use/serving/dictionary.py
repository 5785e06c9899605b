"""The requests that have to do with the user's words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, TypeVar
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from koeru.use.serving.engine import Engine
from koeru.use.serving.query import UserDictWord, WordType
from koeru.use.serving.words import Word, word_of


def _word(
    surface: Annotated[str, Query(min_length=1, max_length=100, description="how it is written")],
    pronunciation: Annotated[str, Query(min_length=1, max_length=100, description="how it is said, in katakana")],
    accent_type: Annotated[int, Query(ge=0, le=100, description="the mora behind which it falls; 0: none")],
    word_type: WordType = "PROPER_NOUN",
    priority: Annotated[int, Query(ge=0, le=10, description="kept, and not used: a word here is rather taken")] = 5,
) -> Word:
    return Word(
        surface=surface,
        pronunciation=pronunciation,
        accent_type=accent_type,
        word_type=word_type,
        priority=priority,
    )


T = TypeVar("T")
Given = Annotated[Word, Depends(_word)]


def dictionary(engine: Engine) -> APIRouter:
    """The requests, for the dictionary of an engine."""
    router = APIRouter(tags=["dictionary"])
    words = engine.dictionary

    async def do(request: Request, work: Callable[[], T]) -> T:
        """Change words, in turn with all that reads them."""
        return await engine.worker.do(request, lambda stop: work())

    @router.get("/user_dict")
    async def user_dict() -> dict[str, UserDictWord]:
        return words.told()

    @router.post("/user_dict_word", summary="A new word; its UUID is answered")
    async def add(request: Request, word: Given) -> str:
        return await do(request, lambda: words.add(word))

    @router.put("/user_dict_word/{word_uuid}", status_code=204, response_class=Response)
    async def change(request: Request, word_uuid: UUID, word: Given) -> None:
        await do(request, lambda: words.change(str(word_uuid), word))

    @router.delete("/user_dict_word/{word_uuid}", status_code=204, response_class=Response)
    async def remove(request: Request, word_uuid: UUID) -> None:
        await do(request, lambda: words.remove(str(word_uuid)))

    @router.post("/import_user_dict", status_code=204, response_class=Response)
    async def take(request: Request, new: dict[UUID, UserDictWord], override: bool) -> None:
        await do(request, lambda: words.take({key: word_of(word) for key, word in new.items()}, override))

    return router
