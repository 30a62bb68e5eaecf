"""What the schema says of each address: words, answers, and examples that a test sends."""

from casework.api.described import cases, phone, rounds, tokens, visits

PARTS = (tokens, visits, rounds, cases, phone)
