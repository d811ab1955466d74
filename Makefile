# What people and CI do here.
CARGO_TARGET_DIR ?= target
export CARGO_TARGET_DIR := $(abspath $(CARGO_TARGET_DIR))
# Where terraform looks for the provider, and how it finds that place: TF_CLI_CONFIG_FILE=$(MIRROR)/terraform.tfrc
MIRROR := $(CARGO_TARGET_DIR)/mirror

.PHONY: help demo demo-down test test-opentofu build install fmt clippy docs vectors fuzz fuzz-yaml bench model corpus verify-fuzz package package-reproduce audit
help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 19
demo: ## deploy Loki for real, in a Kubernetes made here (or in yours: KUBECONFIG), and read a log line back
	@scripts/demo.sh
demo-down: ## remove everything that `make demo` left running
	@scripts/demo.sh down
test: ## what CI runs: format, lints, all tests, the acceptance tests in the lab last
	@scripts/test.sh
test-opentofu: ## of these the acceptance tests with OpenTofu alone
	@scripts/test.sh opentofu
build: ## the provider, target/release/terraform-provider-loki
	@scripts/setup.sh build
	cargo build --release
install: build ## put the provider where terraform finds it with TF_CLI_CONFIG_FILE
	@scripts/mirror.sh $(CARGO_TARGET_DIR)/release/terraform-provider-loki $(MIRROR)
	@echo "export TF_CLI_CONFIG_FILE=$(MIRROR)/terraform.tfrc"
package: ## static binaries for Linux, zips, checksums, licences and a mirror, in dist/
	@scripts/package.sh
package-reproduce: ## build the packages' binaries once more elsewhere, and compare the bytes
	@scripts/package.sh reproduce
audit: ## licences, sources and known flaws of the dependencies
	@scripts/package.sh audit
fmt: ## format the sources
	cargo fmt --all
clippy: ## lints, as CI holds them
	cargo clippy --release --workspace --all-targets -- -D warnings
docs: ## regenerate docs/ from the schemas and examples
	BLESS=1 cargo test --release --test docs
vectors: ## write anew what the real go-cty, yaml.v2 and envsubst say, which the provider is held to
	cd tests/support/cty && go run . vectors > vectors.new && mv vectors.new vectors.jsonl
	cd tests/support/yaml && go run . vectors > vectors.new && mv vectors.new vectors.jsonl
fuzz: ## 10 million requests of every kind, good and spoilt (FUZZ_EXECUTIONS, FUZZ_SECONDS, FUZZ_SEED, FUZZ_THREADS, FUZZ_KEEP=1)
	FUZZ_EXECUTIONS=$${FUZZ_EXECUTIONS:-10000000} FUZZ_SECONDS=$${FUZZ_SECONDS:-86400} FUZZ_SEED=$${FUZZ_SEED:-$$(date +%s)} \
	cargo test --release --test fuzz -- --nocapture --test-threads=1
fuzz-yaml: ## spoilt YAML against the real yaml.v2 and envsubst (FUZZ_EXECUTIONS, FUZZ_SEED)
	cargo test --release --lib --no-run
	cd tests/support/yaml && go run . fuzz $${FUZZ_EXECUTIONS:-200000} $${FUZZ_SEED:-$$(date +%s)} $$(find ../../golden -name '*.yaml') | \
	(cd ../../.. && cargo test --release --lib config_file::yaml::tests::stream -- --ignored --nocapture)
model: ## every key of Loki's configuration anew, from its releases' Go modules
	@scripts/verify.sh model
corpus: ## each Loki version's verdicts on tests/verify/corpus anew
	@scripts/verify.sh corpus
verify-fuzz: ## N mutants of configurations (2000), put to the real Loki (VERSIONS) and to ours
	@scripts/verify.sh fuzz $(N)
bench: ## measure start, memory, plan time and size
	@scripts/bench.sh
