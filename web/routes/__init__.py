"""Pages and interfaces, one module per visitor: programs, citizens, officials."""

from web.routes import (
    about,
    api,
    bot,
    calendar,
    desk,
    duty_feed,
    feeds,
    host,
    moderation,
    office,
    programme,
    proof,
    public,
    receipts,
    staff,
    supervise,
    words,
)

ROUTES = (
    api.routes,
    proof.routes,
    public.routes,
    receipts.routes,
    bot.routes,
    about.routes,
    moderation.routes,
    feeds.routes,
    duty_feed.routes,
    staff.routes,
    office.routes,
    calendar.routes,
    programme.routes,
    desk.routes,
    host.routes,
    supervise.routes,
    words.routes,
)
"""Every route table of the application; a new module is added here."""
