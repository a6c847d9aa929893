# make install   the command, in .venv     make demo   first result in a few minutes     make test   linter, type checker, tests
PYTHON ?= python3
VENV ?= .venv
# Another build of PyTorch: make demo TORCH_OPTIONS="--index-url …", with the address that pytorch.org names for it.
TORCH ?= torch==2.13.0
TORCH_OPTIONS ?=
PIP = $(VENV)/bin/python -m pip --disable-pip-version-check -q

.PHONY: install demo test lint cmake tables texts models pictures benchmarks clean

demo: $(VENV)/installed
	$(VENV)/bin/transferseg demo

install: $(VENV)/installed

# One process a core, each with one thread: most tests are small.
test: $(VENV)/installed-dev lint
	OMP_NUM_THREADS=1 $(VENV)/bin/python -m pytest -n auto --dist worksteal

lint: $(VENV)/installed-dev
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy

# After a file came, went or was renamed: the lists of files in the extension's CMake files.
cmake:
	$(PYTHON) docs/make_cmake_lists.py

# After an option, a strategy or a field of a job changed: the tables in docs/strategies.md and docs/recipes.md, and the job's JSON schema.
tables: $(VENV)/installed-dev
	$(VENV)/bin/python docs/make_strategy_tables.py
	$(VENV)/bin/python docs/make_schema.py

# After a sentence, a title or a help text of the library changed: the list of them for those who translate the panel.
texts: $(VENV)/installed-dev
	$(VENV)/bin/python docs/make_translation_templates.py
	$(VENV)/bin/python docs/make_translations.py

# The source models that ship, made anew (about an hour on two cores).
models: $(VENV)/installed-dev
	$(VENV)/bin/python Resources/make_source_models.py

pictures: $(VENV)/installed-dev
	$(VENV)/bin/python docs/make_pictures.py
	$(VENV)/bin/python docs/make_icon.py
	$(VENV)/bin/python docs/make_module_pictures.py

benchmarks: $(VENV)/installed-dev
	$(VENV)/bin/python benchmarks/run_all.py

$(VENV)/installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(PIP) install $(TORCH_OPTIONS) "$(TORCH)"
	$(PIP) install -e .
# nnU-Net's networks alone; what the package lists beside them is for others that it has.
	$(PIP) install --no-deps "dynamic-network-architectures>=0.4"
	@touch $@

# The package of nnU-Net's networks asks for others that they do not need, and that would replace PyTorch.
$(VENV)/installed-dev: $(VENV)/installed
	$(PIP) install -e ".[dev]"
	$(PIP) install --no-deps "dynamic-network-architectures>=0.4"
	@touch $@

clean:
	rm -rf $(VENV) build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
