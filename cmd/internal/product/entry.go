package product

import (
	"bytes"
	"slices"

	"go.yaml.in/yaml/v3"

	"itsme-bridge/provider/client"
)

// Entry is a client as it stands in a configuration. What is at its default is
// left out. config.yaml says what each setting means.
type Entry struct {
	ID         string `yaml:"id"`
	Name       string `yaml:"name"`
	For        string `yaml:"for,omitempty"`
	Home       string `yaml:"home"`
	Profile    string `yaml:"profile,omitempty"`
	SecretHash string `yaml:"secret_hash,omitempty"`
	AuthMethod string `yaml:"auth_method,omitempty"`
	JWKSURI    string `yaml:"jwks_uri,omitempty"`
	JWKSFile   string `yaml:"jwks_file,omitempty"`
	PKCE       string `yaml:"pkce,omitempty"`

	RedirectURIs []string `yaml:"redirect_uris,flow"`
	Scopes       []string `yaml:"scopes,flow"`

	IDTokenClaims bool   `yaml:"id_token_claims,omitempty"`
	FlatAddress   bool   `yaml:"flat_address,omitempty"`
	Subject       string `yaml:"subject,omitempty"`
	Sector        string `yaml:"sector_identifier,omitempty"`
	Service       string `yaml:"service,omitempty"`
	Locale        string `yaml:"locale,omitempty"`

	EmailVerified       bool     `yaml:"email_verified,omitempty"`
	PhoneNumberVerified bool     `yaml:"phone_number_verified,omitempty"`
	ACR                 string   `yaml:"acr,omitempty"`
	AMR                 []string `yaml:"amr,omitempty,flow"`

	OnFailure  string `yaml:"on_failure,omitempty"`
	OnExpiry   string `yaml:"on_expiry,omitempty"`
	SigningAlg string `yaml:"signing_alg,omitempty"`
	Introspect bool   `yaml:"introspect,omitempty"`

	ResponseTypes []string `yaml:"response_types,omitempty,flow"`
	ResponseISS   *bool    `yaml:"response_iss,omitempty"`
	RequestURIs   []string `yaml:"request_uris,omitempty,flow"`
	RequirePushed bool     `yaml:"require_pushed_authorization_requests,omitempty"`
	RequireSigned bool     `yaml:"require_signed_request_object,omitempty"`
	RequireDPoP   bool     `yaml:"dpop_bound_access_tokens,omitempty"`
	UserinfoAlg   string   `yaml:"userinfo_signed_response_alg,omitempty"`

	PostLogoutRedirectURIs []string `yaml:"post_logout_redirect_uris,omitempty,flow"`
	BackChannelLogoutURI   string   `yaml:"backchannel_logout_uri,omitempty"`
	LogoutByServer         bool     `yaml:"logout_by_server,omitempty"`
}

// YAML is the entry as the one item of a configuration's clients.
func (e Entry) YAML() ([]byte, error) {
	var out bytes.Buffer
	encoder := yaml.NewEncoder(&out)
	encoder.SetIndent(2)
	if err := encoder.Encode(map[string][]Entry{"clients": {e}}); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// MayRespond reports whether the client may ask for a response type.
func (e Entry) MayRespond(responseType string) bool {
	if len(e.ResponseTypes) == 0 {
		return responseType == client.ResponseCode
	}
	return slices.Contains(e.ResponseTypes, responseType)
}

// Map is the entry as a mapping, with the keys of a configuration.
func (e Entry) Map() (map[string]any, error) {
	text, err := yaml.Marshal(e)
	if err != nil {
		return nil, err
	}
	entry := map[string]any{}
	return entry, yaml.Unmarshal(text, &entry)
}
