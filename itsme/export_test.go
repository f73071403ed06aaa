package itsme

import "net/http"

// NewTransport makes what carries calls to CM where nothing else is configured.
func NewTransport() *http.Transport { return newTransport(nil) }

// Plain is a JSON string that needs no decoder.
var Plain = plain // read only
