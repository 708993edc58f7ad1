"""`runfold test`: the cases of `runfold.cases` are run.

replies.py    lets nodes give what is scripted, and notes what they gave
running.py    runs one
command.py    the command
"""
