package remote_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"itsme-bridge/provider/remote"
)

const path = "/k3ys?t0ken=s3cret"

func fetch(t *testing.T, o remote.Options, address string) (string, error) {
	t.Helper()
	body, _, err := remote.New(o).Fetch(t.Context(), address, "application/json", 64)
	return string(body), err
}

// wantError also checks that the text has nothing of an address but its host.
func wantError(t *testing.T, err, want error, says string) {
	t.Helper()
	if !errors.Is(err, want) || !strings.Contains(err.Error(), says) {
		t.Errorf("got %v, want %v that says %q", err, want, says)
	}
	if err != nil && strings.ContainsAny(err.Error(), "?/") || err != nil && strings.Contains(err.Error(), "s3cret") {
		t.Errorf("the text tells too much: %v", err)
	}
}

func TestFetch(t *testing.T) {
	h := secure(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "max-age=7")
		io.WriteString(w, r.Method+" "+r.URL.RequestURI()+" "+r.Header.Get("Accept"))
	})
	body, header, err := remote.New(h.options()).Fetch(t.Context(), h.URL+path+"#part", "application/json", 64)
	if err != nil || string(body) != "GET "+path+" application/json" || header.Get("Cache-Control") != "max-age=7" {
		t.Errorf("got %q, %v, %v", body, header, err)
	}
}

func TestFetchTakesNothingButAWholeDocument(t *testing.T) {
	for _, row := range []struct {
		name    string
		handler http.HandlerFunc
		want    error
		says    string
	}{
		{"64 bytes", saying(strings.Repeat("x", 64)), nil, ""},
		{"65 bytes", saying(strings.Repeat("x", 65)), remote.ErrBadAnswer, "127.0.0.1: too long"},
		{"without end", func(w http.ResponseWriter, _ *http.Request) {
			for err := error(nil); err == nil; _, err = w.Write(make([]byte, 1<<10)) {
			}
		}, remote.ErrBadAnswer, "too long"},
		{"not there", http.NotFound, remote.ErrBadAnswer, "127.0.0.1: HTTP 404"},
		{"another 2xx", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(203) }, remote.ErrBadAnswer, "HTTP 203"},
		{"elsewhere", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/elsewhere", http.StatusFound)
		}, remote.ErrBadAnswer, "HTTP 302"},
		{"cut", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "9")
			io.WriteString(w, "x")
		}, remote.ErrUnanswered, "unexpected EOF"},
		{"a long header", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X", strings.Repeat("s3cret", 10<<10))
		}, remote.ErrUnanswered, "no whole answer"},
		{"no HTTP", func(w http.ResponseWriter, _ *http.Request) {
			conn, _, _ := w.(http.Hijacker).Hijack()
			io.WriteString(conn, "s3cret / s3cret\r\n\r\n")
			conn.Close()
		}, remote.ErrUnanswered, "no whole answer"},
	} {
		t.Run(row.name, func(t *testing.T) {
			h := secure(t, row.handler)
			body, err := fetch(t, h.options(), h.URL+path)
			if row.want == nil {
				if err != nil || len(body) != 64 {
					t.Errorf("%d bytes, %v", len(body), err)
				}
				return
			}
			wantError(t, err, row.want, row.says)
			h.want(t, 1)
		})
	}
}

func TestFetchDoesNotUnpack(t *testing.T) {
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	w.Write(make([]byte, 1<<10))
	w.Close()
	h := secure(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Accept-Encoding") != "" {
			t.Error("asks for a packed document")
		}
		w.Header().Set("Content-Encoding", "gzip")
		w.Write(packed.Bytes())
	})
	if body, err := fetch(t, h.options(), h.URL); err != nil || body != packed.String() {
		t.Errorf("%d bytes, %v", len(body), err)
	}
}

func TestFetchKeepsNothingBetweenExchanges(t *testing.T) {
	var connections []string
	h := secure(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Cookie") != "" {
			t.Error("a cookie")
		}
		http.SetCookie(w, &http.Cookie{Name: "a", Value: "b"})
		connections = append(connections, r.RemoteAddr)
	})
	client := remote.New(h.options())
	for range 2 {
		if _, _, err := client.Fetch(t.Context(), h.URL, "*/*", 64); err != nil {
			t.Fatal(err)
		}
	}
	if connections[0] == connections[1] {
		t.Error("a connection is used twice, and was checked once")
	}
}

