"""The local page: the same functions as the command line, for people without one, on this machine only.

It listens on 127.0.0.1 and nowhere else, asks for nothing from any network, and keeps what it is given in a case
folder.
"""
