"""The application for a WSGI server and for `flask --app wsgi`."""

import os
import sys

from tracker import create_app
from tracker.errors import BadSettings

# Whatever this process writes, the database first, is its owner's alone.
os.umask(0o077)

try:
    app = create_app()
except BadSettings as error:
    # What the environment asks for is said in words; a trace would hide the remedy.
    sys.exit(str(error))
