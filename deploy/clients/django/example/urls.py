import json

from django.http import HttpResponse
from django.middleware.csrf import get_token
from django.urls import include, path
from django.utils.html import format_html

LOG_IN = '<a id="login" href="/oidc/authenticate/">Log in with itsme</a>'


def home(request):
    if not request.user.is_authenticated:
        return HttpResponse(LOG_IN)
    return HttpResponse(format_html(
        '<pre id="claims">{}</pre><p id="user">{}</p>'
        '<form method="post" action="/oidc/logout/"><input type="hidden" name="csrfmiddlewaretoken" value="{}"><button id="logout">Log out</button></form>',
        json.dumps(request.session["claims"]), request.user.pk, get_token(request),
    ))


def not_logged_in(request):
    return HttpResponse('<p id="message">You are not logged in.</p>' + LOG_IN)


urlpatterns = [path("", home), path("not-logged-in", not_logged_in), path("oidc/", include("mozilla_django_oidc.urls"))]
