"""The command `serve`, its options and its help."""

from pathlib import Path
from typing import Annotated

import typer

from neuralrates.cli.outcome import Outcome, reported


@reported
def serve(
    host: Annotated[str, typer.Option("--host", help="Address to listen at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="Port of it.")] = 8000,
    workers: Annotated[
        int, typer.Option("--workers", min=1, max=64, help="Processes that serve.")
    ] = 1,
    bundle: Annotated[
        list[str] | None,
        typer.Option("--bundle", help="Serve this bundle, a name or a folder; repeat for more."),
    ] = None,
    key_file: Annotated[
        Path | None,
        typer.Option(
            "--key-file",
            help="File with the key that requests must bring as X-API-Key.",
            show_default=False,
        ),
    ] = None,
    largest_body: Annotated[
        int, typer.Option("--largest-body", min=1024, help="Bytes that a request may have.")
    ] = 16 << 20,
    timeout: Annotated[
        float,
        typer.Option("--timeout", min=0.1, help="Seconds for a request to arrive, and to price."),
    ] = 60.0,
    check_share: Annotated[
        float,
        typer.Option(
            "--check-share",
            min=0.0,
            max=1.0,
            help="Share of the learned prices of points held against the reference.",
        ),
    ] = 0.001,
    monitor: Annotated[
        Path | None,
        typer.Option(
            "--monitor",
            help="Folder that keeps what comes of it over a restart.",
            show_default=False,
        ),
    ] = None,
) -> Outcome:
    """Serve prices over HTTP, and a page to look at them, until interrupted.

    \b
    Examples:
        neuralrates serve
        neuralrates serve --port 9000 --workers 2 --bundle bermudan
        neuralrates serve --host 0.0.0.0 --key-file key.txt
    """
    from neuralrates.cli import serve as command
    from neuralrates.server.settings import Settings, read_key

    settings = Settings(
        bundles=tuple(bundle or ()),
        key="" if key_file is None else read_key(key_file),
        largest_body=largest_body,
        timeout=timeout,
        check_share=check_share,
        monitor="" if monitor is None else str(monitor),
    )
    return command.run(settings, host, port, workers)
