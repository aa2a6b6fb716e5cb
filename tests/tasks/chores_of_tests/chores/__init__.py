"""A feature for tests of the worker: tasks that are slow, fail, or are new."""

from chores_of_tests.chores import chores  # noqa: F401  its tasks are known from now on

from enferno.features import Feature

feature = Feature(name="chores")
