"""The product: one folder per feature. See docs/features.md."""
