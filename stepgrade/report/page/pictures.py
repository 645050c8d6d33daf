"""Images inside the page itself: checked PNG images, and the release's own files."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, unquote

TYPES = {".svg": "image/svg+xml", ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg"}
ATTACHED = "attachment:"
SAFE_IN_ADDRESS = " !$&'()*+,-./:;=?@_~"


def png_url(content: bytes) -> str:
    """Return the address under which a page finds a PNG image in itself."""
    return _url("image/png", content)


def svg_url(content: bytes) -> str:
    """Return the address of an SVG image of ours: as text, which is a quarter smaller than in base64."""
    return f"data:{TYPES['.svg']},{quote(content, safe=SAFE_IN_ADDRESS)}"


@dataclass(frozen=True)
class Pictures:
    """The images that text can show: those of the release by their path, a cell's own by ``attachment:`` and name.

    An SVG image is a document that a browser runs, so only the release's are shown, and only as images, in which
    browsers run nothing.
    """

    released: Mapping[str, bytes] = field(default_factory=dict, hash=False, compare=False)
    digest: str = ""

    @classmethod
    def of(cls, files: Mapping[str, bytes]) -> Pictures:
        """Return the images among the files of a release."""
        images = {name: content for name, content in files.items() if _type_of(name)}
        digest = hashlib.sha256()
        for name, content in images.items():
            digest.update(name.encode() + b"\0" + hashlib.sha256(content).digest())
        return cls(images, digest.hexdigest())

    def address(self, url: str, attachments: Mapping[str, bytes]) -> str | None:
        """Return the address of an image inside the page, None for one that is not shown."""
        name = unquote(url)
        if name.startswith(ATTACHED):
            attached = attachments.get(name.removeprefix(ATTACHED))
            return png_url(attached) if attached else None
        content = self.released.get(name.removeprefix("./"))
        return _url(_type_of(name), content) if content else None


def _type_of(name: str) -> str:
    return next((kind for ending, kind in TYPES.items() if name.lower().endswith(ending)), "")


def _url(kind: str, content: bytes) -> str:
    if kind == TYPES[".svg"]:
        return svg_url(content)
    return f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}"
