"""What HTTP asks of every resource, whatever it is about: HEAD, compression, where things are."""
