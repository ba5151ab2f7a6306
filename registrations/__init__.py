"""Learners on courses: registrations, their instances, launches and what was reported."""
