"""The application for a WSGI server and for `flask --app wsgi`."""

import os
import sys

from tracker import create_app
from tracker.errors import TrackerError
from tracker.serving import require_audit_key

# Whatever this process writes, the database first, is its owner's alone.
os.umask(0o077)

try:
    app = create_app()
    # Commands refuse by themselves, and one of them lets a new key begin.
    if os.environ.get("FLASK_RUN_FROM_CLI") != "true":
        require_audit_key(app)
except TrackerError as error:
    # What the environment asks for is said in words; a trace would hide the remedy.
    sys.exit(str(error))
