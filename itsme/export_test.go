package itsme

import "net/http"

// NewTransport makes what carries calls to CM where nothing else is configured.
func NewTransport() *http.Transport { return newTransport(nil) }
