"""The proof rules of the checker: one function in one file each, and the tables that give them their names."""
