package client

import (
	"errors"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// Failure is why a login came to nothing.
type Failure struct {
	Title       string
	Code        string // what the specifications call it, or what we call a check of ours
	Description string
	Theirs      bool // the bridge said so; else the application does
}

// told is an error that the bridge sent (RFC 6749 §4.1.2.1, §5.2).
func told(code, description string) *Failure {
	title := "The login did not succeed"
	if code == "access_denied" {
		title = "You are not logged in"
	}
	return &Failure{Title: title, Code: code, Description: description, Theirs: true}
}

// distrusted is an answer that this client does not believe.
func distrusted(check, why string) *Failure {
	return &Failure{Title: "The application does not believe it", Code: check, Description: why}
}

func discoveryFailure(err error) *Failure {
	var mismatch *oidc.IssuerMismatchError
	if errors.As(err, &mismatch) {
		return distrusted("issuer", "The discovery document is of another issuer: "+mismatch.Discovered)
	}
	return &Failure{Title: "The bridge does not answer", Code: "discovery", Description: err.Error()}
}

func tokenFailure(err error) *Failure {
	var refused *oauth2.RetrieveError
	if errors.As(err, &refused) && refused.ErrorCode != "" {
		return told(refused.ErrorCode, refused.ErrorDescription)
	}
	return &Failure{Title: "The bridge gave no tokens", Code: "token", Description: err.Error()}
}
