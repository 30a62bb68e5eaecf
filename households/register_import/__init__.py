"""The national register's export: its columns, how a file of it is read, compared with ours, and applied."""
