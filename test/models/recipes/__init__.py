"""Recipes for the test models, one family a file. `make_models.py` runs them."""
