# ruff: noqa: INP001 - run by path: no package that the function could import
"""
The process of one function instance: an HTTP server over a socket that devcloud has opened.

Started by path, so that nothing of devcloud is importable by the function:
``python serve.py LISTENING_FD LIFELINE_FD CODE_FOLDER``. The lifeline is a pipe that devcloud
holds open; when devcloud dies, however it dies, the instance ends.
"""

import os
import sys
import threading
from pathlib import Path

from functions_framework import create_app
from werkzeug.serving import WSGIRequestHandler, make_server


class _QuietHandler(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - werkzeug's name
        """Log nothing: stdout and stderr are the function's own."""


def _end_with(lifeline: int) -> None:
    os.read(lifeline, 1)  # returns at the end of the pipe only
    os._exit(1)


def main() -> None:
    """Serve one request at a time until killed."""
    listener, lifeline, code = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    threading.Thread(target=_end_with, args=(lifeline,), daemon=True).start()
    here = str(Path(__file__).resolve().parent)
    runtime = str(Path(here, "runtime.py"))
    app = create_app(target="take", source=runtime, signature_type="http")
    for name in ("FUNCTION_TARGET", "FUNCTION_SIGNATURE_TYPE"):  # the framework's, not FC's
        os.environ.pop(name, None)
    # The code folder takes the place of this script's; the framework added it once more.
    sys.path[:] = [code, *(path for path in sys.path if path != here)]
    make_server("127.0.0.1", 0, app, request_handler=_QuietHandler, fd=listener).serve_forever()


main()
