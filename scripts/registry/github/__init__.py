"""GitHub: where it is, the token that opens it, its GraphQL and REST APIs, addresses that lead to it."""
