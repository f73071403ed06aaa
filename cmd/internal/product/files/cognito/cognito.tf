# itsme as an identity provider of a user pool.
# The client's secret is in the file "secret" beside this one. Terraform keeps it in its state, in plain text:
# use a protected backend, and never commit terraform.tfstate.
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

variable "user_pool_id" {
  type = string
}

resource "aws_cognito_identity_provider" "itsme" {
  user_pool_id  = var.user_pool_id
  provider_name = {{hcl .Answers.alias}}
  provider_type = "OIDC"

  provider_details = {
    client_id                     = {{hcl .ClientID}}
    client_secret                 = sensitive(file("${path.module}/secret"))
    attributes_request_method     = "GET"
    attributes_url_add_attributes = "false"
    oidc_issuer                   = {{hcl .Issuer}}
    authorize_url                 = {{printf "%s/authorize" .Issuer | hcl}}
    token_url                     = {{printf "%s/token" .Issuer | hcl}}
    attributes_url                = {{printf "%s/userinfo" .Issuer | hcl}}
    jwks_uri                      = {{printf "%s/keys" .Issuer | hcl}}
    authorize_scopes              = {{hcl .Scope}}
  }

  # Only what the user pool can change: a mapped attribute that is not mutable fails the second login.
  attribute_mapping = {
    username = "sub"
{{- range .Claims}}
    {{.}} = {{hcl .}}
{{- end}}
{{- if has .Entry.Scopes "address"}}
    address = "street_address"
{{- end}}
  }
}
