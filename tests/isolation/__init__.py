"""Nothing of one workspace is seen, changed or noticed from another."""
