"""Numbers as people read them."""

_FEW = 1000.0


def amount(value: float | None) -> str:
    """An amount of currency as people read it: thousands apart, a true minus sign."""
    if value is None or value != value:
        return "\u2013"
    text = f"{value:,.0f}" if abs(value) >= _FEW else f"{value:,.2f}"
    return text.replace("-", "\u2212") if text.strip("-0.") else text.lstrip("-")


def whole(value: float) -> str:
    """An amount without decimals."""
    return signed(value, 0)


def signed(value: float, digits: int) -> str:
    """A number with so many decimals, thousands apart, and no sign where all digits are zero."""
    return f"{round(value, digits) + 0.0:,.{digits}f}".replace("-", "\u2212")
