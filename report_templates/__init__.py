"""Reports as tagged PDF, from plain values: nothing here can reach a log or a release."""
