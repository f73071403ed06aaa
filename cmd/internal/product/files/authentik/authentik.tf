# itsme as a source of authentik.
# The client's secret is in the file "secret" beside this one. Terraform keeps it in its state, in plain text:
# use a protected backend, and never commit terraform.tfstate.
terraform {
  required_providers {
    authentik = {
      source  = "goauthentik/authentik"
      version = ">= 2025.10"
    }
  }
}

provider "authentik" {
  url = {{hcl .Answers.url}}
}

data "authentik_flow" "authentication" {
  slug = "default-source-authentication"
}

data "authentik_flow" "enrollment" {
  slug = "default-source-enrollment"
}

# itsme has no user names, and authentik would ask everyone new for one.
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
{{- else}}  # Linking by an unverified address would let one person take over the account of another.
  user_matching_mode = "identifier"
{{- end}}
}
