"""Option quotes in Databento's encoding: read whole, or refused by name."""

import sys

import pytest

import neuralrates as nr
from histories.dbn_files import write_definitions, write_quotes
from neuralrates.core import InputError, RefusalError

TERMS = {
    7: ("SPY", "2020-03-20 20:00", 300.0, "CALL"),
    8: ("SPY", "2020-03-20 20:00", 300.0, "PUT"),
    9: ("SPY", "2020-03-20 20:00", 0.0, "STOCK"),
}
QUOTES = [
    (8, "2020-03-02 15:00:01", 9.0, 9.5),
    (7, "2020-03-02 15:00:00", 10.0, 10.25),
    (7, "2020-03-02 15:00:02", None, 10.5),  # no bid
    (7, "2020-03-02 15:00:03", 11.0, 10.5),  # crossed
    (9, "2020-03-02 15:00:04", 301.0, 301.5),  # no option
]


@pytest.mark.parametrize("suffix", [".dbn", ".dbn.zst"])
def test_quotes_carry_their_options_terms(tmp_path, suffix):
    table = nr.histories.load_option_quotes(
        write_definitions(tmp_path / f"definitions{suffix}", TERMS),
        write_quotes(tmp_path / f"quotes{suffix}", QUOTES),
    )
    assert table.right.tolist() == ["call", "put"]
    assert table.strike.tolist() == [300.0, 300.0]
    assert table.mid.tolist() == [10.125, 9.25]
    assert str(table.time[0]) == "2020-03-02 15:00:00+00:00"
    assert str(table.expiry[0]) == "2020-03-20 20:00:00+00:00"
    assert table.underlying[0] == "SPY"


@pytest.mark.parametrize("suffix", [".dbn", ".dbn.zst"])
@pytest.mark.parametrize("cut", [1, 30, 90])
def test_a_truncated_file_is_refused(tmp_path, suffix, cut):
    definitions = write_definitions(tmp_path / f"definitions{suffix}", TERMS)
    quotes = write_quotes(tmp_path / f"quotes{suffix}", QUOTES)
    quotes.write_bytes(quotes.read_bytes()[:-cut])
    with pytest.raises(InputError, match=f"quotes{suffix}.*(ends within|Truncated)"):
        nr.histories.load_option_quotes(definitions, quotes)


def test_other_files_are_refused(tmp_path):
    definitions = write_definitions(tmp_path / "definitions.dbn", TERMS)
    quotes = write_quotes(tmp_path / "quotes.dbn", QUOTES)
    text = tmp_path / "text.dbn"
    text.write_text("no binary encoding" * 20)
    empty = tmp_path / "empty.dbn"
    empty.touch()
    strange = write_quotes(tmp_path / "strange.dbn", [(12, "2020-03-02 15:00", 1.0, 2.0)])
    for first, second, match in (
        (quotes, quotes, "expected definitions, found a MBP1Msg"),
        (definitions, definitions, "expected quotes, found a InstrumentDefMsg"),
        (definitions, text, "text.dbn: expected a DBN file"),
        (definitions, empty, "empty.dbn: expected a whole DBN file"),
        (definitions, strange, "definition of instrument 12, found none"),
        (definitions, tmp_path / "nothing.dbn", "nothing.dbn: cannot be read"),
    ):
        with pytest.raises(InputError, match=match):
            nr.histories.load_option_quotes(first, second)


def test_without_the_extra_the_reader_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "databento_dbn", None)
    with pytest.raises(RefusalError, match=r"neuralrates\[databento\]"):
        nr.histories.load_option_quotes("definitions.dbn", "quotes.dbn")
