# Everything that CI does, by the names that CI uses. Nothing has to be installed beside Go and git; make lint also needs
# Python 3. Tools are pinned by the modules under ci/tools and built on first use.

SHELL := /usr/bin/env bash -euo pipefail

# The tests that compare with golden files, and so take -update.
GOLDEN = $(shell go list -f '{{.ImportPath}} {{.TestImports}} {{.XTestImports}}' ./... ./test/... ./explain/... | awk '/ .*internal\/golden/ {print $$1}')

# The packages whose tests have the build tag e2e.
E2E = $(shell go list -tags e2e ./test/e2e/... | grep -v /agreement$$) ./test/internal/cluster/... \
	./test/delivery/argocd/... ./test/delivery/live/... ./test/delivery/sigstore/...

.DEFAULT_GOAL := help

##@ Every day

help: ## Show the targets
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z0-9-]+:.*## / {printf "  make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## Build bin/render
	go build -o bin/render ./cmd/render

test: ## Run the tests, with the real helm 3 and helm 4
	go test ./... ./test/...

test-explain: ## Run the tests of egress-explain: the first build of istiod takes minutes
	go test ./explain/...

generate: ## Rewrite what a program writes: format, the chart's README, go.mod files, golden files
	ci/each-module go mod tidy
	ci/tool helm-docs --chart-search-root charts --skip-version-footer --log-level warning
	ci/tool golangci-lint fmt charts cmd egress examples explain internal lint position render test
	go test $(GOLDEN) -update

##@ Before a commit

lint: lint-go lint-chart lint-shell ## Lint Go, the chart, shell scripts

lint-go: ## Lint the Go modules (arguments: LINT_FLAGS=--fix)
	ci/lint-go $(LINT_FLAGS)

lint-chart: ## Lint the chart with chart-testing
	ci/lint-chart

lint-shell: ## Lint the shell scripts
	ci/lint-shell

verify: ## Fail when something generated is out of date, or the root module has grown
	ci/verify

##@ Longer

e2e: ## Run the chart on a real API server, istiod and Argo CD's manifest generation; sign with cosign
	go run ./test/cmd/components
	go test -tags e2e -count=1 -p 1 -timeout 60m $(E2E)
	go test -tags e2e -count=1 -v ./test/e2e/agreement

helm4-sdk: ## Render with Helm 4's SDK in place of Helm 3's, and compare with the helm commands
	ci/helm4-sdk

wire: ## Make calls through a real Envoy; needs root (arguments: WIRE_FLAGS='-run FILE/CASE -v', '-soak 1m', '-cost')
	ci/wire $(WIRE_FLAGS)
	go test ./test/wire/...

fuzz: ## Fuzz every target for FUZZTIME (20s): the linter, the readers of YAML and templates
	ci/fuzz $(FUZZTIME)

properties: ## Try every property with CASES (2000) random cases, in place of a few dozen
	ci/properties $(CASES)

mutations: ## Break the chart on purpose, in 52 places, 24 of them of gateways: a test has to notice each; takes an hour
	ci/chart-mutations
	ci/gateway-mutations

bench: ## Measure render and lint against helm, in both forms; takes twenty minutes on two cores (arguments: BENCH_FLAGS=-check)
	ci/bench $(BENCH_FLAGS)

##@ What it is made of

licences: ## Rewrite licences.csv, the licences of all dependencies
	ci/licences

vulnerabilities: ## Look for known vulnerabilities in all modules; needs the network (or VULNDB=file:///path)
	ci/vulnerabilities

diagrams: ## Parse the documents' diagrams with mermaid; needs Node.js
	ci/check-diagrams

page: ## Look at the page of render report in a Chromium without a window; needs Node.js
	go test -tags e2e -count=1 ./test/page

bump: ## Set the chart's version everywhere: make bump VERSION=0.2.0
	ci/bump $(VERSION)

.PHONY: help build test test-explain generate lint lint-go lint-chart lint-shell verify e2e wire fuzz properties helm4-sdk mutations bench licences vulnerabilities diagrams page bump
