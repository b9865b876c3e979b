# Everything that a developer does: `make run`, `make test`.

PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
INSTALLED := .venv/installed-from

.PHONY: run test check clean install chromium requirements openapi messages

run: install
	@exec $(BIN)/python manage.py localcloud --port $(PORT)

# The cloud's tests measure time and start many processes: they have the machine to themselves.
test: install chromium check
	$(BIN)/python -m pytest -m "not cloud" -n auto --dist worksteal
	$(BIN)/python -m pytest -m cloud

check: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/cfn-lint infrastructure/*.yaml
	$(BIN)/python manage.py check --fail-level WARNING
	$(BIN)/python manage.py spectacular --format openapi-json --validate --fail-on-warn --file .venv/openapi.json
	cmp .venv/openapi.json static/openapi.json || { echo "Run “make openapi”: the API has changed."; exit 1; }

install: $(INSTALLED)

$(INSTALLED): requirements/development.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; say which: make PYTHON=python3.12 …")'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/development.txt
	@touch $@

chromium:
	@command -v chromium chromium-browser google-chrome >/dev/null || sh localcloud/install_chromium.sh

# Every process of a cloud holds the lock on its file in var/run.
clean:
	@$(PYTHON) -c 'import fcntl,pathlib; [fcntl.flock(f.open(), fcntl.LOCK_SH | fcntl.LOCK_NB) for f in pathlib.Path("var/run").glob("*.pid")]' 2>/dev/null \
		|| { echo "A laptop cloud is running; stop it first (Ctrl-C)."; exit 1; }
	rm -rf var

requirements:
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header requirements/runtime.in -o requirements/runtime.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header requirements/development.in -o requirements/development.txt

openapi: install
	$(BIN)/python manage.py spectacular --format openapi-json --validate --fail-on-warn --file static/openapi.json

messages: install
	$(BIN)/python manage.py messages
