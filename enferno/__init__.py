"""The kit: everything a SaaS product needs around its own features."""
