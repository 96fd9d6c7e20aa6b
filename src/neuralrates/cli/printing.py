"""A page of HTML printed to PDF by a browser that shows no window."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from neuralrates.core.errors import InputError
from neuralrates.core.files import atomic_path

BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
    "msedge",
)
_SECONDS = 120.0


def find_browser() -> str:
    """A browser that prints.

    Raises:
        InputError: where none is installed, in one line
    """
    for name in BROWSERS:
        if found := shutil.which(name):
            return found
    raise InputError(
        "expected Chromium or Chrome to print with, found none: open the HTML file and print it from your browser",
        column="--pdf",
    )


def print_to_pdf(page: Path, out: Path) -> None:
    """Print a page, whole or not at all.

    Args:
        page: HTML file that needs nothing else
        out: PDF file to write

    Raises:
        InputError: where the browser fails, in one line
    """
    browser = find_browser()
    with tempfile.TemporaryDirectory() as profile, atomic_path(out) as temporary:
        command = [
            browser,
            "--headless",
            "--disable-gpu",
            "--no-pdf-header-footer",
            f"--user-data-dir={profile}",
            f"--print-to-pdf={temporary.resolve()}",
            page.resolve().as_uri(),
        ]
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            command.insert(1, "--no-sandbox")  # which Chromium refuses to build for the superuser
        try:
            subprocess.run(command, capture_output=True, timeout=_SECONDS, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise InputError(f"the browser {browser} failed: {error}", column="--pdf") from None
        if not temporary.read_bytes().startswith(b"%PDF-"):
            raise InputError(f"the browser {browser} printed nothing", column="--pdf")
