# The two commands: `make demo` runs the pilot scenario, `make test` proves the build.
# A plain `cmake --preset release && cmake --build --preset release` works too.
JOBS ?= $(shell nproc)
RESULT ?= pilot.h5
export CTEST_PARALLEL_LEVEL ?= $(JOBS)

.PHONY: help setup setup-tests setup-bench build demo test test-all asan-ubsan tsan audit bench docs clean

help:
	@echo "make demo      install what is missing, build, run the pilot scenario ($(RESULT))"
	@echo "make test      install what is missing, build, run the tests"
	@echo "make test-all  the tests, and again with contracts and under the sanitizers"
	@echo "make bench     measure (docs/performance.md)"
	@echo "make docs      rewrite the generated pages of docs/"
	@echo "make setup     only install what is missing"
	@echo "make clean     remove build/"

setup:
	@.ci/setup

setup-tests setup-bench: setup-%:
	@.ci/setup $*

build/%/build.ninja: | setup
	cmake --preset $*

build: build/release/build.ninja
	cmake --build --preset release --parallel $(JOBS) --target swarmsim

demo: build
	build/release/swarmsim run scenarios/pilot.toml -o $(RESULT)
	@echo "Open it: python3 -c \"import xarray; print(xarray.open_dataset('$(RESULT)', group='/region'))\""

test: setup-tests build/release/build.ninja
	cmake --build --preset release --parallel $(JOBS)
	ctest --preset release

# Sanitizers run on the suites where they tell something: addresses wherever our code runs in-process, threads where
# loops are parallel or a writer runs beside.
ROOMS = core nn grid hardware workload economy policy dispatch tasks scenario world engine io study cli
THREADED = core nn tasks economy engine io
space = $(subst ,, )
asan-ubsan: build/asan-ubsan/build.ninja
	cmake --build --preset $@ --parallel $(JOBS) --target $(ROOMS:%=unit_%) reference
	ctest --preset $@ --tests-regex '^(unit_[a-z]*|reference)\.'

tsan: build/tsan/build.ninja
	cmake --build --preset $@ --parallel $(JOBS) --target $(THREADED:%=unit_%) equivalence
	ctest --preset $@ --tests-regex '^(unit_($(subst $(space),|,$(THREADED)))|equivalence\.Schedule)\.'

audit: build/audit/build.ninja
	cmake --build --preset $@ --parallel $(JOBS)
	ctest --preset $@

test-all: test audit asan-ubsan tsan

bench: setup-bench
	cmake --preset release
	cmake --build --preset release --parallel $(JOBS)
	/usr/bin/python3 bench/run.py --build build/release

docs: build/release/build.ninja
	cmake --build --preset release --parallel $(JOBS) --target swarmsim
	SWARM_UPDATE_DOCS=1 /usr/bin/python3 tests/style/check_docs.py pages build/release/swarmsim .

clean:
	rm -rf build
