"""An interview's materials as pages and programs are given them, and what a page must allow to play its films."""

from collections.abc import Sequence
from typing import Any

from aiohttp import web

from base.clock import shanghai_iso
from base.db import UnitOfWork
from base.file_kinds import NAMES, SIZE_LIMIT, size_words
from interviews import shelf
from interviews.film import film_at
from interviews.materials import FILMS, MaterialKind, may_keep
from interviews.models import Interview
from interviews.shelf import Shown
from web import ledger
from web.keys import MEDIA

Row = dict[str, Any]

_SHELVES = (
    ("documents", "背景文件", frozenset({MaterialKind.DOCUMENT})),
    ("pictures", "图片", frozenset({MaterialKind.PICTURE})),
    ("films", "视频和音频", FILMS),
)
_KINDS = {MaterialKind.VIDEO: "视频", MaterialKind.AUDIO: "音频"}


def note_of(one: Shown) -> str:
    """Kind and size of a material's file in words, 「PDF，1.2 MB」; empty where it has none."""
    return f"{NAMES[one.media_type]}，{size_words(one.size)}" if one.media_type else ""


# For everybody


async def for_page(request: web.Request, uow: UnitOfWork, found: Interview) -> dict[str, list[Row]]:
    """The public materials for ``partials/materials.html``; lets this answer play the interview's own films.

    Args:
        request: the reader's; its answer gets the origins of the films into its policy.
        uow: reads.
        found: the interview.

    Returns:
        ``documents``, ``pictures`` and ``films``, each in order, with the places of what was taken down.
    """
    public = await shelf.public_of(uow, found)
    request[MEDIA] = tuple(sorted({film_at(one.address).origin for one in public if one.address}))
    return {
        name: [_public_row(found, one) for one in public if one.kind in kinds] for name, _, kinds in _SHELVES
    }


def _public_row(found: Interview, one: Shown) -> Row:
    film = film_at(one.address) if one.address else None
    return {
        "no": one.no,
        "kind": str(one.kind),
        "kind_label": _KINDS.get(one.kind, ""),
        "title": one.title,
        "alt": one.alt or "",
        "note": note_of(one),
        "file": f"/interviews/{found.id}/files/{one.no}" if one.file_id else None,
        "width": one.width,
        "height": one.height,
        "address": one.address,
        "media_type": film.media_type if film else None,
        "stream": film.is_stream if film else False,
        "host": film.origin.removeprefix("https://") if film else None,
        "removed": one.removed,
        "because": one.removed_because,
    }


async def for_programs(uow: UnitOfWork, found: Interview) -> list[Row]:
    """The public materials as ``GET /api/interviews/{id}`` gives them; of what was taken down only that it was."""
    told: list[Row] = []
    for one in await shelf.public_of(uow, found):
        row = _public_row(found, one)
        if one.removed:
            told.append({"n": one.no, "kind": row["kind"], "removed": True, "reason": one.removed_because})
            continue
        film = one.address is not None
        told.append(
            {
                "n": one.no,
                "kind": row["kind"],
                "title": one.title,
                "alt": one.alt,
                "url": one.address if film else row["file"],
                "media_type": row["media_type"] if film else str(one.media_type),
                "bytes": None if film else one.size,
                "name": None if film else one.file_name,
                "width": one.width,
                "height": one.height,
                "captions": row["file"] if film else None,
                "added_at": shanghai_iso(one.added_at),
                "removed": False,
            }
        )
    return told


# For those who keep them


async def for_keepers(uow: UnitOfWork, found: Interview, room: str) -> Row:
    """All materials for ``partials/materials_desk.html``.

    Args:
        uow: reads; its actor may change what is their own.
        found: the interview.
        room: ``desk`` or ``office``, the beginning of the addresses.
    """
    everything = await shelf.of_interview(uow, found)
    names = await ledger.body_names(uow)
    path = f"/{room}/interviews/{found.id}"
    shelves = []
    for name, label, kinds in _SHELVES:
        standing = [one for one in everything if one.kind in kinds]
        rows = [_keepers_row(uow, one, path, names) for one in standing]
        _ends([row for row in rows if not row["removed"]])
        shelves.append({"name": name, "label": label, "rows": rows})
    return {"path": f"{path}/materials", "shelves": shelves, "megabytes": SIZE_LIMIT // 1024**2}


def _keepers_row(uow: UnitOfWork, one: Shown, path: str, names: dict[int, str]) -> Row:
    return {
        "no": one.no,
        "kind": str(one.kind),
        "kind_label": _KINDS.get(one.kind, ""),
        "title": one.title,
        "alt": one.alt or "",
        "address": one.address or "",
        "note": note_of(one),
        "name": one.file_name,
        "file": f"{path}/files/{one.no}" if one.file_id else None,
        "width": one.width,
        "height": one.height,
        "public": one.public,
        "own": may_keep(uow, one.body_id),
        "by": names.get(one.body_id or 0),
        "first": False,
        "last": False,
        "removed": one.removed,
        "because": one.removed_because,
    }


def _ends(rows: Sequence[Row]) -> None:
    """Mark which cannot go further up or down."""
    if rows:
        rows[0]["first"] = rows[-1]["last"] = True
