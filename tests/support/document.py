"""A page as a reader of HTML sees it."""

import base64
import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser

VOID = {"meta", "link", "img", "br", "input", "hr"}


class Document(HTMLParser):
    """Collects tags, attributes and text, and notes tags that do not nest."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.faults: list[str] = []
        self.words: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append(tag)

    def handle_data(self, text):
        self.words.append(text)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.words))

    def attributes(self, name: str) -> list[str]:
        return [attrs[name] for _, attrs in self.tags if name in attrs]


def is_svg(src: str) -> bool:
    """Whether the source of a picture is an SVG inside the page."""
    head, payload = src.split(",", 1)
    return head == "data:image/svg+xml;base64" and ET.fromstring(base64.b64decode(payload)).tag.endswith("svg")
