class WebhookError(ValueError):
    """An endpoint cannot be as it was asked for; the message says what was expected and got."""
