"""The authorization server's protocol: for now the authorization code flow with PKCE (RFC 6749, RFC 7636)."""
