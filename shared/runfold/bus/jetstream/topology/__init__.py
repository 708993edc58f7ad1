"""What a deployment keeps in JetStream: what it should be, what it is, and who may change it.

`wanted` lists every asset and consumer, `differences` compares them with what is there,
`provision` creates what is missing, and `apply` changes what differs. Only an operator's command,
and the owner of an embedded server, change what exists.
"""
