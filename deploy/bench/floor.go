package main

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// floorCommand is how this program runs itself as the floor: floor ADDRESS ALG REDIS CM.
const floorCommand = "floor"

// startFloor starts the floor, and waits until it answers.
func (w world) startFloor(ctx context.Context) (*subject, error) {
	address, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	p, err := start(ctx, self, floorCommand, address, w.alg, w.redis, w.cm)
	if err != nil {
		return nil, err
	}
	at := "http://" + address
	s := &subject{processes: []*process{p}, client: browser(), step: func(ctx context.Context, s *subject, _ *login, step int) error {
		method, path, form := http.MethodGet, "/authorize", ""
		switch step {
		case comeBack:
			path = "/return"
		case redeem:
			method, path, form = http.MethodPost, "/token", strings.Repeat("b", 300)
		case userinfo:
			path = "/userinfo"
		}
		_, _, err := s.send(ctx, method, at+path, form, "", "")
		return err
	}}
	s.counts = func(ctx context.Context) (c counts, err error) {
		text, err := get(ctx, at+"/counts")
		if err == nil {
			_, err = fmt.Sscan(text, &c.objects, &c.bytes)
		}
		return c, err
	}
	if s.started, err = answers(ctx, at+"/counts"); err != nil {
		p.end()
		return nil, err
	}
	return s, nil
}

// floor does what no bridge can do without.
type floor struct {
	redis  redis.UniversalClient
	cm     string
	client *http.Client // to CM
	sign   func([]byte) ([]byte, error)
}

// record is about what a sealed login weighs.
const record = 700

func serveFloor(ctx context.Context, args []string) error {
	if len(args) != 4 {
		return errors.New("floor ADDRESS ALG REDIS CM")
	}
	sign, err := bareSignature(args[1])
	if err != nil {
		return err
	}
	f := &floor{redis: redis.NewClient(&redis.Options{Addr: args[2]}), cm: args[3], client: browser(), sign: sign}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", args[0])
	if err != nil {
		return err
	}
	server := &http.Server{Handler: f.handler(), ReadHeaderTimeout: time.Minute}
	return server.Serve(listener)
}

func (f *floor) handler() http.Handler {
	content := bytes.Repeat([]byte("r"), record)
	mux := http.NewServeMux()
	step := func(pattern string, do func(w http.ResponseWriter, r *http.Request) error) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			if err := do(w, r); err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
			}
		})
	}
	leads := func(w http.ResponseWriter, err error) error {
		if err == nil {
			w.WriteHeader(http.StatusSeeOther)
		}
		return err
	}
	step("GET /authorize", func(w http.ResponseWriter, r *http.Request) error {
		return leads(w, errors.Join(
			f.pipeline(r, "incr n1", "pexpire n1", "incr n2", "pexpire n2", "incr n3", "pexpire n3"),
			f.call(r, http.MethodPost, "/transactions", strings.Repeat("b", 300)),
			f.pipeline(r, "set login", "set label", "set transaction"),
		))
	})
	step("GET /return", func(w http.ResponseWriter, r *http.Request) error {
		return leads(w, errors.Join(
			f.pipeline(r, "set lease", "get lease", "get login", "get transaction", "get grant"),
			f.call(r, http.MethodGet, "/status/"+strings.Repeat("t", 64), ""),
			f.pipeline(r, "del lease", "set login", "set grant", "del transaction"),
		))
	})
	step("POST /token", func(w http.ResponseWriter, r *http.Request) error {
		_, _ = io.Copy(io.Discard, r.Body)
		err := f.pipeline(r, "get grant", "set grant")
		_, badly := f.sign(content)
		if err = errors.Join(err, badly, f.pipeline(r, "set session")); err == nil {
			_, _ = w.Write(content)
		}
		return err
	})
	step("GET /userinfo", func(w http.ResponseWriter, r *http.Request) error {
		err := f.pipeline(r, "get session")
		if err == nil {
			_, _ = w.Write(content)
		}
		return err
	})
	mux.HandleFunc("GET /counts", func(w http.ResponseWriter, _ *http.Request) {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		_, _ = fmt.Fprintln(w, m.Mallocs, m.TotalAlloc)
	})
	return mux
}

func (f *floor) call(r *http.Request, method, path, body string) error {
	request, err := http.NewRequestWithContext(r.Context(), method, f.cm+path, strings.NewReader(body))
	if err != nil {
		return err
	}
	response, err := f.client.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	_, err = io.ReadAll(response.Body)
	return err
}

func (f *floor) pipeline(r *http.Request, commands ...string) error {
	ctx := r.Context()
	_, err := f.redis.Pipelined(ctx, func(pipe redis.Pipeliner) error {
		for _, command := range commands {
			verb, key, _ := strings.Cut(command, " ")
			switch key = "floor:" + key; verb {
			case "incr":
				pipe.Incr(ctx, key)
			case "pexpire":
				pipe.PExpire(ctx, key, time.Minute)
			case "set":
				pipe.Set(ctx, key, strings.Repeat("v", record), time.Minute)
			case "get":
				pipe.Get(ctx, key)
			case "del":
				pipe.Del(ctx, key)
			}
		}
		return nil
	})
	if errors.Is(err, redis.Nil) { // the first command found nothing
		return nil
	}
	return err
}

func bareSignature(alg string) (func([]byte) ([]byte, error), error) {
	if alg == "ES256" {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		return func(text []byte) ([]byte, error) {
			sum := sha256.Sum256(text)
			return ecdsa.SignASN1(rand.Reader, key, sum[:])
		}, err
	}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	return func(text []byte) ([]byte, error) {
		sum := sha256.Sum256(text)
		return rsa.SignPKCS1v15(nil, key, crypto.SHA256, sum[:])
	}, err
}
