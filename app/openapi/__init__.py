"""The OpenAPI document, made of what the routes declare and what they do not."""
