"""Guards behind the routers of web frameworks: an endpoint runs only for requests that were validated.

A guard stands around one endpoint, and validates with the path parameters that the framework has found. It needs no template,
and whatever leads to the endpoint leads through it: mounts, root paths, suffixes, method overrides, redirects. Each module
imports its framework, and is imported only by applications that use it:

    validator.frameworks.fastapi   a route class, and the report as a dependency
    validator.frameworks.flask     a decorator of views
    validator.frameworks.django    a decorator of views, synchronous or not, and middleware with ``process_view``
    validator.asgi.Guard           Starlette's ``Route(..., middleware=[...])``, and other ASGI frameworks with ``path_params``

The settings are the same everywhere: ``engine``, ``caller`` (a function that returns the authenticated caller),
``parameter`` (the name of the path parameter), ``observe`` and ``on_verdict`` (see ``validator.enforcement.Enforcer``).
"""
