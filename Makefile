# One entry point for people and for CI. `make` lists the targets; each target installs what it lacks first.

SHELL := /bin/bash
.DEFAULT_GOAL := help

CONFIGURATION := Release
SOLUTION := DyLoraMoe.Operator.sln
export CONFIGURATION
export DOTNET_NOLOGO := 1
export DOTNET_CLI_TELEMETRY_OPTOUT := 1

.PHONY: help prerequisites build test fmt

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

prerequisites:
	@eng/prerequisites.sh build

build: prerequisites ## Build everything (Release) and leave launchers in bin/
	@dotnet build $(SOLUTION) --configuration $(CONFIGURATION) --verbosity quiet
	@eng/launchers.sh

test: build ## Check the formatting and run every test
	@eng/test.sh

fmt: prerequisites ## Format the code in place
	@dotnet format $(SOLUTION)
