"""Open the GAN playground: `python app.py`."""

import argparse
import sys

from playground.checkpoints import CheckpointError
from playground.data import DataError
from playground.ui.page import build_page, launch_options


def main(arguments: list[str] | None = None) -> int:
    """Build the page and serve it until Ctrl-C; returns the exit status."""
    parser = argparse.ArgumentParser(description="Open the GAN playground in a browser.")
    parser.add_argument("--host", help="address to listen on (default: this machine alone, or GRADIO_SERVER_NAME)")
    parser.add_argument("--port", type=int, help="default: the first free one from 7860, or GRADIO_SERVER_PORT")
    parser.add_argument("--open", action="store_true", help="open a browser")
    options = parser.parse_args(arguments)
    try:
        page = build_page()
    except (CheckpointError, DataError) as error:
        print(error, file=sys.stderr)
        return 1
    page.launch(server_name=options.host, server_port=options.port, inbrowser=options.open, **launch_options())
    return 0


if __name__ == "__main__":
    sys.exit(main())
