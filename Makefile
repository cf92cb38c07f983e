# One entry point for people and for CI. `make` lists the targets; each target installs what it lacks first.

SHELL := /bin/bash
.DEFAULT_GOAL := help

CONFIGURATION := Release
SOLUTION := DyLoraMoe.Operator.sln
DEMO := artifacts/standins/bin/DyLoraMoe.Demo/release/dylora-demo
BENCHMARKS := artifacts/standins/bin/DyLoraMoe.Benchmarks/release/DyLoraMoe.Benchmarks
export CONFIGURATION
export DOTNET_NOLOGO := 1
export DOTNET_CLI_TELEMETRY_OPTOUT := 1

.PHONY: help pages clients endurance bench-operator crds prerequisites prerequisites-test prerequisites-gate prerequisites-bench build test fmt demo demo-down backbone bench bench-train bench-lora bench-context bench-memory bench-memory-distillation bench-decision bench-load bench-shakespeare bench-optimizers bench-growth bench-infinite bench-routing bench-serving bench-traffic bench-growth-traffic bench-pool bench-continual bench-predictions bench-diversity

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

prerequisites:
	@eng/prerequisites.sh build

prerequisites-test:
	@eng/prerequisites.sh test

prerequisites-gate:
	@eng/prerequisites.sh gate

build: prerequisites ## Build everything (Release) and leave launchers in bin/
	@eng/build.sh

test: prerequisites-gate build ## Check the formatting and run the tests; TESTS=all runs the longest too, as CI does
	@eng/test.sh

pages: prerequisites-test build ## Follow every page of the docs, those that take long too
	@eng/test.sh DyLoraMoe.Install.Tests

clients: prerequisites-test build ## OpenAI's client library and a browser, as npm has them, against a router with a sample set
	@cd tests/clients && npm install --no-audit --no-fund --loglevel=error
	@artifacts/standins/bin/DyLoraMoe.Router.Tests/release/DyLoraMoe.Router.Tests :1 -explicit only -class '*.ClientTests' -noLogo

endurance: prerequisites-test build ## The real programs under faults, and an upgrade from the previous version; DYLORA_FAULT_ROUNDS=20 repeats each fault
	@TEST_TIMEOUT=$${TEST_TIMEOUT:-14400} eng/test.sh DyLoraMoe.Endurance.Tests

bench-operator: build ## How soon the operator acts, what 1,000 skills cost, and what it does when there is nothing to do (about half an hour)
	@$(BENCHMARKS) operator

backbone: build ## Make the built-in backbone again: models/dylora-tiny, under half an hour on two cores
	@bin/dylora pretrain --config eng/backbone.json --out models/dylora-tiny \
		--checkpoint-dir artifacts/backbone/checkpoints --log artifacts/backbone/log.jsonl

demo: build ## The main job: a cluster on this machine learns skills one by one, and answers; DATA=DIR teaches real data sets
	@$(DEMO) up $(if $(DATA),--data '$(DATA)')

demo-down: ## Stop the system that make demo left running
	@if [[ -x $(DEMO) ]]; then $(DEMO) down; else echo "Nothing runs."; fi

bench: bench-train bench-lora bench-memory bench-load bench-shakespeare ## Measure every figure of docs/benchmarks/training.md (about 15 minutes)

prerequisites-bench:
	@eng/prerequisites.sh bench

bench-train: prerequisites-bench build ## Training throughput against PyTorch; the last line is "ratio N.NN"
	@$(BENCHMARKS) train

bench-lora: build ## A LoRA step against a full fine-tuning step: speed and memory
	@$(BENCHMARKS) lora

bench-context: build ## A short answer behind a long context: memory and time of every way to learn it
	@$(BENCHMARKS) context

bench-memory: build ## Resident memory over 2,000 training steps
	@$(BENCHMARKS) memory

bench-memory-distillation: build ## Ways to move memories into an expert, with the same tokens; writes docs/benchmarks/memory.md
	@$(BENCHMARKS) memory-distillation --report docs/benchmarks/memory.md

bench-load: build ## Peak memory while loading a gigabyte of weights
	@$(BENCHMARKS) load

bench-shakespeare: build ## nanoGPT's character example; the last line is the validation loss
	@$(BENCHMARKS) shakespeare

bench-optimizers: build ## AdamW, SGD, APOLLO and APOLLO-Mini on one language model, each at its best rate (about half an hour)
	@$(BENCHMARKS) optimizers

bench-decision: build ## What an expert learns from full loss, the answer alone, a detached context or behind the prompt, on three sizes of backbone (about an hour; goes on where it was)
	@for part in half:0.5 quarter:0.25; do test -d artifacts/bench-decision/models/$${part%:*} || \
		bin/dylora shrink --model models/dylora-tiny --out artifacts/bench-decision/models/$${part%:*} --keep $${part#*:} --steps 400 --texts 1024 || exit; done
	@$(BENCHMARKS) decision --threads 1 --models models/dylora-tiny,artifacts/bench-decision/models/half,artifacts/bench-decision/models/quarter --report docs/benchmarks/decision.md

bench-growth: build ## Growth with and without noise and distillation, and half of the parameters, at equal tokens (hours; goes on where it was)
	@$(BENCHMARKS) growth --report docs/benchmarks/growth.md

bench-infinite: build ## Does a formally infinite network find a teacher's width, depth and rank, and what do its forces cost (about 40 minutes; goes on where it was)
	@$(BENCHMARKS) infinite --threads 1 --report docs/benchmarks/infinite.md

bench-serving: build ## The engine: batches, experts, one stream against memory, the first token, JSON
	@$(BENCHMARKS) serving --plots docs/benchmarks/serving
	@$(BENCHMARKS) json

bench-traffic: build ## Requests while sets roll and roll back, then half an hour of all kinds of clients (about 50 minutes)
	@$(BENCHMARKS) traffic --plots docs/benchmarks/serving

bench-growth-traffic: build ## Requests while a backbone with four experts grows, and while another growth is refused
	@$(BENCHMARKS) growth-traffic

bench-routing: build ## What experts cost in a forward pass: dense against the reference, sparse against the bare backbone
	@$(BENCHMARKS) routing

bench-continual: build ## Learn streams of skills one after the other, against other methods (hours; goes on where it was)
	@bin/dylora bench continual --out artifacts/bench --report docs/benchmarks

bench-predictions: build ## Test the five predictions of docs/benchmarks/predictions.md (an hour and a half; goes on where it was)
	@bin/dylora bench predictions --out artifacts/predictions --report docs/benchmarks

bench-diversity: build ## How diverse data are, public ones in DATA=DIR and the synthetic skills (minutes)
	@$(BENCHMARKS) diversity $(if $(DATA),--data '$(DATA)')

bench-pool: build ## 200 experts on disk, eight in memory: hit rates with and without prefetch
	@$(BENCHMARKS) pool

crds: ## Write crds/, the chart's copy and the tables of docs/reference/ from the classes of the resources
	@dotnet build src/DyLoraMoe.Crds --configuration $(CONFIGURATION) --verbosity quiet
	@artifacts/standins/bin/DyLoraMoe.Crds/$(shell echo $(CONFIGURATION) | tr A-Z a-z)/DyLoraMoe.Crds crds docs/reference
	@cp crds/*.yaml charts/dylora-moe/files/crds/

fmt: prerequisites ## Format the code in place
	@dotnet format $(SOLUTION)
