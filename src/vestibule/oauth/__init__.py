"""The authorization server: the FAPI 2.0 Security Profile with RAR, one module per RFC.

How a partner's program goes through it is told in docs/authorization.md.
"""
