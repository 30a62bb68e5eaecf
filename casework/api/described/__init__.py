"""What the schema says of each address: words, answers, and examples that a test sends."""

from casework.api.described import bulletins, cases, phone, problems, rounds, tokens, visits

PARTS = (tokens, visits, rounds, bulletins, problems, cases, phone)
