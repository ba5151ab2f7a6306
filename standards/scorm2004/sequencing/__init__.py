"""SCORM 2004 4th Edition Sequencing and Navigation: the processes of the book under their own names and numbers.

`engine` holds the Overall Sequencing Process and is the way in; `tracking` holds the tree and the tracking model.
"""
