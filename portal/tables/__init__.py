"""Tables that people bring and take away: import and export."""
