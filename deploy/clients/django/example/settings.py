from itsme_settings import *  # noqa: F403  what client new wrote, SECRET_KEY among it

ALLOWED_HOSTS = ["127.0.0.1"]
ROOT_URLCONF = "example.urls"
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "mozilla_django_oidc"]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "example.sqlite3"}}
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates"}]
USE_TZ = True

AUTHENTICATION_BACKENDS = ["example.itsme.Itsme"]
LOGIN_URL = "oidc_authentication_init"
LOGIN_REDIRECT_URL = LOGOUT_REDIRECT_URL = "/"  # its logout fails without the second
LOGIN_REDIRECT_URL_FAILURE = "/not-logged-in"  # a page that everybody may see
OIDC_OP_LOGOUT_URL_METHOD = "example.itsme.logout_url"
OIDC_STORE_ID_TOKEN = True  # for the logout