func TestOneDeadlineForAll(t *testing.T) {
	slow := func(before string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if before != "" {
				io.WriteString(w, before)
				w.(http.Flusher).Flush()
			}
			<-r.Context().Done()
		}
	}
	for name, handler := range map[string]http.HandlerFunc{"header": slow(""), "body": slow("x")} {
		t.Run(name, func(t *testing.T) {
			h := secure(t, handler)
			o := h.options()
			o.Timeout = 300 * time.Millisecond
			var together sync.WaitGroup
			for range 40 { // a host may end its answer well while we hang up: that is a race, and never a document
				together.Go(func() {
					_, err := fetch(t, o, h.URL+path)
					wantError(t, err, remote.ErrUnanswered, "127.0.0.1: context deadline exceeded")
					if !errors.Is(err, context.DeadlineExceeded) {
						t.Errorf("got %v", err)
					}
				})
			}
			together.Wait()
		})
	}
	t.Run("form", func(t *testing.T) {
		h := secure(t, func(_ http.ResponseWriter, r *http.Request) {
			r.ParseForm()
			<-r.Context().Done()
		})
		o := h.options()
		o.Timeout = 300 * time.Millisecond
		_, err := remote.New(o).Post(t.Context(), h.URL+path, url.Values{"logout_token": {"s3cret"}})
		wantError(t, err, remote.ErrUnanswered, "127.0.0.1: context deadline exceeded")
	})
	t.Run("caller", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		h := secure(t, func(_ http.ResponseWriter, r *http.Request) {
			cancel()
			<-r.Context().Done()
		})
		_, _, err := remote.New(h.options()).Fetch(ctx, h.URL+path, "*/*", 64)
		wantError(t, err, remote.ErrUnanswered, "127.0.0.1: context canceled")
	})
}

func TestAHostIsNotFlooded(t *testing.T) {
	h := secure(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	client := remote.New(h.options())
	ctx, cancel := context.WithTimeout(t.Context(), time.Second) // of all: who gives up earlier would make room
	defer cancel()
	var together sync.WaitGroup
	for range 20 {
		together.Go(func() {
			_, _, err := client.Fetch(ctx, h.URL, "*/*", 64)
			wantError(t, err, remote.ErrUnanswered, "deadline exceeded")
		})
	}
	together.Wait()
	if got := h.requests.Load(); got > 8 {
		t.Errorf("%d requests at once", got)
	}
}

// A host that accepts a connection and says nothing keeps none of ours.
func TestNoConnectionIsLeftBehind(t *testing.T) {
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	closed := make(chan error, 1)
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			closed <- err
			return
		}
		defer conn.Close()
		conn.SetDeadline(time.Now().Add(5 * time.Second))
		_, err = io.Copy(io.Discard, conn)
		closed <- err
	}()
	_, err = fetch(t, remote.Options{Reachable: loopback(), Timeout: 200 * time.Millisecond}, "https://"+listener.Addr().String())
	wantError(t, err, remote.ErrUnanswered, "deadline exceeded")
	if err := <-closed; err != nil {
		t.Errorf("the connection ended with %v", err)
	}
}

func TestOnlyTrustedTLS(t *testing.T) {
	h := unstarted(t, saying("x"))
	h.TLS = &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}
	h.StartTLS()
	_, err := fetch(t, h.options(), h.URL+path)
	wantError(t, err, remote.ErrUnanswered, "127.0.0.1: no whole answer")

	h = secure(t, saying("x"))
	_, err = fetch(t, remote.Options{Reachable: loopback()}, h.URL+path)
	wantError(t, err, remote.ErrUnanswered, "127.0.0.1: certificate not accepted")
	h.want(t, 0)
}

func TestPost(t *testing.T) {
	h := secure(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost || r.FormValue("logout_token") != "a b&c" {
			t.Errorf("%s, %q", r.Method, r.FormValue("logout_token"))
		}
		http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
	})
	status, err := remote.New(h.options()).Post(t.Context(), h.URL+path, url.Values{"logout_token": {"a b&c"}})
	if err != nil || status != http.StatusTemporaryRedirect {
		t.Errorf("got %d, %v", status, err)
	}
	h.want(t, 1)
	status, err = remote.New(remote.Options{}).Post(t.Context(), h.URL+path, nil)
	if status != 0 {
		t.Errorf("got %d", status)
	}
	wantError(t, err, remote.ErrForbidden, "127.0.0.1")
	h.want(t, 1)
}

func TestNobodyThere(t *testing.T) {
	h := secure(t, saying("x"))
	o, address := h.options(), h.URL
	h.Close()
	_, err := fetch(t, o, address+path)
	wantError(t, err, remote.ErrUnanswered, "127.0.0.1: connection refused")
}
