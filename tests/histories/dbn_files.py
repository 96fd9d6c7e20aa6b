"""Files in Databento's binary encoding, written by its own encoder."""

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

SCALE = 10**9


def encoder():
    """Databento's package; the test skips where the extra is absent."""
    return pytest.importorskip("databento_dbn", reason="the databento extra is not installed")


def nanoseconds(moment: str) -> int:
    return pd.Timestamp(moment, tz="UTC").value


def write_definitions(path: Path, terms: dict[int, tuple]) -> Path:
    """Options by number: underlying, expiry, strike and `CALL`, `PUT` or `STOCK`."""
    dbn = encoder()
    records = [
        dbn.InstrumentDefMsg(
            30,
            number,
            nanoseconds("2020-03-02"),
            nanoseconds("2020-03-02"),
            SCALE // 100,
            SCALE,
            f"{underlying} {number}",
            underlying,
            "OOPT",
            getattr(dbn.InstrumentClass, kind),
            dbn.SecurityUpdateAction.ADD,
            expiration=nanoseconds(expiry),
            strike_price=round(strike * SCALE),
            underlying=underlying,
            currency="USD",
        )
        for number, (underlying, expiry, strike, kind) in terms.items()
    ]
    return _write(path, dbn.Schema.DEFINITION, records)


def write_quotes(path: Path, quotes: list[tuple]) -> Path:
    """Number, moment, bid and ask; a side that is None is not there."""
    dbn = encoder()

    def price(value):
        return dbn.UNDEF_PRICE if value is None else round(value * SCALE)

    records = [
        dbn.MBP1Msg(
            30,
            number,
            nanoseconds(moment),
            price(bid),
            1,
            dbn.Action.ADD,
            dbn.Side.BID,
            0,
            nanoseconds(moment),
            levels=dbn.BidAskPair(price(bid), price(ask), 1, 1, 1, 1),
        )
        for number, moment, bid, ask in quotes
    ]
    return _write(path, dbn.Schema.MBP_1, records)


def _write(path, schema, records):
    dbn = encoder()
    metadata = dbn.Metadata(
        dataset="OPRA.PILLAR",
        start=nanoseconds("2020-03-02"),
        stype_in=dbn.SType.PARENT,
        stype_out=dbn.SType.INSTRUMENT_ID,
        schema=schema,
    )
    content = b"".join(bytes(part) for part in (metadata, *records))
    if path.suffix == ".zst":
        content = pa.compress(content, codec="zstd", asbytes=True)
    path.write_bytes(content)
    return path
