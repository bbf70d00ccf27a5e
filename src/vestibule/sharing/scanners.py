"""Programs that open links to look at them: they are named as the reason why a click does not count. Pure.

None of them is signed in, so that none would count anyway; nor do those that come as ordinary browsers
(Outlook Safe Links, most mail filters). The list only tells them from people who are not signed in.
"""

SCANNERS = {
    "slackbot": "Slack",
    "slack-imgproxy": "Slack",
    "whatsapp/": "WhatsApp",
    "facebookexternalhit": "Facebook, Instagram, iMessage",
    "facebookcatalog": "Facebook",
    "facebot": "Facebook",
    "meta-external": "Meta",
    "twitterbot": "X",
    "linkedinbot": "LinkedIn",
    "telegrambot": "Telegram",
    "discordbot": "Discord",
    "skypeuripreview": "Skype, Teams",
    "microsoftpreview": "Outlook, Teams",
    "bingpreview": "Outlook, Bing",
    "bingbot": "Bing",
    "googlebot": "Google",
    "google-safety": "Google",
    "google-pagerenderer": "Google",
    "applebot": "Apple",
    "viber": "Viber",
    "vkshare": "VK",
    "redditbot": "Reddit",
    "pinterestbot": "Pinterest",
    "mastodon/": "Mastodon",
    "embedly": "Embedly",
    "iframely": "Iframely",
    "snap url preview": "Snapchat",
}
"""What stands in the User-Agent field, in lower case, and whose it is."""


def is_scanner(user_agent: str) -> bool:
    """Say whether a User-Agent field is one that such a program sends."""
    agent = user_agent.lower()
    return any(mark in agent for mark in SCANNERS)
