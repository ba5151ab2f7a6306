"""Reports: what changed is summed up by a task, and pages tell of it."""
