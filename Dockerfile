# The tracker on PostgreSQL, served by gunicorn. See compose.yaml; never without TLS before it.
FROM python:3.13-slim

# Nobody in the container but root can change the code.
RUN useradd --system --create-home --uid 10001 tracker
WORKDIR /srv/tracker
COPY requirements.txt requirements-postgres.txt ./
COPY tracker/install.py tracker/install.py
RUN python -I tracker/install.py requirements.txt requirements-postgres.txt
COPY . .
RUN for language in ru kk; do \
        words=tracker/translations/$language/LC_MESSAGES/messages; \
        .venv/bin/pybabel -q compile --input-file $words.po --output-file $words.mo || exit 1; \
    done \
    && install -d -o tracker -g tracker -m 0700 instance

USER tracker
ENV PYTHONDONTWRITEBYTECODE=1 TRACKER_SAMPLE=no TRACKER_LOG_FORMAT=json
VOLUME /srv/tracker/instance
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD [".venv/bin/python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/ready', timeout=4)"]
# One argument more to each program than compose gives: the address inside of the container.
CMD ["sh", "-c", ".venv/bin/python -m flask --app wsgi db prepare && exec .venv/bin/gunicorn --bind 0.0.0.0:8000 wsgi:app"]
