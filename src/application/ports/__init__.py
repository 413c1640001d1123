"""The ports: everything that the application asks of the outside world, one file per noun.

Adapters raise the errors named here and no others; a method that touches the outside is bounded in time by its adapter.
"""
