"""`items` nodes: one step over lists of items, under n8n's rules.

    node.py        from a configuration to an outcome: reads, resolves, runs, settles
    reading.py     the lists that come in, of any shape
    step.py        what an operation is given and gives: `Step`, `Made`, `ItemFailed`
    operations/    what is done, one module an operation; `OPERATIONS` is their table
    resolving.py   parameters with their expressions evaluated, one for each item
    settling.py    errors, empty outputs, ports
    links.py       which items an item was made of, so that expressions find them again

Operations are pure functions in Python; expressions and programs run in the sandbox.
"""
