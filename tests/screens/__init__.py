"""`make screens`: a picture of every page of the console, the site administration and the player, for docs/screens."""
