# `make run` starts the tracker, `make test` tests it, `make check` checks its style, types and architecture.
# Needs Python 3.11 to 3.13 and make; everything else comes into .venv.

SHELL = /bin/sh
VENV = .venv/bin
TRANSLATIONS = tracker/translations

# The first of these that can make a virtual environment. Another: make run PYTHON=/path/to/python3
PYTHONS = python3.13 python3.12 python3.11 python3
FIT = import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for python in $(PYTHONS); do \
	$$python -c '$(FIT)' >/dev/null 2>&1 && command -v $$python && exit; done; echo python3)

INSTALL = @command -v "$(PYTHON)" >/dev/null 2>&1 \
	|| { echo "There is no $(PYTHON) here. Install Python 3.11, 3.12 or 3.13." >&2; exit 1; }; \
	"$(PYTHON)" -I tracker/install.py

CATALOGS = $(patsubst %.po,%.mo,$(wildcard $(TRANSLATIONS)/*/LC_MESSAGES/messages.po))

.PHONY: help run dev shell sql test prove check fix coverage nightly bench audit lock messages \
	manual catalogs installed developing browser
# Two pips at once would break one .venv.
.NOTPARALLEL:

help:
	@echo "make run        start the tracker on http://127.0.0.1:8000 (PORT=8001 make run)"
	@echo "make dev        the same, and start again whenever code or a page changes"
	@echo "make shell      a Python shell inside the application"
	@echo "make sql        an SQL shell on the database"
	@echo "make test       most tests, on SQLite, in minutes (make test T=path for some of them)"
	@echo "make prove      all other tests of the day: PostgreSQL, who sees what, attacks, servers, a browser"
	@echo "make check      style, types and architecture"
	@echo "make fix        format the code and fix what ruff can fix"
	@echo "make coverage   the suite, and which branches it reaches"
	@echo "make nightly    check, bench, coverage, then all that takes hours and a table of figures"
	@echo "make bench      the measurements behind each claim about speed"
	@echo "make audit      known vulnerabilities of installed packages (asks PyPI; without network it fails)"
	@echo "make manual     take the pictures of docs/manual (needs Chromium)"
	@echo "make lock       compile the locked requirements (UPGRADE=--upgrade for newer ones)"
	@echo "make messages   collect what is to be translated, into the catalogs"

run: catalogs
	@exec $(VENV)/python -m flask --app wsgi serve

dev: catalogs
	@exec $(VENV)/python -m flask --app wsgi serve --reload

shell: catalogs
	@exec $(VENV)/python -m flask --app wsgi shell

# Needs the program of the database: apt install sqlite3, or postgresql-client.
sql:
	@case "$$TRACKER_DATABASE_URL" in \
		postgresql:*) exec psql "$$TRACKER_DATABASE_URL" ;; \
		sqlite:///*) exec sqlite3 "$${TRACKER_DATABASE_URL#sqlite:///}" ;; \
		*) exec sqlite3 instance/tracker.db ;; esac

# `-n logical`: a worker a core. Some tests alone: make test T=tests/test_when.py
WORKERS = -n logical --maxprocesses 8 --dist worksteal
# `make check` runs these.
UNCHECKED = --ignore tests/architecture

# Which tests are proofs, and why, is said in tests/conftest.py.
test: developing catalogs
	$(VENV)/python -m pytest -q $(or $(T),$(WORKERS) $(UNCHECKED) -m "not proof")

prove: developing catalogs browser
	$(VENV)/python -m pytest -q $(WORKERS) $(UNCHECKED) -m proof

# Every tool runs, also where one before it fails; the last line names those that failed.
TOOLS = "ruff check ." "ruff format --check ." "mypy tracker migrations wsgi.py tests" \
	"bandit --quiet -ll --recursive tracker migrations wsgi.py" \
	"python -m pytest -q --tb=short --show-capture=no tests/architecture"

check: developing
	@failed=; for tool in $(TOOLS); do \
		echo "$$tool"; $(VENV)/$$tool || failed="$$failed, $$tool"; done; \
	[ -z "$$failed" ] || { echo "Failed: $${failed#, }" >&2; exit 1; }

fix: developing
	$(VENV)/ruff format --quiet .
	$(VENV)/ruff check --fix --quiet .
	$(VENV)/ruff format --quiet .

coverage: developing catalogs
	$(VENV)/python -m pytest -q $(WORKERS) \
		--cov --cov-report term-missing --cov-fail-under 95

# Coverage counts the suite of the day: counting slows what is tried thousands of times by half.
# A speed or coverage that was not reached, or a test of the day that failed, fails the night at its
# end; the table of figures comes last, also where something failed before.
nightly: developing browser
	@command -v strace >/dev/null 2>&1 || \
		echo "There is no strace here: the power-cut replay is skipped (apt install strace)." >&2
	@figures=$$(mktemp); \
	missed=0; \
	$(MAKE) check && { $(MAKE) bench || missed=1; } && { $(MAKE) coverage || missed=1; } && \
		HYPOTHESIS_PROFILE=nightly TRACKER_FIGURES=$$figures \
			$(VENV)/python -m pytest -q $(WORKERS) && [ $$missed = 0 ]; \
	result=$$?; $(VENV)/python -m tests.durability.figures $$figures; rm -f $$figures; exit $$result

bench: developing catalogs
	@missed=0; for script in bench/*.py; do $(VENV)/python "$$script" || missed=1; done; exit $$missed

manual: developing catalogs browser
	$(VENV)/python -m tests.chromium.manual

# Strict: an audit that could not ask about a package is no audit.
audit: developing
	$(VENV)/pip-audit --strict --disable-pip --require-hashes $(patsubst %,--requirement %, \
		requirements.txt requirements-dev.txt requirements-postgres.txt)

# The last two use the versions of the first, which their .in files name as a constraint.
lock: developing
	@for name in requirements requirements-dev requirements-postgres; do \
		$(VENV)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
			--custom-compile-command "make lock" $(UPGRADE) \
			--output-file $$name.txt $$name.in || exit 1; done

messages: developing
	$(VENV)/pybabel -q extract --mapping pyproject.toml --keyword lazy --keyword mark --add-location file \
		--sort-by-file --no-wrap --omit-header --output $(TRANSLATIONS)/messages.pot .
	@for language in ru kk; do \
		command=$$([ -e $(TRANSLATIONS)/$$language/LC_MESSAGES/messages.po ] \
			&& echo "update --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date" || echo init); \
		$(VENV)/pybabel -q $$command --no-wrap --locale $$language \
			--input-file $(TRANSLATIONS)/messages.pot --output-dir $(TRANSLATIONS) || exit 1; done

catalogs: installed $(CATALOGS)

%.mo: %.po | installed
	$(VENV)/pybabel -q compile --input-file $< --output-file $@

installed:
	$(INSTALL)

developing:
	$(INSTALL) requirements.txt requirements-dev.txt

# For tests/chromium, which are skipped where there is no Chromium. Heights of pages are measured
# in Noto Sans: text is wider in other fonts.
NOTO = /usr/share/fonts/truetype/noto/NotoSans-Regular.ttf
browser:
	@{ command -v chromium || command -v google-chrome; } >/dev/null && [ -e $(NOTO) ] || \
		{ [ -e /etc/debian_version ] && [ "$$(id -u)" = 0 ] && apt-get -qq update && \
			apt-get -qq install --no-install-recommends chromium fonts-noto-core; } || true
