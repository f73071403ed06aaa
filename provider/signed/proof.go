package signed

import (
	"crypto"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// DefaultMaxAge is how old a proof may be.
const DefaultMaxAge = time.Minute

// ProofRules is what a DPoP proof is held to.
type ProofRules struct {
	Method      string        // of the request that it came with
	URL         string        // of that request, as the client sees it
	AccessToken string        // that it came with, or empty: at the token endpoint there is none
	Algorithms  []string      // nil: all of [Algorithms]
	MaxAge      time.Duration // 0: [DefaultMaxAge]. With a nonce of ours, its life may be the measure
	Now         time.Time
}

// Proof is a DPoP proof that is right in itself. It must work only once: its ID must be remembered until it is too old.
type Proof struct {
	Algorithm  string    // that it is signed with
	Thumbprint string    // of the key that has signed it: RFC 7638, SHA-256, base64url. The jkt of RFC 9449 §6.1
	ID         string    // jti
	Nonce      string    // or empty; whether it is ours is for the caller to know (RFC 9449 §8)
	Issued     time.Time // iat
}

// ReadProof reads the value of a DPoP header field, of which there must be only one (RFC 9449 §4.3). Every error is an
// *Error.
func ReadProof(compact string, r ProofRules) (Proof, error) {
	if r.Algorithms == nil {
		r.Algorithms = Algorithms()
	}
	t, err := Parse(compact, r.Algorithms...)
	if err != nil {
		return Proof{}, err
	}
	if t.Type() != "dpop+jwt" {
		return Proof{}, wrong("The typ of the proof is not dpop+jwt.")
	}
	payload, thumbprint, err := t.verifyEmbedded()
	if err != nil {
		return Proof{}, err
	}
	o, err := readClaims(payload)
	if err != nil {
		return Proof{}, err
	}
	for _, check := range []func(object) error{r.checkRequest, r.checkAge, r.checkToken, checkNonce} {
		if err := check(o); err != nil {
			return Proof{}, err
		}
	}
	id, err := o.id()
	if err != nil {
		return Proof{}, err
	}
	nonce, _ := o.text("nonce")
	issued, err := o.required("iat")
	return Proof{Algorithm: t.Algorithm(), Thumbprint: thumbprint, ID: id, Nonce: nonce, Issued: issued}, err
}

// verifyEmbedded verifies with the key in the header. Whose it is, its thumbprint has to tell: this proves only that
// the sender has it.
func (t *Token) verifyEmbedded() (payload []byte, thumbprint string, err error) {
	key := t.jws.Signatures[0].Protected.JSONWebKey // Parse has refused private and symmetric ones
	if key == nil {
		return nil, "", wrong("The header of the proof has no jwk.")
	}
	if !fits(*key, t.header.algorithm) {
		return nil, "", wrong("The jwk of the proof does not fit its alg.")
	}
	if payload, err = t.jws.Verify(key.Key); err != nil {
		return nil, "", wrong("The signature of the proof is not by its jwk.")
	}
	thumbprint, err = thumbprintOf(*key)
	return payload, thumbprint, err
}

// thumbprintOf is RFC 7638, with SHA-256.
func thumbprintOf(key jose.JSONWebKey) (string, error) {
	sum, err := key.Thumbprint(crypto.SHA256)
	if err != nil {
		return "", &Error{Description: "The jwk of the proof has no thumbprint.", cause: err}
	}
	return base64.RawURLEncoding.EncodeToString(sum), nil
}

// checkRequest: the proof is for this request, and for no other.
func (r ProofRules) checkRequest(o object) error {
	if method, ok := o.text("htm"); !ok || method != r.Method {
		return wrong("The claim htm is not the method of this request.")
	}
	raw, _ := o.text("htu")
	theirs, ok := targetOf(raw)
	ours, _ := targetOf(r.URL)
	if !ok || theirs != ours {
		return wrong("The claim htu is not the URL of this request.")
	}
	return nil
}

func (r ProofRules) checkAge(o object) error {
	issued, err := o.required("iat")
	if err != nil {
		return err
	}
	if err := o.checkTimes(r.Now); err != nil {
		return err
	}
	if r.MaxAge == 0 {
		r.MaxAge = DefaultMaxAge
	}
	if issued.Before(r.Now.Add(-r.MaxAge)) {
		return wrong("The claim iat lies too far in the past.")
	}
	return nil
}

// checkToken: ath is the hash of the access token that comes with the proof.
func (r ProofRules) checkToken(o object) error {
	if r.AccessToken == "" {
		return nil
	}
	sum := sha256.Sum256([]byte(r.AccessToken))
	want := base64.RawURLEncoding.EncodeToString(sum[:])
	if hash, _ := o.text("ath"); subtle.ConstantTimeCompare([]byte(hash), []byte(want)) != 1 {
		return wrong("The claim ath is not the hash of the access token.")
	}
	return nil
}

func checkNonce(o object) error {
	if _, ok := o.text("nonce"); !ok && o.has("nonce") {
		return wrong("The claim nonce is not a string.")
	}
	return nil
}
