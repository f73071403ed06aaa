import logging
from urllib.parse import urlencode

import requests
from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from mozilla_django_oidc.auth import OIDCAuthenticationBackend


class Itsme(OIDCAuthenticationBackend):
    """Knows people by sub. Its parent knows them by an e-mail address, which nobody has verified: whoever gives yours would be you."""

    def authenticate(self, request, **kwargs):
        try:
            return super().authenticate(request, **kwargs)
        except (requests.RequestException, SuspiciousOperation) as problem:  # the person would see a bare 500 or 400
            logging.getLogger(__name__).warning("not logged in: %s", problem)
            return None

    def verify_claims(self, claims):
        return "sub" in claims  # the parent refuses people without an e-mail address

    def filter_users_by_claims(self, claims):
        return self.UserModel.objects.filter(username=claims["sub"])

    def create_user(self, claims):
        return self.update_user(self.UserModel(username=claims["sub"]), claims)

    def update_user(self, user, claims):
        user.first_name, user.last_name = claims.get("given_name", ""), claims.get("family_name", "")
        user.email = claims.get("email", "")
        user.save()
        self.request.session["claims"] = claims
        return user


def logout_url(request):
    """Where a logout goes on: to the bridge, whose session ends too, and from there back here."""
    return settings.OIDC_OP_LOGOUT_ENDPOINT + "?" + urlencode(
        {"id_token_hint": request.session["oidc_id_token"], "post_logout_redirect_uri": request.build_absolute_uri("/")}
    )
