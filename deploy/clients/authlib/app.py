import html
import json

from authlib.integrations.flask_client import OAuth, OAuthError
from flask import Flask, redirect, session, url_for

app = Flask(__name__)
app.config.from_object("itsme_settings")
itsme = OAuth(app).register("itsme")  # takes the ITSME_… of the settings


@app.get("/")
def home():
    if "user" not in session:
        return '<a id="login" href="/login">Log in with itsme</a>'
    claims = html.escape(json.dumps(session["user"]))
    return f'<pre id="claims">{claims}</pre><form method="post" action="/logout"><button id="logout">Log out</button></form>'


@app.get("/login")
def login():
    return itsme.authorize_redirect(url_for("auth", _external=True))


@app.get("/auth")
def auth():
    token = itsme.authorize_access_token()
    session["user"] = token["userinfo"]  # the claims of the ID token, which Authlib has verified
    session["id_token"] = token["id_token"]
    return redirect("/")


@app.errorhandler(OAuthError)
def not_logged_in(problem):
    app.logger.warning("not logged in: %s", problem)
    return '<p id="message">You are not logged in.</p><a id="login" href="/login">Log in with itsme</a>', 403


@app.post("/logout")
def logout():
    session.pop("user", None)
    return itsme.logout_redirect(url_for("home", _external=True), session.pop("id_token", None))
