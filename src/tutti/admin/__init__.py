"""What operators do: the same deeds for the command line, the socket of a running server and the admin API.

`deeds.py` names them, `local.py` does them, `remote.py` asks a running server for them, `routes.py` answers.
"""
