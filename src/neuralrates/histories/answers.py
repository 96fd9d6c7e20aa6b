"""Whether what a publisher sent is the whole of a table."""

import re

from neuralrates.core.files import LARGEST

_ROW_OF_A_DATE = re.compile(rb'^"?(\d{4}-\d{2}-\d{2}|\d{1,2}/\d{1,2}/\d{4})"?\s*,', re.MULTILINE)
_HEADER_OF_DATES = re.compile(rb'^"?[A-Za-z_ ]*date"?\s*,', re.MULTILINE | re.IGNORECASE)
_COMPRESSED = (b"\x1f\x8b", b"PK", b"\x28\xb5\x2f\xfd")


def fault_of_table(content: bytes, length: str = "", encoding: str = "") -> str:
    """What keeps an answer from being a whole table of comma-separated rows by date.

    Args:
        content: body of the answer
        length: `Content-Length` of the answer, where it states one
        encoding: its `Content-Encoding`, where it has one

    Returns:
        The fault in a few words; empty where there is none.

    Example:
        >>> from neuralrates.histories.answers import fault_of_table
        >>> fault_of_table(b"Date,Rate\\n2024-03-18,5.3\\n")
        ''
        >>> fault_of_table(b"Date,Rate\\n2024-03", "26")
        '17 of 26 bytes came'
    """
    if len(content) > LARGEST:
        return f"more than {LARGEST:,} bytes came"
    if length.isdigit() and length != str(len(content)):
        return f"{len(content)} of {length[:20]} bytes came"
    if content.startswith(_COMPRESSED) or encoding not in ("", "identity"):
        return "it is compressed"
    body = content.removeprefix(b"\xef\xbb\xbf").strip()
    if not body:
        return "it is empty"
    if b"\0" in body:
        return "it holds NUL bytes"
    if body[:1] in (b"<", b"{", b"["):
        return "it is a page or JSON"
    if not (_ROW_OF_A_DATE.search(body) or _HEADER_OF_DATES.search(body)):
        return "no row begins with a date"
    return ""
