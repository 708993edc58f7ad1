"""Cases that a workflow's file carries under `tests`: inputs, replies of nodes, what must come out.

document.py   reads them
comparing.py  says what is not as expected
recording.py  writes what a run came to into the file
from_run.py   makes one of a run that has ended
"""
