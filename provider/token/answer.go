package token

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"itsme-bridge/provider/client"
	"itsme-bridge/provider/clientauth"
	"itsme-bridge/provider/oauth"
)

// byClient lets the client of a call authenticate, and tells it what comes of the call.
func (e *Endpoints) byClient(answer func(context.Context, *client.Client, *clientauth.Call) (any, error)) func(context.Context, *clientauth.Call) error {
	return func(ctx context.Context, c *clientauth.Call) error {
		client, err := e.guard.Authenticate(ctx, c)
		if err != nil {
			return err
		}
		told, err := answer(ctx, client, c)
		if err != nil {
			return err
		}
		return tell(c.W, told)
	}
}

// tell sends an answer as JSON.
func tell(w http.ResponseWriter, answer any) error {
	body, err := json.Marshal(answer)
	if err != nil { // whose words might quote the answer
		return oauth.Broken(fmt.Errorf("a %T cannot be written as JSON", answer))
	}
	send(w, "application/json", body)
	return nil
}

// send sends the body of an answer. A client that has hung up is nobody's error.
func send(w http.ResponseWriter, contentType string, body []byte) {
	w.Header().Set("Content-Type", contentType)
	_, _ = w.Write(body)
}
