"""The command `serve`: checks what can be checked before the server starts, and says where it is."""

import ipaddress
import socket
from contextlib import suppress
from pathlib import Path

from neuralrates.cli.outcome import Outcome, warn
from neuralrates.core.errors import InputError
from neuralrates.server.monitoring.state_file import StateFile
from neuralrates.server.run import run as serve
from neuralrates.server.settings import Settings
from neuralrates.server.shelf import Shelf


def run(settings: Settings, host: str, port: int, workers: int) -> Outcome:
    """Serve until told to end."""
    shelf = Shelf(settings.bundles)
    for name in shelf.names if settings.bundles else ():
        shelf.check(name)
    if settings.monitor:
        Path(settings.monitor).mkdir(parents=True, exist_ok=True)
        StateFile(Path(settings.monitor))
    _check_free(host, port)
    if not settings.key and not _is_loopback(host):
        warn(f"{host} can be reached from other machines, and no --key-file asks for a key")
    shown = f"[{host}]" if ":" in host else host
    print(f"Serving on http://{shown}:{port}/ (Ctrl-C ends it)", flush=True)
    serve(settings, host, port, workers)
    return Outcome.DONE


def _check_free(host: str, port: int) -> None:
    """Raise where the address cannot be listened at."""
    try:
        kind = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(kind[0], socket.SOCK_STREAM) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(kind[4])
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(
            f"expected an address that is free, found {host}:{port}: {reason}"
        ) from None


def _is_loopback(host: str) -> bool:
    with suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost"
