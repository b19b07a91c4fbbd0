"""What every served page does alike: how it may look, its language, its texts and templates, its own static files."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from fastapi import Depends
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from coldport.site import Text

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")

Mode = Literal["wall", "desk", "phone", "touch"]

REVALIDATE = {"Cache-Control": "no-cache"}

Catalogue = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How a page is asked to look; without a mode it is chosen by the width of the window."""

    lang: Language = "zh"
    theme: Literal["dark", "light"] = "dark"
    mode: Mode | None = None


Asked = Annotated[Look, Depends()]


class OwnStatic(StaticFiles):
    """Our own files, always asked for again: after an update no page runs on half of the old ones."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Return the file, or 304."""
        response = await super().get_response(path, scope)
        response.headers.update(REVALIDATE)
        return response


def read_catalogue(folder: Path, language: Language) -> Catalogue:
    """Return the texts of a folder in a language, by key."""
    texts: dict[str, str] = json.loads((folder / f"{language}.json").read_text(encoding="utf-8"))
    return texts


def environment(web_root: Path) -> Environment:
    """Return what renders the templates; every value is text and no markup."""
    return Environment(
        loader=FileSystemLoader(web_root / "templates"),
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def in_language(language: Language, text: Text) -> str:
    """Return a text of the site in a language."""
    return text.zh if language == "zh" else text.en
