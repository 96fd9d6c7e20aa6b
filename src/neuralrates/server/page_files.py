"""The page as files that the server holds; nothing in it is fetched from elsewhere."""

from importlib import resources
from pathlib import Path

_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",  # the report brings its own style
        "connect-src 'self'",
        "img-src data:",
        "frame-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
_HEADERS = {
    "content-security-policy": _POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-cache",
}
_NAMES = ("page.css", "trade.js", "book.js", "watch.js", "shared.js")
_KINDS = {".html": "text/html", ".css": "text/css", ".js": "text/javascript"}


def page_files() -> dict[str, tuple[bytes, dict[str, str]]]:
    """Content and headers by address; the page itself is at `/`."""
    folder = Path(str(resources.files("neuralrates.server"))) / "page"
    files = {f"/{name}": folder / name for name in _NAMES}
    return {
        address: (
            file.read_bytes(),
            _HEADERS | {"content-type": f"{_KINDS[file.suffix]}; charset=utf-8"},
        )
        for address, file in {"/": folder / "index.html", **files}.items()
    }
