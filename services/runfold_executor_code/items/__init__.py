"""`items` nodes: one step over lists of items, under n8n's rules.

    node.py        from a configuration to an outcome: reads, resolves, runs, settles
    reading.py     the lists that come in, of any shape
    step.py        what an operation is given and gives: `Step`, `Made`, `ItemFailed`
    settling.py    errors, empty outputs, ports
    links.py       which items an item was made of, so that expressions find them again
    operations/    what is done, one module an operation; `OPERATIONS` is their table

Expressions: `resolving.py` (parameters of each item), `splitting.py` (text and `{{ }}`),
`rewriting.py` and `tokens.py` (calls of n8n's methods), `running.py` (what JavaScript is given),
`zones.py` (time zones as data), `javascript/` (what it finds there, by topic).

Programs of Code nodes: `programs.py`, `python_programs.py`, `returned.py` (what they gave).

The rest is what several operations share. Operations are pure functions in Python; expressions and
programs run in the sandbox.
"""
