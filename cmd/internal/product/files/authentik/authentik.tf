# itsme as a source of authentik. Of its secret this file knows only where it stands: in the file "secret" beside it.
terraform {
  required_providers {
    authentik = {
      source  = "goauthentik/authentik"
      version = ">= 2025.10"
    }
  }
}

data "authentik_flow" "authentication" {
  slug = "default-source-authentication"
}

data "authentik_flow" "enrollment" {
  slug = "default-source-enrollment"
}

# itsme knows no user names, and authentik would ask each newcomer for one.
resource "authentik_property_mapping_source_oauth" "itsme" {
  name       = "itsme: user name"
  expression = {{if .Entry.EmailVerified}}"return {\"username\": info.get(\"email\") or info[\"sub\"]}"{{else}}"return {\"username\": info[\"sub\"]}"{{end}}
}

resource "authentik_source_oauth" "itsme" {
  name                           = "itsme"
  slug                           = {{hcl .Answers.alias}}
  authentication_flow            = data.authentik_flow.authentication.id
  enrollment_flow                = data.authentik_flow.enrollment.id
  provider_type                  = "openidconnect"
  oidc_well_known_url            = {{hcl .Discovery}}
  consumer_key                   = {{hcl .ClientID}}
  consumer_secret                = sensitive(file("${path.module}/secret"))
  authorization_code_auth_method = {{if eq .AuthMethod "client_secret_post"}}"post_body"{{else}}"basic_auth"{{end}}
  pkce                           = "S256"
  additional_scopes              = {{printf "*%s" .Scope | hcl}}
  property_mappings              = [authentik_property_mapping_source_oauth.itsme.id]

{{if .Entry.EmailVerified}}  user_matching_mode = "email_link"
{{- else}}  # By an address that nobody has verified, one person could take over the account of another.
  user_matching_mode = "identifier"
{{- end}}
}
