# What people do with Kassa from a checkout. `make` alone lists it.

CONFIGURATION ?= debug
SWIFT_FLAGS   := --explicit-target-dependency-import-check error
STACK         := .build/$(CONFIGURATION)/kassa-stack
DASHBOARD     := eval "$$($(STACK) env)" && .build/$(CONFIGURATION)/kassa
SOURCES       := Package.swift $(wildcard Sources services tui Tests deploy)
SCRIPTS       := deploy/prerequisites deploy/swagger-ui Tests/prepare-python Tests/run Tests/previous-programs .ci/run \
                 Tests/Flood/run Tests/containers/demonstrate \
                 Tests/Integration/systemd/shakedown $(wildcard Tests/Integration/systemd/*.sh) \
                 deploy/package/install deploy/package/kassa-setup \
                 deploy/package/deb deploy/package/postinst deploy/package/prerm deploy/package/postrm \
                 deploy/compose/prepare

.DEFAULT_GOAL := help
.PHONY: help prerequisites swagger-ui build stack up down dashboard demo simulate test explain chaos mutants bench \
        microbench flood static deb shakedown install lint clean

help: ## this list
	@echo "Kassa. Targets:"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo "CONFIGURATION=release builds for speed (about twice as long to build as the default, debug)."

prerequisites: ## install the Debian packages that are missing
	@deploy/prerequisites

swagger-ui: prerequisites ## fetch Swagger UI's files from PyPI, for the gateway's /docs
	@deploy/swagger-ui

build: prerequisites ## build the daemons and kassa-stack
	@echo "Building ($(CONFIGURATION)); the first time takes some minutes"
	@swift build --configuration $(CONFIGURATION) $(SWIFT_FLAGS)

# Without the network everything but one page works, and that page says what is missing.
stack: build
	@deploy/swagger-ui || echo "Swagger UI's files could not be fetched; /docs tells how to later"
	@$(STACK) up

up: stack ## start PostgreSQL, RabbitMQ and the daemons on loopback; then, in a terminal, the dashboard
	@if [ -t 0 ] && [ -t 1 ]; then $(DASHBOARD); fi

down: ## stop all of it; data stay in .kassa
	@if [ -x $(STACK) ]; then $(STACK) down; else echo "Nothing is built ($(STACK)), so nothing is up"; fi

dashboard: stack ## watch accounts and orders live, and place some
	@$(DASHBOARD)

demo: stack ## keep accounts, deposits and orders coming until Ctrl-C
	@$(STACK) demo

simulate: ## 200 shops of 500 orders, virtual time, seeded faults; SEED=n ORDERS=m shows one of them
	@swift build --configuration $(CONFIGURATION) --product kassa-simulate $(SWIFT_FLAGS)
	@.build/$(CONFIGURATION)/kassa-simulate $(if $(SEED),--seed $(SEED)) $(if $(SEEDS),--seeds $(SEEDS)) \
	  $(if $(ORDERS),--orders $(ORDERS)) $(if $(EVENTS),--events $(EVENTS))

test: prerequisites ## run all tests; print how many ran in each tier, and the coverage of each service
	@Tests/run $(SWIFT_FLAGS)

chaos: prerequisites ## break whatever can break under load for a minute, then check the books; MINUTES=60, SEED=n
	@swift build --configuration debug $(SWIFT_FLAGS)
	@.build/debug/kassa-fire $(if $(SEED),--seed $(SEED)) $(if $(MINUTES),--minutes $(MINUTES)) $(CHAOS)

mutants: prerequisites ## break the sources in many ways, one at a time, and count how many ways the tests find
	@Tests/Mutants/run $(NAMES)

explain: ## show by EXPLAIN what a page of orders costs: every filter, every depth, ROWS=5000000
	@KASSA_PAGE_ORDERS=$(or $(ROWS),5000000) swift test $(SWIFT_FLAGS) --filter PageCostTests

bench: ## measure Kassa against PostgreSQL's and RabbitMQ's own limits (a release build; about 10 minutes)
	@$(MAKE) --no-print-directory build CONFIGURATION=release
	@.build/release/kassa-bench --json .build/bench.json --html .build/bench.html $(BENCH)

microbench: prerequisites ## measure the pure code alone: time, allocations, instructions (a release build; 3 minutes)
	@echo "Building kassa-microbench (release)"
	@swift build --configuration release --product kassa-microbench $(SWIFT_FLAGS)
	@.build/release/kassa-microbench --instructions --json .build/microbench.json $(BENCH)

flood: build ## bring more orders than a private stack can take, and print what becomes of them
	@CONFIGURATION=$(CONFIGURATION) Tests/Flood/run

# Apart from the other builds: the flag would have them compiled anew.
static: prerequisites
	@echo "Building with Swift's runtime inside; the first time takes a quarter of an hour"
	@for program in kassa-orders kassa-payments kassa-gateway kassa; do \
	  swift build --configuration release --static-swift-stdlib --scratch-path .build/static $(SWIFT_FLAGS) \
	    --product $$program || exit 1; done

deb: static ## make the Debian package, in .build/package
	@deploy/swagger-ui || echo "Swagger UI's files could not be fetched; the package is without them"
	@deploy/package/deb .build/static/release .build/package

# A version above the changelog's, to upgrade to.
shakedown: deb ## show the package at home under systemd; KASSA_SYSTEMD_LAB boots a machine to throw away (8 minutes)
	@[ -n "$$KASSA_SYSTEMD_LAB" ] || { echo "KASSA_SYSTEMD_LAB has to name a command that boots a systemd to throw away" \
	  "and runs its arguments there; on such a machine itself, as root, it is env"; exit 1; }
	@package=$$(ls -t .build/package/kassa_*.deb | head -n 1) && \
	  newer=$$(KASSA_VERSION=9.9 DEB_BUILD_OPTIONS=noautodbgsym deploy/package/deb .build/static/release .build/package/newer) && \
	  $$KASSA_SYSTEMD_LAB "$(CURDIR)/Tests/Integration/systemd/shakedown" "$(CURDIR)/$$package" "$$newer"

install: ## put programs, units and settings in place (DESTDIR, PREFIX=/usr/local), after make build
	@deploy/package/install .build/$(CONFIGURATION)

lint: ## check the format of the sources and the shell scripts
	@echo "Checking the format"
	@swift format lint --strict --recursive --parallel $(SOURCES)
	@if command -v shellcheck >/dev/null; then shellcheck $(SCRIPTS); fi

clean: ## remove what was built; data stay
	@echo "Removing .build"
	@rm -rf .build
