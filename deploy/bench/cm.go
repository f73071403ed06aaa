package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// serveCM serves as little of CM as a login needs. Its authenticationUrl names the return address, where the person goes at once.
func serveCM(ctx context.Context) (address string, stop func(), err error) {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /transactions", func(w http.ResponseWriter, r *http.Request) {
		var asked struct {
			RedirectURL string `json:"redirectUrl"`
		}
		_ = json.NewDecoder(r.Body).Decode(&asked) // the floor sends none
		_, _ = fmt.Fprintf(w, `{"transactionToken":%q,"authenticationUrl":"http://127.0.0.1/app?to=%s"}`, strings.Repeat("t", 64), url.QueryEscape(asked.RedirectURL))
	})
	mux.HandleFunc("GET /status/{token}", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"status":"success","userId":"QC1JJ6AgPTnDWTP3p6p3S1kMzPkLCVN41vzfaTxw","name":{"givenName":"Lucas",`+
			`"familyName":"Maes","fullName":"Lucas Maes"},"gender":"male","birthdate":"1974-01-31","locale":"nl","phoneNumber":"+32471234567",`+
			`"emailAddress":"lucas.maes@example.com","address":{"streetAddress":"Rue Neuve 1","postalCode":"1000","city":"Bruxelles","countryCode":"BE"}}`)
	})
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	server := &http.Server{Handler: mux, ReadHeaderTimeout: time.Minute}
	go func() { _ = server.Serve(listener) }()
	return "http://" + listener.Addr().String(), func() { _ = server.Close() }, nil
}
