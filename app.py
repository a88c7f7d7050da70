"""The front door of SIH: every route in one table, what stands before them, and the start."""

import gc

from starlette.applications import Starlette
from starlette.middleware import Middleware

import db
from actions import worker_state
from actions.registry import ACTIONS, BULK, ESCALATION, MODALS
from actions.tags import tag_of_problem, tag_of_problems
from actions.uploads import TABLES, UPLOADS, uploads_of
from demo.accounts import ACCOUNTS
from doors import (
    ADMIN,
    HANDLER,
    NEWCOMER,
    OVERSEER,
    PUBLIC,
    REPORTER,
    SEE,
    STORE_HEAD,
    Door,
    StaticDoor,
    check_policies,
    does,
    does_to_several,
)
from jobs.worker import working
from routes import (
    actions,
    appearance,
    bulk,
    desk,
    drafts,
    employees,
    errors,
    escalations,
    exports,
    files,
    following,
    health,
    help,
    highlights,
    imports,
    jobs,
    login,
    master_history,
    masters,
    movements,
    notifications,
    photos,
    pins,
    presence,
    problems,
    profile,
    recap,
    reports,
    saved_views,
    sessions,
    store_employees,
    stores,
    uploads,
)
from server.lifespan import lifespan
from server.start import end_with_parent, start
from settings import Settings, read_settings
from web.answers import Answers
from web.logs import configure_logging
from web.middleware import BehindProxies, LimitInFlight, OnlyHttps, RefuseCrossSite, RefuseUnreadable
from web.routing import TreeRouter

# Requests that a worker works on at once: ten have a connection to the database, the others wait for one.
IN_FLIGHT = 200

