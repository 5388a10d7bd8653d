# Every target is a command of run.py, which needs nothing but Python. This file only finds a Python.
COMMANDS := setup demo up test check lint format bench simulate chaos crash fairness morning clean help

# Asked, not looked up: a name on PATH may be too old, or a shim that leads nowhere.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; print(sys.executable); sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break; \
	done | tail -n 1)

.DEFAULT_GOAL := help
.PHONY: $(COMMANDS)

simulate: ARGS += $(if $(SEED),--seed $(SEED)) $(if $(SEEDS),--seeds $(SEEDS)) $(if $(FROM),--from $(FROM)) \
	$(if $(BUG),--bug "$(BUG)")

$(COMMANDS):
	@test -n "$(PYTHON)" || { echo "Staffetta needs Python 3.11 or newer, and there is none on PATH."; exit 1; }
	@"$(PYTHON)" run.py $@ $(ARGS)
