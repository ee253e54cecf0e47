"""`gradgrade serve`."""

import signal
from typing import Any

import rich_click as click

from service.cli.errors import BadInput


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help="The port; 0 picks a free one.",
)
def serve(host: str, port: int) -> None:
    """Serve over HTTP until interrupted."""
    from service.api import create_app, create_server

    try:
        server = create_server(create_app(), host=host, port=port)
    except OSError as error:
        raise BadInput(f"cannot listen on {host}:{port}: {error.strerror}") from None
    except ValueError:
        raise BadInput(f"cannot listen on {host}:{port}: no such address") from None
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    try:
        _announce(server, f"[{host}]" if ":" in host else host)
        server.run()
    except KeyboardInterrupt:
        pass
    finally:
        server.close()


def _announce(server: Any, host: str) -> None:
    # A name that stands for several addresses makes a server with a socket for each.
    sockets = getattr(server, "effective_listen", None) or [(host, server.effective_port)]
    for port in dict.fromkeys(int(port) for _, port in sockets):
        click.echo(f"gradgrade serves http://{host}:{port}")
