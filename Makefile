# Every target is a line or two; what needs more is a script in deploy/tools.

COUNT ?= 1

tool = go tool -modfile=deploy/tools/go.mod

.PHONY: help setup test e2e check format-check vet lint race fmt build man pages chart release bench fuzz simulate simulate-upgrade chaos mutants vuln dead demo

help: ## this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' Makefile

setup: ## what the tests need beside Go: redis-server, chromium, zsh, fish, Node, openid-client and axe-core, installed where this may
	@deploy/tools/setup

test: setup ## every test: unit, in process, with a real Redis, in a real browser, by other people's clients (ARGS="./storage/... -run Take")
	@deploy/tools/test $(ARGS)

e2e: setup ## logins to real products, downloaded once and pinned (ARGS="./deploy/keycloak -run Logout")
	@deploy/tools/e2e $(ARGS)

chaos: setup ## logins while everything breaks, in real processes: nobody lost, nobody wrong (CHAOS=long for a long run; ARGS="-run Chaos/Sentinel")
	@deploy/tools/chaos $(ARGS)

check: format-check vet lint race ## format, vet, lint, and the tests (less the browser's) under the race detector

format-check:
	$(tool) golangci-lint fmt --diff
	go mod tidy -diff

vet:
	go vet -tags e2e,products,chaos ./...

lint: ## golangci-lint; its first build takes minutes, then Go's cache has it
	$(tool) golangci-lint run ./...

# Not the browser's tests: make test has run them, and a browser is not checked for races. A long test that only counts may skip under -short.
race: setup
	go test -race -short -timeout 20m ./...

fmt: ## format the code
	$(tool) golangci-lint fmt

build: ## static binaries in bin/, as every artefact has them (VERSION=…)
	@deploy/tools/build bin ./cmd/...
	@bin/itsme-bridge version

man: ## the man pages, from the same source as help, in bin/man (man -l bin/man/itsme-bridge.1)
	MAN=$(CURDIR)/bin/man go test -count=1 -run '^TestManPages$$' ./cmd/itsme-bridge

pages: ## pictures of every page that people see, in one file: bin/pages.html (PAGES_LANG="nl fr" for some languages)
	@mkdir -p bin
	PAGES=$(CURDIR)/bin/pages.html PAGES_LANG='$(PAGES_LANG)' go test -tags e2e -count=1 -timeout 30m -run '^TestGallery$$' ./provider/pages

chart: ## what is made of the Helm chart and of the configuration: its schema of values, and the plain manifests
	UPDATE=1 go test -tags products -count=1 -run '^TestThe(Schema|Manifests|Alerts)' ./deploy/kubernetes

release: ## archives, packages, images, bills of materials and checksums, in bin/release (VERSION=…); the same commit gives the same bytes
	@deploy/release/build bin/release

ifdef BENCH
bench: setup ## what a login costs a real process, step by step, beside a floor (ARGS="-logins 500"); or Go's benchmarks (BENCH=Login COUNT=6)
	go test -run '^$$' -bench '$(BENCH)' -count $(COUNT) -benchmem -timeout 30m ./...
else
bench: setup
	@go run ./deploy/bench $(ARGS)
endif

mutants: ## small mistakes in the lines that protect, each with the test that must notice it (MUTANTS=B01,E02 for some, ARGS=-thorough)
	go run ./deploy/mutants $(ARGS)

fuzz: ## every fuzz target for FUZZTIME=10s
	@deploy/tools/fuzz

simulate: ## stories of logins under every fault in every order, for SECONDS (60) from SEED (that of the day) on
	@SIMULATE_SEED='$(SEED)' SIMULATE_SECONDS='$(SECONDS)' deploy/tools/simulate

simulate-upgrade: ## the same, with replicas of the version before beside those of this one (SEED, SECONDS)
	@SIMULATE_SEED='$(SEED)' SIMULATE_SECONDS='$(SECONDS)' deploy/tools/simulate-upgrade

vuln: ## known vulnerabilities in what we call, by the vendored database (VULNDB=live: by today's)
	@deploy/tools/vuln

dead: ## functions that nothing reaches, not even a test
	$(tool) deadcode -test -tags e2e,products,chaos ./...

demo: ## the whole thing on this machine, no configuration: http://127.0.0.1:8080 and the next two ports
	go run ./cmd/itsme-demo $(ARGS)
