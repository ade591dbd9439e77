"""An organisation's own figures, for its own people."""
