"""XML as a file of data may hold it: elements, attributes and text, no document type and so no entities."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.parsers import expat

from neuralrates.core.errors import InputError

_DEEPEST = 100
_LARGEST = 32 * 1024 * 1024


@dataclass
class Element:
    """One element.

    Args:
        name: its tag
        line: where it begins, counted from 1
        attributes: by name
        children: in order
        text: what stands between its tags, without space at its ends; comments are left out
    """

    name: str
    line: int
    attributes: dict[str, str] = field(default_factory=dict)
    children: list["Element"] = field(default_factory=list)
    text: str = ""


def parse_xml(text: str, file: str | Path) -> Element:
    """The root element of a text.

    Args:
        text: XML
        file: where it comes from, for messages

    Returns:
        The root.

    Raises:
        InputError: in one line, naming file and line: not well formed, too large, nested too deeply, or with a document type,
            whose entities can read other files or grow without bound

    Example:
        >>> from neuralrates.core.xml import parse_xml
        >>> root = parse_xml("<a><b id='1'>0.03</b></a>", "a.xml")
        >>> root.children[0].text, root.children[0].attributes
        ('0.03', {'id': '1'})
    """
    content = text.encode()
    if len(content) > _LARGEST:
        raise InputError(f"expected at most {_LARGEST:,} bytes of XML, found more", file=file)
    parser = expat.ParserCreate()
    builder = _Builder(parser, file)
    parser.buffer_text = True
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.characters
    parser.StartDoctypeDeclHandler = builder.document_type
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        reason = expat.ErrorString(error.code)
        raise InputError(f"expected XML: {reason}", file=file, line=error.lineno) from None
    return builder.root.children[0]


class _Builder:
    """Elements as the parser comes to them."""

    def __init__(self, parser: Any, file: str | Path) -> None:
        self.parser, self.file = parser, file
        self.root = Element("", 0)
        self.open = [self.root]
        self.texts: list[list[str]] = [[]]

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self.open) > _DEEPEST:
            self._refuse(f"expected at most {_DEEPEST} elements in one another, found more")
        element = Element(name, self.parser.CurrentLineNumber, attributes)
        self.open[-1].children.append(element)
        self.open.append(element)
        self.texts.append([])

    def end(self, _: str) -> None:
        element = self.open.pop()
        element.text = "".join(self.texts.pop()).strip()

    def characters(self, text: str) -> None:
        self.texts[-1].append(text)

    def document_type(self, *_: Any) -> None:
        self._refuse("expected data alone, found a document type, which is not read")

    def _refuse(self, reason: str) -> None:
        raise InputError(reason, file=self.file, line=self.parser.CurrentLineNumber)
