"""What callers reach, one folder a family: routes.py, translate.py, errors.py."""
