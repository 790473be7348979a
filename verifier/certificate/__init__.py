"""The certificate format: its JSON Schema."""
