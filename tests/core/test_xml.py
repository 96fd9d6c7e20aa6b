"""XML of data files: read as it stands, refused where it does more."""

import pytest

from neuralrates.core.errors import InputError
from neuralrates.core.xml import parse_xml


def test_elements_keep_their_line_attributes_and_text():
    root = parse_xml("<?xml version='1.0'?>\n<a>\n <b id='1'> 2 <!-- no --> </b>\n <b/></a>", "f")
    assert (root.name, root.line, len(root.children)) == ("a", 2, 2)
    first = root.children[0]
    assert (first.line, first.attributes, first.text) == (3, {"id": "1"}, "2")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "f, line 1: expected XML: no element found"),
        ("<a>\n<b></a>", "f, line 2: expected XML: mismatched tag"),
        ("<a/><b/>", "f, line 1: expected XML: junk after document element"),
        ('<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', "found a document type"),
        ('<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', "found a document type"),
        ("<a>&x;</a>", "undefined entity"),
        ("<a>" * 101 + "</a>" * 101, "at most 100 elements in one another"),
        ("<a>\x00</a>", "not well-formed"),
    ],
)
def test_what_is_not_data_is_refused_in_one_line(text, message):
    with pytest.raises(InputError) as found:
        parse_xml(text, "f")
    assert message in str(found.value)
    assert "\n" not in str(found.value)


def test_entities_do_not_grow():
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    with pytest.raises(InputError, match="document type"):
        parse_xml(f'<!DOCTYPE a [<!ENTITY l0 "lol">{levels}]><a>&l9;</a>', "f")