# fmt: off
DOORS = [
    StaticDoor("/static"),
    Door("/",                                       PUBLIC,             get=login.home),
    Door("/login",                                  PUBLIC,             get=login.show,               post=login.create),
    Door("/login/nik",                              PUBLIC,                                           post=login.find),
    Door("/logout",                                 NEWCOMER,                                         post=login.delete),
    Door("/pin",                                    NEWCOMER,           get=pins.edit,                post=pins.update),
    Door("/sessions",                               REPORTER,           get=sessions.index),
    Door("/sessions/ending",                        REPORTER,           get=sessions.ask_end_others,  post=sessions.end_others),
    Door("/sessions/{session}/ending",              REPORTER,           get=sessions.ask_end,         post=sessions.end),

    Door("/problems",                               REPORTER,           get=problems.index,           post=reports.create,
         uploads=UPLOADS, draft="report",           tag=tag_of_problems),
    Door("/problems/new",                           REPORTER,           get=reports.new),
    Door("/problems/new/reporter",                  HANDLER,                                          post=reports.find_reporter),
    *(Door(f"/problems/{a.several.path}",           does_to_several(a), get=bulk.show,                post=bulk.submit)
      for a in BULK),
    Door("/problems/{id}",                          SEE,                get=problems.show,            tag=tag_of_problem),
    Door("/problems/{id}/photos/{seq}",             SEE,                get=photos.show),
    Door("/problems/{id}/photos/{seq}/image",       SEE,                get=photos.show_image),
    Door("/problems/{id}/photos/{seq}/thumbnail",   SEE,                get=photos.show_thumbnail),
    Door("/problems/{id}/files/{seq}",              SEE,                get=files.show),
    Door("/problems/{id}/notes/{note}/files/{seq}", SEE,                get=files.show_of_note),
    Door("/problems/{id}/notes/{note}/files/{seq}/{size}",
                                                    SEE,                get=files.show_picture_of_note),
    Door("/problems/{id}/drafts/{form}",            SEE,                                              post=drafts.save),
    Door("/problems/{id}/drafts/{form}/discarding", SEE,                                              post=drafts.discard),
    Door("/problems/{id}/presence",                 SEE,                                              post=presence.beat),
    Door("/problems/{id}/following",                SEE,                                              post=following.create),
    Door("/problems/{id}/following/ending",         SEE,                                              post=following.delete),
    Door("/problems/{id}/escalation/fields",        does(ESCALATION),                                 post=escalations.fields),
    *(Door(f"/problems/{{id}}/{a.path}",            does(a),            get=actions.show if a in MODALS else None,
           post=actions.submit, uploads=uploads_of(a))
      for a in ACTIONS),

    Door("/desk",                                   OVERSEER,           get=desk.show,                tag=tag_of_problems),
    Door("/desk/next",                              HANDLER,            get=desk.show_next),
    Door("/recap",                                  OVERSEER,           get=recap.index),
    Door("/recap/{month}",                          OVERSEER,           get=recap.show),
    Door("/recap/{month}/highlights",               OVERSEER,           get=highlights.index),
    Door("/recap/{month}/movements",                OVERSEER,           get=movements.index),
    Door("/exports",                                REPORTER,           get=exports.index,            post=exports.create),
    Door("/exports/{id}",                           REPORTER,           get=exports.show),
    Door("/exports/{id}/file",                      REPORTER,           get=exports.show_file),

    Door("/store/employees",                        STORE_HEAD,         get=store_employees.index),
    Door("/store/employees/{nik}",                  STORE_HEAD,         get=store_employees.show),
    Door("/store/employees/{nik}/pin",              STORE_HEAD,         get=store_employees.ask_give_pin,
                                                                                                      post=store_employees.give_pin),
    Door("/stores",                                 REPORTER,                                         post=stores.index),
    Door("/views",                                  REPORTER,           get=saved_views.index,        post=saved_views.create),
    Door("/views/{id}/deletion",                    REPORTER,           get=saved_views.ask_delete,   post=saved_views.delete),
    Door("/notifications",                          REPORTER,           get=notifications.index),
    Door("/notifications/reading",                  REPORTER,                                         post=notifications.read),
    Door("/profile",                                REPORTER,           get=profile.edit,             post=profile.update),
    Door("/profile/confirmation",                   REPORTER,           get=profile.ask_confirm,      post=profile.confirm),
    Door("/help",                                   REPORTER,           get=help.show),
    Door("/appearance",                             REPORTER,           get=appearance.edit,          post=appearance.update),
    Door("/drafts/{form}",                          REPORTER,                                         post=drafts.save),
    Door("/drafts/{form}/discarding",               REPORTER,                                         post=drafts.discard),
    Door("/drafts/{key}/photos/{digest}",           REPORTER,           get=drafts.show_photo),
    Door("/uploads",                                REPORTER,           get=uploads.show),

    Door("/admin/employees/{nik}/pin",              ADMIN,              get=employees.ask_reset_pin,  post=employees.reset_pin),
    Door("/admin/employees/{nik}/sessions/ending",  ADMIN, get=employees.ask_end_sessions,           post=employees.end_sessions),
    Door("/admin/employees/{nik}/deactivation",     ADMIN,              get=employees.ask_deactivate, post=employees.deactivate),
    Door("/admin/employees/{nik}/activation",       ADMIN,                                            post=employees.activate),
    *(Door(path,                                    ADMIN,              get=get,                      post=post)
      for path, get, post in masters.DOORS),
    Door("/admin/imports",                          ADMIN,              get=imports.index,  post=imports.create, uploads=TABLES),
    Door("/admin/imports/new",                      ADMIN,              get=imports.new),
    Door("/admin/imports/template",                 ADMIN,              get=imports.show_template),
    Door("/admin/imports/{id}",                     ADMIN,              get=imports.show,             post=imports.update),
    Door("/admin/imports/{id}/names",               ADMIN,                                            post=imports.match),
    Door("/admin/imports/{id}/discarding",          ADMIN,                                            post=imports.discard),
    Door("/admin/imports/{id}/faults",              ADMIN,              get=imports.show_faults),
    Door("/admin/history",                          ADMIN,              get=master_history.index),
    Door("/admin/jobs",                             ADMIN,              get=jobs.index),
    Door("/admin/jobs/{id}/attempts",               ADMIN,                                            post=jobs.retry),
    Door("/health/live",                            PUBLIC,             get=health.live),
    Door("/health/ready",                           PUBLIC,             get=health.ready),
]
# fmt: on


def create_worker() -> Starlette:
    """The application of a process that serves it, from the environment. Raises as create_app and read_settings do."""
    configure_logging()
    end_with_parent()
    app = create_app(read_settings())
    gc.freeze()  # what was imported stays: no collection of garbage has to look at it, which takes 40 ms each time
    return app


def create_app(settings: Settings) -> Starlette:
    """The application. Raises RuntimeError if a route names no policy."""
    check_policies(DOORS)
    app = Starlette(
        middleware=[
            Middleware(Answers),
            Middleware(BehindProxies, trusted=settings.trusted_proxies),
            Middleware(LimitInFlight, limit=IN_FLIGHT, refuse=errors.busy),
            Middleware(RefuseUnreadable, allowed_hosts=settings.allowed_hosts, refuse=errors.unreadable),
            Middleware(OnlyHttps, refuse=errors.not_https),
            Middleware(RefuseCrossSite, refuse=errors.foreign),
        ],
        exception_handlers=errors.HANDLERS,
    )
    app.router = TreeRouter(DOORS, lifespan(working))
    app.state.settings, app.state.database = settings, db.create_database(settings.dsn)
    worker_state.begin(app.state, settings.peppers)
    app.state.accounts = ACCOUNTS if settings.has_demo else ()
    return app


def main() -> None:
    """Serve SIH until SIGINT or SIGTERM."""
    start("app:create_worker")


if __name__ == "__main__":
    main()
