# Everything that a developer does: `make run`, `make quick` while working, `make test` before handing over, `make proofs` now and then.

PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
INSTALLED := .venv/installed-from

PYTEST := $(BIN)/python -m pytest
UNITS := -m "not cloud and not proof" -n auto --dist worksteal --durations 15
CLOUD := -m "cloud and not proof" --durations 25

.PHONY: run quick units cloud test check proofs proofs-units proofs-hours proofs-files proofs-replication proofs-cloud clean install chromium requirements openapi messages static package

run: install
	@exec $(BIN)/python manage.py localcloud --port $(PORT)

quick: install check units

test: install chromium check units cloud

units: install
	$(PYTEST) $(UNITS)

# They start many processes, and have the machine to themselves. FFT_CLOCK says when it is in the cloud; tests/cloud.py has a default.
cloud: install chromium
	$(PYTEST) $(CLOUD)

proofs: proofs-units proofs-hours proofs-files proofs-replication proofs-cloud

# What day it is, and where the machine stands, is nothing to them.
proofs-units: install
	TZ=America/Los_Angeles FFT_CLOCK=2026-11-28T12:00:00Z $(PYTEST) $(UNITS)
	TZ=Asia/Kolkata FFT_CLOCK=2027-02-28T20:30:00Z $(PYTEST) $(UNITS)
	TZ=Pacific/Auckland FFT_CLOCK=2026-12-31T23:50:00Z $(PYTEST) $(UNITS)

# The reference implementation of opening hours is installed beside the tests; Node is needed. FFT_EXAMPLES=5000 takes so many texts.
proofs-hours: install
	$(PYTEST) -m proof -s tests/reference tests/catalog/test_hours_fuzz.py

# What nearly is a file of restaurants or of a menu.
proofs-files: install
	FFT_EXAMPLES=2000 $(PYTEST) -m "proof or not proof" tests/catalog/test_osm_fuzz.py tests/catalog/test_menu_fuzz.py

proofs-replication: install
	$(PYTEST) -m proof tests/replication -n auto --dist worksteal --durations 0
	FFT_EXAMPLES=5000 $(PYTEST) tests/replication/test_machine.py

# Three times of the day, the nights on which New York and Paris set their clocks back (a few minutes later), New Year's Eve;
# then long histories, and once with all cores kept busy by something else.
HOURS := 2026-11-28T04:10:00Z 2026-11-28T12:10:00Z 2026-11-28T20:10:00Z 2026-11-01T05:55:00Z 2026-10-25T00:55:00Z 2026-12-31T23:50:00Z
proofs-cloud: install chromium
	set -e; for time in $(HOURS); do echo "FFT_CLOCK=$$time"; FFT_CLOCK=$$time $(PYTEST) $(CLOUD); done
	FFT_HISTORY_ORDERS=60 $(PYTEST) tests/e2e/test_histories.py
	$(BIN)/python tests/busy.py $(PYTEST) $(CLOUD)

check: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/cfn-lint infrastructure/*.yaml
	$(BIN)/python manage.py check --fail-level WARNING
	$(BIN)/python manage.py spectacular --urlconf foodforthought.api_urls --format openapi-json --validate --fail-on-warn --file .venv/openapi.json
	cmp .venv/openapi.json static/openapi.json || { echo "Run “make openapi”: the API has changed."; exit 1; }

install: $(INSTALLED)

$(INSTALLED): requirements/development.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; say which: make PYTHON=python3.12 …")'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/development.txt
	@touch $@

chromium:
	@command -v chromium chromium-browser google-chrome >/dev/null || sh localcloud/install_chromium.sh

# Every process of a cloud holds the lock on its file in var/run, or in var/clock/run.
clean:
	@$(PYTHON) -c 'import fcntl,pathlib; [fcntl.flock(f.open(), fcntl.LOCK_SH | fcntl.LOCK_NB) for f in pathlib.Path("var").glob("**/run/*.pid")]' 2>/dev/null \
		|| { echo "A laptop cloud is running; stop it first (Ctrl-C)."; exit 1; }
	rm -rf var

requirements:
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header requirements/runtime.in -o requirements/runtime.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header requirements/development.in -o requirements/development.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header requirements/deploy.in -o requirements/deploy.txt

openapi: install
	$(BIN)/python manage.py spectacular --urlconf foodforthought.api_urls --format openapi-json --validate --fail-on-warn --file static/openapi.json

messages: install
	$(BIN)/python manage.py messages

# What a package serves, into collected_static/.
static: install
	$(BIN)/python manage.py collectstatic --no-input --clear --verbosity 0

# A zip file for each stage of zappa_settings.json, in dist/. PYTHON=… where the interpreter that Lambda runs is not in the path.
package: install
	$(BIN)/python manage.py package $(if $(filter file,$(origin PYTHON)),,--python $(PYTHON))
