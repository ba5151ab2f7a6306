"""Courses: their packages, versions, files and imports."""
