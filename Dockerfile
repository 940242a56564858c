# The tracker on PostgreSQL, served by gunicorn. See compose.yaml; never without TLS before it.
FROM python:3.13-slim-trixie

# pg_dump and pg_restore, for backups.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends postgresql-client-17 \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --system --create-home --uid 10001 tracker
WORKDIR /srv/tracker
COPY requirements.txt requirements-postgres.txt ./
COPY tracker/install.py tracker/install.py
RUN python -I tracker/install.py requirements.txt requirements-postgres.txt
COPY wsgi.py gunicorn.conf.py ./
COPY migrations migrations
COPY templates templates
COPY tracker tracker
COPY deploy deploy
RUN for language in ru kk; do \
        words=tracker/translations/$language/LC_MESSAGES/messages; \
        .venv/bin/pybabel -q compile --input-file $words.po --output-file $words.mo || exit 1; \
    done \
    && install -d -o tracker -g tracker -m 0700 instance

# The code belongs to root: whoever gets into the server cannot change it.
USER tracker
ENV PYTHONDONTWRITEBYTECODE=1 TRACKER_SAMPLE=no TRACKER_LOG_FORMAT=json
VOLUME /srv/tracker/instance
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD [".venv/bin/python", "deploy/ready.py"]
CMD ["sh", "-c", ".venv/bin/python -m flask --app wsgi db prepare && exec .venv/bin/gunicorn --bind 0.0.0.0:8000 wsgi:app"]
