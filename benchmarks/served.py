"""What gunicorn serves while it is measured: the course, and a Flask route that does nothing."""

from flask import Flask

from gradgrade.service.wsgi import create


def empty() -> Flask:
    """Return an application that answers every path with two bytes."""
    app = Flask(__name__, static_folder=None)
    app.add_url_rule("/", "root", lambda: "ok")
    app.add_url_rule("/<path:_>", "any", lambda _: "ok", methods=["POST"])
    return app


def course() -> Flask:
    """Return the application of the course that the environment names, nobody's rate limited."""
    rates = dict.fromkeys(("general_rate", "submission_rate"), "1000000/second")
    return create(**rates)
