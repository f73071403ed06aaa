package echo

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// Remote is the echo of a bridge that runs, at its operations listener.
type Remote struct{ Address string } // host:port

// ErrNone says that what answers there has no echo.
var ErrNone = errors.New("echo: what answers there does not know /doctor")

// maxReply is the most bytes of an answer that are read.
const maxReply = 64 << 10

// Running asks the bridge what it is.
func (r Remote) Running(ctx context.Context) (running Running, err error) {
	return running, r.exchange(ctx, http.MethodGet, "/doctor", nil, &running)
}

// Expect is [Echo.Expect] there.
func (r Remote) Expect(ctx context.Context, answer Answer) (word string, err error) {
	var said reply
	if err := r.exchange(ctx, http.MethodPost, "/doctor/expect", question{Answer: answer}, &said); err != nil {
		return "", err
	}
	return said.Word, nil
}

// Arrived is [Echo.Arrived] there.
func (r Remote) Arrived(ctx context.Context, word string) ([]Arrival, error) {
	var said reply
	return said.Arrivals, r.exchange(ctx, http.MethodPost, "/doctor/arrived", question{Word: word}, &said)
}

func (r Remote) exchange(ctx context.Context, method, path string, asked, said any) error {
	body := io.Reader(http.NoBody)
	if asked != nil {
		text, err := json.Marshal(asked)
		if err != nil {
			return fmt.Errorf("echo: %w", err)
		}
		body = bytes.NewReader(text)
	}
	request, err := http.NewRequestWithContext(ctx, method, "http://"+r.Address+path, body)
	if err != nil {
		return fmt.Errorf("echo: %w", err)
	}
	request.Header.Set("Content-Type", "application/json")
	transport := &http.Transport{DisableKeepAlives: true}
	answer, err := transport.RoundTrip(request)
	if err != nil {
		return fmt.Errorf("echo: %w", err)
	}
	defer func() { _ = answer.Body.Close() }() // it has been read
	text, err := io.ReadAll(io.LimitReader(answer.Body, maxReply))
	switch {
	case err != nil:
		return fmt.Errorf("echo: %w", err)
	case answer.StatusCode != http.StatusOK || json.Unmarshal(text, said) != nil:
		return ErrNone
	}
	return nil
}
