# Every target runs something and fails when that fails. `make help` lists them.
PYTHON ?= python3
DEV = @$(PYTHON) dev.py

.DEFAULT_GOAL := help
.PHONY: help run test bench fuzz conformance format messages screens manage lock

help:         ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run:          ## set up and start everything; PORT=8000 DATA_DIR=var
	$(DEV) run

test:         ## every check and every test
	$(DEV) test

bench:        ## the figures, each against its yardstick
	$(DEV) bench

fuzz:         ## read 100,000 broken packages of every standard
	$(DEV) fuzz $(ARGS)

conformance:  ## the SCORM 2004 conformance cases in a real browser, counted by category
	$(DEV) conformance

format:       ## format the code and mend what the linter can
	$(DEV) format

messages:     ## collect the texts to be translated and compile the catalogs of locale/
	$(DEV) messages $(ARGS)

screens:      ## a picture of every page into docs/screens; ARGS="--only library --language de --folder DIR"
	$(DEV) screens $(ARGS)

manage:       ## run manage.py, as in ARGS="launch_link golf --learner ada"
	$(DEV) manage $(ARGS)

lock:         ## resolve requirements/*.in anew
	$(DEV) lock
