"""The screen: a page of this machine, in the browser, that does what the commands do.

It holds no rule of the guide: it calls the rooms that the commands call. Its state is the folder:
fiches, register, report. Killed at any moment, nothing is lost.
"""
