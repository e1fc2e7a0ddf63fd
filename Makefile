# `make demo` shows what the checks do; `make test` proves it. Everything is installed into .venv, and,
# where root or passwordless sudo is there, missing Debian packages by apt-get.
PYTHON ?= python3
BIN = .venv/bin
CODE = lib tests $(wildcard plugins/*)

help:
	@echo "make demo   the four checks against far ends of their own, explained (start here)"
	@echo "make test   every test but the long ones      make soak   the long ones (hours)"
	@echo "make lint   style and types                   make bench  cost, beside what one would use instead"
	@echo "make man    the manual pages, into build/man"
	@echo "make deb    the Debian package, into build/"
	@echo "make clean  removes what the others made"

demo: .venv/demo
	@sh tests/support/debian.sh mtr-tiny
	@PYTHONPATH=lib $(BIN)/python3 -m tests.demo

# First, one after the other, what needs the machine alone: that compiles all tests once, and not once
# in each process. Then each file in one process, six of them for two cores:
# two compute, and the others wait most of the time (tests/support/dealing.py).
# What fails runs once more, one after the other, up to the first test that fails again: of thousands that
# send real packets on a full machine one fails by its load now and then. What is broken fails twice.
ALONE = $(BIN)/pytest -m "alone and not soak"
BESIDE = $(BIN)/pytest -m "not soak and not alone"
AGAIN = --last-failed --last-failed-no-failures none --maxfail 1
test: .venv/test debian
	$(ALONE) || $(ALONE) $(AGAIN)
	$(BESIDE) -n $$(($$(nproc) * 3)) --dist loadfile --no-loadscope-reorder || $(BESIDE) $(AGAIN)

soak: .venv/test debian deb
	$(BIN)/pytest -m soak
	BOTHSIDES_EXAMPLES=all $(BIN)/pytest -m "hypothesis and not soak and not alone"

lint: .venv/test
	$(BIN)/ruff check $(CODE)
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/mypy $(filter-out plugins/bothsides, $(CODE))  # as a module it would hide the library of its name

bench: .venv/test debian
	PYTHONPATH=lib $(BIN)/python3 -m tests.bench

# In a copy, since dpkg-buildpackage writes beside the sources. -d: no compiler is needed.
deb:
	@sh tests/support/debian.sh dpkg-dev debhelper python3-venv
	rm -rf build/deb build/bothsides_*.deb && mkdir -p build/deb/source
	tar -c --exclude=./build --exclude=./.venv --exclude=./.git --exclude=__pycache__ . | tar -x -C build/deb/source
	cd build/deb/source && dpkg-buildpackage -b -d -us -uc > ../log 2>&1 || { tail -n 30 ../log; exit 1; }
	mv build/deb/bothsides_*.deb build/ && rm -rf build/deb/source && ls build/bothsides_*.deb

man: .venv/demo
	PYTHONPATH=lib $(BIN)/python3 plugins/bothsides man build/man

clean:
	rm -rf .venv build dist lib/*.egg-info .hypothesis .pytest_cache .mypy_cache .ruff_cache
	find lib tests plugins -name __pycache__ -prune -exec rm -rf {} +

debian:
	@sh tests/support/debian.sh $$(grep -v '^#' tests/support/debian.txt)

.venv/demo: setup.cfg | .venv/bin/pip
	$(BIN)/pip install -q -e .
	@$(BIN)/python3 -m compileall -q lib  # or every run under another user compiles it anew
	@touch $@

.venv/test: setup.cfg | .venv/bin/pip
	$(BIN)/pip install -q -e '.[test]'
	@touch $@ .venv/demo

.venv/bin/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	{ echo "Python 3.11 or newer is needed; name one: make PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2> /dev/null || sh tests/support/debian.sh python3-venv
	$(PYTHON) -m venv .venv
	@$(BIN)/pip uninstall -qqy setuptools  # unused here, and its hook costs every start of Python 1 ms; newer ones lack it

.PHONY: help demo deb man test soak lint bench clean debian
