"""What `verify` writes: the table, the JSON document, the certificate files."""
