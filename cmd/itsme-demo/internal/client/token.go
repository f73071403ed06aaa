package client

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// decoded is an ID token for people to read. Whether it is true is checked
// elsewhere.
type decoded struct{ Header, Payload string }

func decode(raw string) (decoded, error) {
	parts := strings.Split(raw, ".")
	if len(parts) != 3 {
		return decoded{}, errors.New("the ID token is not a signed JWT in compact form")
	}
	header, err := indented(parts[0])
	if err != nil {
		return decoded{}, fmt.Errorf("the ID token's header: %w", err)
	}
	payload, err := indented(parts[1])
	if err != nil {
		return decoded{}, fmt.Errorf("the ID token's payload: %w", err)
	}
	return decoded{header, payload}, nil
}

func indented(part string) (string, error) {
	text, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		return "", err
	}
	var out bytes.Buffer
	if err := json.Indent(&out, text, "", "  "); err != nil {
		return "", err
	}
	return out.String(), nil
}
