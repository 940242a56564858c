"""How gunicorn serves the tracker, on PostgreSQL alone and behind nginx: see docs/deploying.md."""

import os

os.umask(0o077)

bind = f"127.0.0.1:{os.environ.get('PORT') or 8000}"
# Several processes of threads: a request waits for the database far more than it computes.
worker_class = "gthread"
workers, threads = 2, 8
worker_connections = 200
# A worker that does not answer its parent for so long is ended; a long file does not count.
timeout = 60
# Seconds that running requests have once it is told to stop.
graceful_timeout = 30
keepalive = 5
limit_request_line, limit_request_fields, limit_request_field_size = 8190, 100, 8190
# A wrong setting ends the start in one line, and not each worker again and again.
preload_app = True
control_socket_disable = True
# The lines of gunicorn itself hold whole addresses, and so names and searches: the application
# writes its own where TRACKER_LOG_FORMAT is json.
accesslog = None
logconfig_dict = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "discreet": {
            "()": "tracker.log_redaction.RedactingFormatter",
            "as_json": os.environ.get("TRACKER_LOG_FORMAT") == "json",
        }
    },
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": "discreet",
            "stream": "ext://sys.stderr",
        }
    },
    "root": {"level": "WARNING", "handlers": ["stderr"]},
    "loggers": {
        "gunicorn.error": {"level": "INFO", "propagate": True, "handlers": []},
        # Not even where somebody asks for it on the command line.
        "gunicorn.access": {"level": "CRITICAL", "propagate": False, "handlers": []},
    },
}
