"""The programming interface: the same things under the same permissions, as JSON.

An application of its own under /api/v1, so that everything beneath answers in JSON, what is not
there too. It only reads; programs sign in with tokens and never with cookies.
"""
