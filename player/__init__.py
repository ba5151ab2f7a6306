"""The learner's side of HTTP: the launch page, package files, reports and navigation. It owns no rule."""
