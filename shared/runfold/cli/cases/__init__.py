"""Cases that a workflow's file carries under `tests`: inputs, replies of nodes, what must come out.

document.py   reads them
replies.py    lets nodes give what is scripted, and notes what they gave
running.py    runs one
comparing.py  says what is not as expected
recording.py  writes what a run came to into the file
command.py    `runfold test`
"""
