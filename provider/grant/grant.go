package grant

import (
	"encoding/json"
	"time"

	"itsme-bridge/keys"
	"itsme-bridge/storage"
)

// Grant is what a code stands for: all that the token endpoint must check and
// sign. It is opened by the code, once.
type Grant struct {
	ClientID      string    `json:"client_id"`
	RedirectURI   string    `json:"redirect_uri"`
	CodeChallenge string    `json:"code_challenge,omitempty"`
	Expires       time.Time `json:"exp"` // our clock decides, whatever becomes of the TTL

	Identity
	Nonce      string         `json:"nonce,omitempty"`
	Asked      string         `json:"asked"` // scope as it was asked for: a different grant is named in the token response
	SigningAlg keys.Algorithm `json:"alg"`
	DPoPKey    string         `json:"dpop_jkt,omitempty"` // thumbprint of the only key that may redeem the code (RFC 9449 §10)

	IDTokenClaims json.RawMessage `json:"id_token_claims,omitempty"` // as Claims, for the ID token
}

// Bucket is where the grants are.
func Bucket(s *storage.Store) *storage.Bucket[Grant] {
	return storage.NewBucket[Grant](s, "grant")
}

// Identity is a person as one client may see them.
type Identity struct {
	Subject  string          `json:"sub"`
	AuthTime time.Time       `json:"auth_time"`
	SID      string          `json:"sid,omitempty"`     // of the browser session that knows of it, if there is one and the client is told
	Session  string          `json:"session,omitempty"` // likewise, where the client is not told
	ACR      string          `json:"acr,omitempty"`
	AMR      []string        `json:"amr,omitempty"`
	Scope    string          `json:"scope"`            // as granted, space-separated
	Claims   json.RawMessage `json:"claims,omitempty"` // for userinfo: a JSON object of the claims that the request was granted; no sub
}
