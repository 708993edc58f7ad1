"""The studio: a page in the browser to build, run and look at workflows.

Its sources are TypeScript, in `web/`; what a browser loads is built from them into `built/`, which
is committed, so that no user needs Node.js. The gateway serves it below `/studio`. The page calls
the gateway's public API and nothing else.
"""
