"""Views as plain as Django allows, behind the same middleware: what ours are compared with."""
