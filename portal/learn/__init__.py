"""Learn about CORE: what is collected, made from the definition tables for everybody to read."""
