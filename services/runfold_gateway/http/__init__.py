"""What HTTP asks of every resource: methods, bodies, compression, links and pages."""
