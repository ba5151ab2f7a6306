"""The figures asked of the product, each against a yardstick in the same run: `make bench`."""
