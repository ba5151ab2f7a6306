"""The Experience API: xAPI 1.0.x (its first name was Tin Can) and 2.0 (IEEE 9274.1.1)."""
