"""`python -m scripts.mutants`: do the tests notice when a guard, a filter, a policy or a key is missing?"""
